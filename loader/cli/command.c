/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/say.h"
#include "cli/usage.h"
#include "cli/verbs.h"
#include "kernel/failure.h"

static void print_help(FILE *stream)
{
	fprintf(stream, "usage: pimxdp COMMAND [OPTIONS]\n\n"
			"XDP filter for the Access NIC of a SIP and TURN edge.\n\ncommands:\n");
	for (const struct pim_verb *const *verb = pim_verbs; *verb; verb++)
		fprintf(stream, "  %-9s %s\n", (*verb)->name, (*verb)->summary);
	fprintf(stream, "\npimxdp help COMMAND tells more; pimxdp --version says which this is.\n");
}

static enum pim_exit run_verb(const struct pim_verb *verb, int argc, char **argv)
{
	struct pim_arguments arguments = {
		.mode = PIM_ATTACH_AUTO,
		.group = PIM_NO_GROUP,
		.pairs = calloc(argc, sizeof(*arguments.pairs)),
	};
	enum pim_exit status = PIM_EXIT_FAILED;
	bool run = false;

	if (arguments.pairs)
		status = pim_parse_arguments(verb, argc, argv, &arguments, &run);
	else
		pim_say("out of memory");
	if (run)
		status = verb->run(&arguments);
	free(arguments.pairs);
	return status;
}

static enum pim_exit refuse_command(const char *name)
{
	const char *nearest = pim_verb_nearest(name);

	fprintf(stderr, "pimxdp: expected a command, found '%s'", name);
	if (nearest)
		fprintf(stderr, ": did you mean %s?", nearest);
	fprintf(stderr, "\n\n");
	print_help(stderr);
	return PIM_EXIT_USAGE;
}

/* help [COMMAND]: the same as pimxdp [COMMAND] --help. */
static enum pim_exit help(int argc, char **argv)
{
	const struct pim_verb *verb;

	if (argc < 2) {
		print_help(stdout);
		return PIM_EXIT_DONE;
	}
	verb = pim_verb_find(argv[1]);
	if (!verb)
		return refuse_command(argv[1]);
	if (argc > 2) {
		pim_say("help %s: expected nothing more, found '%s'", verb->name, argv[2]);
		return PIM_EXIT_USAGE;
	}
	pim_print_verb_help(verb);
	return PIM_EXIT_DONE;
}

enum pim_exit pim_command_line(int argc, char **argv)
{
	const struct pim_verb *verb;

	pim_kernel_start();
	if (argc < 2) {
		print_help(stderr);
		return PIM_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help(stdout);
		return PIM_EXIT_DONE;
	}
	if (!strcmp(argv[1], "help"))
		return help(argc - 1, argv + 1);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("pimxdp %s (schema %u)\n", PIM_VERSION, PIM_SCHEMA);
		return PIM_EXIT_DONE;
	}
	verb = pim_verb_find(argv[1]);
	return verb ? run_verb(verb, argc - 1, argv + 1) : refuse_command(argv[1]);
}
