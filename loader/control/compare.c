/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "control/compare.h"

#include "control/observe.h"
#include "image/compile.h"

int pim_in_force(const char *interface, const struct pim_policy *policy, bool *same,
		 struct pim_error *error)
{
	struct pim_observation seen;
	uint64_t hash = 0;
	int result = pim_observe_filter(interface, 0, &seen, error);

	if (result)
		return result;
	pim_observation_free(&seen); /* the stamp stays */
	result = pim_policy_hash(policy, &hash, error);
	*same = !result && hash == seen.place.stamp.policy_hash;
	return result;
}
