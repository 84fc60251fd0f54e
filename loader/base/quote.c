/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/quote.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one byte becomes: at most "\xff". */
#define ESCAPED 4

static size_t escape(char byte, bool quoted, char out[ESCAPED + 1])
{
	static const char letters[] = { ['\a'] = 'a', ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n',
					['\v'] = 'v', ['\f'] = 'f', ['\r'] = 'r' };
	unsigned char value = (unsigned char)byte;

	if (value < sizeof(letters) && letters[value])
		return (size_t)snprintf(out, ESCAPED + 1, "\\%c", letters[value]);
	if (value < ' ' || value > '~')
		return (size_t)snprintf(out, ESCAPED + 1, "\\x%02x", value);
	if (byte == '\\' || (byte == '"' && quoted))
		return (size_t)snprintf(out, ESCAPED + 1, "\\%c", byte);
	out[0] = byte;
	out[1] = '\0';
	return 1;
}

static char *quote(const char *text, size_t length, const char *mark, char out[PIM_QUOTE_TEXT])
{
	static const char cut[] = "...";
	/* Where the text must end, to leave room for the mark, the `...` and the NUL. */
	const size_t end = PIM_QUOTE_TEXT - sizeof(cut) - strlen(mark);
	size_t used = (size_t)sprintf(out, "%s", mark), done = 0;
	char piece[ESCAPED + 1];

	for (; done < length; done++) {
		size_t size = escape(text[done], *mark != '\0', piece);

		if (used + size > end)
			break;
		memcpy(out + used, piece, size);
		used += size;
	}
	sprintf(out + used, "%s%s", mark, done < length ? cut : "");
	return out;
}

char *pim_quote(const char *text, size_t length, char out[PIM_QUOTE_TEXT])
{
	return quote(text, length, "\"", out);
}

char *pim_quote_line(const char *text, size_t length, char out[PIM_QUOTE_TEXT])
{
	return quote(text, length, "", out);
}

char *pim_quote_path(const char *path, char out[PIM_QUOTE_PATH])
{
	static const char cut[] = "...";
	size_t length = strlen(path), used = 0, start = length;
	char piece[ESCAPED + 1];

	/* Keep as much of the end as fits: that is where the file's own name is. */
	for (size_t size = sizeof(cut); start > 0; start--) {
		size += escape(path[start - 1], false, piece);
		if (size > PIM_QUOTE_PATH)
			break;
	}
	if (start > 0) {
		strcpy(out, cut);
		used = strlen(cut);
	}
	for (; start < length; start++) {
		size_t size = escape(path[start], false, piece);

		memcpy(out + used, piece, size);
		used += size;
	}
	out[used] = '\0';
	return out;
}

char *pim_visible(const char *text, const char *keep)
{
	char *out = malloc(strlen(text) * ESCAPED + 1), *end = out;

	if (!out)
		return NULL;
	for (; *text; text++) {
		if (*text == '\\' || strchr(keep, *text))
			*end++ = *text;
		else
			end += escape(*text, false, end);
	}
	*end = '\0';
	return out;
}
