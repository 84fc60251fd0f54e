/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Attaches a filter to an interface, and detaches it. */
#ifndef PIMXDP_KERNEL_ATTACH_H
#define PIMXDP_KERNEL_ATTACH_H

#include "kernel/filter.h"

/* Attaches the filter to an interface whose place is empty, by a BPF link, and pins
 * the link, the program and the maps. The owner and the members of `group`
 * (PIM_NO_GROUP: none) can read the maps. The link is pinned last; its pin makes the
 * attachment outlive the process. *got receives the mode in use, note the reason why
 * native mode was refused when auto fell back to skb, else "". The loader's lock must
 * be held. Returns 0 or -errno with a text; on failure it leaves no pins. */
int pim_filter_attach(struct pim_filter *filter, const struct pim_stamp *stamp,
		      const char *interface, gid_t group, enum pim_attach_mode mode,
		      enum pim_attach_mode *got, char note[256], struct pim_error *error);

/* Detaches the filter and removes the pins, whatever state they are in. The loader's
 * lock must be held. Returns 0 or -errno with a text: -ENOENT when there are no pins,
 * -EBUSY when something in the directory could not be removed. */
int pim_place_detach(struct pim_place *place, struct pim_error *error);

#endif
