/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What pimbench says to people, on stderr: why it ends, and what it is at. */
#ifndef PIMXDP_BENCH_SAY_H
#define PIMXDP_BENCH_SAY_H

#include <stddef.h>

/* Ends the program, with status 1 and a message of one line. */
void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Progress for those who wait, on a terminal only: one line, replaced by the next. */
void bench_waiting(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Takes the line of progress away, before anything else is written. */
void bench_clear_waiting(void);

/* `count` elements of `size` bytes, all zero; never NULL, since it ends the program
 * where there is no memory. The caller frees them. */
void *bench_allocate(size_t count, size_t size);

#endif
