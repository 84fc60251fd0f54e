/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/arguments.h"

#include <getopt.h>
#include <string.h>

#include "cli/usage.h"

/* For an option without a letter, getopt_long returns this plus its number. */
enum { LONG = 256 };

static int value_of(enum pim_cli_option option)
{
	return pim_options_known[option].letter ? pim_options_known[option].letter :
						  LONG + (int)option;
}

/* The option that getopt_long found among those of the verb; PIM_CLI_OPTIONS: none. */
static enum pim_cli_option found_option(const struct pim_verb *verb, int found)
{
	enum pim_cli_option option = 0;

	while (option < PIM_CLI_OPTIONS &&
	       (!pim_verb_takes(verb, option) || value_of(option) != found))
		option++;
	return option;
}

/* If there are many operands, each has its --config after it; only the first may have
 * it before. */
static enum pim_exit take_config(const struct pim_verb *verb, struct pim_arguments *arguments,
				 const char *config)
{
	struct pim_pair *last =
		arguments->pair_count ? &arguments->pairs[arguments->pair_count - 1] : NULL;

	if (last && last->config)
		return pim_usage_error(verb,
				       "%s has a --config already: expected another %s before '%s'",
				       last->interface, verb->operand, config);
	if (last)
		last->config = config;
	else
		arguments->config = config;
	return PIM_EXIT_DONE;
}

static enum pim_exit take_operand(const struct pim_verb *verb, struct pim_arguments *arguments,
				  const char *operand)
{
	if (!verb->operand || (arguments->operand && verb->operands != PIM_MANY_WITH_CONFIG))
		return pim_usage_error(verb, "expected nothing more, found '%s'", operand);
	if (!arguments->operand)
		arguments->operand = operand;
	if (verb->operands != PIM_MANY_WITH_CONFIG)
		return PIM_EXIT_DONE;
	for (size_t i = 0; i < arguments->pair_count; i++)
		if (!strcmp(arguments->pairs[i].interface, operand))
			return pim_usage_error(verb, "expected each %s once, found '%s' twice",
					       verb->operand, operand);
	arguments->pairs[arguments->pair_count++] = (struct pim_pair){ operand, arguments->config };
	arguments->config = NULL;
	return PIM_EXIT_DONE;
}

static enum pim_exit refuse_option(const struct pim_verb *verb, int found, const char *word)
{
	if (found == ':')
		return pim_usage_error(verb, "expected a value after %s", word);
	/* An unknown letter may be one of several in a word, so it is taken from optopt. */
	if (optopt > 0 && optopt < LONG && found_option(verb, optopt) == PIM_CLI_OPTIONS)
		return pim_usage_error(verb, "unknown option -%c", optopt);
	return pim_usage_error(verb, "unknown option, or one that takes no value: %s", word);
}

/* Takes one result of getopt_long. */
static enum pim_exit take(const struct pim_verb *verb, struct pim_arguments *arguments, int found,
			  char **argv)
{
	enum pim_cli_option option = found_option(verb, found);
	const struct pim_option *known = &pim_options_known[option];
	char expected[PIM_EXPECTED_TEXT];

	if (found == 1) /* an operand, in its place */
		return take_operand(verb, arguments, optarg);
	if (option == PIM_CLI_OPTIONS)
		return refuse_option(verb, found, argv[optind - 1]);
	if (option == PIM_CLI_CONFIG)
		return take_config(verb, arguments, optarg);
	if (known->parse(optarg, (char *)arguments + known->offset))
		return pim_usage_error(verb, "expected %s, found '%s'",
				       pim_option_expected(option, expected), optarg);
	return PIM_EXIT_DONE;
}

/* The options of a verb, for getopt_long. */
static void list_options(const struct pim_verb *verb, struct option options[PIM_CLI_OPTIONS + 1],
			 char letters[2 * PIM_CLI_OPTIONS + 3])
{
	size_t count = 0, end = 0;

	letters[end++] = '-'; /* operands are returned in their order, as 1 */
	letters[end++] = ':'; /* a missing value is returned as ':'; nothing is printed */
	for (enum pim_cli_option option = 0; option < PIM_CLI_OPTIONS; option++) {
		const struct pim_option *known = &pim_options_known[option];

		if (!pim_verb_takes(verb, option))
			continue;
		options[count++] = (struct option){
			.name = known->name,
			.has_arg = known->argument ? required_argument : no_argument,
			.val = value_of(option),
		};
		if (!known->letter)
			continue;
		letters[end++] = known->letter;
		if (known->argument)
			letters[end++] = ':';
	}
	letters[end] = '\0';
	options[count] = (struct option){};
}

static enum pim_exit check_needs(const struct pim_verb *verb, const struct pim_arguments *arguments)
{
	if (verb->operand && verb->operands != PIM_AT_MOST_ONE && !arguments->operand)
		return pim_usage_error(verb, "expected %s", verb->operand);
	for (size_t i = 0; i < arguments->pair_count; i++)
		if (!arguments->pairs[i].config)
			return pim_usage_error(verb, "expected --config FILE after %s",
					       arguments->pairs[i].interface);
	if (verb->needs & PIM_TAKES(CONFIG) && !arguments->config && !arguments->pair_count)
		return pim_usage_error(verb, "expected --config FILE");
	return PIM_EXIT_DONE;
}

enum pim_exit pim_parse_arguments(const struct pim_verb *verb, int argc, char **argv,
				  struct pim_arguments *arguments, bool *run)
{
	struct option options[PIM_CLI_OPTIONS + 1];
	char letters[2 * PIM_CLI_OPTIONS + 3];
	enum pim_exit status = PIM_EXIT_DONE;
	int found;

	*run = false;
	list_options(verb, options, letters);
	opterr = 0;
	while (!status && (found = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		status = take(verb, arguments, found, argv);
		if (arguments->help) {
			pim_print_verb_help(verb);
			return PIM_EXIT_DONE;
		}
	}
	while (!status && optind < argc) /* after "--" */
		status = take_operand(verb, arguments, argv[optind++]);
	if (!status)
		status = check_needs(verb, arguments);
	arguments->json = arguments->json || arguments->pretty;
	*run = !status;
	return status;
}
