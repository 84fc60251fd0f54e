/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a policy allows, and may not mean. */
#ifndef PIMXDP_POLICY_WARN_H
#define PIMXDP_POLICY_WARN_H

#include "policy/policy.h"

/* A prefix that is shorter than this holds strangers, whoever it is listed for: the largest
 * blocks with one owner are an IPv4 /8 and, in IPv6, less than a registry's /12. */
#define PIM_WIDE4 8
#define PIM_WIDE6 12

/* One administrator has no more addresses than this. */
#define PIM_WIDE_FAILSAFE4 16
#define PIM_WIDE_FAILSAFE6 32

/* A row that opens more ports than this is taken for a mistake, if strangers may use it. */
#define PIM_MANY_PORTS 1000

/* Adds to policy->warnings whatever lets strangers in, locks the administrator out or has no
 * effect. Of one kind the first few are named, and the others counted. O(n log n) for n
 * prefixes. Returns 0 or -ENOMEM. */
int pim_policy_warn(struct pim_policy *policy);

#endif
