/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counters by reason, rule and partner: named, summed, ordered. */
#ifndef PIMXDP_REPORT_STATS_H
#define PIMXDP_REPORT_STATS_H

#include "kernel/counters.h"
#include "report/count.h"

struct pim_reason_line {
	enum pim_outcome outcome; /* gives reason, verdict, meaning */
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

/* The flow tables: held = inserts - evictions, and the packets and bytes of the
 * flows held plus the evicted ones are those of the rules. */
struct pim_flow_table_line {
	uint64_t held, slots, inserts, evictions;
	struct pim_count evicted;
};

/* Names point into the raw counters it was made from. */
struct pim_stats_report {
	struct pim_count seen, passed, dropped;
	struct pim_reason_line reasons[PIM_OUTCOMES]; /* in reasons.def order */
	size_t reason_count;
	struct pim_rule_line *rules; /* in policy order */
	size_t rule_count;
	struct pim_partner_line *partners; /* by name */
	size_t partner_count;
	struct pim_flow_table_line flow_table;
};

/* A reason that can pass or drop stands twice only when it did both; a reason
 * that never occurred stands once, with 0 and what the options would make of
 * it. Returns 0 or -ENOMEM. */
int pim_stats_report(const struct pim_raw *raw, const struct pim_options *options,
		     struct pim_stats_report *report);
void pim_stats_report_free(struct pim_stats_report *report);

#endif
