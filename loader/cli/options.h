/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shared by command*.c alone. */
#ifndef PIMXDP_COMMAND_PRIVATE_H
#define PIMXDP_COMMAND_PRIVATE_H

#include <getopt.h>
#include <stdio.h>

#include "cli/command.h"
#include "config/choice.h"

/* The options of all commands. Values below this are letters. */
enum { PIM_OPTION_LONG = 256 };
struct pim_known_option {
	struct option option;
	unsigned int takes; /* of enum pim_takes; 0: every command */
	const char *argument; /* its name in the usage; NULL: takes none */
	const char *help;
};
/* Ends with one without a name. */
extern const struct pim_known_option pim_known_options[];

static inline bool pim_takes_option(const struct pim_command *command,
				    const struct pim_known_option *known)
{
	return !known->takes || command->takes & known->takes;
}

/* Parses what stands behind the command's name. *run: whether the command is to
 * be run with these arguments; else the status is the answer. pairs has room for
 * argc. */
enum pim_exit pim_parse_arguments(const struct pim_command *command, int argc, char **argv,
				  struct pim_arguments *arguments, bool *run);

/* ---- usage ---- */

/* "access, av, ... or failsafe"; returns text. */
char *pim_role_list(char text[PIM_NAME_LIST]);

void pim_print_help(FILE *stream);
void pim_print_command_help(const struct pim_command *command);
/* Says what is wrong with the command line, and the usage. */
enum pim_exit pim_usage_error(const struct pim_command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
