/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads a filter's counters: sums over CPUs, with their names. */
#ifndef PIMXDP_KERNEL_COUNTERS_H
#define PIMXDP_KERNEL_COUNTERS_H

#include "kernel/filter.h"
#include "kernel/raw.h"

/* Reads the counters, and with `with_flows` the flows, of a place that has counters
 * (pim_place_counts). Returns 0 or -errno with a text; the caller frees *raw whatever
 * the result. */
int pim_place_read(const struct pim_place *place, bool with_flows, struct pim_raw *raw,
		   struct pim_error *error);
/* The same as pim_place_read, for a filter that is not attached. */
int pim_filter_read(const struct pim_filter *filter, bool with_flows, struct pim_raw *raw,
		    struct pim_error *error);
void pim_raw_free(struct pim_raw *raw);

/* The names of the pinned rules and partners, indexed by key, for pim_compile. Returns
 * 0 or -errno with a text; the caller frees *names with pim_names_free. */
int pim_place_names(const struct pim_place *place, struct pim_names *names,
		    struct pim_error *error);

#endif
