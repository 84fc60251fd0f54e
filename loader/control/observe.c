/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "control/observe.h"

#include <stdlib.h>

#include "kernel/addresses.h"
#include "kernel/lock.h"
#include "kernel/policy.h"

static int read_parts(struct pim_observation *seen, unsigned int parts, struct pim_error *error)
{
	int result = 0;

	if (!pim_place_counts(&seen->place))
		return 0;
	if (parts & (PIM_PART_COUNTERS | PIM_PART_FLOWS))
		result = pim_place_read(&seen->place, parts & PIM_PART_FLOWS, &seen->raw, error);
	if (!result && parts & PIM_PART_ADDRESSES)
		result = pim_place_addresses(&seen->place, &seen->words, &seen->word_count, error);
	if (!result && parts & PIM_PART_POLICY)
		result = pim_place_policy(&seen->place, &seen->policy, error);
	return result;
}

int pim_observe_locked(const char *interface, unsigned int parts, struct pim_observation *seen,
		       struct pim_error *error)
{
	int result;

	*seen = (struct pim_observation){ .lock = -1 };
	result = pim_place_open(interface, PIM_TO_READ, &seen->place, error);
	if (result)
		return result;
	result = read_parts(seen, parts, error);
	if (result)
		pim_observation_free(seen);
	return result;
}

int pim_observe(const char *interface, unsigned int parts, struct pim_observation *seen,
		struct pim_error *error)
{
	int lock, result;

	pim_lock_reader(&lock);
	result = pim_observe_locked(interface, parts, seen, error);
	if (result)
		pim_unlock_reader(lock);
	else
		seen->lock = lock;
	return result;
}

int pim_observe_filter(const char *interface, unsigned int parts, struct pim_observation *seen,
		       struct pim_error *error)
{
	int result = pim_observe(interface, parts, seen, error);

	if (!result && !pim_place_counts(&seen->place)) {
		result = pim_place_refuse(&seen->place, error);
		pim_observation_free(seen);
	}
	return result;
}

void pim_observation_release(struct pim_observation *seen)
{
	pim_place_close(&seen->place);
	pim_unlock_reader(seen->lock);
	seen->lock = -1;
}

void pim_observation_free(struct pim_observation *seen)
{
	pim_observation_release(seen);
	pim_raw_free(&seen->raw);
	free(seen->words);
	seen->words = NULL;
	pim_pack_free(&seen->policy);
}

const char *pim_observed_partner(const struct pim_observation *seen, uint16_t partner)
{
	if (!partner)
		return NULL;
	return partner < seen->raw.partner_count ? seen->raw.partners[partner].partner : "?";
}
