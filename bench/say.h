/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pimbench's messages on stderr: errors and progress. */
#ifndef PIMXDP_BENCH_SAY_H
#define PIMXDP_BENCH_SAY_H

#include <stddef.h>

/* Exits with status 1 after a message of one line. `format` has no newline. */
void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Shows progress, on a terminal only, as one line that the next one replaces. */
void bench_waiting(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Clears the progress line. To be called before anything else is written. */
void bench_clear_waiting(void);

/* `count` elements of `size` bytes, all zero. Exits if there is no memory, so it never
 * returns NULL. The caller frees them. */
void *bench_allocate(size_t count, size_t size);

#endif
