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
	assert_int_equal(run("lookup --config edge.conf 2001:db8::1"),
			 PIM_EXIT_DONE); /* any order */
	assert_has(output, "client, messenger");
	assert_int_equal(run("lookup 192.0.3.1 --config edge.conf"), PIM_EXIT_DONE);
	assert_has(output, "none");
}

static void refuses_what_is_no_address(void **state)
{
	static const char *const addresses[] = {
		"bogus",      "192.0.2", "192.0.2.0/24", "2001:db8::/32", "192.0.2.1/33",
		"0192.0.2.1", ""
	};

	(void)state;
	write_text("edge.conf", complete);
	for (size_t at = 0; at < COUNT(addresses); at++) {
		char line[64];

		snprintf(line, sizeof(line), "lookup %s --config edge.conf", addresses[at]);
		assert_usage(line, addresses[at]);
		assert_int_equal(strncmp(errors, "pimxdp: ", 8), 0);
		/* The mistake is found before any filter is asked. */
		snprintf(line, sizeof(line), "lookup %s --interface no-such-eth", addresses[at]);
		assert_usage(line, addresses[at]);
		assert_int_equal(strncmp(errors, "pimxdp: ", 8), 0);
	}
}

/* No role makes a martian welcome, whatever lists it: step 5 of docs/classification.md. */
static void drops_martians(void **state)
{
	static const char listed[] =
		"edge = { access = [ \"198.51.100.10\" ] }\n"
		"clients = { addresses = [ \"0.0.0.0/0\", \"::/0\" ] }\n"
		"failsafe = { addresses = [ \"127.0.0.1\", \"224.0.0.1\", \"::1\" ] }\n";
	static const char *const martians[] = { "127.0.0.1", "224.0.0.1", "::1" };
	static const char *const beside[] = { "126.255.255.255", "223.255.255.255", "::2" };
	static const char dropped[] =
		"  as source  dropped: no host sends from such an address (martian)\n";
	char line[64];

	(void)state;
	write_text("edge.conf", complete);
	write_text("listed.conf", listed);
	for (size_t at = 0; at < COUNT(martians); at++) {
		snprintf(line, sizeof(line), "lookup %s --config edge.conf", martians[at]);
		assert_int_equal(run(line), PIM_EXIT_DONE);
		assert_has(output, "  roles      none\n");
		assert_has(output, dropped);
		snprintf(line, sizeof(line), "lookup %s --config listed.conf", martians[at]);
		assert_int_equal(run(line), PIM_EXIT_DONE);
		assert_has(output, "  roles      client, messenger, failsafe\n");
		assert_has(output, dropped);
		assert_has(output, "listed.conf:3\n");
		assert_null(strstr(output, "sip-tls-in")); /* no row is asked */
		snprintf(line, sizeof(line), "lookup %s --config listed.conf", beside[at]);
		assert_int_equal(run(line), PIM_EXIT_DONE);
		assert_has(output, "  as source  judged by the rows of the policy\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_up),
		cmocka_unit_test(refuses_what_is_no_address),
		cmocka_unit_test(drops_martians),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
