/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a filter has counted, and the filter itself, for people. */
#include <arpa/inet.h>
#include <string.h>

#include "output/output.h"
#include "output/table.h"

static void count_cells(struct pim_table *table, const struct pim_count *count,
			const struct pim_count *whole)
{
	pim_table_number(table, count->packets);
	pim_table_number(table, count->bytes);
	if (!whole)
		return;
	if (whole->packets)
		pim_table_cell(table, "%.1f %%", 100.0 * count->packets / whole->packets);
	else
		pim_table_cell(table, "-");
}

/* ---- stats ---- */

static void sum_line(FILE *stream, const char *name, const struct pim_count *count)
{
	char packets[PIM_GROUPED], bytes[PIM_GROUPED];

	fprintf(stream, "  %-8s %20s packets %24s bytes\n", name,
		pim_grouped(count->packets, packets), pim_grouped(count->bytes, bytes));
}

static void reasons_table(FILE *stream, const struct pim_reason_line *lines, size_t count,
			  const struct pim_count *seen)
{
	static const struct pim_column columns[] = {
		{ "reason", PIM_LEFT }, { "verdict", PIM_LEFT }, { "packets", PIM_RIGHT },
		{ "bytes", PIM_RIGHT }, { "share", PIM_RIGHT },	 { "meaning", PIM_LEFT }, {},
	};
	struct pim_table *table;

	if (!seen->packets) {
		fprintf(stream, "  no packets\n");
		return;
	}
	table = pim_table_new(columns);
	for (size_t i = 0; i < count; i++) {
		enum pim_outcome outcome = lines[i].outcome;

		if (!lines[i].count.packets)
			continue;
		pim_table_cell(table, "%s", pim_outcome_reason(outcome));
		pim_table_cell(table, "%s", pim_verdict_name(pim_outcome_verdict(outcome)));
		count_cells(table, &lines[i].count, seen);
		pim_table_cell(table, "%s", pim_outcome_meaning(outcome));
	}
	pim_table_print(table, stream, 2);
}

static void rules_table(FILE *stream, const struct pim_rule_line *lines, size_t count)
{
	static const struct pim_column columns[] = {
		{ "rule", PIM_LEFT },	  { "leg", PIM_LEFT },
		{ "packets", PIM_RIGHT }, { "bytes", PIM_RIGHT }, {},
	};
	struct pim_table *table = pim_table_new(columns);

	for (size_t i = 0; i < count; i++) {
		pim_table_cell(table, "%s", lines[i].rule);
		pim_table_cell(table, "%s", lines[i].leg);
		count_cells(table, &lines[i].count, NULL);
	}
	pim_table_print(table, stream, 2);
}

static void flow_table_line(FILE *stream, const struct pim_flow_table_line *line)
{
	char held[PIM_GROUPED], slots[PIM_GROUPED], inserts[PIM_GROUPED], evicted[PIM_GROUPED];
	char packets[PIM_GROUPED], bytes[PIM_GROUPED];

	fprintf(stream, "  flow table: %s of %s slots held, %s inserts, %s evictions that took %s packets, %s bytes along\n",
		pim_grouped(line->held, held), pim_grouped(line->slots, slots),
		pim_grouped(line->inserts, inserts), pim_grouped(line->evictions, evicted),
		pim_grouped(line->evicted.packets, packets), pim_grouped(line->evicted.bytes, bytes));
}

void pim_output_stats_text(FILE *stream, const char *interface, const struct pim_info *info,
			   const struct pim_stats_report *report)
{
	static const struct pim_column columns[] = {
		{ "partner", PIM_LEFT }, { "packets", PIM_RIGHT }, { "bytes", PIM_RIGHT }, {},
	};
	struct pim_table *table;
	char since[PIM_TIME_TEXT];

	pim_heading(stream, "%s  since %s%s", interface,
		    pim_time_format(info->attached_ns, false, since),
		    info->options.mode == PIM_MODE_OBSERVE ?
			    "  observing: drops are counted, everything passes" : "");
	sum_line(stream, "seen", &report->seen);
	sum_line(stream, "passed", &report->passed);
	sum_line(stream, "dropped", &report->dropped);
	fputc('\n', stream);
	reasons_table(stream, report->reasons, report->reason_count, &report->seen);
	fputc('\n', stream);
	rules_table(stream, report->rules, report->rule_count);
	fputc('\n', stream);
	flow_table_line(stream, &report->flow_table);
	if (!report->partner_count)
		return;
	fputc('\n', stream);
	table = pim_table_new(columns);
	for (size_t i = 0; i < report->partner_count; i++) {
		pim_table_cell(table, "%s", report->partners[i].partner);
		count_cells(table, &report->partners[i].count, NULL);
	}
	pim_table_print(table, stream, 2);
}

