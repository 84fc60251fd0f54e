/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/stats.h"

#include "base/clock.h"
#include "base/text.h"
#include "output/counts.h"
#include "output/json.h"
#include "policy/policy.h"

static void flow_table_line(FILE *stream, const struct pim_flow_table_line *line)
{
	char held[PIM_GROUPED], slots[PIM_GROUPED], inserts[PIM_GROUPED], evicted[PIM_GROUPED];
	char packets[PIM_GROUPED], bytes[PIM_GROUPED];

	fprintf(stream,
		"  flow table: %s of %s slots held, %s inserts, %s evictions that took %s packets, %s bytes along\n",
		pim_grouped(line->held, held), pim_grouped(line->slots, slots),
		pim_grouped(line->inserts, inserts), pim_grouped(line->evictions, evicted),
		pim_grouped(line->evicted.packets, packets),
		pim_grouped(line->evicted.bytes, bytes));
}

void pim_output_stats_text(FILE *stream, const char *interface, const struct pim_stamp *stamp,
			   const struct pim_stats_report *report)
{
	static const struct pim_column columns[] = {
		{ "partner", PIM_LEFT },
		{ "packets", PIM_RIGHT },
		{ "bytes", PIM_RIGHT },
		{},
	};
	struct pim_table *table;
	char since[PIM_TIME_TEXT];

	pim_heading(stream, "%s  since %s%s", interface,
		    pim_time_format(stamp->attached_ns, false, since),
		    stamp->options.mode == PIM_MODE_OBSERVE ?
			    "  observing: drops are counted, everything passes" :
			    "");
	pim_count_line(stream, "seen", &report->seen);
	pim_count_line(stream, "passed", &report->passed);
	pim_count_line(stream, "dropped", &report->dropped);
	fputc('\n', stream);
	pim_reasons_table(stream, report->reasons, report->reason_count, &report->seen);
	fputc('\n', stream);
	pim_rules_table(stream, report->rules, report->rule_count);
	fputc('\n', stream);
	flow_table_line(stream, &report->flow_table);
	if (!report->partner_count)
		return;
	fputc('\n', stream);
	table = pim_table_new(columns);
	for (size_t i = 0; i < report->partner_count; i++) {
		pim_table_cell(table, "%s", report->partners[i].partner);
		pim_count_cells(table, &report->partners[i].count, NULL);
	}
	pim_table_print(table, stream, 2);
}

void pim_output_stats_json(FILE *stream, bool pretty, const char *interface,
			   const struct pim_stamp *stamp, const struct pim_stats_report *report)
{
	char since[PIM_TIME_TEXT], loaded[PIM_TIME_TEXT], hash[PIM_HASH_TEXT];
	json_t *reasons = json_array(), *rules = json_array(), *partners = json_array();

	for (size_t i = 0; i < report->reason_count; i++) {
		const struct pim_reason_line *line = &report->reasons[i];

		/* clang-format off */
		json_array_append_new(reasons, json_pack(
			"{s:s, s:s, s:I, s:I}", "reason", pim_outcome_reason(line->outcome),
			"verdict", pim_verdict_name(pim_outcome_verdict(line->outcome)),
			"packets", pim_json_number(line->count.packets),
			"bytes", pim_json_number(line->count.bytes)));
		/* clang-format on */
	}
	for (size_t i = 0; i < report->rule_count; i++) {
		const struct pim_rule_line *line = &report->rules[i];

		/* clang-format off */
		json_array_append_new(rules, json_pack(
			"{s:s, s:s, s:I, s:I}", "rule", line->rule, "leg", line->leg,
			"packets", pim_json_number(line->count.packets),
			"bytes", pim_json_number(line->count.bytes)));
		/* clang-format on */
	}
	for (size_t i = 0; i < report->partner_count; i++) {
		const struct pim_partner_line *line = &report->partners[i];

		/* clang-format off */
		json_array_append_new(partners, json_pack(
			"{s:s, s:I, s:I}", "partner", line->partner,
			"packets", pim_json_number(line->count.packets),
			"bytes", pim_json_number(line->count.bytes)));
		/* clang-format on */
	}
	/* clang-format off */
	pim_json_print(stream, json_pack(
		"{s:o, s:s, s:s, s:s, s:I, s:s, s:o, s:o, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I}}",
		"interface", pim_json_text(interface),
		"mode", pim_option_text(&stamp->options, offsetof(struct pim_options, mode)),
		"since", pim_time_format(stamp->attached_ns, false, since),
		"loaded", pim_time_format(stamp->loaded_ns, false, loaded),
		"generation", pim_json_number(stamp->generation),
		"policy_hash", pim_hash_format(stamp->policy_hash, hash),
		"reasons", reasons, "rules", rules, "partners", partners, "flows",
		"held", pim_json_number(report->flow_table.held), "slots", pim_json_number(report->flow_table.slots),
		"inserts", pim_json_number(report->flow_table.inserts),
		"evictions", pim_json_number(report->flow_table.evictions),
		"evicted_packets", pim_json_number(report->flow_table.evicted.packets),
		"evicted_bytes", pim_json_number(report->flow_table.evicted.bytes)), pretty);
	/* clang-format on */
}
