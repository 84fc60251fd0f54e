/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parses a command line by the options that its verb takes. */
#ifndef PIMXDP_CLI_ARGUMENTS_H
#define PIMXDP_CLI_ARGUMENTS_H

#include "cli/verb.h"

/* Parses argv, which begins with the verb's name, and prints what is wrong with it or, for
 * --help, the help. *arguments holds the defaults at first, with room for argc pairs. *run:
 * whether to run the verb with them; if not, the returned status is the exit status. */
enum pim_exit pim_parse_arguments(const struct pim_verb *verb, int argc, char **argv,
				  struct pim_arguments *arguments, bool *run);

#endif
