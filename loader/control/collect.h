/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From the pins of some interfaces to one exposition of metrics. */
#ifndef PIMXDP_COLLECT_H
#define PIMXDP_COLLECT_H

#include "base/error.h"
#include "report/metrics.h"

/* An interface to ask, of one caller's list; names must differ within it. The
 * caller owns all of it. Zero what is not set. */
struct pim_collect {
	const char *interface;
	const struct pim_target_counts *agent; /* NULL: there is no agent */

	/* Kept by the caller from one collection to the next, zero at first: counting
	 * the prefixes walks the whole image (a million: some tenths of a second), so it
	 * is done only when the policy has changed. */
	struct pim_prefix_counts prefixes;

	/* Written by each collection: what kept this interface from being read, or an
	 * empty text. Its metrics then say pimxdp_read_success 0. */
	struct pim_error error;
};

/* Reads the pins of each interface, by a reader's lock that waits for a loader at
 * most two seconds, and computes one exposition of all. An interface that nothing
 * is attached to is no error: its metrics say so. `agent`: NULL where there is
 * none. Returns 0 also when an interface could not be read (see error above), or
 * -ENOMEM; the caller frees *metrics with pim_metrics_free whatever the result.
 *
 *	static struct pim_collect interfaces[] = { { .interface = "eth1" } };
 *	struct pim_metrics metrics;
 *
 *	if (!pim_collect_metrics(interfaces, 1, &agent, &metrics))
 *		pim_output_metrics(stream, PIM_METRICS_OPENMETRICS, &metrics);
 *	pim_metrics_free(&metrics);
 */
int pim_collect_metrics(struct pim_collect *interfaces, size_t count,
			const struct pim_agent_counts *agent, struct pim_metrics *metrics);

/* Brings *counts up to the policy in force at a place that has counters; free of
 * cost when it is that of the last time. Returns 0 or -errno. */
int pim_prefix_counts_refresh(const struct pim_place *place, struct pim_prefix_counts *counts,
			      struct pim_error *error);

#endif
