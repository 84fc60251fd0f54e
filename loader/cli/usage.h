/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A verb's usage and help, generated from the tables of verbs and options. */
#ifndef PIMXDP_CLI_USAGE_H
#define PIMXDP_CLI_USAGE_H

#include "cli/verb.h"

/* Prints the text of --help on stdout. */
void pim_print_verb_help(const struct pim_verb *verb);

/* Prints on stderr what is wrong with the command line, and the usage. Returns
 * PIM_EXIT_USAGE. */
enum pim_exit pim_usage_error(const struct pim_verb *verb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
