/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/options.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

const struct pim_command pim_commands[] = {
	{ "attach", "INTERFACE", PIM_ONE,
	  PIM_TAKES_CONFIG | PIM_TAKES_MODE | PIM_TAKES_REPLACE | PIM_TAKES_GROUP, PIM_TAKES_CONFIG,
	  "put the filter on an interface",
	  "Loads the program, fills its maps from the configuration, attaches it and pins\n"
	  "everything under /sys/fs/bpf/pimxdp/INTERFACE. The filter outlives this command.\n"
	  "Any failure leaves the machine as it was.\n",
	  pim_cmd_attach },
	{ "run", "INTERFACE", PIM_MANY_WITH_CONFIG,
	  PIM_TAKES_CONFIG | PIM_TAKES_MODE | PIM_TAKES_GROUP | PIM_TAKES_AGENT, PIM_TAKES_CONFIG,
	  "attach, stay, follow the files and the interface, serve metrics",
	  "Attaches the filter, or adopts what is attached, and stays in the foreground. Reloads\n"
	  "on SIGHUP and when the configuration or a prefix file changes; one that is bad changes\n"
	  "nothing. Attaches again when the interface comes back. SIGTERM ends it and leaves the\n"
	  "filter in place.\n",
	  pim_cmd_run },
	{ "detach", "INTERFACE", PIM_ONE, 0, 0, "take the filter off, and its pins away",
	  "Also removes what a killed attach or a vanished interface left behind.\n",
	  pim_cmd_detach },
	{ "status", "INTERFACE", PIM_AT_MOST_ONE, PIM_TAKES_JSON, 0, "what is attached, where, since when",
	  "Without an interface: all that have pins.\n", pim_cmd_status },
	{ "reload", "INTERFACE", PIM_ONE, PIM_TAKES_CONFIG, PIM_TAKES_CONFIG,
	  "change the policy of the attached filter",
	  "Every packet is judged wholly by the old or wholly by the new policy. Counters\n"
	  "and flows carry on. A configuration that is refused changes nothing.\n",
	  pim_cmd_reload },
	{ "stats", "INTERFACE", PIM_AT_MOST_ONE, PIM_TAKES_JSON | PIM_TAKES_METRICS, 0,
	  "packets and bytes by reason, rule, partner",
	  "With --prometheus or --openmetrics: all metrics, of the interface, attached or not;\n"
	  "without one, of all that have pins. --output is for node_exporter's textfile\n"
	  "collector.\n",
	  pim_cmd_stats },
	{ "metrics", NULL, PIM_ONE, PIM_TAKES_JSON, 0, "which metrics there are",
	  "Name, type, labels, whom it is of and meaning of each; the values are those of\n"
	  "stats --prometheus.\n",
	  pim_cmd_metrics },
	{ "flows", "INTERFACE", PIM_ONE, PIM_TAKES_JSON | PIM_TAKES_TOP | PIM_TAKES_RULE, 0,
	  "admitted flows, largest first",
	  "With --json a line a flow, as they stand; else the 20 largest.\n", pim_cmd_flows },
	{ "check", NULL, PIM_ONE, PIM_TAKES_CONFIG | PIM_TAKES_PRINT, PIM_TAKES_CONFIG,
	  "read a configuration and say what it would admit",
	  "Needs no privilege and touches nothing.\n", pim_cmd_check },
	{ "policy", NULL, PIM_ONE, PIM_TAKES_JSON, 0, "the built-in table",
	  "", pim_cmd_policy },
	{ "lookup", "ADDRESS", PIM_ONE, PIM_TAKES_CONFIG | PIM_TAKES_INTERFACE, 0,
	  "what a configuration, or an attached filter, makes of an address",
	  "With --config: roles, partner, where it is listed, which rows it meets; needs no\n"
	  "privilege. With --interface: what the filter in force there has of it.\n",
	  pim_cmd_lookup },
	{ "addresses", "INTERFACE", PIM_ONE, PIM_TAKES_ROLE, 0,
	  "the address lists that an attached filter holds",
	  "A line a prefix: role, prefix, partner; neighbours that say the same are merged.\n",
	  pim_cmd_addresses },
	{ "replay", "CAPTURE", PIM_ONE, PIM_TAKES_CONFIG | PIM_TAKES_JSON, PIM_TAKES_CONFIG,
	  "run a capture through the real program",
	  "Judges every packet of a pcap or pcapng file (\"-\": standard input) in the kernel,\n"
	  "with the configuration given, as enforce mode would. Touches no interface and no\n"
	  "pin. With --json a line a packet. Needs the privileges of attach.\n",
	  pim_cmd_replay },
	{ "doctor", "INTERFACE", true, PIM_TAKES_JSON, 0, "whether attach will work here, and how fast",
	  "Looks at the kernel, the BPF file system, this process and the interface, changes\n"
	  "nothing, and says of each thing: ok, warning or problem, and what to do. Without\n"
	  "an interface: a line for each one. Needs no privilege: it tells what it cannot see.\n"
	  "Exit status 1: a problem was found.\n",
	  pim_cmd_doctor },
	{},
};

