/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a verb's command line looks like, from the tables. */
#ifndef PIMXDP_CLI_USAGE_H
#define PIMXDP_CLI_USAGE_H

#include "cli/verb.h"

/* The whole of --help, on stdout. */
void pim_print_verb_help(const struct pim_verb *verb);

/* Says what is wrong with the command line, and the usage. Returns PIM_EXIT_USAGE. */
enum pim_exit pim_usage_error(const struct pim_verb *verb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
