/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

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
		/* Both are cut, never rounded. */
		{ 999999, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z" },
		{ 1000000, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.001Z" },
		{ 999999999, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.999Z" },
		{ 1000000000, "1970-01-01T00:00:01Z", "1970-01-01T00:00:01.000Z" },
		/* A leap day, and 2100, which has none. */
		{ 1709164799999999999, "2024-02-28T23:59:59Z", "2024-02-28T23:59:59.999Z" },
		{ 1709164800000000000, "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z" },
		{ 1709251199999999999, "2024-02-29T23:59:59Z", "2024-02-29T23:59:59.999Z" },
		{ 1709251200000000000, "2024-03-01T00:00:00Z", "2024-03-01T00:00:00.000Z" },
		{ 4107542399999999999, "2100-02-28T23:59:59Z", "2100-02-28T23:59:59.999Z" },
		{ 4107542400000000000, "2100-03-01T00:00:00Z", "2100-03-01T00:00:00.000Z" },
		/* Where 32 bits end, with a sign and without. */
		{ 2147483647999999999, "2038-01-19T03:14:07Z", "2038-01-19T03:14:07.999Z" },
		{ 2147483648000000000, "2038-01-19T03:14:08Z", "2038-01-19T03:14:08.000Z" },
		{ 4294967295999999999, "2106-02-07T06:28:15Z", "2106-02-07T06:28:15.999Z" },
		{ 4294967296000000000, "2106-02-07T06:28:16Z", "2106-02-07T06:28:16.000Z" },
		{ INT64_MAX, "2262-04-11T23:47:16Z", "2262-04-11T23:47:16.854Z" },
		{ (uint64_t)INT64_MAX + 1, "2262-04-11T23:47:16Z", "2262-04-11T23:47:16.854Z" },
		{ UINT64_MAX, "2554-07-21T23:34:33Z", "2554-07-21T23:34:33.709Z" },
	};
	char time[PIM_TIME_TEXT];

	(void)state;
	/* UTC, whatever the local time zone. */
	setenv("TZ", "Asia/Tokyo", 1);
	for (size_t at = 0; at < COUNT(cases); at++) {
		assert_string_equal(pim_time_format(cases[at].time_ns, false, time),
				    cases[at].seconds);
		assert_string_equal(pim_time_format(cases[at].time_ns, true, time),
				    cases[at].milliseconds);
	}
	unsetenv("TZ");
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	assert_int_equal(clock_gettime(clock, &now), 0);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void tells_the_time(void **state)
{
	uint64_t before = clock_ns(CLOCK_REALTIME), now = pim_realtime_ns();

	(void)state;
	assert_in_range(now, before, clock_ns(CLOCK_REALTIME));
	before = clock_ns(CLOCK_MONOTONIC);
	now = pim_monotonic_ns();
	assert_in_range(now, before, clock_ns(CLOCK_MONOTONIC));
	now = (uint64_t)pim_monotonic_s(); /* a second ahead */
	assert_in_range(now, before / 1000000000 + 1, clock_ns(CLOCK_MONOTONIC) / 1000000000 + 1);
}

/* Added to a time of CLOCK_MONOTONIC, it gives the time of day. */
static void tells_how_far_the_clocks_are_apart(void **state)
{
	static const uint64_t second = 1000000000;
	int64_t offset = pim_realtime_offset_ns();
	uint64_t real = clock_ns(CLOCK_MONOTONIC) + (uint64_t)offset;

	(void)state;
	assert_in_range(real, clock_ns(CLOCK_REALTIME) - second, clock_ns(CLOCK_REALTIME) + second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_times),
		cmocka_unit_test(tells_the_time),
		cmocka_unit_test(tells_how_far_the_clocks_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
