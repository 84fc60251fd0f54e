/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>

#include "cli/verb.h"
#include "output/metrics.h"

static enum pim_exit metrics(const struct pim_arguments *arguments)
{
	if (arguments->json)
		pim_output_families_json(stdout, arguments->pretty);
	else
		pim_output_families_text(stdout);
	return PIM_EXIT_DONE;
}

const struct pim_verb pim_verb_metrics = {
	.name = "metrics",
	.takes = PIM_TAKES(JSON) | PIM_TAKES(PRETTY),
	.summary = "which metrics there are",
	.description =
		"Name, type, labels, whom it is of and meaning of each; the values are those of\n"
		"stats --prometheus.\n",
	.run = metrics,
};
