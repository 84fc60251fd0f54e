/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Options: what each takes, where its value goes, and which verb takes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/arguments.h"
#include "cli/verbs.h"
#include "unit/cli/line.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Takes every option, and needs none. */
static const struct pim_verb any = {
	.name = "any",
	.operand = "THING",
	.operands = PIM_AT_MOST_ONE,
	.takes = ((pim_option_set)1 << PIM_CLI_OPTIONS) - 1,
	.summary = "takes every option",
	.description = "",
};

/* ---- parsing a line ---- */

static struct pim_pair pairs[ARGUMENTS_MAX];
static char words[512]; /* of the last line; arguments point into them */

/* The arguments before anything is parsed. */
static void set_defaults(struct pim_arguments *arguments)
{
	memset(arguments, 0, sizeof(*arguments)); /* and what pads it, to compare it whole */
	memset(pairs, 0, sizeof(pairs));
	arguments->mode = PIM_ATTACH_AUTO;
	arguments->group = PIM_NO_GROUP;
	arguments->pairs = pairs;
}

/* Parses a line whose first word is the verb's; single blanks separate words. */
static enum pim_exit parse(const struct pim_verb *verb, const char *line,
			   struct pim_arguments *arguments, bool *runs)
{
	char *rest = words, *argv[ARGUMENTS_MAX + 1] = {};
	int argc = 0, kept_output, kept_errors;
	enum pim_exit status;

	assert_true(strlen(line) < sizeof(words));
	strcpy(words, line);
	while (rest) {
		assert_true(argc < ARGUMENTS_MAX);
		argv[argc++] = strsep(&rest, " ");
	}
	set_defaults(arguments);
	optind = 0; /* as in a new process */
	kept_output = redirect(stdout, STDOUT_FILENO, "stdout");
	kept_errors = redirect(stderr, STDERR_FILENO, "stderr");
	status = pim_parse_arguments(verb, argc, argv, arguments, runs);
	restore(stdout, STDOUT_FILENO, kept_output, "stdout", output, sizeof(output));
	restore(stderr, STDERR_FILENO, kept_errors, "stderr", errors, sizeof(errors));
	return status;
}

static void accept(const struct pim_verb *verb, const char *line, struct pim_arguments *arguments)
{
	bool runs = false;
	enum pim_exit status = parse(verb, line, arguments, &runs);

	if (status || !runs || *output || *errors)
		fail_msg("%s: status %d, runs %d: %s%s", line, status, runs, output, errors);
}

/* Refused with this line, and the usage after it. */
static void refuse(const struct pim_verb *verb, const char *line, const char *message)
{
	struct pim_arguments arguments;
	char expected[512];
	bool runs = true;

	assert_int_equal(parse(verb, line, &arguments, &runs), PIM_EXIT_USAGE);
	assert_false(runs);
	assert_string_equal(output, "");
	snprintf(expected, sizeof(expected), "pimxdp %s: %s\nusage: pimxdp %s", verb->name, message,
		 verb->name);
	if (strncmp(errors, expected, strlen(expected)))
		fail_msg("%s: expected \"%s\" in: %s", line, expected, errors);
}

static const struct pim_verb *verb_of(const char *name)
{
	const struct pim_verb *verb = pim_verb_find(name);

	assert_non_null(verb);
	return verb;
}

/* ---- types ---- */

/* Of each type a value, and what its field must be then. */
#define VALUE_FLAG NULL
#define VALUE_TEXT "some-text"
#define VALUE_NUMBER "4711"
#define VALUE_ROLE "messenger"
#define VALUE_MODE "skb"
#define VALUE_GROUP "4242"
#define VALUE_WHERE "[::1]:9469"
#define VALUE_LOG_FORMAT "json"

static void assert_text_is(const char *found, const char *expected)
{
	assert_non_null(found);
	assert_string_equal(found, expected);
}

#define CHECK_FLAG(found) assert_true(found)
#define CHECK_TEXT(found) assert_text_is(found, VALUE_TEXT)
#define CHECK_NUMBER(found) (assert_true((found).given), assert_int_equal((found).value, 4711))
#define CHECK_ROLE(found) assert_int_equal(found, PIM_ROLE_MESSENGER)
#define CHECK_MODE(found) assert_int_equal(found, PIM_ATTACH_SKB)
#define CHECK_GROUP(found) assert_int_equal(found, 4242)
#define CHECK_WHERE(found) assert_text_is(found, VALUE_WHERE)
#define CHECK_LOG_FORMAT(found) assert_int_equal(found, PIM_LOG_JSON)

