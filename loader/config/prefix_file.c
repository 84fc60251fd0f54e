/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/prefix_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "config/message.h"
#include "config/source.h"

static bool is_blank(char character)
{
	return character == ' ' || character == '\t' || character == '\r';
}

/* Reads one line, given without its newline. Modifies the line. */
static int read_line(struct pim_policy *policy, char *line, size_t size, struct pim_listed *listed,
		     struct pim_error *error)
{
	char quoted[PIM_QUOTE_TEXT];
	char *end = line + size;
	char *comment;

	if (size && end[-1] == '\r')
		end--;
	size = (size_t)(end - line);
	if (memchr(line, '\0', size))
		return pim_refuse_at(policy, listed->origin, error,
				     "expected text, found a NUL byte");
	if (memchr(line, '\r', size))
		return pim_refuse_at(
			policy, listed->origin, error,
			"expected lines that end in LF or CR LF, found a CR alone: save "
			"the file with Unix or Windows line ends");
	if (size > PIM_PREFIX_FILE_LINE)
		return pim_refuse_at(policy, listed->origin, error,
				     "expected at most %d characters in a line, found %zu",
				     PIM_PREFIX_FILE_LINE, size);
	comment = memchr(line, '#', size);
	if (comment)
		end = comment;
	while (line < end && is_blank(*line))
		line++;
	while (line < end && is_blank(end[-1]))
		end--;
	if (line == end)
		return 0;
	*end = '\0';
	if (line[strcspn(line, " \t")])
		return pim_refuse_at(policy, listed->origin, error,
				     "expected one prefix a line, found %s",
				     pim_quote(line, strlen(line), quoted));
	if (pim_prefix_parse(line, &listed->prefix, error))
		return pim_refused_at(policy, listed->origin, error);
	return pim_listed_add(policy, listed, error);
}

int pim_prefix_file_read(struct pim_policy *policy, const char *name, const struct pim_listed *like,
			 struct pim_error *error)
{
	struct pim_listed listed = *like;
	char *bytes, *end;
	size_t size;
	int result, line_result;

	result = pim_source_add(policy, name, &listed.origin.file, error);
	if (!result)
		result = pim_source_read(policy, listed.origin.file, like->origin, &bytes, &size,
					 error);
	if (result)
		return result;
	listed.origin.line = 0;
	end = bytes + size;
	for (char *line = bytes; line < end && result != -ENOMEM;) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		char *line_end = newline ? newline : end;

		listed.origin.line++;
		line_result = read_line(policy, line, (size_t)(line_end - line), &listed, error);
		if (line_result)
			result = line_result;
		line = line_end + 1;
	}
	free(bytes);
	return result;
}
