/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/replay.h"

#include <arpa/inet.h>

#include "base/text.h"
#include "output/counts.h"
#include "output/json.h"
#include "policy/policy.h"

#define TOP_SOURCES 10

static const char *address_format(uint8_t family, const uint8_t *bytes, char text[INET6_ADDRSTRLEN])
{
	return inet_ntop(family == PIM_IPV4 ? AF_INET : AF_INET6, bytes, text, INET6_ADDRSTRLEN);
}

/* A port, and whether there were others. */
static void port_cell(struct pim_table *table, const struct pim_seen_port *seen)
{
	if (seen->known)
		pim_table_cell(table, "%u%s", seen->port, seen->several ? ", ..." : "");
	else
		pim_table_cell(table, "%s", seen->several ? "..." : "-");
}

static void sources_table(FILE *stream, const struct pim_replay_report *report)
{
	static const struct pim_column columns[] = {
		{ "dropped source", PIM_LEFT }, { "reason", PIM_LEFT },
		{ "protocol", PIM_LEFT },	{ "from port", PIM_LEFT },
		{ "to port", PIM_LEFT },	{ "packets", PIM_RIGHT },
		{ "bytes", PIM_RIGHT },		{},
	};
	struct pim_table *table = pim_table_new(columns);
	size_t shown = report->source_count < TOP_SOURCES ? report->source_count : TOP_SOURCES;
	char more[PIM_GROUPED];

	for (size_t i = 0; i < shown; i++) {
		const struct pim_dropped_source *source = &report->sources[i];
		char address[INET6_ADDRSTRLEN], protocol[PIM_PROTOCOL_TEXT];

		pim_table_cell(table, "%s",
			       address_format(source->family, source->source, address));
		pim_table_cell(table, "%s", pim_outcome_reason(source->outcome));
		pim_table_cell(table, "%s", pim_protocol_text(source->protocol, protocol));
		port_cell(table, &source->from);
		port_cell(table, &source->to);
		pim_count_cells(table, &source->count, NULL);
	}
	pim_table_print(table, stream, 2);
	if (report->source_count > shown)
		fprintf(stream, "  and %s more\n", pim_grouped(report->source_count - shown, more));
}

void pim_output_replay_text(FILE *stream, const struct pim_replay_report *report)
{
	pim_count_line(stream, "seen", &report->seen);
	pim_count_line(stream, "passed", &report->passed);
	pim_count_line(stream, "dropped", &report->dropped);
	fputc('\n', stream);
	pim_reasons_table(stream, report->reasons, PIM_OUTCOMES, &report->seen);
	fputc('\n', stream);
	pim_rules_table(stream, report->rules, report->rule_count);
	if (report->source_count) {
		fputc('\n', stream);
		sources_table(stream, report);
	}
}

static json_t *port_json(const struct pim_decision *decision, uint16_t port_be)
{
	return pim_decision_has_ports(decision) ? json_integer(ntohs(port_be)) : json_null();
}

void pim_output_packet_json(FILE *stream, bool pretty, const struct pim_replayed *packet)
{
	const struct pim_decision *decision = &packet->decision;
	enum pim_outcome outcome = decision->outcome;
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN], protocol[PIM_PROTOCOL_TEXT];
	const bool ip = decision->family;

	/* clang-format off */
	pim_json_print(stream, json_pack("{s:I, s:s, s:s, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o}",
				"packet", pim_json_number(packet->number),
				"verdict", pim_verdict_name(pim_outcome_verdict(outcome)),
				"reason", pim_outcome_reason(outcome),
				"rule", pim_json_text_or_null(packet->rule),
				"leg", pim_json_text_or_null(packet->leg),
				"length", (json_int_t)decision->length_bytes,
				"protocol", pim_json_text_or_null(
					ip ? pim_protocol_text(decision->protocol, protocol) : NULL),
				"source", pim_json_text_or_null(
					ip ? address_format(decision->family, decision->source, source) : NULL),
				"source_port", port_json(decision, decision->source_port_be),
				"destination", pim_json_text_or_null(
					ip ? address_format(decision->family, decision->destination, destination) : NULL),
				"destination_port", port_json(decision, decision->destination_port_be)), pretty);
	/* clang-format on */
}

void pim_output_cut_short_json(FILE *stream, bool pretty, const struct pim_replay_report *report)
{
	/* clang-format off */
	pim_json_print(stream, json_pack("{s:b, s:I, s:o}", "cut_short", 1,
					 "packets", pim_json_number(report->seen.packets),
					 "message", pim_json_text(report->cut_short.text)), pretty);
	/* clang-format on */
}
