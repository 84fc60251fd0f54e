/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/say.h"
#include "cli/verb.h"
#include "config/config.h"
#include "control/observe.h"
#include "output/policy.h"

static enum pim_exit show_builtin(const struct pim_arguments *arguments)
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

/* As check --print prints the configuration that it came from. */
static int print(const struct pim_policy *policy, struct pim_error *error)
{
	char *text = pim_config_print(policy);

	if (!text)
		return pim_out_of_memory(error);
	fputs(text, stdout);
	free(text);
	return 0;
}

static enum pim_exit show_in_force(const struct pim_arguments *arguments)
{
	struct pim_observation seen;
	struct pim_error error = {};
	struct pim_policy policy;
	int result;

	if (pim_observe_filter(arguments->operand, PIM_PART_POLICY, &seen, &error))
		return pim_give_up(&error);
	pim_observation_release(&seen);
	result = pim_policy_unpack(seen.policy.bytes, seen.policy.size_bytes, &policy);
	if (result == -ENOMEM)
		pim_out_of_memory(&error);
	else if (result)
		pim_fail(&error, -result,
			 "%s: expected a policy as this pimxdp packs it, found one that is "
			 "damaged: reload or attach again",
			 arguments->operand);
	else if (arguments->json)
		pim_output_policy_in_force_json(stdout, arguments->pretty, seen.place.interface,
						&seen.place.stamp, &policy);
	else
		result = print(&policy, &error);
	pim_policy_free(&policy);
	pim_observation_free(&seen);
	return result ? pim_give_up(&error) : PIM_EXIT_DONE;
}

static enum pim_exit policy(const struct pim_arguments *arguments)
{
	return arguments->operand ? show_in_force(arguments) : show_builtin(arguments);
}

const struct pim_verb pim_verb_policy = {
	.name = "policy",
	.operand = "INTERFACE",
	.operands = PIM_AT_MOST_ONE,
	.takes = PIM_TAKES(JSON) | PIM_TAKES(PRETTY),
	.summary = "the built-in table, or the policy in force",
	.description =
		"Without an interface: the built-in rows. With one: the policy of the filter there, as\n"
		"check --print prints the configuration that it was loaded from.\n",
	.run = policy,
};