static const struct {
	const char *name, *value; /* NULL: takes none */
	char letter;
	bool has_argument;
} options[PIM_CLI_OPTIONS] = {
#define PIM_CLI_OPTION(ID, field, name, letter, TYPE, argument, help) \
	{ name, VALUE_##TYPE, letter, (argument) != NULL },
#include "cli/options.def"
#undef PIM_CLI_OPTION
};

static void check_value(enum pim_cli_option option, const struct pim_arguments *arguments)
{
	switch (option) {
#define PIM_CLI_OPTION(ID, field, ...) CHECK_OPTION(ID, field, __VA_ARGS__)
#define CHECK_OPTION(ID, field, name, letter, TYPE, ...) \
	case PIM_CLI_##ID:                               \
		CHECK_##TYPE(arguments->field);          \
		break;
#include "cli/options.def"
#undef CHECK_OPTION
#undef PIM_CLI_OPTION
	case PIM_CLI_OPTIONS:
		fail();
	}
}

/* Puts a field back as it was before the line. */
static void clear_value(enum pim_cli_option option, struct pim_arguments *arguments)
{
	struct pim_arguments defaults;

	set_defaults(&defaults);
	switch (option) {
#define PIM_CLI_OPTION(ID, field, ...)                                                \
	case PIM_CLI_##ID:                                                            \
		memcpy(&arguments->field, &defaults.field, sizeof(arguments->field)); \
		break;
#include "cli/options.def"
#undef PIM_CLI_OPTION
	case PIM_CLI_OPTIONS:
		fail();
	}
}

/* Its own field gets the value, and no other one changes. */
static void assert_parsed(enum pim_cli_option option, const char *line)
{
	struct pim_arguments arguments, defaults;
	bool runs = false;

	assert_int_equal(parse(&any, line, &arguments, &runs), PIM_EXIT_DONE);
	assert_int_equal(runs, option != PIM_CLI_HELP); /* help is the answer itself */
	check_value(option, &arguments);
	clear_value(option, &arguments);
	if (option == PIM_CLI_PRETTY)
		clear_value(PIM_CLI_JSON, &arguments);
	set_defaults(&defaults);
	assert_memory_equal(&arguments, &defaults, sizeof(defaults));
}

/* As --name=VALUE, --name VALUE and -l VALUE. */
static void parses_every_option_by_its_type(void **state)
{
	(void)state;
	for (enum pim_cli_option option = 0; option < PIM_CLI_OPTIONS; option++) {
		const char *value = options[option].value;
		char line[96];

		assert_int_equal(value != NULL, options[option].has_argument);
		if (value)
			snprintf(line, sizeof(line), "any --%s=%s", options[option].name, value);
		else
			snprintf(line, sizeof(line), "any --%s", options[option].name);
		assert_parsed(option, line);
		if (value) {
			snprintf(line, sizeof(line), "any --%s %s", options[option].name, value);
			assert_parsed(option, line);
		}
		if (!options[option].letter)
			continue;
		snprintf(line, sizeof(line), "any -%c%s%s", options[option].letter,
			 value ? " " : "", value ? value : "");
		assert_parsed(option, line);
	}
}

static void asks_every_option_for_its_value(void **state)
{
	(void)state;
	for (enum pim_cli_option option = 0; option < PIM_CLI_OPTIONS; option++) {
		char line[96], message[96];

		if (options[option].has_argument) {
			snprintf(line, sizeof(line), "any --%s", options[option].name);
			snprintf(message, sizeof(message), "expected a value after --%s",
				 options[option].name);
		} else {
			snprintf(line, sizeof(line), "any --%s=x", options[option].name);
			snprintf(message, sizeof(message),
				 "expected no value after --%s, found --%s=x", options[option].name,
				 options[option].name);
		}
		refuse(&any, line, message);
	}
}

/* ---- values ---- */

static void takes_numbers(void **state)
{
	static const struct {
		const char *text;
		unsigned long value;
	} good[] = { { "0", 0 },
		     { "1", 1 },
		     { "20", 20 },
		     { "007", 7 },
		     { "18446744073709551615", 18446744073709551615ul } };
	static const char *const bad[] = { "",
					   "-1",
					   "+1",
					   "1.0",
					   "1x",
					   "x",
					   "0x10",
					   "1,000",
					   "18446744073709551616",
					   "99999999999999999999999" };
	struct pim_arguments arguments;
	char line[96], message[96];

	(void)state;
	accept(&any, "any", &arguments);
	assert_false(arguments.top.given); /* which is not the same as 0 */
	for (size_t at = 0; at < COUNT(good); at++) {
		snprintf(line, sizeof(line), "any --top %s", good[at].text);
		accept(&any, line, &arguments);
		assert_true(arguments.top.given);
		assert_int_equal(arguments.top.value, good[at].value);
	}
	for (size_t at = 0; at < COUNT(bad); at++) {
		snprintf(line, sizeof(line), "any --top %s", bad[at]);
		snprintf(message, sizeof(message), "expected a number after --top, found '%s'",
			 bad[at]);
		refuse(&any, line, message);
	}
}

static void takes_roles(void **state)
{
	static const struct {
		const char *text;
		enum pim_role role;
	} good[] = { { "access", PIM_ROLE_ACCESS },	  { "av", PIM_ROLE_AV },
		     { "partner", PIM_ROLE_PARTNER },	  { "client", PIM_ROLE_CLIENT },
		     { "messenger", PIM_ROLE_MESSENGER }, { "block", PIM_ROLE_BLOCK },
		     { "failsafe", PIM_ROLE_FAILSAFE } };
	static const char *const bad[] = { "",	"Partner", "partners", "part", "partner,client",
					   "1", "none" };
	struct pim_arguments arguments;
	char line[96], message[160];

	(void)state;
	assert_int_equal(COUNT(good), PIM_ROLES);
	accept(&any, "any", &arguments);
	assert_int_equal(arguments.role, 0);
	for (size_t at = 0; at < COUNT(good); at++) {
		snprintf(line, sizeof(line), "any --role %s", good[at].text);
		accept(&any, line, &arguments);
		assert_int_equal(arguments.role, good[at].role);
	}
	for (size_t at = 0; at < COUNT(bad); at++) {
		snprintf(line, sizeof(line), "any --role %s", bad[at]);
		snprintf(message, sizeof(message),
			 "expected a role (access, av, partner, client, messenger, "
			 "block or failsafe), found '%s'",
			 bad[at]);
		refuse(&any, line, message);
	}
}

/* "unknown" is what status calls a mode that the kernel does not tell, and "offload" one
 * that others attach in. */
static void takes_modes(void **state)
{
	static const struct {
		const char *text;
		enum pim_attach_mode mode;
	} good[] = { { "auto", PIM_ATTACH_AUTO },
		     { "native", PIM_ATTACH_NATIVE },
		     { "skb", PIM_ATTACH_SKB } };
	static const char *const bad[] = { "",		 "Native",  "nativ",   "natives",
					   "skb,native", "generic", "offload", "unknown" };
	struct pim_arguments arguments;
	char line[96], message[96];

	(void)state;
	for (size_t at = 0; at < COUNT(good); at++) {
		snprintf(line, sizeof(line), "any --mode %s", good[at].text);
		accept(&any, line, &arguments);
		assert_int_equal(arguments.mode, good[at].mode);
	}
	accept(&any, "any --mode skb --mode auto", &arguments); /* the last one counts */
	assert_int_equal(arguments.mode, PIM_ATTACH_AUTO);
	for (size_t at = 0; at < COUNT(bad); at++) {
		snprintf(line, sizeof(line), "any --mode %s", bad[at]);
		snprintf(message, sizeof(message),
			 "expected --mode auto, native or skb, found '%s'", bad[at]);
		refuse(&any, line, message);
	}
}

static void takes_groups(void **state)
{
	static const struct {
		const char *text;
		gid_t group;
	} good[] = { { "root", 0 }, { "0", 0 }, { "4294967294", 4294967294u } };
	static const char *const bad[] = {
		"", "-1", "4294967295", "4294967296", "no-such-group", "root:"
	};
	struct pim_arguments arguments;
	char line[96], message[96];

	(void)state;
	accept(&any, "any", &arguments);
	assert_int_equal(arguments.group, PIM_NO_GROUP);
	for (size_t at = 0; at < COUNT(good); at++) {
		snprintf(line, sizeof(line), "any --group %s", good[at].text);
		accept(&any, line, &arguments);
		assert_int_equal(arguments.group, good[at].group);
	}
	for (size_t at = 0; at < COUNT(bad); at++) {
		snprintf(line, sizeof(line), "any --group %s", bad[at]);
		snprintf(message, sizeof(message),
			 "expected a group of /etc/group, or its number, found '%s'", bad[at]);
		refuse(&any, line, message);
	}
}

static void takes_addresses_to_serve_at(void **state)
{
	static const char *const good[] = { "127.0.0.1:1", "127.0.0.1:65535", "[::]:9469",
					    "unix:/run/pimxdp.sock" };
	static const char *const bad[] = { "",		"9469",		  ":9469",
					   "127.0.0.1", "127.0.0.1:0",	  "127.0.0.1:65536",
					   "::1:9469",	"localhost:9469", "unix:" };
	struct pim_arguments arguments;
	char line[96], message[128];

	(void)state;
	for (size_t at = 0; at < COUNT(good); at++) {
		snprintf(line, sizeof(line), "any --metrics %s", good[at]);
		accept(&any, line, &arguments);
		assert_text_is(arguments.metrics, good[at]);
	}
	for (size_t at = 0; at < COUNT(bad); at++) {
		snprintf(line, sizeof(line), "any --metrics %s", bad[at]);
		snprintf(message, sizeof(message),
			 "expected --metrics ADDRESS:PORT, [ADDRESS]:PORT or "
			 "unix:PATH, found '%s'",
			 bad[at]);
		refuse(&any, line, message);
	}
}

static void takes_formats_of_the_log(void **state)
{
	static const char *const bad[] = {
		"", "j", "js", "jsonl", "JSON", "Text", "texts", "logfmt"
	};
	struct pim_arguments arguments;
	char line[96], message[96];

	(void)state;
	accept(&any, "any", &arguments);
	assert_int_equal(arguments.log_format, PIM_LOG_TEXT);
	accept(&any, "any --log-format json", &arguments);
	assert_int_equal(arguments.log_format, PIM_LOG_JSON);
	accept(&any, "any --log-format json --log-format text", &arguments);
	assert_int_equal(arguments.log_format, PIM_LOG_TEXT);
	for (size_t at = 0; at < COUNT(bad); at++) {
		snprintf(line, sizeof(line), "any --log-format %s", bad[at]);
		snprintf(message, sizeof(message), "expected --log-format text or json, found '%s'",
			 bad[at]);
		refuse(&any, line, message);
	}
}

static void makes_pretty_imply_json(void **state)
{
	static const struct {
		const char *line;
		bool json, pretty;
	} cases[] = {
		{ "any", false, false },	{ "any -j", true, false },
		{ "any --json", true, false },	{ "any -p", true, true },
		{ "any --pretty", true, true }, { "any -jp", true, true },
		{ "any -pj", true, true },	{ "any --pretty --json", true, true },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct pim_arguments arguments;

		accept(&any, cases[at].line, &arguments);
		assert_int_equal(arguments.json, cases[at].json);
		assert_int_equal(arguments.pretty, cases[at].pretty);
	}
}

/* ---- spellings ---- */

static void takes_every_spelling_of_a_value(void **state)
{
	static const char *const lines[] = {
		"check --config FILE", "check --config=FILE",  "check -c FILE",
		"check -cFILE",	       "check --conf FILE",    "check --conf=FILE",
		"check --c=FILE",      "check --print -cFILE", "check -cFILE --print",
	};
	struct pim_arguments arguments;

	(void)state;
	for (size_t at = 0; at < COUNT(lines); at++) {
		accept(verb_of("check"), lines[at], &arguments);
		assert_text_is(arguments.config, "FILE");
	}
	accept(verb_of("check"), "check -c=FILE", &arguments); /* as getopt has it */
	assert_text_is(arguments.config, "=FILE");
	accept(verb_of("check"), "check --config=", &arguments);
	assert_text_is(arguments.config, "");
	accept(verb_of("check"), "check -c --print", &arguments); /* a value all the same */
	assert_text_is(arguments.config, "--print");
	assert_false(arguments.print);
	accept(verb_of("check"), "check --config=a=b", &arguments);
	assert_text_is(arguments.config, "a=b");
}

/* A long option may be cut short where it stays the only one of its verb. */
static void takes_abbreviations(void **state)
{
	static const struct {
		const char *verb, *line;
		enum pim_cli_option option; /* PIM_CLI_OPTIONS: refused */
		const char *complaint;
	} cases[] = {
		{ "status", "status --j", PIM_CLI_JSON, NULL },
		{ "status", "status --p", PIM_CLI_PRETTY, NULL },
		{ "stats", "stats --p", PIM_CLI_OPTIONS,
		  "ambiguous option --p: expected --pretty or --prometheus\n" },
		{ "stats", "stats --pr", PIM_CLI_OPTIONS,
		  "ambiguous option --pr: expected --pretty or --prometheus\n" },
		{ "stats", "stats --pre", PIM_CLI_PRETTY, NULL },
		{ "stats", "stats --pro", PIM_CLI_PROMETHEUS, NULL },
		{ "stats", "stats --o", PIM_CLI_OPTIONS,
		  "ambiguous option --o: expected --openmetrics or --output\n" },
		{ "stats", "stats --op", PIM_CLI_OPENMETRICS, NULL },
		{ "status", "status --prettyy", PIM_CLI_OPTIONS,
		  "unknown option --prettyy: did you mean --pretty?\n" },
		{ "status", "status --Pretty", PIM_CLI_OPTIONS,
		  "unknown option --Pretty: did you mean --pretty?\n" },
		{ "status", "status -pretty", PIM_CLI_OPTIONS,
		  "unknown option -r\n" }, /* letters: -p -r ... */
		{ "check", "check -cx --pr", PIM_CLI_OPTIONS,
		  "ambiguous option --pr: expected --pretty or --print\n" },
		{ "check", "check -cx --pri", PIM_CLI_PRINT, NULL },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		const struct pim_verb *verb = verb_of(cases[at].verb);
		struct pim_arguments arguments;
		bool runs;

		if (cases[at].option == PIM_CLI_OPTIONS) {
			assert_int_equal(parse(verb, cases[at].line, &arguments, &runs),
					 PIM_EXIT_USAGE);
			assert_has(errors, cases[at].complaint);
		} else {
			accept(verb, cases[at].line, &arguments);
			check_value(cases[at].option, &arguments);
		}
	}
}

/* Options and operands in any order; after "--" there are only operands. */
static void takes_words_in_any_order(void **state)
{
	static const struct {
		const char *line, *operand;
		bool json;
	} cases[] = {
		{ "status", NULL, false },
		{ "status eth1", "eth1", false },
		{ "status eth1 -j", "eth1", true },
		{ "status -j eth1", "eth1", true },
		{ "status -j -- eth1", "eth1", true },
		{ "status -- -j", "-j", false },
		{ "status -j --", NULL, true },
		{ "status -", "-", false },
		{ "status --", NULL, false },
		{ "status -- --", "--", false },
	};
	struct pim_arguments arguments;

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		accept(verb_of("status"), cases[at].line, &arguments);
		if (cases[at].operand)
			assert_text_is(arguments.operand, cases[at].operand);
		else
			assert_null(arguments.operand);
		assert_int_equal(arguments.json, cases[at].json);
	}
	refuse(verb_of("status"), "status eth1 -- eth2", "expected nothing more, found 'eth2'");
	refuse(verb_of("metrics"), "metrics -- -j", "expected nothing more, found '-j'");
}

