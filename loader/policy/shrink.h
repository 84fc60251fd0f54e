/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a list lost from one policy to the next: a file that was cut short looks correct. */
#ifndef PIMXDP_POLICY_SHRINK_H
#define PIMXDP_POLICY_SHRINK_H

#include "policy/policy.h"

/* A share that no list can lose more than: nothing is refused. */
#define PIM_SHRINK_ANY 100

struct pim_shrunk {
	const char *kind; /* "role", "partner" or "file" */
	const char *name; /* of the list; owned by the policy before, or static */
	size_t was, now;  /* prefixes */
};

/* Finds a list that had prefixes and has none now, or has lost more than `percent` of them:
 * of a role, of a partner that both policies have, or of a prefix file or include that both
 * have (unless the prefixes only moved to another file). With PIM_SHRINK_ANY there is none.
 * Returns 1 and fills *shrunk, 0, or -ENOMEM. */
int pim_policy_shrunk(const struct pim_policy *before, const struct pim_policy *now,
		      unsigned int percent, struct pim_shrunk *shrunk);

#endif
