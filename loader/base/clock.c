/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/clock.h"

#include <stdio.h>

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

uint64_t pim_realtime_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

uint64_t pim_monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

time_t pim_monotonic_s(void)
{
	return pim_monotonic_ns() / 1000000000 + 1;
}

int64_t pim_realtime_offset_ns(void)
{
	uint64_t real = pim_realtime_ns();

	return (int64_t)(real - pim_monotonic_ns());
}

char *pim_time_format(uint64_t time_ns, bool milliseconds, char text[PIM_TIME_TEXT])
{
	time_t seconds = time_ns / 1000000000;
	struct tm broken;
	size_t length;

	gmtime_r(&seconds, &broken);
	length = strftime(text, PIM_TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &broken);
	if (milliseconds)
		snprintf(text + length, PIM_TIME_TEXT - length, ".%03uZ",
			 (unsigned int)(time_ns % 1000000000 / 1000000));
	else
		snprintf(text + length, PIM_TIME_TEXT - length, "Z");
	return text;
}