/* ---- pairs of an interface and its configuration ---- */

static void takes_pairs(void **state)
{
	static const struct {
		const char *line;
		struct pim_pair pairs[3];
	} cases[] = {
		{ "run eth1 --config a", { { "eth1", "a" } } },
		{ "run --config a eth1", { { "eth1", "a" } } },
		{ "run -ca eth1 eth2 -cb", { { "eth1", "a" }, { "eth2", "b" } } },
		{ "run eth1 -ca eth2 -cb eth3 -cc",
		  { { "eth1", "a" }, { "eth2", "b" }, { "eth3", "c" } } },
		{ "run eth1 -ca eth2 -ca", { { "eth1", "a" }, { "eth2", "a" } } },
		{ "run eth1 --mode skb -ca eth2 -cb", { { "eth1", "a" }, { "eth2", "b" } } },
	};
	struct pim_arguments arguments;

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		size_t count = 0;

		while (count < COUNT(cases[at].pairs) && cases[at].pairs[count].interface)
			count++;
		accept(verb_of("run"), cases[at].line, &arguments);
		assert_int_equal(arguments.pair_count, count);
		for (size_t pair = 0; pair < count; pair++) {
			assert_string_equal(arguments.pairs[pair].interface,
					    cases[at].pairs[pair].interface);
			assert_string_equal(arguments.pairs[pair].config,
					    cases[at].pairs[pair].config);
		}
	}
}

