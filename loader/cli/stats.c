/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* status, stats, flows: what reads an attached filter. */
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "output/output.h"

enum { DEFAULT_TOP = 20 };

/* Opens what has counters, under a reader's lock: a reload that moves counters
 * into a larger map must not be seen half-way. The caller closes both. */
static int open_counted(const char *interface, struct pim_place *place, int *lock,
			struct pim_error *error)
{
	int result;

	pim_pins_share(lock);
	result = pim_place_open(interface, PIM_TO_READ, place, error);
	if (!result && !pim_place_counts(place)) {
		result = pim_place_refuse(place, error);
		pim_place_close(place);
	}
	if (result)
		pim_pins_unshare(*lock);
	return result;
}

static enum pim_exit status_of_all(const struct pim_arguments *arguments,
				   char *const *interfaces, size_t count)
{
	struct pim_place *places = calloc(count + 1, sizeof(*places));
	struct pim_error error = {};
	enum pim_exit status = places ? PIM_EXIT_DONE : PIM_EXIT_FAILED;
	size_t opened = 0;

	for (size_t i = 0; places && i < count; i++) {
		if (pim_place_open(interfaces[i], PIM_TO_READ, &places[opened], &error))
			status = pim_give_up(&error);
		else
			opened++;
	}
	if (places && arguments->json) {
		pim_output_status_json(stdout, arguments->pretty, places, opened);
	} else if (places) {
		for (size_t i = 0; i < opened; i++) {
			if (i)
				putchar('\n');
			pim_output_status_text(stdout, &places[i]);
		}
		if (!count)
			printf("no filter is attached\n");
	}
	for (size_t i = 0; i < opened; i++) {
		/* One that was asked for by name and is not there is a failure. */
		if (arguments->operand && places[i].state != PIM_PLACE_ATTACHED)
			status = PIM_EXIT_FAILED;
		pim_place_close(&places[i]);
	}
	free(places);
	return status;
}

enum pim_exit pim_cmd_status(const struct pim_arguments *arguments)
{
	return pim_for_interfaces(arguments, status_of_all);
}

static enum pim_exit show_stats(const struct pim_arguments *arguments)
{
	struct pim_stats_report report;
	struct pim_error error = {};
	struct pim_place place;
	struct pim_raw raw;
	int lock, result;

	if (open_counted(arguments->operand, &place, &lock, &error))
		return pim_give_up(&error);
	result = pim_place_read(&place, false, &raw, &error);
	if (!result && pim_stats_report(&raw, &place.info.options, &report))
		result = pim_fail(&error, ENOMEM, "out of memory");
	if (!result) {
		if (arguments->json)
			pim_output_stats_json(stdout, arguments->pretty, place.interface, &report);
		else
			pim_output_stats_text(stdout, place.interface, &place.info, &report);
		pim_stats_report_free(&report);
	}
	pim_raw_free(&raw);
	pim_place_close(&place);
	pim_pins_unshare(lock);
	return result ? pim_give_up(&error) : PIM_EXIT_DONE;
}

/* What was asked for must be one thing. */
static int check_formats(const struct pim_arguments *arguments, struct pim_error *error)
{
	bool metrics = arguments->prometheus || arguments->openmetrics;

	if (arguments->json + arguments->prometheus + arguments->openmetrics > 1)
		return pim_refuse(error, "stats: expected one of --json, --prometheus and --openmetrics, "
				  "found %s", arguments->json ? "--json and another" : "both of them");
	if (arguments->output && !metrics)
		return pim_refuse(error, "stats: --output FILE is for metrics: expected --prometheus or "
				  "--openmetrics beside it");
	if (!arguments->operand && !metrics)
		return pim_refuse(error, "stats: expected INTERFACE (only metrics are shown of all)");
	return 0;
}

enum pim_exit pim_cmd_stats(const struct pim_arguments *arguments)
{
	struct pim_error error = {};

	if (check_formats(arguments, &error))
		return pim_give_up(&error);
	return arguments->prometheus || arguments->openmetrics ? pim_stats_metrics(arguments) :
								 show_stats(arguments);
}

static int64_t realtime_offset_ns(void)
{
	struct timespec real, monotonic;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	return (real.tv_sec - monotonic.tv_sec) * 1000000000LL + real.tv_nsec - monotonic.tv_nsec;
}

/* The readable copies, for bpftool. They say how old they are: while another
 * command works on the pins they are left as they are. */
static void copy_flows(const struct pim_place *place, const struct pim_flows_report *report)
{
	size_t count = report->flow_count < PIM_FLOWS_COPIED ? report->flow_count :
							       PIM_FLOWS_COPIED;
	struct pim_flow_text_key *keys = calloc(count + 1, sizeof(*keys));
	struct pim_flow_text *flows = calloc(count + 1, sizeof(*flows));
	uint64_t now_ns = pim_realtime_ns();

	if (keys && flows) {
		pim_flows_text(report, count, now_ns, keys, flows);
		pim_place_copy_flows(place, keys, flows, count, now_ns, NULL);
	}
	free(keys);
	free(flows);
}

static int check_rule(const struct pim_raw *raw, const char *rule, struct pim_error *error)
{
	for (size_t i = 0; i < raw->rule_count; i++)
		if (!strcmp(raw->rules[i].rule, rule))
			return 0;
	return pim_refuse(error, "expected a rule of this filter (pimxdp stats shows them), found '%s'", rule);
}

enum pim_exit pim_cmd_flows(const struct pim_arguments *arguments)
{
	struct pim_flows_report report;
	struct pim_error error = {};
	struct pim_place place;
	struct pim_raw raw;
	int lock, result;

	if (open_counted(arguments->operand, &place, &lock, &error))
		return pim_give_up(&error);
	result = pim_place_read(&place, true, &raw, &error);
	if (!result && pim_flows_report(&raw, realtime_offset_ns(), &report))
		result = pim_fail(&error, ENOMEM, "out of memory");
	if (!result && pim_pins_own(lock))
		copy_flows(&place, &report);
	if (!result && arguments->rule) {
		result = check_rule(&raw, arguments->rule, &error);
		if (result)
			pim_flows_report_free(&report);
		else
			pim_flows_of_rule(&report, arguments->rule);
	}
	if (!result) {
		size_t count = report.flow_count;

		if (arguments->has_top ? arguments->top && arguments->top < count :
					 !arguments->json && count > DEFAULT_TOP)
			count = arguments->has_top ? arguments->top : DEFAULT_TOP;
		if (arguments->json)
			pim_output_flows_json(stdout, arguments->pretty, &report, count);
		else
			pim_output_flows_text(stdout, place.interface, &report, count);
		pim_flows_report_free(&report);
	}
	pim_raw_free(&raw);
	pim_place_close(&place);
	pim_pins_unshare(lock);
	return result ? pim_give_up(&error) : PIM_EXIT_DONE;
}
