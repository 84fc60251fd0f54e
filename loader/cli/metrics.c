/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* metrics, and stats --prometheus. */
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/collect.h"
#include "output/output.h"
#include "base/replace_file.h"

enum pim_exit pim_cmd_metrics(const struct pim_arguments *arguments)
{
	if (arguments->json)
		pim_output_families_json(stdout, arguments->pretty);
	else
		pim_output_families_text(stdout);
	return PIM_EXIT_DONE;
}

/* The whole text first: a file is written in one go, or not at all. */
static int write_metrics(const struct pim_arguments *arguments, const struct pim_metrics *metrics,
			 struct pim_error *error)
{
	enum pim_metrics_format format = arguments->openmetrics ? PIM_METRICS_OPENMETRICS :
								  PIM_METRICS_PROMETHEUS;
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
			 pim_fail(error, ENOMEM, "out of memory") :
			 pim_replace_file(arguments->output, text, length, error);
	free(text);
	return result;
}

/* An interface that cannot be read is said on stderr and in the metrics; the
 * others' are still written. */
static enum pim_exit collect_and_write(const struct pim_arguments *arguments,
				       struct pim_collect *interfaces, size_t count)
{
	struct pim_error error = {};
	struct pim_metrics metrics;
	enum pim_exit status = PIM_EXIT_DONE;

	if (pim_collect_metrics(interfaces, count, NULL, &metrics))
		pim_fail(&error, ENOMEM, "out of memory");
	else if (arguments->operand && interfaces[0].error.kind == PIM_EXIT_USAGE)
		error = interfaces[0].error; /* no interface has such a name */
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
		pim_fail(&error, ENOMEM, "out of memory");
		return pim_give_up(&error);
	}
	for (size_t i = 0; i < count; i++)
		interfaces[i].interface = names[i];
	status = collect_and_write(arguments, interfaces, count);
	free(interfaces);
	return status;
}

enum pim_exit pim_stats_metrics(const struct pim_arguments *arguments)
{
	return pim_for_interfaces(arguments, collect_named);
}
