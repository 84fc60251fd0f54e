/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/arguments.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/quote.h"
#include "cli/usage.h"

/* For an option without a letter, getopt_long returns this plus its number. */
enum { LONG = 256 };

/* Bytes for "--" and the name of any option. */
enum { OPTION_TEXT = 32 };

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

/* Lists the verb's options that begin with `start`, as "--name"; returns how many. */
static size_t list_names(const struct pim_verb *verb, const char *start, size_t length,
			 char texts[PIM_CLI_OPTIONS][OPTION_TEXT],
			 const char *names[PIM_CLI_OPTIONS + 1])
{
	size_t count = 0;

	for (enum pim_cli_option option = 0; option < PIM_CLI_OPTIONS; option++) {
		const char *name = pim_options_known[option].name;

		if (!pim_verb_takes(verb, option) || strncmp(name, start, length))
			continue;
		snprintf(texts[count], OPTION_TEXT, "--%s", name);
		names[count] = texts[count];
		count++;
	}
	names[count] = NULL;
	return count;
}

/* getopt_long does not say what it has against a long option. */
static enum pim_exit refuse_long(const struct pim_verb *verb, const char *word)
{
	size_t length = strcspn(word + 2, "=");
	const char *names[PIM_CLI_OPTIONS + 1], *nearest;
	char texts[PIM_CLI_OPTIONS][OPTION_TEXT], list[PIM_NAME_LIST];
	char name[PIM_QUOTE_TEXT], whole[PIM_QUOTE_TEXT];
	size_t count = list_names(verb, word + 2, length, texts, names);

	pim_quote_line(word, length + 2, name);
	if (count > 1)
		return pim_usage_error(verb, "ambiguous option %s: expected %s", name,
				       pim_name_list(names, list));
	if (count == 1)
		return pim_usage_error(verb, "expected no value after %s, found %s", names[0],
				       pim_quote_line(word, strlen(word), whole));
	list_names(verb, "", 0, texts, names);
	nearest = pim_name_nearest(names, name);
	if (nearest)
		return pim_usage_error(verb, "unknown option %s: did you mean %s?", name, nearest);
	return pim_usage_error(verb, "unknown option %s", name);
}

/* `word` is the argument that getopt_long is in. */
static enum pim_exit refuse_option(const struct pim_verb *verb, int found, const char *word)
{
	char quoted[PIM_QUOTE_TEXT];

	if (found == ':')
		return pim_usage_error(verb, "expected a value after %s",
				       pim_quote_line(word, strlen(word), quoted));
	if (word[1] == '-')
		return refuse_long(verb, word);
	/* An unknown letter may be one of several in a word. */
	if (optopt > ' ' && optopt < 127)
		return pim_usage_error(verb, "unknown option -%c", optopt);
	return pim_usage_error(verb, "expected options of one ASCII letter each, found '%s'",
			       pim_quote_line(word, strlen(word), quoted));
}

/* Takes one result of getopt_long, which it found in `word`. */
static enum pim_exit take(const struct pim_verb *verb, struct pim_arguments *arguments, int found,
			  const char *word)
{
	enum pim_cli_option option = found_option(verb, found);
	const struct pim_option *known = &pim_options_known[option];
	char expected[PIM_EXPECTED_TEXT];

	if (found == 1) /* an operand, in its place */
		return take_operand(verb, arguments, optarg);
	if (option == PIM_CLI_OPTIONS)
		return refuse_option(verb, found, word);
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
	int found, at;

	*run = false;
	list_options(verb, options, letters);
	opterr = 0;
	/* optind moves on only after the last letter of a word, so remember where it was. */
	while (!status && (at = optind ? optind : 1,
			   found = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		status = take(verb, arguments, found, argv[at]);
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
