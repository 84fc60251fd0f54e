/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The options there are, and a command line parsed by them. */
#include "cli/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/group.h"
#include "agent/server.h"

enum { OPTION_MODE = PIM_OPTION_LONG, OPTION_REPLACE, OPTION_TOP, OPTION_PRINT, OPTION_INTERFACE,
       OPTION_ROLE, OPTION_RULE, OPTION_GROUP, OPTION_PROMETHEUS, OPTION_OPENMETRICS, OPTION_OUTPUT,
       OPTION_METRICS, OPTION_LOG_FORMAT, OPTION_DETACH_ON_EXIT };

const struct pim_known_option pim_known_options[] = {
	{ { "config", required_argument, NULL, 'c' }, PIM_TAKES_CONFIG, "FILE", "the configuration" },
	{ { "interface", required_argument, NULL, OPTION_INTERFACE }, PIM_TAKES_INTERFACE, "IF",
	  "ask the filter attached there" },
	{ { "role", required_argument, NULL, OPTION_ROLE }, PIM_TAKES_ROLE, "ROLE",
	  "only those with this role: " },
	{ { "rule", required_argument, NULL, OPTION_RULE }, PIM_TAKES_RULE, "RULE",
	  "only those that this rule admitted" },
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
	{},
};
enum { KNOWN_OPTIONS = sizeof(pim_known_options) / sizeof(*pim_known_options) };

/* ---- values ---- */

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
	for (const struct pim_known_option *known = pim_known_options; known->option.name; known++)
		if (known->option.val == letter && pim_takes_option(command, known))
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
		return pim_usage_error(command, "%s has a --config already: expected another %s before '%s'",
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
		return pim_usage_error(command, "expected nothing more, found '%s'", operand);
	if (!arguments->operand)
		arguments->operand = operand;
	if (command->operands != PIM_MANY_WITH_CONFIG)
		return PIM_EXIT_DONE;
	for (size_t i = 0; i < arguments->pair_count; i++)
		if (!strcmp(arguments->pairs[i].interface, operand))
			return pim_usage_error(command, "expected each %s once, found '%s' twice",
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
			return pim_usage_error(command, "expected --metrics ADDRESS:PORT, [ADDRESS]:PORT or "
					   "unix:PATH, found '%s'", optarg);
		break;
	case OPTION_LOG_FORMAT:
		if (parse_log_format(optarg, &arguments->log_format))
			return pim_usage_error(command, "expected --log-format text or json, found '%s'", optarg);
		break;
	case OPTION_MODE:
		if (parse_mode(optarg, &arguments->mode))
			return pim_usage_error(command, "expected --mode auto, native or skb, found '%s'", optarg);
		break;
	case OPTION_INTERFACE:
		arguments->interface = optarg;
		break;
	case OPTION_ROLE:
		if (parse_role(optarg, &arguments->role))
			return pim_usage_error(command, "expected a role (%s), found '%s'",
					   pim_role_list((char[PIM_NAME_LIST]){}), optarg);
		break;
	case OPTION_RULE:
		arguments->rule = optarg;
		break;
	case OPTION_GROUP:
		if (pim_group_parse(optarg, &arguments->group))
			return pim_usage_error(command, "expected a group of /etc/group, or its number, "
					   "found '%s'", optarg);
		break;
	case OPTION_TOP:
		if (parse_count(optarg, &arguments->top))
			return pim_usage_error(command, "expected a number after --top, found '%s'", optarg);
		arguments->has_top = true;
		break;
	case ':':
		return pim_usage_error(command, "expected a value after %s", argv[optind - 1]);
	default:
		/* A letter among others is in optopt; a long name is a word of its own. */
		if (optopt > 0 && optopt < PIM_OPTION_LONG && !is_known_letter(command, optopt))
			return pim_usage_error(command, "unknown option -%c", optopt);
		return pim_usage_error(command, "unknown option, or one that takes no value: %s",
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
	for (const struct pim_known_option *known = pim_known_options; known->option.name; known++) {
		if (!pim_takes_option(command, known))
			continue;
		options[count++] = known->option;
		if (known->option.val < PIM_OPTION_LONG) {
			letters[end++] = known->option.val;
			if (known->option.has_arg)
				letters[end++] = ':';
		}
	}
	letters[end] = '\0';
	options[count] = (struct option){};
}

static enum pim_exit check_needs(const struct pim_command *command, const struct pim_arguments *arguments)
{
	if (command->operand && command->operands != PIM_AT_MOST_ONE && !arguments->operand)
		return pim_usage_error(command, "expected %s", command->operand);
	for (size_t i = 0; i < arguments->pair_count; i++)
		if (!arguments->pairs[i].config)
			return pim_usage_error(command, "expected --config FILE after %s",
					   arguments->pairs[i].interface);
	if (command->needs & PIM_TAKES_CONFIG && !arguments->config && !arguments->pair_count)
		return pim_usage_error(command, "expected --config FILE");
	return PIM_EXIT_DONE;
}

enum pim_exit pim_parse_arguments(const struct pim_command *command, int argc, char **argv,
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
			pim_print_command_help(command);
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
