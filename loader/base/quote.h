/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Untrusted text, made safe to show in one line of a message. */
#ifndef PIMXDP_BASE_QUOTE_H
#define PIMXDP_BASE_QUOTE_H

#include <stddef.h>

/* Enough for the longest quotation and the NUL. */
#define PIM_QUOTE_TEXT 96

/* Writes `length` bytes of `text` into `out`, in double quotes. Quotes,
 * backslashes, control bytes and bytes above 126 are escaped as in C (\n, \xe9).
 * A long text is cut, with `...` after the closing quote. Returns out. */
char *pim_quote(const char *text, size_t length, char out[PIM_QUOTE_TEXT]);

/* The same without the surrounding quotes, and quotes inside are not escaped: for a
 * line of a file at the end of a message. */
char *pim_quote_line(const char *text, size_t length, char out[PIM_QUOTE_TEXT]);

/* Enough for the longest file name shown, and the NUL. */
#define PIM_QUOTE_PATH 272

/* As pim_quote_line, for the name of a file. A long name keeps its end, after `...`.
 * Returns out. */
char *pim_quote_path(const char *path, char out[PIM_QUOTE_PATH]);

/* A copy of text for a terminal or a log: control bytes and bytes above 126 are escaped as by
 * pim_quote, but for those in `keep` ("\n" for several lines). Backslashes stay, so what is
 * quoted already does not change. Returns NULL when out of memory; the caller frees it. */
char *pim_visible(const char *text, const char *keep);

#endif
