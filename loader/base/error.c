/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(struct pim_error *error, enum pim_exit kind, const char *format, va_list arguments)
{
	if (!error)
		return;
	error->kind = kind;
	vsnprintf(error->text, sizeof(error->text), format, arguments);
}

int pim_fail(struct pim_error *error, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fill(error, PIM_EXIT_FAILED, format, arguments);
	va_end(arguments);
	return -code;
}

int pim_refuse(struct pim_error *error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fill(error, PIM_EXIT_USAGE, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

void pim_error_prefix(struct pim_error *error, const char *format, ...)
{
	struct pim_error whole = {};
	va_list arguments;
	size_t length;

	if (!error)
		return;
	va_start(arguments, format);
	fill(&whole, error->kind, format, arguments);
	va_end(arguments);
	length = strlen(whole.text);
	snprintf(whole.text + length, sizeof(whole.text) - length, "%s", error->text);
	*error = whole;
}

int pim_out_of_memory(struct pim_error *error)
{
	return pim_fail(error, ENOMEM, "out of memory");
}
