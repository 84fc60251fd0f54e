/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "control/compare.h"

#include "control/observe.h"
#include "image/compile.h"

int pim_in_force(const char *interface, const struct pim_policy *policy, bool *same,
		 struct pim_error *error)
{
	struct pim_observation seen;
	struct pim_names known = {};
	struct pim_image image = {};
	int result = pim_observe_filter(interface, 0, &seen, error);

	if (result)
		return result;
	result = pim_place_names(&seen.place, &known, error);
	pim_observation_release(&seen);
	if (!result)
		result = pim_compile(policy, &known, &image, error);
	*same = !result && image.hash == seen.place.stamp.policy_hash;
	pim_image_free(&image);
	pim_names_free(&known);
	pim_observation_free(&seen);
	return result;
}
