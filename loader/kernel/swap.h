/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Replaces the attached filter by another, atomically. */
#ifndef PIMXDP_KERNEL_SWAP_H
#define PIMXDP_KERNEL_SWAP_H

#include "kernel/filter.h"

/* Replaces the attached filter by one atomic link update. Counters and flows carry on. If
 * the attached filter has another schema (pim_place_replaceable) they start anew, and the
 * new filter must have been loaded without a place. The iterator over the flows is made anew
 * with `renews`, or if it has to be. The loader's lock must be held.
 * Returns 0 or -errno with a text; the text says so if the new program already runs. */
int pim_filter_swap(struct pim_filter *filter, struct pim_place *place,
		    const struct pim_stamp *stamp, bool renews, struct pim_error *error);

/* Finishes or undoes a swap that an interrupted loader left half done. The loader's lock
 * must be held. May close *place and open it again. Returns 0 or -errno with a text. */
int pim_place_settle(struct pim_place *place, struct pim_error *error);

#endif
