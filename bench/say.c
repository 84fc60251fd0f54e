/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool waited;

void bench_clear_waiting(void)
{
	if (waited)
		fprintf(stderr, "\r\033[K");
	waited = false;
}

void bench_die(const char *format, ...)
{
	va_list arguments;

	bench_clear_waiting();
	fprintf(stderr, "pimbench: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

void bench_waiting(const char *format, ...)
{
	va_list arguments;

	if (!isatty(STDERR_FILENO))
		return;
	bench_clear_waiting();
	waited = true;
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputs(" ...", stderr);
}

void *bench_allocate(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	if (!memory)
		bench_die("out of memory");
	return memory;
}