void pim_say(const char *format, ...)
{
	va_list arguments;

	fputs("pimxdp: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

enum pim_exit pim_give_up(const struct pim_error *error)
{
	pim_say("%s", error->text);
	return error->kind == PIM_EXIT_USAGE ? PIM_EXIT_USAGE : PIM_EXIT_FAILED;
}

enum pim_exit pim_for_interfaces(const struct pim_arguments *arguments,
				 enum pim_exit (*run)(const struct pim_arguments *arguments,
						      char *const *interfaces, size_t count))
{
	char *named[] = { (char *)arguments->operand }, **interfaces;
	struct pim_error error = {};
	enum pim_exit status;
	size_t count;

	if (arguments->operand)
		return run(arguments, named, 1);
	if (pim_pins_list(&interfaces, &count, &error))
		return pim_give_up(&error);
	status = run(arguments, interfaces, count);
	for (size_t i = 0; i < count; i++)
		free(interfaces[i]);
	free(interfaces);
	return status;
}

int pim_load_policy(const char *path, struct pim_policy *policy, enum pim_exit *status)
{
	struct pim_error error = {};
	int result = pim_config_read(path, policy, &error);

	for (size_t i = 0; !result && i < policy->warning_count; i++)
		pim_say("warning: %s", policy->warnings[i]);
	if (result) {
		fprintf(stderr, "%s\n", error.text);
		*status = error.kind;
		pim_policy_free(policy);
	}
	return result;
}

static enum pim_exit run_command(const struct pim_command *command, int argc, char **argv)
{
	struct pim_arguments arguments = {
		.mode = PIM_ATTACH_AUTO,
		.group = PIM_NO_GROUP,
		.pairs = calloc(argc, sizeof(*arguments.pairs)),
	};
	enum pim_exit status = PIM_EXIT_FAILED;
	bool run = false;

	if (arguments.pairs)
		status = pim_parse_arguments(command, argc, argv, &arguments, &run);
	else
		pim_say("out of memory");
	if (run)
		status = command->run(&arguments);
	free(arguments.pairs);
	return status;
}

enum pim_exit pim_command_line(int argc, char **argv)
{
	pim_kernel_start();
	if (argc < 2) {
		pim_print_help(stderr);
		return PIM_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		pim_print_help(stdout);
		return PIM_EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("pimxdp %s (schema %u)\n", PIM_VERSION, PIM_SCHEMA);
		return PIM_EXIT_DONE;
	}
	for (const struct pim_command *command = pim_commands; command->name; command++)
		if (!strcmp(argv[1], command->name))
			return run_command(command, argc - 1, argv + 1);
	fprintf(stderr, "pimxdp: expected a command, found '%s'\n\n", argv[1]);
	pim_print_help(stderr);
	return PIM_EXIT_USAGE;
}
