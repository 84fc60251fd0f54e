/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The verb check, and what other verbs say about a configuration with an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "unit/cli/line.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void checks_configurations(void **state)
{
	static const char *const lines[] = { "check --config edge.conf", "check -c edge.conf",
					     "check --config=edge.conf" };

	(void)state;
	write_text("edge.conf", complete);
	for (size_t at = 0; at < COUNT(lines); at++) {
		assert_int_equal(run(lines[at]), PIM_EXIT_DONE);
		assert_string_equal(errors, "");
		assert_has(output, "edge.conf: correct\n");
		assert_has(output, "sip-mtls-in");
	}
}

static void says_where_a_configuration_is_wrong(void **state)
{
	static const char *const commands[] = { "check", "lookup 192.0.2.1", "attach eth1",
						"reload eth1", "replay x.pcap" };

	(void)state;
	write_text("wrong.conf", "edge = {\n  access = [ \"198.51.100.10/24\" ]\n}\n");
	for (size_t at = 0; at < COUNT(commands); at++) {
		char line[64];

		snprintf(line, sizeof(line), "%s --config wrong.conf", commands[at]);
		assert_usage(line, "wrong.conf:2: ");
		assert_has(errors, "198.51.100.0/24"); /* the network meant */
		assert_ptr_equal(strchr(errors, '\n') + 1, errors + strlen(errors)); /* one line */
		snprintf(line, sizeof(line), "%s --config missing.conf", commands[at]);
		assert_usage(line, "missing.conf: ");
	}
}

static void prints_warnings_beside_the_result(void **state)
{
	(void)state;
	write_text("edge.conf", "edge = { access = [ \"198.51.100.10\" ] }\n"
				"partners = ( { name = \"contoso\" } )\n");
	assert_int_equal(run("check --config edge.conf"), PIM_EXIT_DONE);
	assert_has(errors, "pimxdp: warning: edge.conf:2: ");
	assert_has(output, "contoso");
	assert_null(strstr(output, "warning"));
}

/* --print prints a configuration with the same meaning. */
static void prints_configurations_back(void **state)
{
	char printed[sizeof(output)];

	(void)state;
	write_text("edge.conf", complete);
	assert_int_equal(run("check --config edge.conf --print"), PIM_EXIT_DONE);
	assert_string_equal(errors, "");
	strcpy(printed, output);
	write_text("printed.conf", printed);
	assert_int_equal(run("check --print --config printed.conf"), PIM_EXIT_DONE);
	assert_string_equal(output, printed);
	assert_has(printed, "fragments"); /* a default, written out */
	assert_has(printed, "198.51.100.10");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_configurations),
		cmocka_unit_test(says_where_a_configuration_is_wrong),
		cmocka_unit_test(prints_warnings_beside_the_result),
		cmocka_unit_test(prints_configurations_back),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
