/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "cli/input.h"
#include "cli/say.h"
#include "control/observe.h"
#include "output/status.h"

/* One deadline for all interfaces, or each would wait for a loader anew. The reports point
 * to what was seen. */
static enum pim_exit show(const struct pim_arguments *arguments, char *const *interfaces,
			  size_t count)
{
	struct pim_observation *seen = calloc(count + 1, sizeof(*seen));
	struct pim_status_report *reports = calloc(count + 1, sizeof(*reports));
	struct pim_error *errors = calloc(count + 1, sizeof(*errors)), short_of_memory = {};
	enum pim_exit status = PIM_EXIT_DONE;
	uint64_t deadline_ns = pim_reading_deadline();
	size_t found = 0;

	if (!seen || !reports || !errors) {
		pim_out_of_memory(&short_of_memory);
		status = pim_give_up(&short_of_memory);
		free(seen);
		free(reports);
		free(errors);
		return status;
	}
	for (size_t i = 0; i < count; i++) {
		if (pim_observe_until(deadline_ns, interfaces[i], 0, &seen[found], &errors[i]))
			continue;
		pim_status_report(&seen[found].place, &reports[found]);
		pim_observation_release(&seen[found]);
		/* An interface that is named and has no filter is a failure. */
		if (arguments->operand && !reports[found].attached)
			status = PIM_EXIT_FAILED;
		found++;
	}
	for (size_t i = 0; i < count; i++)
		if (*errors[i].text)
			status = pim_give_up(&errors[i]);
	if (arguments->json)
		pim_output_status_json(stdout, arguments->pretty, reports, found);
	else if (!count)
		printf("no filter is attached\n");
	for (size_t i = 0; !arguments->json && i < found; i++) {
		if (i)
			putchar('\n');
		pim_output_status_text(stdout, &reports[i]);
	}
	free(errors);
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
