/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A filter: the program with its maps filled, attached to nothing. */
#ifndef PIMXDP_KERNEL_FILTER_H
#define PIMXDP_KERNEL_FILTER_H

#include "image/compile.h"
#include "kernel/place.h"

struct pim_filter;

enum pim_load_flags {
	PIM_LOAD_TRACE = 1, /* the program also writes each decision, for pim_filter_judge */
};

/* Loads the program and fills the maps from the image. `place` (may be NULL) is
 * an attached filter whose counters and flows the new program shall share; the
 * image must have been compiled with that place's names. Touches no interface
 * and no pin. On failure the text names what the kernel lacks or refused. The
 * caller frees *filter. */
int pim_filter_load(const struct pim_image *image, const struct pim_place *place,
		    unsigned int flags, struct pim_filter **filter, struct pim_error *error);
void pim_filter_free(struct pim_filter *filter); /* NULL is allowed */

/* The program; a file descriptor that the filter owns. */
int pim_filter_program(const struct pim_filter *filter);

/* ---- private to this room ---- */

/* The map that a pin is of; a file descriptor that the filter owns. */
int pim_filter_map(const struct pim_filter *filter, enum pim_pin pin);

/* Where the program writes its decisions, with PIM_LOAD_TRACE; and its options. */
volatile struct pim_decision *pim_filter_decision(const struct pim_filter *filter);
const struct pim_options *pim_filter_options(const struct pim_filter *filter);

/* Writes the stamp into the filter's own map, with what only the filter knows. Returns 0
 * or -errno. */
int pim_filter_stamp(const struct pim_filter *filter, const struct pim_stamp *stamp, uint32_t ifindex);

#endif
