/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/status.h"

#include "base/clock.h"
#include "base/text.h"
#include "output/json.h"
#include "output/line.h"
#include "output/table.h"

void pim_output_status_text(FILE *stream, const struct pim_status_report *report)
{
	const struct pim_place *place = report->place;
	const struct pim_stamp *stamp = &place->stamp;
	char time[PIM_TIME_TEXT], hash[PIM_HASH_TEXT];

	if (!report->attached) {
		pim_line(stream, "%s", report->refusal.text);
		return;
	}
	pim_heading(stream, "%s  attached, %s mode", place->interface,
		    pim_attach_mode_name(place->mode));
	fprintf(stream, "  policy    %s%s\n", report->mode,
		report->observes ? ": everything passes" : "");
	fprintf(stream, "  replies:  %s\n", report->replies);
	pim_line(stream, "  config    %s", *stamp->config ? stamp->config : "-");
	fprintf(stream, "  attached  %s\n", pim_time_format(stamp->attached_ns, false, time));
	fprintf(stream, "  loaded    %s, generation %llu, hash %s\n",
		pim_time_format(stamp->loaded_ns, false, time),
		(unsigned long long)stamp->generation, pim_hash_format(stamp->policy_hash, hash));
	fprintf(stream, "  program   id %u, ", place->program_id);
	if (place->link_id) /* not every reader may open the link */
		fprintf(stream, "link id %u, ", place->link_id);
	pim_line(stream, "pimxdp %s, schema %u", stamp->version, stamp->schema);
	if (place->group != PIM_NO_GROUP)
		fprintf(stream, "  readers   group %u\n", (unsigned int)place->group);
	pim_line(stream, "  pins      %s", place->directory);
}

/* For a place with counters: everything but its name, state and pins. */
static json_t *filter_json(const struct pim_status_report *report)
{
	const struct pim_place *place = report->place;
	const struct pim_stamp *stamp = &place->stamp;
	char attached[PIM_TIME_TEXT], loaded[PIM_TIME_TEXT], hash[PIM_HASH_TEXT];

	/* clang-format off */
	return json_pack(
		"{s:s, s:s, s:s, s:I, s:o, s:I, s:o, s:s, s:I, s:s, s:s, s:s}",
		"attach_mode", pim_attach_mode_name(place->mode), "mode", report->mode,
		"replies", report->replies, "program_id", (json_int_t)place->program_id,
		"link_id", place->link_id ? json_integer(place->link_id) : json_null(),
		"generation", pim_json_number(stamp->generation), "config", pim_json_text(stamp->config),
		"policy_hash", pim_hash_format(stamp->policy_hash, hash),
		"schema", (json_int_t)stamp->schema, "version", stamp->version,
		"attached", pim_time_format(stamp->attached_ns, false, attached),
		"loaded", pim_time_format(stamp->loaded_ns, false, loaded));
	/* clang-format on */
}

void pim_output_status_json(FILE *stream, bool pretty, const struct pim_status_report *reports,
			    size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct pim_status_report *report = &reports[i];
		/* clang-format off */
		json_t *one = json_pack("{s:o, s:s, s:o}",
					"interface", pim_json_text(report->place->interface),
					"state", report->state,
					"pins", pim_json_text(report->place->directory));
		/* clang-format on */

		if (report->counts)
			json_object_update_new(one, filter_json(report));
		json_array_append_new(list, one);
	}
	pim_json_print(stream, list, pretty);
}
