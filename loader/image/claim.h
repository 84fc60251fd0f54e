/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What goes into an address image, and what it answers. */
#ifndef PIMXDP_IMAGE_CLAIM_H
#define PIMXDP_IMAGE_CLAIM_H

#include <stdint.h>

#include "policy/prefix.h"

/* A prefix and what it says of every address in it. */
struct pim_claim {
	struct pim_prefix prefix;
	uint16_t roles;	  /* of enum pim_role */
	uint16_t partner; /* key in pim_partners; 0: none */
};

/* What is so of an address, by all the claims that contain it. */
struct pim_address_value {
	uint16_t roles;	  /* of enum pim_role */
	uint16_t partner; /* key in pim_partners; 0: none */
};

#endif
