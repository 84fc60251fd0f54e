/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Packets and bytes, the unit of every report. */
#ifndef PIMXDP_REPORT_COUNT_H
#define PIMXDP_REPORT_COUNT_H

#include <stdint.h>

struct pim_count {
	uint64_t packets;
	uint64_t bytes; /* of the frames, without FCS */
};

static inline void pim_count_add(struct pim_count *sum, const struct pim_count *count)
{
	sum->packets += count->packets;
	sum->bytes += count->bytes;
}

/* For qsort(): most packets first; 0 when equal. */
static inline int pim_count_compare(const struct pim_count *a, const struct pim_count *b)
{
	return a->packets == b->packets ? 0 : a->packets < b->packets ? 1 : -1;
}

#endif
