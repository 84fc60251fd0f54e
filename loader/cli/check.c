/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "cli/input.h"
#include "cli/say.h"
#include "config/config.h"
#include "output/check.h"

static enum pim_exit print_policy(const struct pim_policy *policy)
{
	struct pim_error error = {};
	char *text = pim_config_print(policy);

	if (!text) {
		pim_out_of_memory(&error);
		return pim_give_up(&error);
	}
	fputs(text, stdout);
	free(text);
	return PIM_EXIT_DONE;
}

/* What is accepted here, attach can load: so the policy is compiled. */
static enum pim_exit show(const struct pim_arguments *arguments, const char *config,
			  struct pim_policy *policy)
{
	enum pim_exit status = PIM_EXIT_DONE;
	struct pim_error error = {};
	struct pim_image image = {};

	if (arguments->observe)
		policy->options.mode = PIM_MODE_OBSERVE;
	if (pim_compile(policy, NULL, &image, &error))
		status = pim_give_up(&error);
	else if (arguments->print)
		status = print_policy(policy);
	else if (arguments->json)
		pim_output_check_json(stdout, arguments->pretty, config, policy, image.hash);
	else
		pim_output_check_text(stdout, config, policy, image.hash);
	pim_image_free(&image);
	return status;
}

/* With --json, errors and warnings are part of the output. */
static int load(const struct pim_arguments *arguments, const char *config,
		struct pim_policy *policy, enum pim_exit *status)
{
	struct pim_error error = {};
	int result;

	if (!arguments->json)
		return pim_load_policy(config, policy, status);
	result = pim_config_read(config, policy, &error);
	if (!result)
		return 0;
	*status = error.kind;
	if (error.kind == PIM_EXIT_USAGE)
		pim_output_check_json(stdout, arguments->pretty, config, policy, 0);
	else
		pim_give_up(&error);
	pim_policy_free(policy);
	return result;
}

static enum pim_exit check(const struct pim_arguments *arguments)
{
	const char *config = arguments->operand ? arguments->operand : arguments->config;
	struct pim_error error = {};
	struct pim_policy policy;
	enum pim_exit status;

	if (!arguments->operand == !arguments->config) {
		pim_refuse(&error, "check: expected one FILE, found %s",
			   config ? "another as --config" : "none");
		return pim_give_up(&error);
	}
	if (arguments->print && arguments->json) {
		pim_refuse(&error, "check: expected --print or --json, found both");
		return pim_give_up(&error);
	}
	if (load(arguments, config, &policy, &status))
		return status;
	status = show(arguments, config, &policy);
	pim_policy_free(&policy);
	return status;
}

const struct pim_verb pim_verb_check = {
	.name = "check",
	.operand = "FILE",
	.operands = PIM_AT_MOST_ONE,
	.takes = PIM_TAKES(CONFIG) | PIM_TAKES(OBSERVE) | PIM_TAKES(PRINT) | PIM_TAKES(JSON) |
		 PIM_TAKES(PRETTY),
	.summary = "read a configuration and say what it would admit",
	.description =
		"Needs no privilege and touches nothing. FILE and --config FILE are the same.\n",
	.run = check,
};
