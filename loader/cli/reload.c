/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/announce.h"

static int work(const struct pim_wanted *wanted, const struct pim_arguments *arguments,
		struct pim_change *change, struct pim_error *error)
{
	(void)arguments;
	return pim_reload(wanted, change, error);
}

static enum pim_exit reload(const struct pim_arguments *arguments)
{
	return pim_put_in_force(arguments, work);
}

const struct pim_verb pim_verb_reload = {
	.name = "reload",
	.operand = "INTERFACE",
	.takes = PIM_TAKES(CONFIG) | PIM_TAKES(OBSERVE),
	.needs = PIM_TAKES(CONFIG),
	.summary = "change the policy of the attached filter",
	.description =
		"Every packet is judged wholly by the old or wholly by the new policy. Counters\n"
		"and flows carry on. A configuration that is refused changes nothing.\n",
	.run = reload,
};
