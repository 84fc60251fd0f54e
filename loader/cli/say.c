/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/say.h"

#include <stdarg.h>
#include <stdio.h>

#include "output/line.h"

void pim_say(const char *format, ...)
{
	va_list arguments;

	fputs("pimxdp: ", stderr);
	va_start(arguments, format);
	pim_vprint(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

enum pim_exit pim_give_up(const struct pim_error *error)
{
	pim_say("%s", error->text);
	return error->kind == PIM_EXIT_USAGE ? PIM_EXIT_USAGE : PIM_EXIT_FAILED;
}