static void refuses_pairs_that_do_not_match(void **state)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
		{ "run", "expected INTERFACE" },
		{ "run -ca", "expected INTERFACE" },
		{ "run eth1", "expected --config FILE after eth1" },
		{ "run eth1 eth2 -cb", "expected --config FILE after eth1" },
		{ "run eth1 -ca eth2", "expected --config FILE after eth2" },
		{ "run eth1 -ca -- eth2", "expected --config FILE after eth2" },
		{ "run eth1 -ca -cb",
		  "eth1 has a --config already: expected another INTERFACE before 'b'" },
		{ "run -ca eth1 -cb",
		  "eth1 has a --config already: expected another INTERFACE before 'b'" },
		{ "run eth1 -ca eth1 -cb", "expected each INTERFACE once, found 'eth1' twice" },
		{ "run eth1 -ca eth2 -cb eth1 -cc",
		  "expected each INTERFACE once, found 'eth1' twice" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++)
		refuse(verb_of("run"), cases[at].line, cases[at].message);
}

/* ---- verbs ---- */

/* Whether the help has a line of its own for the option. */
static bool is_shown(const char *help, enum pim_cli_option option)
{
	const char *at = strstr(help, "\noptions:\n");
	char start[64];

	assert_non_null(at);
	if (options[option].letter)
		snprintf(start, sizeof(start), "\n  -%c, --%s ", options[option].letter,
			 options[option].name);
	else
		snprintf(start, sizeof(start), "\n      --%s ", options[option].name);
	return strstr(at, start) != NULL;
}

