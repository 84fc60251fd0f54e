/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An attached filter, looked at while no loader changes it: a reload that moves
 * counters into a larger map is not seen half-way. */
#ifndef PIMXDP_CONTROL_OBSERVE_H
#define PIMXDP_CONTROL_OBSERVE_H

#include "image/addresses.h"
#include "kernel/counters.h"

/* Which parts of a place are read. */
enum pim_parts {
	PIM_PART_COUNTERS = 1 << 0,
	PIM_PART_FLOWS = 1 << 1, /* and the counters */
	PIM_PART_ADDRESSES = 1 << 2,
};

/* What was seen of one place, by one of the functions below. Owned. */
struct pim_observation {
	struct pim_place place;
	struct pim_raw raw;
	__u32 *words; /* the address image */
	size_t word_count;
	int lock; /* a reader's, until pim_observation_release; -1: it could not be had */
};

/* Looks at a place and reads these parts of it. A place without counters is no error, and
 * only its state is seen. Loaders wait until the caller releases the observation. Returns
 * 0, or -errno and nothing is held. */
int pim_observe(const char *interface, unsigned int parts, struct pim_observation *seen,
		struct pim_error *error);
/* The same; a place without counters is refused, with what it is and what to do. */
int pim_observe_filter(const char *interface, unsigned int parts, struct pim_observation *seen,
		       struct pim_error *error);

/* Lets loaders go on, and closes the pins; what was read stays. */
void pim_observation_release(struct pim_observation *seen);
/* Releases it, and frees what was read. */
void pim_observation_free(struct pim_observation *seen);

/* The name of a partner by its key; NULL: none. */
const char *pim_observed_partner(const struct pim_observation *seen, uint16_t partner);

#endif
