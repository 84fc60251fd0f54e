/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What can only be judged once the whole configuration is read. */
#ifndef PIMXDP_CONFIG_CHECK_H
#define PIMXDP_CONFIG_CHECK_H

#include "policy/policy.h"

/* Refuses what an address of the Edge cannot be: the sources that the filter
 * drops as martians, and prefixes that contain or lie in them. */
int pim_check_edge(const struct pim_policy *policy, const struct pim_listed *edge,
		   struct pim_error *error);

/* Refuses a partner's name that another has, a prefix that two partners have,
 * with both places. O(n log n). */
int pim_check_partners(const struct pim_policy *policy, struct pim_error *error);

/* Adds the warnings. Returns 0 or -ENOMEM with a text. */
int pim_check_warn(struct pim_policy *policy, struct pim_error *error);

#endif
