/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A file of the live flows: a BPF iterator over the flow tables, pinned beside the maps, so
 * that `cat` prints them. Many kernels and security modules forbid such programs; a filter
 * does without.
 */
#ifndef PIMXDP_KERNEL_ITERATOR_H
#define PIMXDP_KERNEL_ITERATOR_H

#include "kernel/filter.h"

/* The result of loading such an iterator for flow tables of its own. Nothing is pinned. */
struct pim_iterator_trial {
	int error;     /* positive errno; 0: it loaded */
	char why[512]; /* "" when it loaded */
};
void pim_iterator_try(struct pim_iterator_trial *trial);

/* The path of the file that prints the flows of this place; "" when none is pinned. */
#define PIM_PIN_ITERATOR_PATH 128
void pim_iterator_find(const struct pim_place *place, char path[PIM_PIN_ITERATOR_PATH]);

/* ---- private to this room ---- */

/* Loads an iterator over the filter's flow tables and names and pins it as `before` and
 * PIM_PIN_ITERATOR. Its reader needs no more than the right to read that file. Returns 0 or
 * -errno with a text; then there is no such pin, and nobody needs to fail for that. */
int pim_iterator_pin(const struct pim_filter *filter, const struct pim_place *place,
		     const char *before, gid_t group, struct pim_error *error);

#endif
