/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lines of text for people. Names of interfaces, files, programs and drivers are whatever
 * somebody chose, and come from stamps and kernels that may be a stranger's: here nothing that
 * a terminal would obey is written, whatever the arguments hold. */
#ifndef PIMXDP_OUTPUT_LINE_H
#define PIMXDP_OUTPUT_LINE_H

#include <stdarg.h>
#include <stdio.h>

/* As fprintf, with control bytes and bytes above 126 written as escapes (pim_visible). */
void pim_print(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pim_vprint(FILE *stream, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/* The same and the end of the line, which the format does not have. */
void pim_line(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same into memory; NULL when there is none. The caller frees it. */
char *pim_vtext(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

#endif
