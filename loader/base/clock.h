/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The time of day, and how it is written. */
#ifndef PIMXDP_BASE_CLOCK_H
#define PIMXDP_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <pimxdp/flow.h>

/* CLOCK_REALTIME now, in nanoseconds since 1970. */
uint64_t pim_realtime_ns(void);

/* CLOCK_MONOTONIC now, in nanoseconds. */
uint64_t pim_monotonic_ns(void);

/* The same in whole seconds, and one more: never 0, which can stand for "not at all". */
time_t pim_monotonic_s(void);

/* How far CLOCK_REALTIME is ahead of CLOCK_MONOTONIC, in nanoseconds. */
int64_t pim_realtime_offset_ns(void);

/* Writes a time in nanoseconds since 1970 as UTC in RFC 3339 form: "2026-11-23T05:39:42Z",
 * or with milliseconds "2026-11-23T05:39:42.123Z". Returns text. */
char *pim_time_format(uint64_t time_ns, bool milliseconds, char text[PIM_TIME_TEXT]);

#endif
