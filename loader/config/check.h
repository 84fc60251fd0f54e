/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks of a configuration beyond its syntax. */
#ifndef PIMXDP_CONFIG_CHECK_H
#define PIMXDP_CONFIG_CHECK_H

#include "policy/policy.h"

/* Refuses a prefix of the Edge that contains or lies in a martian range, because the
 * filter drops all packets from such sources. Returns 0 or -EINVAL. */
int pim_check_edge(const struct pim_policy *policy, const struct pim_listed *edge,
		   struct pim_error *error);

/* Refuses two partners with the same name, and the same prefix in two partners; the
 * message names both places. O(n log n). Returns 0, -EINVAL or -ENOMEM. */
int pim_check_partners(const struct pim_policy *policy, struct pim_error *error);

/* Adds to policy->warnings what is allowed, but probably a mistake. Returns 0, or -ENOMEM
 * and fills *error. */
int pim_check_warn(struct pim_policy *policy, struct pim_error *error);

#endif
