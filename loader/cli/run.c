/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/copier.h"
#include "cli/say.h"
#include "cli/verb.h"

static enum pim_exit run(const struct pim_arguments *arguments)
{
	const unsigned long copy_seconds =
		arguments->copy_flows.given ? arguments->copy_flows.value : PIM_COPY_FLOWS_SECONDS;
	const struct pim_agent_options options = {
		.pairs = arguments->pairs,
		.pair_count = arguments->pair_count,
		.mode = arguments->mode,
		.observe = arguments->observe,
		.group = arguments->group,
		.metrics = arguments->metrics,
		.log_format = arguments->log_format,
		.detach_on_exit = arguments->detach_on_exit,
		.copy_flows_seconds = copy_seconds,
	};
	struct pim_error error = {};

	if (copy_seconds > PIM_COPY_FLOWS_SECONDS_MAX) {
		pim_refuse(&error, "expected 0 to %u seconds after --copy-flows, found %lu",
			   PIM_COPY_FLOWS_SECONDS_MAX, copy_seconds);
		return pim_give_up(&error);
	}
	return pim_agent_run(&options);
}

const struct pim_verb pim_verb_run = {
	.name = "run",
	.operand = "INTERFACE",
	.operands = PIM_MANY_WITH_CONFIG,
	.takes = PIM_TAKES(CONFIG) | PIM_TAKES(OBSERVE) | PIM_TAKES(MODE) | PIM_TAKES(GROUP) |
		 PIM_TAKES(METRICS) | PIM_TAKES(LOG_FORMAT) | PIM_TAKES(COPY_FLOWS) |
		 PIM_TAKES(DETACH_ON_EXIT),
	.needs = PIM_TAKES(CONFIG),
	.summary = "attach, stay, follow the files and the interface, serve metrics",
	.description =
		"Attaches the filter, or adopts what is attached, and stays in the foreground. Reloads\n"
		"on SIGHUP and when the configuration or a prefix file changes; one that is bad changes\n"
		"nothing. Attaches again when the interface comes back. SIGTERM ends it and leaves the\n"
		"filter in place.\n",
	.run = run,
};