/* Whether its first line, the usage, has the option. */
static bool is_in_usage(const char *help, enum pim_cli_option option)
{
	char word[64];
	size_t length = (size_t)snprintf(word, sizeof(word), "--%s", options[option].name);
	const char *end = strchr(help, '\n'), *at = strstr(help, word);

	while (at && at < end && !strchr(" ]\n", at[length]))
		at = strstr(at + 1, word);
	return at && at < end;
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)); text++)
		count++;
	return count;
}

/* What a verb's help shows is what it takes, and nothing else. */
static void takes_what_the_help_shows(void **state)
{
	(void)state;
	for (const struct pim_verb *const *at = pim_verbs; *at; at++) {
		const struct pim_verb *verb = *at;
		struct pim_arguments arguments;
		char help[sizeof(output)], line[160];
		size_t shown = 0;
		bool runs;

		snprintf(line, sizeof(line), "%s --help", verb->name);
		assert_int_equal(parse(verb, line, &arguments, &runs), PIM_EXIT_DONE);
		assert_false(runs);
		strcpy(help, output);
		for (enum pim_cli_option option = 0; option < PIM_CLI_OPTIONS; option++) {
			const char *value = options[option].value;
			bool needs_config =
				verb->needs & PIM_TAKES(CONFIG) && option != PIM_CLI_CONFIG;

			snprintf(line, sizeof(line), "%s%s%s --%s%s%s", verb->name,
				 verb->operand ? " eth1" : "", needs_config ? " --config x" : "",
				 options[option].name, value ? "=" : "", value ? value : "");
			shown += is_shown(help, option);
			assert_int_equal(is_in_usage(help, option),
					 is_shown(help, option) && option != PIM_CLI_HELP);
			if (is_shown(help, option)) {
				assert_int_equal(parse(verb, line, &arguments, &runs),
						 PIM_EXIT_DONE);
				assert_int_equal(runs, option != PIM_CLI_HELP);
				if (option != PIM_CLI_CONFIG ||
				    verb->operands != PIM_MANY_WITH_CONFIG)
					check_value(option, &arguments);
			} else {
				assert_int_equal(parse(verb, line, &arguments, &runs),
						 PIM_EXIT_USAGE);
				assert_false(runs);
				assert_has(errors, "unknown option");
			}
		}
		assert_true(is_shown(help, PIM_CLI_HELP));
		/* Every line of the list is an option that is known. */
		assert_int_equal(count_of(strstr(help, "\noptions:\n"), "\n  "), shown);
	}
}

