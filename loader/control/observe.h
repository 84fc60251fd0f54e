/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads an attached filter without a lock: a reader that hangs holds up nobody. What was
 * read counts only if no loader was at work meanwhile. So the place is opened again after
 * reading, and it must be in the same state with the same maps, and the stamp must count
 * as many moves of counters as before, none of them under way. Otherwise all is read anew,
 * for at most PIM_READING_MS.
 */
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
};

/* How long readers try while loaders are at work, however many places they read. */
#define PIM_READING_MS 2000u
/* The time, of pim_observe_until, at which a reader that begins now stops trying. */
uint64_t pim_reading_deadline(void);

/* Opens a place and reads these parts of it. For a place without counters only the state
 * is read; this is not an error. Returns 0 or -errno with a text (-EBUSY: loaders changed
 * the place all the time); on failure there is nothing to release or free.
 *
 * A loader that was killed while it moved counters leaves them in one map or the other,
 * each of them once: after half a second they are read as they are. */
int pim_observe(const char *interface, unsigned int parts, struct pim_observation *seen,
		struct pim_error *error);
/* The same for several places with one deadline (pim_reading_deadline). */
int pim_observe_until(uint64_t deadline_ns, const char *interface, unsigned int parts,
		      struct pim_observation *seen, struct pim_error *error);
/* Like pim_observe, but a place without counters is an error (see pim_place_refuse). */
int pim_observe_filter(const char *interface, unsigned int parts, struct pim_observation *seen,
		       struct pim_error *error);

/* Closes the pins. The data that was read remains valid. */
void pim_observation_release(struct pim_observation *seen);
/* Releases the observation if necessary, and frees the data that was read. */
void pim_observation_free(struct pim_observation *seen);

/* The name of the partner with this key, owned by the observation; NULL for key 0 (no
 * partner), "?" for an unknown key. */
const char *pim_observed_partner(const struct pim_observation *seen, uint16_t partner);

#endif
