/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/server.h"

static void knows_addresses(void **state)
{
	static const char *const good[] = {
		"127.0.0.1:9469", "0.0.0.0:1",		"[::1]:65535",
		"[::]:80",	  "[2001:db8::7]:9469", "unix:/run/pimxdp.sock",
		"unix:x"
	};
	static const char *const bad[] = { "",
					   ":",
					   ":80",
					   "80",
					   "127.0.0.1",
					   "127.0.0.1:",
					   "127.0.0.1:0",
					   "127.0.0.1:65536",
					   "127.0.0.1:99999999999999999999",
					   "127.0.0.1:+80",
					   "127.0.0.1: 80",
					   "127.0.0.1:80x",
					   "127.0.0.1:0x50",
					   "localhost:80",
					   "::1:80",
					   "[::1]",
					   "[::1]:",
					   "[::1]80",
					   "[::1:80",
					   "[]:80",
					   "[127.0.0.1]:80",
					   "[fe80::1%eth0]:80",
					   "1.2.3:80",
					   "1.2.3.4.5:80",
					   "unix:",
					   "UNIX:/x",
					   "http://127.0.0.1:80",
					   "127.0.0.1:80/metrics" };
	char path[5 + 108 + 1] = "unix:";

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!pim_server_is_address(good[i]))
			fail_msg("refused: '%s'", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (pim_server_is_address(bad[i]))
			fail_msg("taken: '%s'", bad[i]);
	memset(path + 5, 'x', 107); /* the longest that fits with its NUL */
	assert_true(pim_server_is_address(path));
	path[5 + 107] = 'x';
	assert_false(pim_server_is_address(path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