/* Options that must be given stand in the usage without brackets. */
static void marks_what_is_needed(void **state)
{
	static const struct pim_verb verb = {
		.name = "any",
		.takes = PIM_TAKES(CONFIG) | PIM_TAKES(TOP) | PIM_TAKES(JSON),
		.needs = PIM_TAKES(CONFIG),
		.summary = "a summary",
		.description = "A description.\n",
	};
	struct pim_arguments arguments;
	bool runs;

	(void)state;
	assert_int_equal(parse(&verb, "any -h", &arguments, &runs), PIM_EXIT_DONE);
	assert_false(runs);
	assert_string_equal(output, "usage: pimxdp any --config FILE [--top N] [--json]\n"
				    "\n"
				    "any: a summary.\n"
				    "A description.\n"
				    "\n"
				    "options:\n"
				    "  -c, --config FILE        the configuration\n"
				    "      --top N              only the N largest (0: all)\n"
				    "  -j, --json               for machines, on stdout\n"
				    "  -h, --help               this text\n"
				    "\n"
				    "exit status: 0 done; 1 failed; 2 usage or configuration.\n");
	refuse(&verb, "any --top 3", "expected --config FILE");
}

/* Help answers as soon as it is read; a mistake before it comes first. */
static void helps_in_the_midst_of_a_line(void **state)
{
	struct pim_arguments arguments;
	bool runs = true;

	(void)state;
	assert_int_equal(parse(verb_of("attach"), "attach --help --bogus", &arguments, &runs),
			 PIM_EXIT_DONE);
	assert_false(runs);
	assert_has(output, "usage: pimxdp attach ");
	assert_int_equal(parse(verb_of("attach"), "attach -c x -h eth1", &arguments, &runs),
			 PIM_EXIT_DONE);
	assert_has(output, "usage: pimxdp attach ");
	assert_string_equal(errors, "");
	refuse(verb_of("attach"), "attach --bogus --help", "unknown option --bogus");
}

