/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/replay.h"

#include <arpa/inet.h>

#include "base/text.h"
#include "output/counts.h"
#include "output/json.h"
#include "policy/policy.h"

#define TOP_SOURCES 10

static void sources_table(FILE *stream, const struct pim_replay_report *report)
{
	static const struct pim_column columns[] = {
		{ "dropped source", PIM_LEFT },
		{ "reason", PIM_LEFT },
		{ "packets", PIM_RIGHT },
		{ "bytes", PIM_RIGHT },
		{},
	};
	struct pim_table *table = pim_table_new(columns);
	size_t shown = report->source_count < TOP_SOURCES ? report->source_count : TOP_SOURCES;
	char more[PIM_GROUPED];

	for (size_t i = 0; i < shown; i++) {
		const struct pim_dropped_source *source = &report->sources[i];
		char address[INET6_ADDRSTRLEN];

		inet_ntop(source->family == PIM_IPV4 ? AF_INET : AF_INET6, source->source, address,
			  sizeof(address));
		pim_table_cell(table, "%s", address);
		pim_table_cell(table, "%s", pim_outcome_reason(source->outcome));
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

void pim_output_packet_json(FILE *stream, bool pretty, const struct pim_replayed *packet)
{
	enum pim_outcome outcome = packet->decision.outcome;

	/* clang-format off */
	pim_json_print(stream, json_pack("{s:I, s:s, s:s, s:o, s:o, s:I}", "packet", pim_json_number(packet->number),
				"verdict", pim_verdict_name(pim_outcome_verdict(outcome)),
				"reason", pim_outcome_reason(outcome),
				"rule", pim_json_text_or_null(packet->rule),
				"leg", pim_json_text_or_null(packet->leg),
				"length", (json_int_t)packet->decision.length_bytes), pretty);
	/* clang-format on */
}
