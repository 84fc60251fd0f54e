/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an address image is built from, and what a lookup in it returns. */
#ifndef PIMXDP_IMAGE_CLAIM_H
#define PIMXDP_IMAGE_CLAIM_H

#include <stdint.h>

#include "policy/prefix.h"

/* A prefix, and the roles and partner that it gives every address in it. */
struct pim_claim {
	struct pim_prefix prefix;
	uint16_t roles;	  /* bits of enum pim_role */
	uint16_t partner; /* key in pim_partners; 0: none */
};

/* The roles and the partner of an address, from all claims that contain it. */
struct pim_address_value {
	uint16_t roles;	  /* bits of enum pim_role */
	uint16_t partner; /* key in pim_partners; 0: none */
};

#endif
