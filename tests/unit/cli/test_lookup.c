/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The verb lookup, with a configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "unit/cli/line.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void looks_up(void **state)
{
	(void)state;
	write_text("edge.conf", complete);
	assert_int_equal(run("lookup 192.0.2.1 --config edge.conf"), PIM_EXIT_DONE);
	assert_has(output, "client, messenger");
	assert_string_equal(errors, "");
	assert_int_equal(run("lookup --config edge.conf 2001:db8::1"), PIM_EXIT_DONE); /* any order */
	assert_has(output, "client, messenger");
	assert_int_equal(run("lookup 192.0.3.1 --config edge.conf"), PIM_EXIT_DONE);
	assert_has(output, "none");
}

static void refuses_what_is_no_address(void **state)
{
	static const char *const addresses[] = { "bogus", "192.0.2", "192.0.2.0/24", "2001:db8::/32",
						 "192.0.2.1/33", "0192.0.2.1", "" };

	(void)state;
	write_text("edge.conf", complete);
	for (size_t at = 0; at < COUNT(addresses); at++) {
		char line[64];

		snprintf(line, sizeof(line), "lookup %s --config edge.conf", addresses[at]);
		assert_usage(line, addresses[at]);
		assert_int_equal(strncmp(errors, "pimxdp: ", 8), 0);
		/* Found before any filter is asked. */
		snprintf(line, sizeof(line), "lookup %s --interface no-such-eth", addresses[at]);
		assert_usage(line, addresses[at]);
		assert_int_equal(strncmp(errors, "pimxdp: ", 8), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_up),
		cmocka_unit_test(refuses_what_is_no_address),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
