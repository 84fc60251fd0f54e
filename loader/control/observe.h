/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads an attached filter under the reader's lock, so that a reload that moves counters
 * into a larger map is not seen halfway. */
#ifndef PIMXDP_CONTROL_OBSERVE_H
#define PIMXDP_CONTROL_OBSERVE_H

#include "image/pack.h"
#include "kernel/counters.h"

/* Which parts of a place to read. */
enum pim_parts {
	PIM_PART_COUNTERS = 1 << 0,
	PIM_PART_FLOWS = 1 << 1, /* and the counters */
	PIM_PART_ADDRESSES = 1 << 2,
	PIM_PART_POLICY = 1 << 3,
};

/* What one of the functions below read. Owned by the caller, who frees it with
 * pim_observation_free. */
struct pim_observation {
	struct pim_place place;
	struct pim_raw raw;
	__u32 *words; /* the address image, in host byte order; NULL unless requested */
	size_t word_count;
	struct pim_pack policy; /* empty unless requested */
	int lock; /* the reader's lock until pim_observation_release; -1: none of its own */
};

/* Opens a place and reads these parts of it. For a place without counters only the state
 * is read; this is not an error. Loaders wait until the caller releases the observation.
 * Returns 0 or -errno with a text; on failure there is nothing to release or free. */
int pim_observe(const char *interface, unsigned int parts, struct pim_observation *seen,
		struct pim_error *error);
/* The same when the caller holds the reader's lock: for several places with one wait. */
int pim_observe_locked(const char *interface, unsigned int parts, struct pim_observation *seen,
		       struct pim_error *error);
/* Like pim_observe, but a place without counters is an error (see pim_place_refuse). */
int pim_observe_filter(const char *interface, unsigned int parts, struct pim_observation *seen,
		       struct pim_error *error);

/* Releases the lock and closes the pins. The data that was read remains valid. */
void pim_observation_release(struct pim_observation *seen);
/* Releases the observation if necessary, and frees the data that was read. */
void pim_observation_free(struct pim_observation *seen);

/* The name of the partner with this key, owned by the observation; NULL for key 0 (no
 * partner), "?" for an unknown key. */
const char *pim_observed_partner(const struct pim_observation *seen, uint16_t partner);

#endif
