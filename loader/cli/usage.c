/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/usage.h"

#include <stdarg.h>
#include <stdio.h>

#include "output/line.h"

static void print_usage(FILE *stream, const struct pim_verb *verb)
{
	fprintf(stream, "pimxdp %s", verb->name);
	if (verb->operand)
		fprintf(stream, verb->operands == PIM_AT_MOST_ONE ? " [%s]" : " %s", verb->operand);
	for (enum pim_cli_option option = 0; option < PIM_CLI_OPTIONS; option++) {
		const struct pim_option *known = &pim_options_known[option];
		bool needed = verb->needs >> option & 1;

		if (!(verb->takes >> option & 1))
			continue;
		fprintf(stream, needed ? " --%s" : " [--%s", known->name);
		if (known->argument)
			fprintf(stream, " %s", known->argument);
		if (!needed)
			fputc(']', stream);
	}
	if (verb->operands == PIM_MANY_WITH_CONFIG)
		fprintf(stream, " [%s --config FILE]...", verb->operand);
	fputc('\n', stream);
}

static void print_option(enum pim_cli_option option)
{
	const struct pim_option *known = &pim_options_known[option];
	char left[40], values[PIM_NAME_LIST];

	snprintf(left, sizeof(left), "--%s%s%s", known->name, known->argument ? " " : "",
		 known->argument ? known->argument : "");
	if (known->letter)
		printf("  -%c, ", known->letter);
	else
		printf("      ");
	printf("%-19s  %s%s\n", left, known->help, pim_option_values(option, values));
}

void pim_print_verb_help(const struct pim_verb *verb)
{
	printf("usage: ");
	print_usage(stdout, verb);
	printf("\n%s: %s.\n%s", verb->name, verb->summary, verb->description);
	printf("\noptions:\n");
	for (enum pim_cli_option option = 0; option < PIM_CLI_OPTIONS; option++)
		if (pim_verb_takes(verb, option))
			print_option(option);
	printf("\nexit status: 0 done; 1 failed; 2 usage or configuration.\n");
}

enum pim_exit pim_usage_error(const struct pim_verb *verb, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "pimxdp %s: ", verb->name);
	va_start(arguments, format);
	pim_vprint(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\nusage: ");
	print_usage(stderr, verb);
	return PIM_EXIT_USAGE;
}
