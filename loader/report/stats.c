/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/stats.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void add(struct pim_count *sum, const struct pim_count *count)
{
	sum->packets += count->packets;
	sum->bytes += count->bytes;
}

/* Whether these options let the outcome occur at all. */
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

/* A reason's verdict is shown when it was counted, or when nothing of that
 * reason was and this is what would be. */
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

		add(&report->seen, &count);
		add(pim_outcome_verdict(outcome) == PIM_PASS ? &report->passed : &report->dropped,
		    &count);
		if (is_shown(raw, options, outcome))
			report->reasons[report->reason_count++] =
				(struct pim_reason_line){ outcome, count };
	}
	for (size_t i = 0; i < raw->rule_count; i++)
		report->rules[report->rule_count++] = (struct pim_rule_line){
			raw->rules[i].rule, raw->rules[i].leg,
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
	qsort(report->partners, report->partner_count, sizeof(*report->partners),
	      compare_partners);
	return 0;
}

void pim_stats_report_free(struct pim_stats_report *report)
{
	free(report->rules);
	free(report->partners);
	*report = (struct pim_stats_report){};
}

/* ---- flows ---- */

static void format_tcp_flags(uint8_t flags, char *text, size_t size)
{
	static const char *const names[] = { "FIN", "SYN", "RST", "PSH",
					     "ACK", "URG", "ECE", "CWR" }; /* RFC 9293 3.1 */

	*text = '\0';
	for (size_t bit = 0; bit < sizeof(names) / sizeof(*names); bit++)
		if (flags >> bit & 1)
			snprintf(text + strlen(text), size - strlen(text), "%s%s", *text ? "," : "",
				 names[bit]);
}

static int compare_flows(const void *a, const void *b)
{
	const struct pim_flow_line *one = a, *other = b;

	if (one->count.bytes != other->count.bytes)
		return one->count.bytes < other->count.bytes ? 1 : -1;
	if (one->first_ns != other->first_ns)
		return one->first_ns > other->first_ns ? 1 : -1;
	if (strcmp(one->source, other->source))
		return strcmp(one->source, other->source);
	return (int)one->source_port - other->source_port;
}

int pim_flows_report(const struct pim_raw *raw, int64_t realtime_offset_ns,
		     struct pim_flows_report *report)
{
	*report = (struct pim_flows_report){};
	report->flows = calloc(raw->flow_count + 1, sizeof(*report->flows));
	if (!report->flows)
		return -ENOMEM;
	for (size_t i = 0; i < raw->flow_count; i++) {
		const struct pim_raw_flow *flow = &raw->flows[i];
		int family = flow->family == PIM_IPV4 ? AF_INET : AF_INET6;
		struct pim_flow_line *line = &report->flows[report->flow_count++];

		inet_ntop(family, flow->key.source, line->source, sizeof(line->source));
		inet_ntop(family, flow->key.destination, line->destination,
			  sizeof(line->destination));
		line->source_port = ntohs(flow->key.source_port_be);
		line->destination_port = ntohs(flow->key.destination_port_be);
		line->protocol = pim_transport_name(
			flow->key.protocol == IPPROTO_TCP ? PIM_TCP : PIM_UDP);
		if (flow->rule < raw->rule_count) {
			line->rule = raw->rules[flow->rule].rule;
			line->leg = raw->rules[flow->rule].leg;
		} else {
			line->rule = line->leg = "?"; /* a reload added it after the names were read */
		}
		if (flow->partner && flow->partner < raw->partner_count)
			line->partner = raw->partners[flow->partner].partner;
		line->count = (struct pim_count){ flow->packets, flow->bytes };
		line->first_ns = flow->first_ns + realtime_offset_ns;
		line->last_ns = flow->last_ns + realtime_offset_ns;
		format_tcp_flags(flow->tcp_flags, line->tcp_flags, sizeof(line->tcp_flags));
		add(&report->sum, &line->count);
	}
	qsort(report->flows, report->flow_count, sizeof(*report->flows), compare_flows);
	return 0;
}

void pim_flows_text(const struct pim_flows_report *report, size_t count, uint64_t now_ns,
		    struct pim_flow_text_key *keys, struct pim_flow_text *flows)
{
	for (size_t i = 0; i < count; i++) {
		const struct pim_flow_line *line = &report->flows[i];
		struct pim_flow_text_key *key = &keys[i];
		struct pim_flow_text *flow = &flows[i];

		*key = (struct pim_flow_text_key){ .source_port = line->source_port,
						   .destination_port = line->destination_port };
		snprintf(key->protocol, sizeof(key->protocol), "%s", line->protocol);
		memcpy(key->source, line->source, strlen(line->source));
		memcpy(key->destination, line->destination, strlen(line->destination));
		*flow = (struct pim_flow_text){ .packets = line->count.packets,
						.bytes = line->count.bytes };
		snprintf(flow->rule, sizeof(flow->rule), "%s", line->rule);
		snprintf(flow->leg, sizeof(flow->leg), "%s", line->leg);
		snprintf(flow->partner, sizeof(flow->partner), "%s",
			 line->partner ? line->partner : "");
		pim_time_format(line->first_ns, true, flow->first);
		pim_time_format(line->last_ns, true, flow->last);
		memcpy(flow->tcp_flags, line->tcp_flags, sizeof(flow->tcp_flags));
		pim_time_format(now_ns, true, flow->copied);
	}
}

char *pim_hash_format(uint64_t hash, char text[PIM_HASH_TEXT])
{
	snprintf(text, PIM_HASH_TEXT, "%016" PRIx64, hash);
	return text;
}

char *pim_time_format(uint64_t time_ns, bool milliseconds, char text[PIM_TIME_TEXT])
{
	time_t seconds = time_ns / 1000000000;
	struct tm broken;
	size_t length;

	gmtime_r(&seconds, &broken);
	length = strftime(text, PIM_TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &broken);
	if (milliseconds)
		snprintf(text + length, PIM_TIME_TEXT - length, ".%03uZ",
			 (unsigned int)(time_ns % 1000000000 / 1000000));
	else
		snprintf(text + length, PIM_TIME_TEXT - length, "Z");
	return text;
}

void pim_flows_of_rule(struct pim_flows_report *report, const char *rule)
{
	size_t kept = 0;

	report->sum = (struct pim_count){};
	for (size_t i = 0; i < report->flow_count; i++) {
		if (strcmp(report->flows[i].rule, rule))
			continue;
		report->flows[kept] = report->flows[i];
		add(&report->sum, &report->flows[kept++].count);
	}
	report->flow_count = kept;
}

void pim_flows_report_free(struct pim_flows_report *report)
{
	free(report->flows);
	*report = (struct pim_flows_report){};
}
