/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks of a configuration beyond its syntax. */
#ifndef PIMXDP_CONFIG_CHECK_H
#define PIMXDP_CONFIG_CHECK_H

#include "policy/policy.h"

/* Refuses a prefix of the Edge that contains or lies in a martian range, because the
 * filter drops all packets from such sources. Returns 0 or -EINVAL. */
int pim_check_edge(struct pim_policy *policy, const struct pim_listed *edge,
		   struct pim_error *error);

/* Refuses partners with the same name, and a prefix under two partners; each message names
 * both places. O(n log n). Returns 0, -EINVAL or -ENOMEM. */
int pim_check_partners(struct pim_policy *policy, struct pim_error *error);

#endif
