/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void formats_times(void **state)
{
	static const struct {
		uint64_t time_ns;
		const char *seconds, *milliseconds;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z" },
		{ 1795378501000000000, "2026-11-22T20:15:01Z", "2026-11-22T20:15:01.000Z" },
		{ 1795378501999999999, "2026-11-22T20:15:01Z", "2026-11-22T20:15:01.999Z" },
		{ 951827696007000000, "2000-02-29T12:34:56Z", "2000-02-29T12:34:56.007Z" },
	};
	char time[PIM_TIME_TEXT];

	(void)state;
	/* UTC, wherever the reader is. */
	setenv("TZ", "Asia/Tokyo", 1);
	for (size_t at = 0; at < COUNT(cases); at++) {
		assert_string_equal(pim_time_format(cases[at].time_ns, false, time), cases[at].seconds);
		assert_string_equal(pim_time_format(cases[at].time_ns, true, time),
				    cases[at].milliseconds);
	}
	unsetenv("TZ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
