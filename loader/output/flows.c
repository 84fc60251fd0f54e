/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/flows.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "output/counts.h"
#include "output/json.h"

static void endpoint_cell(struct pim_table *table, const char *address, uint16_t port)
{
	pim_table_cell(table, strchr(address, ':') ? "[%s]:%u" : "%s:%u", address, port);
}

void pim_output_flows_text(FILE *stream, const char *interface,
			   const struct pim_flows_report *report, size_t count)
{
	static const struct pim_column columns[] = {
		{ "proto", PIM_LEFT },	  { "source", PIM_LEFT },    { "destination", PIM_LEFT },
		{ "rule", PIM_LEFT },	  { "leg", PIM_LEFT },	     { "partner", PIM_LEFT },
		{ "packets", PIM_RIGHT }, { "bytes", PIM_RIGHT },    { "first", PIM_LEFT },
		{ "last", PIM_LEFT },	  { "tcp flags", PIM_LEFT }, {},
	};
	struct pim_table *table;
	char shown[PIM_GROUPED], all[PIM_GROUPED], first[PIM_TIME_TEXT], last[PIM_TIME_TEXT];

	pim_heading(stream, "%s  %s of %s flows, largest first", interface,
		    pim_grouped(count, shown), pim_grouped(report->flow_count, all));
	if (!count)
		return;
	table = pim_table_new(columns);
	for (size_t i = 0; i < count; i++) {
		const struct pim_flow_line *flow = &report->flows[i];

		pim_table_cell(table, "%s", flow->protocol);
		endpoint_cell(table, flow->source, flow->source_port);
		endpoint_cell(table, flow->destination, flow->destination_port);
		pim_table_cell(table, "%s", flow->rule);
		pim_table_cell(table, "%s", flow->leg);
		pim_table_cell(table, "%s", flow->partner ? flow->partner : "-");
		pim_count_cells(table, &flow->count, NULL);
		pim_table_cell(table, "%s", pim_time_format(flow->first_ns, false, first));
		pim_table_cell(table, "%s", pim_time_format(flow->last_ns, false, last));
		pim_table_cell(table, "%s", *flow->tcp_flags ? flow->tcp_flags : "-");
	}
	pim_table_print(table, stream, 2);
}

void pim_output_flows_json(FILE *stream, bool pretty, const struct pim_flows_report *report,
			   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct pim_flow_line *flow = &report->flows[i];
		char first[PIM_TIME_TEXT], last[PIM_TIME_TEXT];

		/* clang-format off */
		pim_json_print(stream, json_pack(
			"{s:s, s:s, s:i, s:s, s:i, s:s, s:s, s:o, s:I, s:I, s:s, s:s, s:s}",
			"protocol", flow->protocol,
			"source", flow->source, "source_port", flow->source_port,
			"destination", flow->destination,
			"destination_port", flow->destination_port,
			"rule", flow->rule, "leg", flow->leg,
			"partner", pim_json_text_or_null(flow->partner),
			"packets", pim_json_number(flow->count.packets),
			"bytes", pim_json_number(flow->count.bytes),
			"first", pim_time_format(flow->first_ns, true, first),
			"last", pim_time_format(flow->last_ns, true, last),
			"tcp_flags", flow->tcp_flags), pretty);
		/* clang-format on */
	}
}
