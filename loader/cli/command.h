/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The command line: one table, from which usage, help and parsing come. */
#ifndef PIMXDP_COMMAND_H
#define PIMXDP_COMMAND_H

#include <stdbool.h>

#include "agent/agent.h"

/* What stood on the command line. Strings belong to it. */
struct pim_arguments {
	const char *operand; /* interface, address or capture; NULL: none */
	const char *config;
	struct pim_pair *pairs; /* of a command that takes many operands, each with a --config */
	size_t pair_count;
	const char *interface; /* of --interface */
	enum pim_role role;    /* 0: all */
	enum pim_attach_mode mode;
	gid_t group; /* PIM_NO_GROUP: none */
	const char *rule;  /* of --rule */
	const char *serve; /* of --metrics */
	enum pim_log_format log_format;
	bool detach_on_exit;
	bool replace;
	bool json, pretty;
	bool prometheus, openmetrics; /* at most one of these and json */
	const char *output; /* only with one of these two; NULL: stdout */
	bool print;
	unsigned long top;
	bool has_top;
};

/* Which of the options (PIM_OPTIONS in command.c) a command takes. */
enum pim_takes {
	PIM_TAKES_CONFIG = 1 << 0,
	PIM_TAKES_MODE = 1 << 1,
	PIM_TAKES_REPLACE = 1 << 2,
	PIM_TAKES_JSON = 1 << 3,
	PIM_TAKES_TOP = 1 << 4,
	PIM_TAKES_PRINT = 1 << 5,
	PIM_TAKES_INTERFACE = 1 << 6,
	PIM_TAKES_ROLE = 1 << 7,
	PIM_TAKES_GROUP = 1 << 8,
	PIM_TAKES_METRICS = 1 << 9,
	PIM_TAKES_AGENT = 1 << 10,
	PIM_TAKES_RULE = 1 << 11,
};

struct pim_command {
	const char *name;
	const char *operand;	/* its name in the usage, NULL: takes none */
	enum pim_operands { PIM_ONE, PIM_AT_MOST_ONE, PIM_MANY_WITH_CONFIG } operands;
	unsigned int takes;	/* of enum pim_takes */
	unsigned int needs;	/* those that must be given */
	const char *summary;	/* one line */
	const char *description; /* for --help; lines end in \n */
	enum pim_exit (*run)(const struct pim_arguments *arguments);
};

/* Ends with a command without a name. */
extern const struct pim_command pim_commands[];

/* Parses, runs, and returns the exit status. */
enum pim_exit pim_command_line(int argc, char **argv);

enum pim_exit pim_cmd_attach(const struct pim_arguments *arguments);
enum pim_exit pim_cmd_run(const struct pim_arguments *arguments);
enum pim_exit pim_cmd_detach(const struct pim_arguments *arguments);
enum pim_exit pim_cmd_status(const struct pim_arguments *arguments);
enum pim_exit pim_cmd_reload(const struct pim_arguments *arguments);
enum pim_exit pim_cmd_stats(const struct pim_arguments *arguments);
enum pim_exit pim_cmd_metrics(const struct pim_arguments *arguments);
enum pim_exit pim_cmd_flows(const struct pim_arguments *arguments);
enum pim_exit pim_cmd_check(const struct pim_arguments *arguments);
enum pim_exit pim_cmd_policy(const struct pim_arguments *arguments);
enum pim_exit pim_cmd_lookup(const struct pim_arguments *arguments);
enum pim_exit pim_cmd_addresses(const struct pim_arguments *arguments);
enum pim_exit pim_cmd_replay(const struct pim_arguments *arguments);
enum pim_exit pim_cmd_doctor(const struct pim_arguments *arguments);

/* The half of stats that writes metrics. */
enum pim_exit pim_stats_metrics(const struct pim_arguments *arguments);

/* The half of lookup that asks an attached filter. */
enum pim_exit pim_look_up_attached(const char *interface, const struct pim_prefix *address);

/* A message on stderr, "pimxdp: ...". */
void pim_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints the error and returns its exit status. */
enum pim_exit pim_give_up(const struct pim_error *error);

/* Runs with the interface that was named, or else with all that have pins. */
enum pim_exit pim_for_interfaces(const struct pim_arguments *arguments,
				 enum pim_exit (*run)(const struct pim_arguments *arguments,
						      char *const *interfaces, size_t count));

/* Reads a configuration and prints its warnings, or the one line that says what
 * is wrong with it, which begins with its file. Returns 0, and the caller frees
 * *policy; or not, and *status is what to exit with. */
int pim_load_policy(const char *path, struct pim_policy *policy, enum pim_exit *status);

#endif
