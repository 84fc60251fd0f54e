/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/line.h"

#include <stdlib.h>

#include "base/quote.h"

char *pim_vtext(const char *format, va_list arguments)
{
	char *text, *visible;

	if (vasprintf(&text, format, arguments) < 0)
		return NULL;
	visible = pim_visible(text, "");
	free(text);
	return visible;
}

void pim_vprint(FILE *stream, const char *format, va_list arguments)
{
	char *text = pim_vtext(format, arguments);

	fputs(text ? text : "(out of memory)", stream);
	free(text);
}

void pim_print(FILE *stream, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	pim_vprint(stream, format, arguments);
	va_end(arguments);
}

void pim_line(FILE *stream, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	pim_vprint(stream, format, arguments);
	va_end(arguments);
	fputc('\n', stream);
}
