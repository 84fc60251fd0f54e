/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Mistakes on the command line: the message names each, and the status is 2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "unit/cli/line.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A long option is quoted as it was given. */
static void assert_unknown(const char *line, const char *option)
{
	char message[96];

	snprintf(message, sizeof(message), ": unknown option %s\n", option);
	assert_usage(line, message);
}

static void refuses_unknown_options(void **state)
{
	(void)state;
	assert_usage("attach eth1 --bogus", "pimxdp attach: unknown option --bogus\n");
	assert_usage("attach eth1 --bogus", "\nusage: pimxdp attach INTERFACE ");
	assert_unknown("attach eth1 --config x --json", "--json");
	assert_unknown("detach eth1 --config x", "--config");
	assert_unknown("detach --replace eth1", "--replace");
	assert_unknown("status --top 3", "--top");
	assert_unknown("stats eth1 --top 3", "--top");
	assert_unknown("flows eth1 --prometheus", "--prometheus");
	assert_unknown("status eth1 --output x", "--output");
	assert_unknown("metrics --prometheus", "--prometheus");
	assert_unknown("reload eth1 --config x --mode skb", "--mode");
	assert_unknown("reload eth1 --config x --json", "--json");
	assert_unknown("policy --config x", "--config");
	assert_unknown("replay x --config x --mode skb", "--mode");
	assert_unknown("addresses eth1 --config x", "--config");
	assert_unknown("addresses eth1 --interface eth2", "--interface");
	assert_unknown("lookup 192.0.2.1 --role partner", "--role");
	assert_usage("flows eth1 --role partner",
		     ": unknown option --role: did you mean --rule?\n");
	assert_usage("policy -x", "unknown option -x");
}

/* A mistyped option is told which it may have been; what is near none, nothing. */
static void asks_which_option_was_meant(void **state)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
		{ "status --jsno", "unknown option --jsno: did you mean --json?\n" },
		{ "attach eth1 --confg x", "unknown option --confg: did you mean --config?\n" },
		{ "attach eth1 --confg=x", "unknown option --confg: did you mean --config?\n" },
		{ "stats --pretyt", "unknown option --pretyt: did you mean --pretty?\n" },
		{ "status --conifg x",
		  "unknown option --conifg\n" }, /* one that it does not take */
		{ "status --p\xc3\xa9", "unknown option --p\\xc3\\xa9\n" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++)
		assert_usage(cases[at].line, cases[at].message);
}

/* An abbreviation that fits several is not unknown. */
static void names_what_an_abbreviation_may_mean(void **state)
{
	(void)state;
	assert_usage("stats --p", "ambiguous option --p: expected --pretty or --prometheus\n");
	assert_usage("stats --p=x", "ambiguous option --p: expected --pretty or --prometheus\n");
	assert_usage("attach eth1 --m skb --", "expected --config FILE"); /* fits one */
	assert_usage("run eth1 --config x --m skb",
		     "ambiguous option --m: expected --mode or --metrics\n");
}

/* The word with the mistake is quoted, not the one before it. */
static void quotes_the_word_with_a_strange_letter(void **state)
{
	static const char *const lines[] = { "policy -\xc3\xa9", "policy --json -\xc3\xa9",
					     "policy -\xc3\xa9 --json" };

	(void)state;
	for (size_t at = 0; at < COUNT(lines); at++)
		assert_usage(lines[at],
			     "expected options of one ASCII letter each, found '-\\xc3\\xa9'\n");
	assert_usage("policy -j\xc3\xa9", "found '-j\\xc3\\xa9'\n");
	assert_usage("policy --json -\033", "found '-\\x1b'\n");
}

/* The unknown letter is named, wherever it is among other letters. */
static void names_the_unknown_letter(void **state)
{
	static const char *const lines[] = { "policy -x", "policy -xj", "stats eth1 -xj",
					     "policy --json -xj", "stats -x eth1" };

	(void)state;
	for (size_t at = 0; at < COUNT(lines); at++)
		assert_usage(lines[at], "unknown option -x");
}

static void refuses_values_to_switches(void **state)
{
	(void)state;
	assert_usage("policy --json=yes", "expected no value after --json, found --json=yes\n");
	assert_usage("attach eth1 --config x --replace=1",
		     "expected no value after --replace, found --replace=1\n");
	assert_usage("status --js=", "expected no value after --json, found --js=\n");
}

