/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/flows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static void format_tcp_flags(uint8_t flags, char *text, size_t size)
{
	static const char *const names[] = {
		"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"
	}; /* RFC 9293 3.1 */

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
		line->protocol =
			pim_transport_name(flow->key.protocol == IPPROTO_TCP ? PIM_TCP : PIM_UDP);
		if (flow->rule < raw->rule_count) {
			line->rule = raw->rules[flow->rule].rule;
			line->leg = raw->rules[flow->rule].leg;
		} else {
			line->rule = line->leg =
				"?"; /* a reload added it after the names were read */
		}
		if (flow->partner && flow->partner < raw->partner_count)
			line->partner = raw->partners[flow->partner].partner;
		line->count = (struct pim_count){ flow->packets, flow->bytes };
		line->first_ns = flow->first_ns + realtime_offset_ns;
		line->last_ns = flow->last_ns + realtime_offset_ns;
		format_tcp_flags(flow->tcp_flags, line->tcp_flags, sizeof(line->tcp_flags));
		pim_count_add(&report->sum, &line->count);
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

void pim_flows_of_rule(struct pim_flows_report *report, const char *rule)
{
	size_t kept = 0;

	report->sum = (struct pim_count){};
	for (size_t i = 0; i < report->flow_count; i++) {
		if (strcmp(report->flows[i].rule, rule))
			continue;
		report->flows[kept] = report->flows[i];
		pim_count_add(&report->sum, &report->flows[kept++].count);
	}
	report->flow_count = kept;
}

void pim_flows_report_free(struct pim_flows_report *report)
{
	free(report->flows);
	*report = (struct pim_flows_report){};
}