/* ---- flows ---- */

static void endpoint_cell(struct pim_table *table, const char *address, uint16_t port)
{
	pim_table_cell(table, strchr(address, ':') ? "[%s]:%u" : "%s:%u", address, port);
}

void pim_output_flows_text(FILE *stream, const char *interface,
			   const struct pim_flows_report *report, size_t count)
{
	static const struct pim_column columns[] = {
		{ "proto", PIM_LEFT },	  { "source", PIM_LEFT },  { "destination", PIM_LEFT },
		{ "rule", PIM_LEFT },	  { "leg", PIM_LEFT },	   { "partner", PIM_LEFT },
		{ "packets", PIM_RIGHT }, { "bytes", PIM_RIGHT },  { "first", PIM_LEFT },
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
		count_cells(table, &flow->count, NULL);
		pim_table_cell(table, "%s", pim_time_format(flow->first_ns, false, first));
		pim_table_cell(table, "%s", pim_time_format(flow->last_ns, false, last));
		pim_table_cell(table, "%s", *flow->tcp_flags ? flow->tcp_flags : "-");
	}
	pim_table_print(table, stream, 2);
}

/* ---- status ---- */

void pim_output_status_text(FILE *stream, const struct pim_place *place)
{
	struct pim_error why = {};
	char time[PIM_TIME_TEXT], hash[PIM_HASH_TEXT];

	if (place->state != PIM_PLACE_ATTACHED) {
		pim_place_refuse(place, &why);
		fprintf(stream, "%s\n", why.text);
		return;
	}
	pim_heading(stream, "%s  attached, %s mode", place->interface,
		    pim_attach_mode_name(place->mode));
	fprintf(stream, "  policy    %s%s\n",
		pim_option_text(&place->info.options, offsetof(struct pim_options, mode)),
		place->info.options.mode == PIM_MODE_OBSERVE ? ": everything passes" : "");
	fprintf(stream, "  replies:  stateless\n");
	fprintf(stream, "  config    %s\n", *place->info.config ? place->info.config : "-");
	fprintf(stream, "  attached  %s\n", pim_time_format(place->info.attached_ns, false, time));
	fprintf(stream, "  loaded    %s, generation %llu, hash %s\n",
		pim_time_format(place->info.loaded_ns, false, time),
		(unsigned long long)place->info.generation,
		pim_hash_format(place->info.policy_hash, hash));
	fprintf(stream, "  program   id %u, ", place->program_id);
	if (place->link >= 0) /* not for every reader */
		fprintf(stream, "link id %u, ", place->link_id);
	fprintf(stream, "pimxdp %s, schema %u\n", place->info.version, place->info.schema);
	if (place->group != PIM_NO_GROUP)
		fprintf(stream, "  readers   group %u\n", (unsigned int)place->group);
	fprintf(stream, "  pins      %s\n", place->directory);
}

/* ---- replay ---- */

#define TOP_SOURCES 10

static void sources_table(FILE *stream, const struct pim_replay_report *report)
{
	static const struct pim_column columns[] = {
		{ "dropped source", PIM_LEFT }, { "reason", PIM_LEFT },
		{ "packets", PIM_RIGHT },	{ "bytes", PIM_RIGHT }, {},
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
		count_cells(table, &source->count, NULL);
	}
	pim_table_print(table, stream, 2);
	if (report->source_count > shown)
		fprintf(stream, "  and %s more\n",
			pim_grouped(report->source_count - shown, more));
}

void pim_output_replay_text(FILE *stream, const struct pim_replay_report *report)
{
	sum_line(stream, "seen", &report->seen);
	sum_line(stream, "passed", &report->passed);
	sum_line(stream, "dropped", &report->dropped);
	fputc('\n', stream);
	reasons_table(stream, report->reasons, PIM_OUTCOMES, &report->seen);
	fputc('\n', stream);
	rules_table(stream, report->rules, report->rule_count);
	if (report->source_count) {
		fputc('\n', stream);
		sources_table(stream, report);
	}
}
