/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One filter in the place of another, atomically. */
#ifndef PIMXDP_KERNEL_SWAP_H
#define PIMXDP_KERNEL_SWAP_H

#include "kernel/filter.h"

/* Puts the filter in the place of the attached one: one atomic link update.
 * Counters and flows carry on, unless that one is of another schema
 * (pim_place_replaceable): then nothing does, and the filter was loaded without a
 * place. The lock must be held. */
int pim_filter_swap(struct pim_filter *filter, struct pim_place *place,
		    const struct pim_stamp *stamp, struct pim_error *error);

/* Finishes or forgets a swap that a killed loader left half done. The lock must
 * be held; the place may be opened anew. */
int pim_place_settle(struct pim_place *place, struct pim_error *error);

#endif
