/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Whether this is the verdict that the options give the reason. Where not-edge is dropped, the
 * link's multicast passes all the same: a line of its own once there was some. */
static bool can_occur(const struct pim_options *options, enum pim_outcome outcome)
{
	switch (outcome) {
	case PIM_PASS_NON_IP:
		return options->non_ip == PIM_NON_IP_PASS;
	case PIM_DROP_NON_IP:
		return options->non_ip == PIM_NON_IP_DROP;
	case PIM_PASS_NOT_EDGE:
		return options->not_edge == PIM_NOT_EDGE_PASS;
	case PIM_DROP_NOT_EDGE:
		return options->not_edge == PIM_NOT_EDGE_DROP;
	case PIM_PASS_FRAGMENT:
		return options->fragments == PIM_FRAGMENTS_PASS;
	default:
		return true;
	}
}

/* An outcome is shown if it was counted, or if its reason was never counted and this is
 * the verdict that the options give it. */
static bool is_shown(const struct pim_raw *raw, const struct pim_options *options,
		     enum pim_outcome outcome)
{
	if (raw->reasons[outcome].packets)
		return true;
	if (!can_occur(options, outcome))
		return false;
	for (enum pim_outcome other = 0; other < PIM_OUTCOMES; other++) {
		if (other == outcome ||
		    strcmp(pim_outcome_reason(other), pim_outcome_reason(outcome)))
			continue;
		if (raw->reasons[other].packets || (other < outcome && can_occur(options, other)))
			return false;
	}
	return true;
}

static int compare_partners(const void *a, const void *b)
{
	return strcmp(((const struct pim_partner_line *)a)->partner,
		      ((const struct pim_partner_line *)b)->partner);
}

int pim_stats_report(const struct pim_raw *raw, const struct pim_options *options,
		     struct pim_stats_report *report)
{
	*report = (struct pim_stats_report){};
	report->rules = calloc(raw->rule_count + 1, sizeof(*report->rules));
	report->partners = calloc(raw->partner_count + 1, sizeof(*report->partners));
	if (!report->rules || !report->partners) {
		pim_stats_report_free(report);
		return -ENOMEM;
	}
	for (enum pim_outcome outcome = 0; outcome < PIM_OUTCOMES; outcome++) {
		struct pim_count count = { raw->reasons[outcome].packets,
					   raw->reasons[outcome].bytes };

		pim_count_add(&report->seen, &count);
		pim_count_add(pim_outcome_verdict(outcome) == PIM_PASS ? &report->passed :
									 &report->dropped,
			      &count);
		if (is_shown(raw, options, outcome))
			report->reasons[report->reason_count++] =
				(struct pim_reason_line){ outcome, count };
	}
	for (size_t i = 0; i < raw->rule_count; i++)
		report->rules[report->rule_count++] = (struct pim_rule_line){
			raw->rules[i].rule,
			raw->rules[i].leg,
			{ raw->rules[i].packets, raw->rules[i].bytes },
		};
	for (size_t i = 1; i < raw->partner_count; i++) /* [0] is "no partner" */
		report->partners[report->partner_count++] = (struct pim_partner_line){
			raw->partners[i].partner,
			{ raw->partners[i].packets, raw->partners[i].bytes },
		};
	report->flow_table = (struct pim_flow_table_line){
		.held = raw->flow_state.inserts - raw->flow_state.evictions,
		.slots = raw->flow_slots,
		.inserts = raw->flow_state.inserts,
		.evictions = raw->flow_state.evictions,
		.evicted = { raw->flow_state.evicted_packets, raw->flow_state.evicted_bytes },
	};
	qsort(report->partners, report->partner_count, sizeof(*report->partners), compare_partners);
	return 0;
}

void pim_stats_report_free(struct pim_stats_report *report)
{
	free(report->rules);
	free(report->partners);
	*report = (struct pim_stats_report){};
}