static void asks_for_what_is_missing(void **state)
{
	static const char *const interface[] = { "attach --config x", "detach", "reload --config x",
						 "attach --config x --replace" };
	static const char *const config[] = { "attach eth1", "reload eth1", "replay x.pcap",
					      "replay - --json" };
	static const char *const either[] = { "lookup 192.0.2.1", "lookup 2001:db8::1",
					      "lookup 192.0.2.1 --config x --interface eth1" };

	(void)state;
	for (size_t at = 0; at < COUNT(interface); at++)
		assert_usage(interface[at], "expected INTERFACE");
	assert_usage("lookup --config x", "expected ADDRESS");
	assert_usage("replay --config x", "expected CAPTURE");
	for (size_t at = 0; at < COUNT(config); at++)
		assert_usage(config[at], "expected --config FILE");
	for (size_t at = 0; at < COUNT(either); at++)
		assert_usage(either[at],
			     "lookup: expected either --config FILE or --interface IF\n");
	assert_usage("check", "check: expected one FILE, found none");
	assert_usage("check --config", "expected a value after --config");
	assert_usage("check -c", "expected a value after -c");
	assert_usage("attach eth1 --config x --mode", "expected a value after --mode");
	assert_usage("flows eth1 --top", "expected a value after --top");
	assert_usage("lookup 192.0.2.1 --interface", "expected a value after --interface");
	assert_usage("addresses eth1 --role", "expected a value after --role");
	assert_usage("stats eth1 --prometheus --output", "expected a value after --output");
}

static void refuses_formats_that_exclude_each_other(void **state)
{
	static const char *const lines[] = { "stats eth1 --json --prometheus",
					     "stats eth1 --prometheus --pretty",
					     "stats eth1 --openmetrics --json",
					     "stats eth1 -j --prometheus",
					     "stats --openmetrics --prometheus" };

	(void)state;
	for (size_t at = 0; at < COUNT(lines); at++)
		assert_usage(lines[at], "expected one of --json, --prometheus and --openmetrics");
	assert_usage("stats eth1 --output x", "--output FILE is for metrics");
	assert_usage("stats eth1 --json --output x", "--output FILE is for metrics");
	assert_usage("stats a/b --prometheus", "expected an interface name, found 'a/b'");
}

static void refuses_what_is_too_much(void **state)
{
	(void)state;
	assert_usage("detach eth1 eth2", "expected nothing more, found 'eth2'");
	assert_usage("status eth1 eth2", "found 'eth2'");
	assert_usage("policy eth1 eth2", "found 'eth2'");
	assert_usage("policy a/b", "expected an interface name, found 'a/b'");
	assert_usage("check x y", "found 'y'");
	assert_usage("check x --config y", "check: expected one FILE, found another as --config");
	assert_usage("check x --print --json", "check: expected --print or --json, found both");
	assert_usage("replay a b --config x", "found 'b'");
	assert_usage("addresses eth1 eth2", "found 'eth2'");
	assert_usage("lookup 192.0.2.1 192.0.2.2 --config x", "found '192.0.2.2'");
}

static void refuses_bad_modes(void **state)
{
	static const char *const modes[] = { "bogus", "Native", "offload",   "generic",
					     "nat",   "",	"skb,native" };

	(void)state;
	for (size_t at = 0; at < COUNT(modes); at++) {
		char line[64], message[64];

		snprintf(line, sizeof(line), "attach eth1 --config x --mode %s", modes[at]);
		snprintf(message, sizeof(message),
			 "expected --mode auto, native or skb, found '%s'", modes[at]);
		assert_usage(line, message);
	}
}

static void refuses_bad_roles(void **state)
{
	static const char *const roles[] = { "bogus", "Partner",	"partners", "part",
					     "",      "partner,client", "1",	    "av,access" };

	(void)state;
	for (size_t at = 0; at < COUNT(roles); at++) {
		char line[64], message[64];

		snprintf(line, sizeof(line), "addresses eth1 --role %s", roles[at]);
		snprintf(message, sizeof(message), "found '%s'\nusage: pimxdp addresses ",
			 roles[at]);
		assert_usage(line, "addresses: expected a role");
		assert_usage(line, message);
	}
}

static void refuses_bad_counts(void **state)
{
	static const char *const counts[] = { "x",  "-1",   "+5",  "",
					      "5x", "0x10", "1.5", "99999999999999999999999" };

	(void)state;
	for (size_t at = 0; at < COUNT(counts); at++) {
		char line[64], message[64];

		snprintf(line, sizeof(line), "flows eth1 --top %s", counts[at]);
		snprintf(message, sizeof(message), "found '%s'", counts[at]);
		assert_usage(line, message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_unknown_options),
		cmocka_unit_test(asks_which_option_was_meant),
		cmocka_unit_test(names_what_an_abbreviation_may_mean),
		cmocka_unit_test(quotes_the_word_with_a_strange_letter),
		cmocka_unit_test(names_the_unknown_letter),
		cmocka_unit_test(refuses_values_to_switches),
		cmocka_unit_test(asks_for_what_is_missing),
		cmocka_unit_test(refuses_formats_that_exclude_each_other),
		cmocka_unit_test(refuses_what_is_too_much),
		cmocka_unit_test(refuses_bad_modes),
		cmocka_unit_test(refuses_bad_roles),
		cmocka_unit_test(refuses_bad_counts),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
