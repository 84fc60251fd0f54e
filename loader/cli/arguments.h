/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A command line, parsed by the options that its verb takes. */
#ifndef PIMXDP_CLI_ARGUMENTS_H
#define PIMXDP_CLI_ARGUMENTS_H

#include "cli/verb.h"

/* Parses the words of the command line from the verb's name on. *run: whether the verb is
 * to be run with these arguments; else the status returned is the answer. *arguments has
 * its defaults, and its pairs have room for argc. */
enum pim_exit pim_parse_arguments(const struct pim_verb *verb, int argc, char **argv,
				  struct pim_arguments *arguments, bool *run);

#endif
