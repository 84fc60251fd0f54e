/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/announce.h"

static int work(const struct pim_wanted *wanted, const struct pim_arguments *arguments,
		struct pim_change *change, struct pim_error *error)
{
	return pim_attach(wanted, arguments->replace, change, error);
}

static enum pim_exit attach(const struct pim_arguments *arguments)
{
	return pim_put_in_force(arguments, work);
}

const struct pim_verb pim_verb_attach = {
	.name = "attach",
	.operand = "INTERFACE",
	.takes = PIM_TAKES(CONFIG) | PIM_TAKES(OBSERVE) | PIM_TAKES(MODE) | PIM_TAKES(REPLACE) |
		 PIM_TAKES(GROUP),
	.needs = PIM_TAKES(CONFIG),
	.summary = "put the filter on an interface",
	.description =
		"Loads the program, fills its maps from the configuration, attaches it and pins\n"
		"everything under /sys/fs/bpf/pimxdp/INTERFACE. The filter outlives this command.\n"
		"Any failure leaves the machine as it was.\n",
	.run = attach,
};
