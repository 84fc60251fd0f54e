/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "control/observe.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "kernel/addresses.h"
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

uint64_t pim_reading_deadline(void)
{
	return pim_monotonic_ns() + PIM_READING_MS * UINT64_C(1000000);
}

/* A loader that looks as if it were in the middle of something may have been killed there:
 * after as many tries, half a second at least, it is not waited for any longer. */
enum { IN_BETWEEN_TRIES = 50 };

/* What a reading is worth. */
enum worth {
	SOUND,
	IN_BETWEEN, /* nothing changed meanwhile, but a loader seems to be in the middle of it */
	CHANGED,    /* meanwhile */
};

static enum worth compare(const struct pim_place *before, const struct pim_place *after)
{
	if (!pim_place_same(before, after) || before->stamp.moves != after->stamp.moves)
		return CHANGED;
	return before->stamp.moves & 1 || before->state == PIM_PLACE_UNFINISHED ? IN_BETWEEN :
										  SOUND;
}

/* Moving counters do not matter to who reads none. */
static bool is_whole(const struct pim_observation *seen, unsigned int parts)
{
	return !(parts & (PIM_PART_COUNTERS | PIM_PART_FLOWS)) &&
	       seen->place.state != PIM_PLACE_UNFINISHED;
}

/* One reading. Returns 0 with *worth, or -errno with a text. */
static int read_once(const char *interface, unsigned int parts, struct pim_observation *seen,
		     enum worth *worth, struct pim_error *error)
{
	struct pim_place after;
	int result;

	*seen = (struct pim_observation){};
	*worth = SOUND;
	result = pim_place_open(interface, PIM_TO_READ, &seen->place, error);
	if (result || seen->place.state == PIM_PLACE_EMPTY)
		return result;
	result = read_parts(seen, parts, error);
	if (!result)
		result = pim_place_open(interface, PIM_TO_READ, &after, error);
	if (result) {
		pim_observation_free(seen);
		return result;
	}
	*worth = compare(&seen->place, &after);
	pim_place_close(&after);
	return 0;
}

int pim_observe_until(uint64_t deadline_ns, const char *interface, unsigned int parts,
		      struct pim_observation *seen, struct pim_error *error)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	struct pim_error failure = {};
	enum worth worth;
	bool late;
	int result;

	for (unsigned int tries = 0;; tries++) {
		late = pim_monotonic_ns() >= deadline_ns;
		result = read_once(interface, parts, seen, &worth, &failure);
		if (result) {
			if (error)
				*error = failure;
			return result;
		}
		if (worth == SOUND || (worth == IN_BETWEEN && (late || tries >= IN_BETWEEN_TRIES ||
							       is_whole(seen, parts))))
			return 0;
		pim_observation_free(seen);
		if (late)
			return pim_fail(error, EBUSY,
					"%s: loaders change the filter all the time: expected a "
					"moment without a change within %u seconds: try again",
					interface, PIM_READING_MS / 1000);
		nanosleep(&pause, NULL);
	}
}

int pim_observe(const char *interface, unsigned int parts, struct pim_observation *seen,
		struct pim_error *error)
{
	return pim_observe_until(pim_reading_deadline(), interface, parts, seen, error);
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
