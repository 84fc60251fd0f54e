/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "cli/input.h"
#include "cli/say.h"
#include "config/config.h"
#include "output/policy.h"

static enum pim_exit check(const struct pim_arguments *arguments)
{
	struct pim_error error = {};
	struct pim_policy policy;
	struct pim_image image;
	enum pim_exit status;

	if (pim_load_image(arguments->config, &policy, &image, &status))
		return status;
	if (arguments->print) {
		char *text = pim_config_print(&policy);

		if (text)
			fputs(text, stdout);
		else
			pim_out_of_memory(&error);
		free(text);
	} else {
		pim_output_check_text(stdout, arguments->config, &policy);
	}
	pim_image_free(&image);
	pim_policy_free(&policy);
	return *error.text ? pim_give_up(&error) : PIM_EXIT_DONE;
}

const struct pim_verb pim_verb_check = {
	.name = "check",
	.takes = PIM_TAKES(CONFIG) | PIM_TAKES(PRINT),
	.needs = PIM_TAKES(CONFIG),
	.summary = "read a configuration and say what it would admit",
	.description = "Needs no privilege and touches nothing.\n",
	.run = check,
};
