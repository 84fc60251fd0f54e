/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prints metrics in Prometheus' text format 0.0.4 or in OpenMetrics 1.0. */
#include "output/metrics.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "output/json.h"
#include "output/table.h"

enum { NS_PER_SECOND = 1000000000 };

const char *pim_metrics_content_type(enum pim_metrics_format format)
{
	static const char *const types[] = {
		[PIM_METRICS_PROMETHEUS] = "text/plain; version=0.0.4; charset=utf-8",
		[PIM_METRICS_OPENMETRICS] =
			"application/openmetrics-text; version=1.0.0; charset=utf-8",
	};

	return types[format];
}

/* In OpenMetrics the name of a family is that of its samples without the suffix. */
static int family_name_length(enum pim_metrics_format format,
			      const struct pim_metric_family *family)
{
	size_t length = strlen(family->name);

	return format == PIM_METRICS_OPENMETRICS ?
		       length - strlen(pim_metric_suffix(family->type)) :
		       length;
}

static void print_head(FILE *stream, enum pim_metrics_format format,
		       const struct pim_metric_family *family)
{
	/* The Prometheus format has no info type. */
	enum pim_metric_type type =
		format == PIM_METRICS_PROMETHEUS && family->type == PIM_METRIC_INFO ?
			PIM_METRIC_GAUGE :
			family->type;
	int length = family_name_length(format, family);

	fprintf(stream, "# HELP %.*s %s\n", length, family->name, family->help);
	fprintf(stream, "# TYPE %.*s %s\n", length, family->name, pim_metric_type_name(type));
	if (format == PIM_METRICS_OPENMETRICS && *family->unit)
		fprintf(stream, "# UNIT %.*s %s\n", length, family->name, family->unit);
}

static bool is_utf8(const char *bytes)
{
	json_t *value = json_string(bytes);

	json_decref(value);
	return value;
}

/* Label values must be UTF-8, but names of interfaces are arbitrary bytes. If a name is not
 * UTF-8, its bytes above 127 are printed as C escapes, and control bytes always are: the format
 * would allow them, and a terminal obey. */
static void print_value(FILE *stream, const char *value)
{
	bool raw = !is_utf8(value);

	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", stream);
		else if (*value == '"' || *value == '\\')
			fprintf(stream, "\\%c", *value);
		else if (*value & 0x80 ? raw : *value < ' ' || *value == 0x7f)
			fprintf(stream, "\\\\x%02x", (unsigned char)*value);
		else
			fputc(*value, stream);
	}
}

static void print_sample(FILE *stream, const struct pim_metric_family *family,
			 const struct pim_sample *sample)
{
	fputs(family->name, stream);
	for (size_t i = 0; i < PIM_METRIC_LABELS && family->labels[i]; i++) {
		fprintf(stream, "%c%s=\"", i ? ',' : '{', family->labels[i]);
		print_value(stream, sample->labels[i]);
		fputc('"', stream);
	}
	fprintf(stream, "%s ", family->labels[0] ? "}" : "");
	if (strcmp(family->unit, "seconds"))
		fprintf(stream, "%llu\n", (unsigned long long)sample->value);
	else
		fprintf(stream, "%llu.%09llu\n",
			(unsigned long long)(sample->value / NS_PER_SECOND),
			(unsigned long long)(sample->value % NS_PER_SECOND));
}

void pim_output_metrics(FILE *stream, enum pim_metrics_format format,
			const struct pim_metrics *metrics)
{
	for (enum pim_metric metric = 0; metric < PIM_METRICS; metric++) {
		if (!metrics->families[metric].count)
			continue;
		print_head(stream, format, &pim_metric_families[metric]);
		for (size_t i = 0; i < metrics->families[metric].count; i++)
			print_sample(stream, &pim_metric_families[metric],
				     &metrics->families[metric].samples[i]);
	}
	if (format == PIM_METRICS_OPENMETRICS)
		fputs("# EOF\n", stream);
}

/* ---- the list of families ---- */

void pim_output_families_text(FILE *stream)
{
	static const struct pim_column columns[] = {
		{ "metric", PIM_LEFT }, { "type", PIM_LEFT },	 { "labels", PIM_LEFT },
		{ "of", PIM_LEFT },	{ "meaning", PIM_LEFT }, {},
	};
	struct pim_table *table = pim_table_new(columns);

	for (enum pim_metric metric = 0; metric < PIM_METRICS; metric++) {
		const struct pim_metric_family *family = &pim_metric_families[metric];
		char labels[80] = "";

		for (size_t i = 0; i < PIM_METRIC_LABELS && family->labels[i]; i++)
			snprintf(labels + strlen(labels), sizeof(labels) - strlen(labels), "%s%s",
				 i ? ", " : "", family->labels[i]);
		pim_table_cell(table, "%s", family->name);
		pim_table_cell(table, "%s", pim_metric_type_name(family->type));
		pim_table_cell(table, "%s", *labels ? labels : "-");
		pim_table_cell(table, "%s", pim_metric_of_name(family->of));
		pim_table_cell(table, "%s", family->help);
	}
	pim_table_print(table, stream, 0);
}

void pim_output_families_json(FILE *stream, bool pretty)
{
	json_t *families = json_array();

	for (enum pim_metric metric = 0; metric < PIM_METRICS; metric++) {
		const struct pim_metric_family *family = &pim_metric_families[metric];
		json_t *labels = json_array();

		for (size_t i = 0; i < PIM_METRIC_LABELS && family->labels[i]; i++)
			json_array_append_new(labels, json_string(family->labels[i]));
		/* clang-format off */
		json_array_append_new(families, json_pack(
			"{s:s, s:s, s:s, s:o, s:s, s:s}", "metric", family->name,
			"type", pim_metric_type_name(family->type), "unit", family->unit,
			"labels", labels, "of", pim_metric_of_name(family->of),
			"meaning", family->help));
		/* clang-format on */
	}
	pim_json_print(stream, families, pretty);
}
