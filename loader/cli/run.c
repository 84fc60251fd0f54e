/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run: the agent. */
#include "cli/command.h"

enum pim_exit pim_cmd_run(const struct pim_arguments *arguments)
{
	const struct pim_agent_options options = {
		.pairs = arguments->pairs,
		.pair_count = arguments->pair_count,
		.mode = arguments->mode,
		.group = arguments->group,
		.metrics = arguments->serve,
		.log_format = arguments->log_format,
		.detach_on_exit = arguments->detach_on_exit,
	};

	return pim_agent_run(&options);
}
