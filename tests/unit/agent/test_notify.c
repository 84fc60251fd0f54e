/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/notify.h"

static void knows_when_to_say_that_it_lives(void **state)
{
	char process[32];

	(void)state;
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(pim_notify_watchdog_us(), 0);
	setenv("WATCHDOG_USEC", "3000000", 1);
	assert_int_equal(pim_notify_watchdog_us(), 3000000);
	setenv("WATCHDOG_PID", "1", 1); /* meant for another process */
	assert_int_equal(pim_notify_watchdog_us(), 0);
	snprintf(process, sizeof(process), "%d", getpid());
	setenv("WATCHDOG_PID", process, 1);
	assert_int_equal(pim_notify_watchdog_us(), 3000000);
}

/* Nothing listens there, or it is not a socket: nothing happens. */
static void notifies_nobody(void **state)
{
	static const char *const places[] = { "", "relative", "/no/such/socket", "/dev/null",
					      "@no-such-socket" };
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
		cmocka_unit_test(knows_when_to_say_that_it_lives),
		cmocka_unit_test(notifies_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
