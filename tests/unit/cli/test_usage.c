/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Help: which commands there are, and their usage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/verbs.h"
#include "unit/cli/line.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void tells_of_every_command(void **state)
{
	static const char *const commands[] = { "attach", "run",       "detach", "status", "reload",
						"stats",  "metrics",   "flows",	 "check",  "policy",
						"lookup", "addresses", "replay", "doctor" };
	size_t count = 0;

	(void)state;
	while (pim_verbs[count])
		count++;
	assert_int_equal(count, COUNT(commands));
	for (size_t at = 0; at < COUNT(commands); at++) {
		static const char *const options[] = { "--help", "-h" };
		char line[64], usage[64];

		for (size_t option = 0; option < COUNT(options); option++) {
			snprintf(line, sizeof(line), "%s %s", commands[at], options[option]);
			assert_int_equal(run(line), PIM_EXIT_DONE);
			assert_string_equal(errors, "");
			snprintf(usage, sizeof(usage), "usage: pimxdp %s", commands[at]);
			assert_int_equal(strncmp(output, usage, strlen(usage)), 0);
			assert_has(output, "--help");
			assert_has(output,
				   "exit status: 0 done; 1 failed; 2 usage or configuration.\n");
			assert_null(strstr(output, "(null)"));
			assert_null(strstr(output, "\n\n\n"));
		}
		assert_int_equal(run("--help"), PIM_EXIT_DONE);
		snprintf(usage, sizeof(usage), "\n  %-9s ", commands[at]);
		assert_has(output, usage);
	}
}

/* The command line, to the letter: scripts and the manual rely on it. */
static void shows_the_usage_to_the_letter(void **state)
{
	static const struct {
		const char *line, *usage;
	} cases[] = {
		{ "attach -h",
		  "usage: pimxdp attach INTERFACE --config FILE [--mode MODE] [--observe] "
		  "[--replace] [--group GROUP]\n" },
		{ "run -h",
		  "usage: pimxdp run INTERFACE --config FILE [--mode MODE] [--observe] "
		  "[--group GROUP] [--metrics WHERE] [--log-format FORMAT] "
		  "[--copy-flows SECONDS] [--detach-on-exit] [INTERFACE --config FILE]...\n" },
		{ "detach -h", "usage: pimxdp detach INTERFACE [--elsewhere]\n" },
		{ "status -h", "usage: pimxdp status [INTERFACE] [--json] [--pretty]\n" },
		{ "reload -h", "usage: pimxdp reload INTERFACE --config FILE [--observe]\n" },
		{ "stats -h", "usage: pimxdp stats [INTERFACE] [--json] [--pretty] [--prometheus] "
			      "[--openmetrics] [--output FILE]\n" },
		{ "metrics -h", "usage: pimxdp metrics [--json] [--pretty]\n" },
		{ "flows -h",
		  "usage: pimxdp flows [INTERFACE] [--rule RULE] [--top N] [--json] [--pretty]\n" },
		{ "check -h",
		  "usage: pimxdp check [FILE] [--config FILE] [--observe] [--json] [--pretty] "
		  "[--print]\n" },
		{ "policy -h", "usage: pimxdp policy [INTERFACE] [--json] [--pretty]\n" },
		{ "lookup -h", "usage: pimxdp lookup ADDRESS [--config FILE] [--interface IF] "
			       "[--json] [--pretty]\n" },
		{ "addresses -h", "usage: pimxdp addresses [INTERFACE] [--role ROLE] [--json] "
				  "[--pretty]\n" },
		{ "replay -h", "usage: pimxdp replay CAPTURE --config FILE [--json] [--pretty]\n" },
		{ "doctor -h", "usage: pimxdp doctor [INTERFACE] [--json] [--pretty]\n" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		assert_int_equal(run(cases[at].line), PIM_EXIT_DONE);
		output[strlen(cases[at].usage)] = '\0';
		assert_string_equal(output, cases[at].usage);
	}
}

static void says_which_version_it_is(void **state)
{
	static const char *const lines[] = { "--version", "-V" };

	(void)state;
	for (size_t at = 0; at < COUNT(lines); at++) {
		unsigned int major, minor, patch, schema;

		assert_int_equal(run(lines[at]), PIM_EXIT_DONE);
		assert_string_equal(errors, "");
		assert_int_equal(sscanf(output, "pimxdp %u.%u.%u (schema %u)\n", &major, &minor,
					&patch, &schema),
				 4);
		assert_int_equal(schema, PIM_SCHEMA);
		assert_has(output, PIM_VERSION);
	}
}

static void helps_who_says_nothing(void **state)
{
	static const char *const lines[] = { "--help", "-h", "help" };

	(void)state;
	assert_int_equal(run(""), PIM_EXIT_USAGE);
	assert_string_equal(output, "");
	assert_has(errors, "usage: pimxdp COMMAND");
	for (size_t at = 0; at < COUNT(lines); at++) {
		assert_int_equal(run(lines[at]), PIM_EXIT_DONE);
		assert_string_equal(errors, "");
		assert_has(output, "usage: pimxdp COMMAND");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_of_every_command),
		cmocka_unit_test(shows_the_usage_to_the_letter),
		cmocka_unit_test(says_which_version_it_is),
		cmocka_unit_test(helps_who_says_nothing),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
