/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the command line looks like, from the tables. */
#include "cli/options.h"

#include <stdarg.h>

static void print_usage(FILE *stream, const struct pim_command *command)
{
	fprintf(stream, "pimxdp %s", command->name);
	if (command->operand)
		fprintf(stream, command->operands == PIM_AT_MOST_ONE ? " [%s]" : " %s", command->operand);
	for (const struct pim_known_option *known = pim_known_options; known->option.name; known++) {
		bool needed = command->needs & known->takes;

		if (!(command->takes & known->takes))
			continue;
		fprintf(stream, needed ? " --%s" : " [--%s", known->option.name);
		if (known->argument)
			fprintf(stream, " %s", known->argument);
		if (!needed)
			fputc(']', stream);
	}
	if (command->operands == PIM_MANY_WITH_CONFIG)
		fprintf(stream, " [%s --config FILE]...", command->operand);
	fputc('\n', stream);
}

char *pim_role_list(char text[PIM_NAME_LIST])
{
	const char *names[PIM_ROLES + 1] = {};

	for (unsigned int bit = 0; bit < PIM_ROLES; bit++)
		names[bit] = pim_role_name(1u << bit);
	return pim_name_list(names, text);
}

void pim_print_command_help(const struct pim_command *command)
{
	printf("usage: ");
	print_usage(stdout, command);
	printf("\n%s: %s.\n%s", command->name, command->summary, command->description);
	printf("\noptions:\n");
	for (const struct pim_known_option *known = pim_known_options; known->option.name; known++) {
		char left[40], list[PIM_NAME_LIST] = "";

		if (!pim_takes_option(command, known))
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", known->option.name, known->argument ? " " : "",
			 known->argument ? known->argument : "");
		if (known->takes == PIM_TAKES_ROLE)
			pim_role_list(list);
		if (known->option.val < PIM_OPTION_LONG)
			printf("  -%c, ", known->option.val);
		else
			printf("      ");
		printf("%-19s  %s%s\n", left, known->help, list);
	}
	printf("\nexit status: 0 done; 1 failed; 2 usage or configuration.\n");
}

void pim_print_help(FILE *stream)
{
	fprintf(stream, "usage: pimxdp COMMAND [OPTIONS]\n\n"
			"XDP filter for the Access NIC of a SIP and TURN edge.\n\ncommands:\n");
	for (const struct pim_command *command = pim_commands; command->name; command++)
		fprintf(stream, "  %-9s %s\n", command->name, command->summary);
	fprintf(stream, "\npimxdp COMMAND --help tells more; pimxdp --version says which this is.\n");
}

enum pim_exit pim_usage_error(const struct pim_command *command, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "pimxdp %s: ", command->name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\nusage: ");
	print_usage(stderr, command);
	return PIM_EXIT_USAGE;
}
