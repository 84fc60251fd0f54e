/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A filter: the loaded program and its filled maps, not attached to anything. */
#ifndef PIMXDP_KERNEL_FILTER_H
#define PIMXDP_KERNEL_FILTER_H

#include "image/compile.h"
#include "kernel/place.h"

struct pim_filter;

enum pim_load_flags {
	PIM_LOAD_TRACE = 1,	  /* the program also records each decision, for pim_filter_judge */
	PIM_LOAD_PREEMPTIBLE = 2, /* counts as on PREEMPT_RT, whatever kernel this is */
};

/* Loads the program and fills the maps from the image. `place` (may be NULL) is the
 * place of an attached filter whose counters and flows the new program reuses; the
 * image must then have been compiled with that place's names. Touches no interface and
 * no pin. Returns 0 or -errno; the text says what the kernel lacks or refused. The
 * caller frees *filter with pim_filter_free; it is NULL on failure. */
int pim_filter_load(const struct pim_image *image, const struct pim_place *place,
		    unsigned int flags, struct pim_filter **filter, struct pim_error *error);
void pim_filter_free(struct pim_filter *filter); /* NULL is allowed */

/* The file descriptor of the program, owned by the filter. */
int pim_filter_program(const struct pim_filter *filter);

/* ---- private to this room ---- */

/* The file descriptor of the map that belongs to a pin, owned by the filter. */
int pim_filter_map(const struct pim_filter *filter, enum pim_pin pin);

/* Where the program records its decisions (with PIM_LOAD_TRACE), and its options. Both
 * are valid as long as the filter. */
volatile struct pim_decision *pim_filter_decision(const struct pim_filter *filter);
const struct pim_options *pim_filter_options(const struct pim_filter *filter);

/* Writes the stamp into the filter's own map, and fills in the program id
 * and `ifindex`. Returns 0 or -errno. */
int pim_filter_stamp(const struct pim_filter *filter, const struct pim_stamp *stamp,
		     uint32_t ifindex);

#endif
