/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "cli/input.h"
#include "cli/say.h"
#include "control/observe.h"
#include "output/status.h"

/* The reports point into the observations, so these are freed after they are printed. */
static enum pim_exit show(const struct pim_arguments *arguments, char *const *interfaces,
			  size_t count)
{
	struct pim_observation *seen = calloc(count + 1, sizeof(*seen));
	struct pim_status_report *reports = calloc(count + 1, sizeof(*reports));
	enum pim_exit status = PIM_EXIT_DONE;
	struct pim_error error = {};
	size_t found = 0;

	if (!seen || !reports) {
		pim_out_of_memory(&error);
		status = pim_give_up(&error);
		count = 0;
	}
	for (size_t i = 0; i < count; i++) {
		if (pim_observe(interfaces[i], 0, &seen[found], &error)) {
			status = pim_give_up(&error);
			continue;
		}
		pim_status_report(&seen[found].place, &reports[found]);
		pim_observation_release(&seen[found]);
		/* An interface that is named and has no filter is a failure. */
		if (arguments->operand && !reports[found].attached)
			status = PIM_EXIT_FAILED;
		found++;
	}
	if (seen && reports && arguments->json)
		pim_output_status_json(stdout, arguments->pretty, reports, found);
	else if (!arguments->operand && !count && status == PIM_EXIT_DONE)
		printf("no filter is attached\n");
	for (size_t i = 0; i < found; i++) {
		if (!arguments->json) {
			if (i)
				putchar('\n');
			pim_output_status_text(stdout, &reports[i]);
		}
		pim_observation_free(&seen[i]);
	}
	free(reports);
	free(seen);
	return status;
}

static enum pim_exit status(const struct pim_arguments *arguments)
{
	return pim_for_interfaces(arguments, show);
}

const struct pim_verb pim_verb_status = {
	.name = "status",
	.operand = "INTERFACE",
	.operands = PIM_AT_MOST_ONE,
	.takes = PIM_TAKES(JSON) | PIM_TAKES(PRETTY),
	.summary = "what is attached, where, since when",
	.description = "Without an interface: all that have pins.\n",
	.run = status,
};