/* The values that completion offers for an option: those of a role. */
static void names_the_values_of_roles(void **state)
{
	char text[PIM_NAME_LIST];

	(void)state;
	for (enum pim_cli_option option = 0; option < PIM_CLI_OPTIONS; option++) {
		assert_ptr_equal(pim_option_values(option, text), text);
		assert_string_equal(
			text, option != PIM_CLI_ROLE ?
				      "" :
				      "access, av, partner, client, messenger, block or failsafe");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_every_option_by_its_type),
		cmocka_unit_test(asks_every_option_for_its_value),
		cmocka_unit_test(takes_numbers),
		cmocka_unit_test(takes_roles),
		cmocka_unit_test(takes_modes),
		cmocka_unit_test(takes_groups),
		cmocka_unit_test(takes_addresses_to_serve_at),
		cmocka_unit_test(takes_formats_of_the_log),
		cmocka_unit_test(makes_pretty_imply_json),
		cmocka_unit_test(takes_every_spelling_of_a_value),
		cmocka_unit_test(takes_abbreviations),
		cmocka_unit_test(takes_words_in_any_order),
		cmocka_unit_test(takes_pairs),
		cmocka_unit_test(refuses_pairs_that_do_not_match),
		cmocka_unit_test(takes_what_the_help_shows),
		cmocka_unit_test(marks_what_is_needed),
		cmocka_unit_test(helps_in_the_midst_of_a_line),
		cmocka_unit_test(names_the_values_of_roles),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
