/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>

#include "cli/announce.h"
#include "cli/say.h"

static enum pim_exit detach(const struct pim_arguments *arguments)
{
	struct pim_error error = {};
	struct pim_change change;
	char text[64];

	if (pim_detach(arguments->operand, arguments->elsewhere, &change, &error))
		return pim_give_up(&error);
	printf("%s: %s\n", arguments->operand, pim_done_text(&change, text));
	return PIM_EXIT_DONE;
}

const struct pim_verb pim_verb_detach = {
	.name = "detach",
	.operand = "INTERFACE",
	.takes = PIM_TAKES(ELSEWHERE),
	.summary = "take the filter off, and its pins away",
	.description =
		"Also removes what a killed attach or a vanished interface left behind. Pins that are of\n"
		"another network namespace's interface stay, unless --elsewhere says so.\n",
	.run = detach,
};
