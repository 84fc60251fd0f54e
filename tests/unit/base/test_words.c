/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Words of the command line that have a form: where to serve, which group. */
#include <limits.h>

#include "unit/config/config_fixture.h"
#include "base/group.h"
#include "agent/notify.h"
#include "agent/server.h"

static void knows_addresses(void **state)
{
	static const char *const good[] = { "127.0.0.1:9469", "0.0.0.0:1", "[::1]:65535", "[::]:80",
					    "[2001:db8::7]:9469", "unix:/run/pimxdp.sock", "unix:x" };
	static const char *const bad[] = { "", ":", ":80", "80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0",
					   "127.0.0.1:65536", "127.0.0.1:99999999999999999999", "127.0.0.1:+80",
					   "127.0.0.1: 80", "127.0.0.1:80x", "127.0.0.1:0x50", "localhost:80",
					   "::1:80", "[::1]", "[::1]:", "[::1]80", "[::1:80", "[]:80", "[127.0.0.1]:80",
					   "[fe80::1%eth0]:80", "1.2.3:80", "1.2.3.4.5:80", "unix:", "UNIX:/x",
					   "http://127.0.0.1:80", "127.0.0.1:80/metrics" };
	char path[5 + 108 + 1] = "unix:";

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!pim_server_is_address(good[i]))
			fail_msg("refused: '%s'", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (pim_server_is_address(bad[i]))
			fail_msg("taken: '%s'", bad[i]);
	memset(path + 5, 'x', 107); /* the longest with its NUL */
	assert_true(pim_server_is_address(path));
	path[5 + 107] = 'x';
	assert_false(pim_server_is_address(path));
}

static void knows_groups(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "1x", "4294967295", "4294967296",
					   "99999999999999999999", "no such group", "root:x" };
	gid_t group = 1;

	(void)state;
	assert_int_equal(pim_group_parse("root", &group), 0);
	assert_int_equal(group, 0);
	assert_int_equal(pim_group_parse("4294967294", &group), 0);
	assert_int_equal(group, 4294967294u);
	assert_int_equal(pim_group_parse("0", &group), 0);
	assert_int_equal(group, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!pim_group_parse(bad[i], &group))
			fail_msg("taken: '%s'", bad[i]);
}

static void knows_when_to_say_that_it_lives(void **state)
{
	char process[32];

	(void)state;
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(pim_notify_watchdog_us(), 0);
	setenv("WATCHDOG_USEC", "3000000", 1);
	assert_int_equal(pim_notify_watchdog_us(), 3000000);
	setenv("WATCHDOG_PID", "1", 1); /* meant for another */
	assert_int_equal(pim_notify_watchdog_us(), 0);
	snprintf(process, sizeof(process), "%d", getpid());
	setenv("WATCHDOG_PID", process, 1);
	assert_int_equal(pim_notify_watchdog_us(), 3000000);
}

/* Nobody listens, or it is no socket: nothing happens. */
static void notifies_nobody(void **state)
{
	static const char *const places[] = { "", "relative", "/no/such/socket", "/dev/null", "@no-such-socket" };
	char longer[PATH_MAX];

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	pim_notify("READY=%d", 1);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		setenv("NOTIFY_SOCKET", places[i], 1);
		pim_notify("READY=%d", 1);
	}
	memset(longer, 'x', sizeof(longer) - 1);
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	setenv("NOTIFY_SOCKET", longer, 1);
	pim_notify("READY=%d", 1);
	unsetenv("NOTIFY_SOCKET");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_addresses),
		cmocka_unit_test(knows_groups),
		cmocka_unit_test(knows_when_to_say_that_it_lives),
		cmocka_unit_test(notifies_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
