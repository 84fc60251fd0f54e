/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

uint64_t pim_realtime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

int64_t pim_realtime_offset_ns(void)
{
	struct timespec real, monotonic;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	return (real.tv_sec - monotonic.tv_sec) * 1000000000LL + real.tv_nsec - monotonic.tv_nsec;
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
