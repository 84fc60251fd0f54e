/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is measured: from places and their reports to families of samples, which
 * output/metrics.c prints. It computes only; control/collect.c asks the kernel.
 */
#ifndef PIMXDP_METRICS_H
#define PIMXDP_METRICS_H

#include "report/stats.h"

/* ---- families (metrics.def) ---- */

enum pim_metric {
#define PIM_METRIC(id, ...) PIM_METRIC_##id,
#include "report/metrics.def"
#undef PIM_METRIC
	PIM_METRICS,
};

enum pim_metric_type { PIM_METRIC_COUNTER, PIM_METRIC_GAUGE, PIM_METRIC_INFO };
const char *pim_metric_type_name(enum pim_metric_type type); /* "counter" */

/* What ends the name of a sample of that type: "_total", "_info" or "". */
const char *pim_metric_suffix(enum pim_metric_type type);

enum pim_metric_of { PIM_METRIC_OF_FILTER, PIM_METRIC_OF_AGENT };
const char *pim_metric_of_name(enum pim_metric_of of); /* "agent" */

#define PIM_METRIC_LABELS 3
struct pim_metric_family {
	const char *name; /* of the samples, with the suffix */
	enum pim_metric_type type;
	enum pim_metric_of of;
	const char *unit;			/* "seconds", "bytes"; "": none */
	const char *help;			/* a sentence */
	const char *labels[PIM_METRIC_LABELS];	/* NULL behind the last */
};
extern const struct pim_metric_family pim_metric_families[PIM_METRICS];

/* ---- samples ---- */

/* The value is that of the family's unit, nanoseconds for "seconds". */
struct pim_sample {
	const char *labels[PIM_METRIC_LABELS]; /* values, in the family's order */
	uint64_t value;
};

/* One exposition: every family's samples, of all interfaces together. Owns all
 * it points to. Zero-initialised, it is an empty one that pim_metrics_free
 * accepts. */
struct pim_metrics {
	struct {
		struct pim_sample *samples;
		size_t count;
	} families[PIM_METRICS];
	char **texts; /* that labels point to */
	size_t text_count;
};

/* Prefixes in force by the number of their role's bit (enum pim_role_bit). Zero
 * at first; pim_prefix_counts_refresh (control/collect.h) fills it. */
struct pim_prefix_counts {
	bool known;
	uint64_t policy_hash; /* of the policy that they are of */
	uint64_t by_role[PIM_ROLES];
};

/* What an agent counts of one interface. It loads a configuration at its start,
 * at SIGHUP, and when a file changed: each is a reload, whether or not it
 * changed anything. Times are CLOCK_REALTIME. */
struct pim_target_counts {
	uint64_t reload_successes;
	uint64_t reload_failures;
	bool last_reload_failed;
	uint64_t last_reload_ns;	 /* of the last, succeeded or failed; 0: none yet */
	uint64_t last_reload_success_ns; /* 0: none yet */
	bool fell_back;			 /* auto mode got skb because native was refused */
};

/* What an agent counts of itself. */
struct pim_agent_counts {
	uint64_t start_ns;	 /* CLOCK_REALTIME */
	uint64_t last_scrape_ns; /* how long the last answer took; 0: none yet */
};

/* What was found of one interface. All is the caller's and need not outlive the
 * call. */
struct pim_observed {
	const char *interface;
	const struct pim_place *place; /* NULL: its pins could not be read */
	/* Both NULL where the place has no counters (pim_place_counts): */
	const struct pim_stats_report *report;
	const struct pim_prefix_counts *prefixes;
	const struct pim_target_counts *agent; /* NULL: there is no agent */
};

/* Computes one exposition of these interfaces, whose names must differ. `agent`:
 * NULL where there is none. Counters that have counted nothing are there, with
 * 0. Returns 0 or -ENOMEM; the caller frees *metrics whatever the result. */
int pim_metrics_compute(const struct pim_observed *interfaces, size_t count,
			const struct pim_agent_counts *agent, struct pim_metrics *metrics);
void pim_metrics_free(struct pim_metrics *metrics);

#endif
