/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text that someone else wrote, made fit for one line of a message. */
#ifndef PIMXDP_QUOTE_H
#define PIMXDP_QUOTE_H

#include <stddef.h>

/* Enough for the longest quotation and the NUL. */
#define PIM_QUOTE_TEXT 96

/* Puts `length` bytes of `text` between double quotes into `out`. Quotes,
 * backslashes, control bytes and bytes above 126 are escaped as in C (\n, \xe9);
 * a long text is cut and ends in `...` behind the closing quote. Returns out. */
char *pim_quote(const char *text, size_t length, char out[PIM_QUOTE_TEXT]);

/* The same without the quotes around it, and quotes within it stay: for a line
 * of a file at the end of a message. */
char *pim_quote_line(const char *text, size_t length, char out[PIM_QUOTE_TEXT]);

/* Enough for the longest file name shown, and the NUL. */
#define PIM_QUOTE_PATH 272

/* The same for a file's name. Of a long one the end is
 * kept, behind `...`. Returns out. */
char *pim_quote_path(const char *path, char out[PIM_QUOTE_PATH]);

#endif
