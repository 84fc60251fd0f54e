/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef PIMXDP_CONTROL_COMPARE_H
#define PIMXDP_CONTROL_COMPARE_H

#include "policy/policy.h"

/* Whether the filter attached there has exactly this policy: a reload would change nothing.
 * Returns 0, or -errno with a text. */
int pim_in_force(const char *interface, const struct pim_policy *policy, bool *same,
		 struct pim_error *error);

#endif
