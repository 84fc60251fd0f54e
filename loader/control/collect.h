/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads the pins of several interfaces and computes one exposition of their metrics. */
#ifndef PIMXDP_CONTROL_COLLECT_H
#define PIMXDP_CONTROL_COLLECT_H

#include "base/error.h"
#include "report/metrics.h"

/* An interface to read. The names in a list must be unique. Owned by the caller; fields
 * that are not set must be zero. */
struct pim_collect {
	const char *interface;
	const struct pim_target_counts *agent; /* NULL: there is no agent */

	/* Kept by the caller from one collection to the next, zero at first. Counting the
	 * prefixes walks the whole image (some tenths of a second for a million), so it is
	 * done only when the policy has changed. */
	struct pim_prefix_counts prefixes;

	/* Set by each collection: why this interface could not be read (its metric
	 * pimxdp_read_success is then 0), else an empty text. */
	struct pim_error error;
};

/* Reads the pins of all interfaces, with one deadline of two seconds while loaders are at
 * work, and computes one exposition for them. An interface without a filter is not an
 * error: its metrics say so. Where no BPF file system is, nobody knows: it could not be
 * read, and has no metric that says whether it is attached. `agent` may be NULL. Returns 0,
 * also when an interface could not be read (see error above), or -ENOMEM; the caller
 * frees *metrics with pim_metrics_free whatever the result.
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

/* Updates *counts to the policy in force at a place that has counters. Does nothing when
 * the policy has not changed since the last call. Returns 0 or -errno with a text. */
int pim_prefix_counts_refresh(const struct pim_place *place, struct pim_prefix_counts *counts,
			      struct pim_error *error);

#endif
