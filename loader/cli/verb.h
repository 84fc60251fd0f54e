/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A verb: its name, its arguments and its function. Each has a file of its own. */
#ifndef PIMXDP_CLI_VERB_H
#define PIMXDP_CLI_VERB_H

#include "cli/options.h"

struct pim_verb {
	const char *name;
	const char *operand; /* placeholder in the usage; NULL: takes none */
	enum pim_operands { PIM_ONE, PIM_AT_MOST_ONE, PIM_MANY_WITH_CONFIG } operands;
	pim_option_set takes;	 /* besides --help */
	pim_option_set needs;	 /* options that must be given */
	const char *summary;	 /* one line */
	const char *description; /* for --help; lines end in \n */
	enum pim_exit (*run)(const struct pim_arguments *arguments);
};

/* Whether it takes the option; every verb takes --help. */
static inline bool pim_verb_takes(const struct pim_verb *verb, enum pim_cli_option option)
{
	return (verb->takes | PIM_TAKES(HELP)) >> option & 1;
}

#endif
