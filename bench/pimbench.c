/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "bench.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "say.h"

static const struct command {
	const char *name, *arguments, *meaning;
	json_t *(*run)(int count, char **arguments, const struct bench_effort *effort);
	bool timed; /* stays on one CPU */
} commands[] = {
	{ "prepare", "FOLDER", "writes lists and configurations", bench_prepare, false },
	{ "hot", "CONFIG", "one frame again and again, for each way to end", bench_hot, true },
	{ "lookup", "", "random addresses, lists of 10 to LARGEST prefixes", bench_lookup, true },
	{ "flows", "CONFIG LIST", "packets of 1 to LARGEST random flows", bench_flows, true },
	{ "rate", "CONFIG NAME=INTERFACE[=FLOWS=LIST]...", "frames over veth", bench_rate, true },
	{ "storm", "INTERFACE CONFIG PREFIX:PORT:PORT...", "frames over veth until a signal",
	  bench_storm, true },
	{ "hang", "PROGRAM INTERFACE [LIST]", "attaches drop-all, pass-all, lpm-trie, xdp-filter",
	  bench_hang, false },
	{ "spend", "COMMAND...", "time and memory that a command takes", bench_spend, false },
};
#define COMMANDS (sizeof(commands) / sizeof(*commands))

static void usage(FILE *stream)
{
	fprintf(stream, "Usage: pimbench [--rounds N] [--slice-ms N] [--largest N] COMMAND\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(stream, "  %s %s\n        %s\n", commands[i].name, commands[i].arguments,
			commands[i].meaning);
	fprintf(stream, "\nPrints JSON. tools/bench runs it all.\n");
}

static unsigned long number(const char *text, unsigned long least, unsigned long most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end || value < least || value > most)
		bench_die("expected a number from %lu to %lu, found '%s'", least, most, text);
	return value;
}

int main(int count, char **arguments)
{
	/* clang-format off */
	static const struct option options[] = {
		{ "rounds", required_argument, NULL, 'r' }, { "slice-ms", required_argument, NULL, 's' },
		{ "largest", required_argument, NULL, 'l' }, { "help", no_argument, NULL, 'h' }, {}
	};
	/* clang-format on */
	struct bench_effort effort = { .rounds = 9, .slice_ms = 15, .largest = 1000000 };
	json_t *result;
	int option;

	while ((option = getopt_long(count, arguments, "+h", options, NULL)) != -1)
		switch (option) {
		case 'r':
			effort.rounds = number(optarg, 1, BENCH_ROUNDS_MAX);
			break;
		case 's':
			effort.slice_ms = number(optarg, 1, 10000);
			break;
		case 'l':
			effort.largest = number(optarg, 10, 2000000);
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	libbpf_set_print(NULL);
	for (size_t i = 0; optind < count && i < COMMANDS; i++) {
		if (strcmp(commands[i].name, arguments[optind]))
			continue;
		if (commands[i].timed)
			bench_pin();
		result = commands[i].run(count - optind - 1, arguments + optind + 1, &effort);
		bench_clear_waiting();
		if (json_dumpf(result, stdout,
			       JSON_ENCODE_ANY | JSON_INDENT(1) | JSON_REAL_PRECISION(9)) ||
		    putchar('\n') == EOF || fflush(stdout))
			bench_die("cannot write the result");
		json_decref(result);
		return 0;
	}
	usage(stderr);
	return 2;
}
