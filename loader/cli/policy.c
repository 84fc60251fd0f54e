/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>

#include "cli/say.h"
#include "cli/verb.h"
#include "output/policy.h"

static enum pim_exit policy(const struct pim_arguments *arguments)
{
	struct pim_error error = {};
	struct pim_policy builtin;

	if (pim_policy_init(&builtin)) {
		pim_out_of_memory(&error);
		return pim_give_up(&error);
	}
	if (arguments->json)
		pim_output_policy_json(stdout, arguments->pretty, &builtin);
	else
		pim_output_policy_text(stdout, &builtin);
	pim_policy_free(&builtin);
	return PIM_EXIT_DONE;
}

const struct pim_verb pim_verb_policy = {
	.name = "policy",
	.takes = PIM_TAKES(JSON) | PIM_TAKES(PRETTY),
	.summary = "the built-in table",
	.description = "",
	.run = policy,
};
