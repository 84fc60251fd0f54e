/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A filter onto an interface, and off it. */
#ifndef PIMXDP_KERNEL_ATTACH_H
#define PIMXDP_KERNEL_ATTACH_H

#include "kernel/filter.h"

/* Attaches the filter to an empty place's interface by a link and pins all of
 * it, for the owner and the members of `group` (PIM_NO_GROUP: none) to read; the
 * link's pin is made last and is what makes the attachment outlive the
 * process. On failure nothing is left. note (at least 256 bytes) receives why
 * native mode was refused when auto fell back to skb, else "". The lock must be
 * held. */
int pim_filter_attach(struct pim_filter *filter, const struct pim_stamp *stamp,
		      const char *interface, gid_t group, enum pim_attach_mode mode,
		      enum pim_attach_mode *got, char note[256], struct pim_error *error);

/* Detaches and removes the pins, whatever state they are in. The lock must be
 * held. */
int pim_place_detach(struct pim_place *place, struct pim_error *error);

#endif
