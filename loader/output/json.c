/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "output/json.h"

void pim_json_print(FILE *stream, json_t *value, bool pretty)
{
	if (!value)
		abort();
	json_dumpf(value, stream, pretty ? JSON_INDENT(2) : JSON_COMPACT);
	fputc('\n', stream);
	json_decref(value);
}

static json_t *text_or_null(const char *bytes)
{
	return bytes ? pim_json_text(bytes) : json_null();
}

static json_int_t number(uint64_t value)
{
	return value;
}

void pim_output_stats_json(FILE *stream, bool pretty, const char *interface,
			   const struct pim_stats_report *report)
{
	json_t *reasons = json_array(), *rules = json_array(), *partners = json_array();

	for (size_t i = 0; i < report->reason_count; i++) {
		const struct pim_reason_line *line = &report->reasons[i];

		json_array_append_new(reasons, json_pack(
			"{s:s, s:s, s:I, s:I}", "reason", pim_outcome_reason(line->outcome),
			"verdict", pim_verdict_name(pim_outcome_verdict(line->outcome)),
			"packets", number(line->count.packets),
			"bytes", number(line->count.bytes)));
	}
	for (size_t i = 0; i < report->rule_count; i++) {
		const struct pim_rule_line *line = &report->rules[i];

		json_array_append_new(rules, json_pack(
			"{s:s, s:s, s:I, s:I}", "rule", line->rule, "leg", line->leg,
			"packets", number(line->count.packets),
			"bytes", number(line->count.bytes)));
	}
	for (size_t i = 0; i < report->partner_count; i++) {
		const struct pim_partner_line *line = &report->partners[i];

		json_array_append_new(partners, json_pack(
			"{s:s, s:I, s:I}", "partner", line->partner,
			"packets", number(line->count.packets),
			"bytes", number(line->count.bytes)));
	}
	pim_json_print(stream, json_pack(
		"{s:o, s:o, s:o, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I}}", "interface", pim_json_text(interface),
		"reasons", reasons, "rules", rules, "partners", partners, "flows",
		"held", number(report->flow_table.held), "slots", number(report->flow_table.slots),
		"inserts", number(report->flow_table.inserts),
		"evictions", number(report->flow_table.evictions),
		"evicted_packets", number(report->flow_table.evicted.packets),
		"evicted_bytes", number(report->flow_table.evicted.bytes)), pretty);
}

void pim_output_flows_json(FILE *stream, bool pretty, const struct pim_flows_report *report,
			   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct pim_flow_line *flow = &report->flows[i];
		char first[PIM_TIME_TEXT], last[PIM_TIME_TEXT];

		pim_json_print(stream, json_pack(
			"{s:s, s:s, s:i, s:s, s:i, s:s, s:s, s:o, s:I, s:I, s:s, s:s, s:s}",
			"protocol", flow->protocol,
			"source", flow->source, "source_port", flow->source_port,
			"destination", flow->destination,
			"destination_port", flow->destination_port,
			"rule", flow->rule, "leg", flow->leg,
			"partner", text_or_null(flow->partner),
			"packets", number(flow->count.packets),
			"bytes", number(flow->count.bytes),
			"first", pim_time_format(flow->first_ns, true, first),
			"last", pim_time_format(flow->last_ns, true, last),
			"tcp_flags", flow->tcp_flags), pretty);
	}
}

void pim_output_status_json(FILE *stream, bool pretty, const struct pim_place *places,
			    size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct pim_place *place = &places[i];
		json_t *one = json_pack("{s:o, s:s, s:o}", "interface", pim_json_text(place->interface),
					"state", pim_place_state_name(place->state),
					"pins", pim_json_text(place->directory));

		if (pim_place_counts(place)) {
			char attached[PIM_TIME_TEXT], loaded[PIM_TIME_TEXT];
			char hash[PIM_HASH_TEXT];

			json_object_update_new(one, json_pack(
				"{s:s, s:s, s:s, s:I, s:o, s:I, s:o, s:s, s:I, s:s, s:s, s:s}",
				"attach_mode", pim_attach_mode_name(place->mode),
				"mode", pim_option_text(&place->info.options,
							offsetof(struct pim_options, mode)),
				"replies", "stateless",
				"program_id", (json_int_t)place->program_id,
				"link_id", place->link >= 0 ? json_integer(place->link_id) : json_null(),
				"generation", number(place->info.generation),
				"config", pim_json_text(place->info.config),
				"policy_hash", pim_hash_format(place->info.policy_hash, hash),
				"schema", (json_int_t)place->info.schema,
				"version", place->info.version,
				"attached", pim_time_format(place->info.attached_ns, false, attached),
				"loaded", pim_time_format(place->info.loaded_ns, false, loaded)));
		}
		json_array_append_new(list, one);
	}
	pim_json_print(stream, list, pretty);
}

void pim_output_policy_json(FILE *stream, bool pretty, const struct pim_policy *policy)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < policy->row_count; i++) {
		const struct pim_row *row = &policy->rows[i];
		json_t *ports = json_array();

		for (size_t range = 0; range < row->range_count; range++)
			json_array_append_new(ports, json_pack("[i,i]", row->ranges[range].low,
							       row->ranges[range].high));
		json_array_append_new(rows, json_pack(
			"{s:I, s:s, s:s, s:s, s:o, s:s, s:s, s:s}", "row", (json_int_t)i + 1,
			"rule", row->name, "service", row->service,
			"transport", pim_transport_name(row->transport), "ports", ports,
			"direction", pim_direction_name(row->direction),
			"edge", pim_role_name(row->edge_role),
			"peer", pim_role_name(row->peer_role)));
	}
	pim_json_print(stream, rows, pretty);
}

void pim_output_packet_json(FILE *stream, bool pretty, const struct pim_replayed *packet)
{
	enum pim_outcome outcome = packet->decision.outcome;

	pim_json_print(stream, json_pack("{s:I, s:s, s:s, s:o, s:o, s:I}", "packet", number(packet->number),
				"verdict", pim_verdict_name(pim_outcome_verdict(outcome)),
				"reason", pim_outcome_reason(outcome),
				"rule", text_or_null(packet->rule),
				"leg", text_or_null(packet->leg),
				"length", (json_int_t)packet->decision.length_bytes), pretty);
}

void pim_output_families_json(FILE *stream, bool pretty)
{
	json_t *families = json_array();

	for (enum pim_metric metric = 0; metric < PIM_METRICS; metric++) {
		const struct pim_metric_family *family = &pim_metric_families[metric];
		json_t *labels = json_array();

		for (size_t i = 0; i < PIM_METRIC_LABELS && family->labels[i]; i++)
			json_array_append_new(labels, json_string(family->labels[i]));
		json_array_append_new(families, json_pack(
			"{s:s, s:s, s:s, s:o, s:s, s:s}", "metric", family->name,
			"type", pim_metric_type_name(family->type), "unit", family->unit,
			"labels", labels, "of", pim_metric_of_name(family->of),
			"meaning", family->help));
	}
	pim_json_print(stream, families, pretty);
}
