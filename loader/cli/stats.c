/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/replace_file.h"
#include "cli/input.h"
#include "cli/say.h"
#include "control/collect.h"
#include "control/observe.h"
#include "output/metrics.h"
#include "output/stats.h"

static enum pim_exit show(const struct pim_arguments *arguments)
{
	struct pim_observation seen;
	struct pim_stats_report report;
	struct pim_error error = {};
	char *interface;
	int result = pim_the_interface(arguments, &interface, &error);

	if (!result)
		result = pim_observe_filter(interface, PIM_PART_COUNTERS, &seen, &error);
	free(interface);
	if (result)
		return pim_give_up(&error);
	pim_observation_release(&seen); /* slow output keeps no maps of another policy alive */
	result = pim_stats_report(&seen.raw, &seen.place.stamp.options, &report);
	if (result)
		pim_out_of_memory(&error);
	else if (arguments->json)
		pim_output_stats_json(stdout, arguments->pretty, seen.place.interface,
				      &seen.place.stamp, &report);
	else
		pim_output_stats_text(stdout, seen.place.interface, &seen.place.stamp, &report);
	if (!result)
		pim_stats_report_free(&report);
	pim_observation_free(&seen);
	return result ? pim_give_up(&error) : PIM_EXIT_DONE;
}

/* ---- metrics ---- */

/* The text is made in memory first: the file is replaced as a whole, or not at all. */
static int write_metrics(const struct pim_arguments *arguments, const struct pim_metrics *metrics,
			 struct pim_error *error)
{
	enum pim_metrics_format format =
		arguments->openmetrics ? PIM_METRICS_OPENMETRICS : PIM_METRICS_PROMETHEUS;
	char *text = NULL;
	size_t length = 0;
	FILE *stream;
	int result;

	if (!arguments->output) {
		pim_output_metrics(stdout, format, metrics);
		return 0;
	}
	stream = open_memstream(&text, &length);
	if (stream)
		pim_output_metrics(stream, format, metrics);
	result = !stream || fclose(stream) ?
			 pim_out_of_memory(error) :
			 pim_replace_file(arguments->output, text, length, 0644, error);
	free(text);
	return result;
}

/* An interface that cannot be read is reported on stderr and in the metrics; those of the
 * others are still written. */
static enum pim_exit collect_and_write(const struct pim_arguments *arguments,
				       struct pim_collect *interfaces, size_t count)
{
	struct pim_error error = {};
	struct pim_metrics metrics;
	enum pim_exit status = PIM_EXIT_DONE;

	if (pim_collect_metrics(interfaces, count, NULL, &metrics))
		pim_out_of_memory(&error);
	else if (arguments->operand && interfaces[0].error.kind == PIM_EXIT_USAGE)
		error = interfaces[0].error; /* no interface can have this name */
	else
		write_metrics(arguments, &metrics, &error);
	pim_metrics_free(&metrics);
	if (*error.text)
		return pim_give_up(&error);
	for (size_t i = 0; i < count; i++)
		if (*interfaces[i].error.text)
			status = pim_give_up(&interfaces[i].error);
	return status;
}

/* The names are owned by the caller. */
static enum pim_exit collect_named(const struct pim_arguments *arguments, char *const *names,
				   size_t count)
{
	struct pim_collect *interfaces = calloc(count + 1, sizeof(*interfaces));
	struct pim_error error = {};
	enum pim_exit status;

	if (!interfaces) {
		pim_out_of_memory(&error);
		return pim_give_up(&error);
	}
	for (size_t i = 0; i < count; i++)
		interfaces[i].interface = names[i];
	status = collect_and_write(arguments, interfaces, count);
	free(interfaces);
	return status;
}

/* ---- the verb ---- */

/* Only one format can be asked for at a time. */
static int check_formats(const struct pim_arguments *arguments, struct pim_error *error)
{
	bool metrics = arguments->prometheus || arguments->openmetrics;

	if (arguments->json + arguments->prometheus + arguments->openmetrics > 1)
		return pim_refuse(error,
				  "stats: expected one of --json, --prometheus and --openmetrics, "
				  "found %s",
				  arguments->json ? "--json and another" : "both of them");
	if (arguments->output && !metrics)
		return pim_refuse(error,
				  "stats: --output FILE is for metrics: expected --prometheus or "
				  "--openmetrics beside it");
	return 0;
}

static enum pim_exit stats(const struct pim_arguments *arguments)
{
	struct pim_error error = {};

	if (check_formats(arguments, &error))
		return pim_give_up(&error);
	return arguments->prometheus || arguments->openmetrics ?
		       pim_for_interfaces(arguments, collect_named) :
		       show(arguments);
}

const struct pim_verb pim_verb_stats = {
	.name = "stats",
	.operand = "INTERFACE",
	.operands = PIM_AT_MOST_ONE,
	.takes = PIM_TAKES(JSON) | PIM_TAKES(PRETTY) | PIM_TAKES(PROMETHEUS) |
		 PIM_TAKES(OPENMETRICS) | PIM_TAKES(OUTPUT),
	.summary = "packets and bytes by reason, rule, partner",
	.description =
		"With --prometheus or --openmetrics: all metrics, of the interface, attached or not;\n"
		"without one, of all that have pins. Else INTERFACE may be left out if only one has a\n"
		"filter. --output is for node_exporter's textfile collector.\n",
	.run = stats,
};
