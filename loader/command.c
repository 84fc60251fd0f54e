/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "command.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "config_names.h"
#include "group.h"
#include "server.h"

const struct pim_command pim_commands[] = {
	{ "attach", "INTERFACE", PIM_ONE,
	  PIM_TAKES_CONFIG | PIM_TAKES_MODE | PIM_TAKES_REPLACE | PIM_TAKES_GROUP, PIM_TAKES_CONFIG, "put the filter on an interface",
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
	{ "flows", "INTERFACE", PIM_ONE, PIM_TAKES_JSON | PIM_TAKES_TOP, 0, "admitted flows, largest first",
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

enum { OPTION_HELP = 256, OPTION_VERSION, OPTION_MODE, OPTION_REPLACE, OPTION_TOP, OPTION_PRINT, OPTION_INTERFACE,
       OPTION_ROLE, OPTION_GROUP, OPTION_PROMETHEUS, OPTION_OPENMETRICS, OPTION_OUTPUT,
       OPTION_METRICS, OPTION_LOG_FORMAT, OPTION_DETACH_ON_EXIT };

static const struct {
	struct option option;
	unsigned int takes; /* 0: every command */
	const char *argument;
	const char *help;
} known_options[] = {
	{ { "config", required_argument, NULL, 'c' }, PIM_TAKES_CONFIG, "FILE", "the configuration" },
	{ { "interface", required_argument, NULL, OPTION_INTERFACE }, PIM_TAKES_INTERFACE, "IF",
	  "ask the filter attached there" },
	{ { "role", required_argument, NULL, OPTION_ROLE }, PIM_TAKES_ROLE, "ROLE",
	  "only those with this role: " },
	{ { "mode", required_argument, NULL, OPTION_MODE }, PIM_TAKES_MODE, "MODE",
	  "auto (default), native or skb" },
	{ { "replace", no_argument, NULL, OPTION_REPLACE }, PIM_TAKES_REPLACE, NULL,
	  "swap the attached pimxdp atomically, keep its counters" },
	{ { "group", required_argument, NULL, OPTION_GROUP }, PIM_TAKES_GROUP, "GROUP",
	  "let its members read the pins: stats, flows, status" },
	{ { "metrics", required_argument, NULL, OPTION_METRICS }, PIM_TAKES_AGENT, "WHERE",
	  "serve /metrics, /healthz, /readyz at ADDRESS:PORT or unix:PATH" },
	{ { "log-format", required_argument, NULL, OPTION_LOG_FORMAT }, PIM_TAKES_AGENT, "FORMAT",
	  "text (default) or json" },
	{ { "detach-on-exit", no_argument, NULL, OPTION_DETACH_ON_EXIT }, PIM_TAKES_AGENT, NULL,
	  "take the filter off when ended" },
	{ { "top", required_argument, NULL, OPTION_TOP }, PIM_TAKES_TOP, "N",
	  "only the N largest (0: all)" },
	{ { "json", no_argument, NULL, 'j' }, PIM_TAKES_JSON, NULL, "for machines, on stdout" },
	{ { "pretty", no_argument, NULL, 'p' }, PIM_TAKES_JSON, NULL, "JSON with line breaks" },
	{ { "prometheus", no_argument, NULL, OPTION_PROMETHEUS }, PIM_TAKES_METRICS, NULL,
	  "metrics in Prometheus' text format" },
	{ { "openmetrics", no_argument, NULL, OPTION_OPENMETRICS }, PIM_TAKES_METRICS, NULL,
	  "the same as OpenMetrics 1.0" },
	{ { "output", required_argument, NULL, OPTION_OUTPUT }, PIM_TAKES_METRICS, "FILE",
	  "replace this file with the metrics, atomically" },
	{ { "print", no_argument, NULL, OPTION_PRINT }, PIM_TAKES_PRINT, NULL,
	  "print it back, every default written out" },
	{ { "help", no_argument, NULL, 'h' }, 0, NULL, "this text" },
};
#define KNOWN_OPTIONS (sizeof(known_options) / sizeof(*known_options))

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

/* ---- usage ---- */

static void print_usage(FILE *stream, const struct pim_command *command)
{
	fprintf(stream, "pimxdp %s", command->name);
	if (command->operand)
		fprintf(stream, command->operands == PIM_AT_MOST_ONE ? " [%s]" : " %s", command->operand);
	for (size_t i = 0; i < KNOWN_OPTIONS; i++) {
		bool needed = command->needs & known_options[i].takes;

		if (!(command->takes & known_options[i].takes))
			continue;
		fprintf(stream, needed ? " --%s" : " [--%s", known_options[i].option.name);
		if (known_options[i].argument)
			fprintf(stream, " %s", known_options[i].argument);
		if (!needed)
			fputc(']', stream);
	}
	if (command->operands == PIM_MANY_WITH_CONFIG)
		fprintf(stream, " [%s --config FILE]...", command->operand);
	fputc('\n', stream);
}

/* "access, av, ... or failsafe" */
static char *role_list(char text[PIM_NAME_LIST])
{
	const char *names[PIM_ROLES + 1] = {};

	for (unsigned int bit = 0; bit < PIM_ROLES; bit++)
		names[bit] = pim_role_name(1u << bit);
	return pim_name_list(names, text);
}

static void print_command_help(const struct pim_command *command)
{
	printf("usage: ");
	print_usage(stdout, command);
	printf("\n%s: %s.\n%s", command->name, command->summary, command->description);
	printf("\noptions:\n");
	for (size_t i = 0; i < KNOWN_OPTIONS; i++) {
		const struct option *option = &known_options[i].option;
		char left[40], list[PIM_NAME_LIST] = "";

		if (known_options[i].takes && !(command->takes & known_options[i].takes))
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", option->name,
			 known_options[i].argument ? " " : "",
			 known_options[i].argument ? known_options[i].argument : "");
		if (option->val == OPTION_ROLE)
			role_list(list);
		if (option->val < 256)
			printf("  -%c, %-19s  %s\n", option->val, left, known_options[i].help);
		else
			printf("      %-19s  %s%s\n", left, known_options[i].help, list);
	}
	printf("\nexit status: 0 done; 1 failed; 2 usage or configuration.\n");
}

static void print_help(FILE *stream)
{
	fprintf(stream, "usage: pimxdp COMMAND [OPTIONS]\n\n"
			"XDP filter for the Access NIC of a SIP and TURN edge.\n\ncommands:\n");
	for (const struct pim_command *command = pim_commands; command->name; command++)
		fprintf(stream, "  %-9s %s\n", command->name, command->summary);
	fprintf(stream, "\npimxdp COMMAND --help tells more; pimxdp --version says which this is.\n");
}

static enum pim_exit usage_error(const struct pim_command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static enum pim_exit usage_error(const struct pim_command *command, const char *format, ...)
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

/* ---- parsing ---- */

static int parse_mode(const char *text, enum pim_attach_mode *mode)
{
	if (!strcmp(text, "auto"))
		*mode = PIM_ATTACH_AUTO;
	else if (!strcmp(text, pim_attach_mode_name(PIM_ATTACH_NATIVE)))
		*mode = PIM_ATTACH_NATIVE;
	else if (!strcmp(text, pim_attach_mode_name(PIM_ATTACH_SKB)))
		*mode = PIM_ATTACH_SKB;
	else
		return -EINVAL;
	return 0;
}

static int parse_role(const char *text, enum pim_role *role)
{
	for (unsigned int bit = 0; bit < PIM_ROLES; bit++) {
		if (strcmp(text, pim_role_name(1u << bit)))
			continue;
		*role = 1u << bit;
		return 0;
	}
	return -EINVAL;
}

static int parse_count(const char *text, unsigned long *count)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*count = strtoul(text, &end, 10);
	return *end || errno ? -EINVAL : 0;
}

static int parse_log_format(const char *text, enum pim_log_format *format)
{
	if (strcmp(text, "text") && strcmp(text, "json"))
		return -EINVAL;
	*format = *text == 'j' ? PIM_LOG_JSON : PIM_LOG_TEXT;
	return 0;
}

static bool is_known_letter(const struct pim_command *command, int letter)
{
	for (size_t i = 0; i < KNOWN_OPTIONS; i++)
		if (known_options[i].option.val == letter &&
		    (!known_options[i].takes || command->takes & known_options[i].takes))
			return true;
	return false;
}

/* Of many operands, each has the --config behind it; the first may have it in
 * front. */
static enum pim_exit take_config(const struct pim_command *command, struct pim_arguments *arguments,
				 const char *config)
{
	struct pim_pair *last = arguments->pair_count ? &arguments->pairs[arguments->pair_count - 1] : NULL;

	if (last && last->config)
		return usage_error(command, "%s has a --config already: expected another %s before '%s'",
				   last->interface, command->operand, config);
	if (last)
		last->config = config;
	else
		arguments->config = config;
	return PIM_EXIT_DONE;
}

static enum pim_exit take_operand(const struct pim_command *command, struct pim_arguments *arguments,
				  const char *operand)
{
	if (!command->operand || (arguments->operand && command->operands != PIM_MANY_WITH_CONFIG))
		return usage_error(command, "expected nothing more, found '%s'", operand);
	if (!arguments->operand)
		arguments->operand = operand;
	if (command->operands != PIM_MANY_WITH_CONFIG)
		return PIM_EXIT_DONE;
	for (size_t i = 0; i < arguments->pair_count; i++)
		if (!strcmp(arguments->pairs[i].interface, operand))
			return usage_error(command, "expected each %s once, found '%s' twice",
					   command->operand, operand);
	arguments->pairs[arguments->pair_count++] = (struct pim_pair){ operand, arguments->config };
	arguments->config = NULL;
	return PIM_EXIT_DONE;
}

/* One option that getopt_long found, without those that end the parsing. */
static enum pim_exit take_option(const struct pim_command *command, struct pim_arguments *arguments,
				 int found, char **argv)
{
	switch (found) {
	case 1: /* an operand, in its place */
		return take_operand(command, arguments, optarg);
	case 'c':
		return take_config(command, arguments, optarg);
	case 'j':
		arguments->json = true;
		break;
	case 'p':
		arguments->json = arguments->pretty = true;
		break;
	case OPTION_REPLACE:
		arguments->replace = true;
		break;
	case OPTION_PRINT:
		arguments->print = true;
		break;
	case OPTION_PROMETHEUS:
		arguments->prometheus = true;
		break;
	case OPTION_OPENMETRICS:
		arguments->openmetrics = true;
		break;
	case OPTION_OUTPUT:
		arguments->output = optarg;
		break;
	case OPTION_DETACH_ON_EXIT:
		arguments->detach_on_exit = true;
		break;
	case OPTION_METRICS:
		arguments->serve = optarg;
		if (!pim_server_is_address(optarg))
			return usage_error(command, "expected --metrics ADDRESS:PORT, [ADDRESS]:PORT or "
					   "unix:PATH, found '%s'", optarg);
		break;
	case OPTION_LOG_FORMAT:
		if (parse_log_format(optarg, &arguments->log_format))
			return usage_error(command, "expected --log-format text or json, found '%s'", optarg);
		break;
	case OPTION_MODE:
		if (parse_mode(optarg, &arguments->mode))
			return usage_error(command, "expected --mode auto, native or skb, found '%s'", optarg);
		break;
	case OPTION_INTERFACE:
		arguments->interface = optarg;
		break;
	case OPTION_ROLE:
		if (parse_role(optarg, &arguments->role))
			return usage_error(command, "expected a role (%s), found '%s'",
					   role_list((char[PIM_NAME_LIST]){}), optarg);
		break;
	case OPTION_GROUP:
		if (pim_group_parse(optarg, &arguments->group))
			return usage_error(command, "expected a group of /etc/group, or its number, "
					   "found '%s'", optarg);
		break;
	case OPTION_TOP:
		if (parse_count(optarg, &arguments->top))
			return usage_error(command, "expected a number after --top, found '%s'", optarg);
		arguments->has_top = true;
		break;
	case ':':
		return usage_error(command, "expected a value after %s", argv[optind - 1]);
	default:
		/* A letter among others is in optopt; a long name is a word of its own. */
		if (optopt > 0 && optopt < 256 && !is_known_letter(command, optopt))
			return usage_error(command, "unknown option -%c", optopt);
		return usage_error(command, "unknown option, or one that takes no value: %s",
				   argv[optind - 1]);
	}
	return PIM_EXIT_DONE;
}

/* The options of a command, for getopt_long. */
static void list_options(const struct pim_command *command, struct option options[KNOWN_OPTIONS + 1],
			 char letters[2 * KNOWN_OPTIONS + 3])
{
	size_t count = 0, end = 0;

	letters[end++] = '-'; /* operands come in their places */
	letters[end++] = ':'; /* getopt reports, we print */
	for (size_t i = 0; i < KNOWN_OPTIONS; i++) {
		const struct option *option = &known_options[i].option;

		if (known_options[i].takes && !(command->takes & known_options[i].takes))
			continue;
		options[count++] = *option;
		if (option->val < 256) {
			letters[end++] = option->val;
			if (option->has_arg)
				letters[end++] = ':';
		}
	}
	letters[end] = '\0';
	options[count] = (struct option){};
}

static enum pim_exit check_needs(const struct pim_command *command, const struct pim_arguments *arguments)
{
	if (command->operand && command->operands != PIM_AT_MOST_ONE && !arguments->operand)
		return usage_error(command, "expected %s", command->operand);
	for (size_t i = 0; i < arguments->pair_count; i++)
		if (!arguments->pairs[i].config)
			return usage_error(command, "expected --config FILE after %s",
					   arguments->pairs[i].interface);
	if (command->needs & PIM_TAKES_CONFIG && !arguments->config && !arguments->pair_count)
		return usage_error(command, "expected --config FILE");
	return PIM_EXIT_DONE;
}

/* *run: whether the command is to be run with the arguments. */
static enum pim_exit parse(const struct pim_command *command, int argc, char **argv,
			   struct pim_arguments *arguments, bool *run)
{
	struct option options[KNOWN_OPTIONS + 1];
	char letters[2 * KNOWN_OPTIONS + 3];
	enum pim_exit status = PIM_EXIT_DONE;
	int found;

	*run = false;
	list_options(command, options, letters);
	opterr = 0;
	while (!status && (found = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (found == 'h') {
			print_command_help(command);
			return PIM_EXIT_DONE;
		}
		status = take_option(command, arguments, found, argv);
	}
	while (!status && optind < argc) /* behind "--" */
		status = take_operand(command, arguments, argv[optind++]);
	if (!status)
		status = check_needs(command, arguments);
	*run = !status;
	return status;
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
		status = parse(command, argc, argv, &arguments, &run);
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
		print_help(stderr);
		return PIM_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help(stdout);
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
	print_help(stderr);
	return PIM_EXIT_USAGE;
}
