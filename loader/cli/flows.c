/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/input.h"
#include "cli/say.h"
#include "control/copy.h"
#include "output/flows.h"

enum { DEFAULT_TOP = 20 };

static int check_rule(const struct pim_raw *raw, const char *rule, struct pim_error *error)
{
	for (size_t i = 0; i < raw->rule_count; i++)
		if (!strcmp(raw->rules[i].rule, rule))
			return 0;
	return pim_refuse(error,
			  "expected a rule of this filter (pimxdp stats shows them), found '%s'",
			  rule);
}

static size_t count_shown(const struct pim_arguments *arguments, size_t count)
{
	size_t top = arguments->top.given ? arguments->top.value :
		     arguments->json	  ? 0 :
					    DEFAULT_TOP;

	return top && top < count ? top : count;
}

static enum pim_exit flows(const struct pim_arguments *arguments)
{
	struct pim_flows_report report = {};
	struct pim_observation seen;
	struct pim_error error = {};
	char *interface;
	int result = pim_the_interface(arguments, &interface, &error);

	if (!result)
		result = pim_observe_filter(interface, PIM_PART_FLOWS, &seen, &error);
	free(interface);
	if (result)
		return pim_give_up(&error);
	result = pim_flows_report(&seen.raw, pim_realtime_offset_ns(), &report);
	if (result)
		pim_out_of_memory(&error);
	else
		pim_copy_flows(&seen, &report,
			       NULL);	/* those who may not, and a loader, go without */
	pim_observation_release(&seen); /* slow output keeps no maps of another policy alive */
	if (!result && arguments->rule) {
		result = check_rule(&seen.raw, arguments->rule, &error);
		if (!result)
			pim_flows_of_rule(&report, arguments->rule);
	}
	if (!result && arguments->json)
		pim_output_flows_json(stdout, arguments->pretty, &report,
				      count_shown(arguments, report.flow_count));
	else if (!result)
		pim_output_flows_text(stdout, seen.place.interface, &report,
				      count_shown(arguments, report.flow_count));
	pim_flows_report_free(&report);
	pim_observation_free(&seen);
	return result ? pim_give_up(&error) : PIM_EXIT_DONE;
}

const struct pim_verb pim_verb_flows = {
	.name = "flows",
	.operand = "INTERFACE",
	.operands = PIM_AT_MOST_ONE,
	.takes = PIM_TAKES(JSON) | PIM_TAKES(PRETTY) | PIM_TAKES(TOP) | PIM_TAKES(RULE),
	.summary = "admitted flows, largest first",
	.description =
		"With --json a line a flow, as they stand; else the 20 largest. INTERFACE may be left\n"
		"out if only one has a filter.\n",
	.run = flows,
};
