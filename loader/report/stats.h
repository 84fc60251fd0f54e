/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The counters by reason, rule and partner, with names, totals and an order. */
#ifndef PIMXDP_REPORT_STATS_H
#define PIMXDP_REPORT_STATS_H

#include "kernel/counters.h"
#include "report/count.h"

struct pim_reason_line {
	enum pim_outcome outcome; /* determines reason, verdict and meaning */
	struct pim_count count;
};
struct pim_rule_line {
	const char *rule;
	const char *leg;
	struct pim_count count;
};
struct pim_partner_line {
	const char *partner;
	struct pim_count count;
};

/* The flow tables. held = inserts - evictions. The packets and bytes of the flows held
 * and of those evicted add up to the counters of the rules. */
struct pim_flow_table_line {
	uint64_t held, slots, inserts, evictions;
	struct pim_count evicted;
};

/* Names point into the raw counters, which must outlive the report. */
struct pim_stats_report {
	struct pim_count seen, passed, dropped;
	struct pim_reason_line reasons[PIM_OUTCOMES]; /* in the order of reasons.def */
	size_t reason_count;
	struct pim_rule_line *rules; /* by key in pim_rules */
	size_t rule_count;
	struct pim_partner_line *partners; /* by name */
	size_t partner_count;
	struct pim_flow_table_line flow_table;
};

/* A reason that can pass or drop is listed twice only if both were counted. A reason that
 * was not counted is listed once, with 0 and the verdict that the options give it. Returns
 * 0 or -ENOMEM. */
int pim_stats_report(const struct pim_raw *raw, const struct pim_options *options,
		     struct pim_stats_report *report);
void pim_stats_report_free(struct pim_stats_report *report);

#endif
