/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Computes the metrics: turns places and their reports into families of samples. Pure;
 * control/collect.c reads the kernel, output/metrics.c prints.
 */
#ifndef PIMXDP_REPORT_METRICS_H
#define PIMXDP_REPORT_METRICS_H

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

/* The suffix of a sample's name for that type: "_total", "_info" or "". */
const char *pim_metric_suffix(enum pim_metric_type type);

enum pim_metric_of { PIM_METRIC_OF_FILTER, PIM_METRIC_OF_AGENT };
const char *pim_metric_of_name(enum pim_metric_of of); /* "agent" */

#define PIM_METRIC_LABELS 3
struct pim_metric_family {
	const char *name; /* of the samples, with the suffix */
	enum pim_metric_type type;
	enum pim_metric_of of;
	const char *unit;		       /* "seconds", "bytes", or "" for none */
	const char *help;		       /* a sentence */
	const char *labels[PIM_METRIC_LABELS]; /* NULL after the last */
};
extern const struct pim_metric_family pim_metric_families[PIM_METRICS];

/* ---- samples ---- */

/* The value is in the unit of the family; for "seconds" it is in nanoseconds. */
struct pim_sample {
	const char *labels[PIM_METRIC_LABELS]; /* values, in the family's order */
	uint64_t value;
};

/* One exposition: the samples of every family, for all interfaces. Owns everything it
 * points to. All zero is an empty exposition, which pim_metrics_free accepts. */
struct pim_metrics {
	struct {
		struct pim_sample *samples;
		size_t count;
	} families[PIM_METRICS];
	char **texts; /* strings that the labels point to */
	size_t text_count;
};

/* The number of prefixes in force per role, indexed by enum pim_role_bit. Zero at first;
 * pim_prefix_counts_refresh (control/collect.h) fills it. */
struct pim_prefix_counts {
	bool known;
	uint64_t policy_hash; /* of the policy that was counted */
	uint64_t by_role[PIM_ROLES];
};

/* What an agent counts for one interface. It loads the configuration when it starts, on
 * SIGHUP, and when a file changes; each of these is a reload, whether or not it changes
 * anything. Times are CLOCK_REALTIME. */
struct pim_target_counts {
	uint64_t reload_successes;
	uint64_t reload_failures;
	bool last_reload_failed;
	uint64_t last_reload_ns;	 /* successful or not; 0: none yet */
	uint64_t last_reload_success_ns; /* 0: none yet */
	bool fell_back;			 /* auto chose skb mode because native mode was refused */
	bool lists_refused;		 /* a list is empty or lost much */
	uint64_t last_good_since_ns;	 /* the kept policy is in force since; 0: it is not */
	uint64_t last_good_ns;		 /* when the kept policy was kept; 0: none is */
};

/* What an agent counts for itself. */
struct pim_agent_counts {
	uint64_t start_ns;	 /* CLOCK_REALTIME */
	uint64_t last_scrape_ns; /* duration of the last answer; 0: none yet */
};

/* What is known about one interface. Everything is owned by the caller and need not
 * outlive the call. */
struct pim_observed {
	const char *interface;
	const struct pim_place *place; /* NULL: its pins could not be read */
	/* Both NULL when the place has no counters (pim_place_counts): */
	const struct pim_stats_report *report;
	const struct pim_prefix_counts *prefixes;
	const struct pim_target_counts *agent; /* NULL: there is no agent */
};

/* Computes one exposition for these interfaces, whose names must be unique. `agent` may
 * be NULL. Counters that are still 0 are included. Returns 0 or -ENOMEM; the caller frees
 * *metrics whatever the result. */
int pim_metrics_compute(const struct pim_observed *interfaces, size_t count,
			const struct pim_agent_counts *agent, struct pim_metrics *metrics);
void pim_metrics_free(struct pim_metrics *metrics);

#endif
