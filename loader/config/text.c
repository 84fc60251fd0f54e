/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/quote.h"
#include "config/message.h"
#include "config/source.h"

/* Deeper than any valid setting; bounds all recursion over the settings. */
#define NESTED_MAX 16
#define INCLUDED_MAX 8

static const char include_word[] = "@include";

struct bracket {
	char character;
	uint32_t line;
};

/* One file being scanned. */
struct scan {
	struct pim_policy *policy;
	struct pim_config_text *text;
	struct pim_error *error;
	const char *at, *end;	  /* end[-1] is a newline */
	struct pim_origin origin; /* of the byte at `at` */
	const char *line_start;
	const char *kept; /* everything before this line has been copied to the text */
	uint32_t kept_line;
	struct bracket open[NESTED_MAX];
	size_t depth;
	size_t included; /* depth of includes: 0 for the configuration itself */
};

static int scan_file(struct pim_policy *policy, struct pim_config_text *text, uint32_t file,
		     struct pim_origin from, size_t included, struct pim_error *error);

static int add_origin(struct pim_origin **origins, size_t *count, struct pim_origin origin,
		      struct pim_error *error)
{
	struct pim_origin *grown = pim_array_grow(*origins, *count, sizeof(*grown));

	if (!grown)
		return pim_out_of_memory(error);
	*origins = grown;
	grown[(*count)++] = origin;
	return 0;
}

/* Steps over a newline. */
static void next_line(struct scan *scan)
{
	scan->line_start = ++scan->at;
	scan->origin.line++;
}

/* Appends the lines from `kept` to `upto`, with their origins, to the text. */
static int keep(struct scan *scan, const char *upto)
{
	struct pim_config_text *text = scan->text;
	size_t size = (size_t)(upto - scan->kept);
	char *larger = realloc(text->bytes, text->size + size + 1);

	if (!larger)
		return pim_out_of_memory(scan->error);
	memcpy(larger + text->size, scan->kept, size);
	text->bytes = larger;
	text->size += size;
	larger[text->size] = '\0';
	while (scan->kept < upto) {
		struct pim_origin origin = { scan->origin.file, scan->kept_line };
		int result = add_origin(&text->lines, &text->line_count, origin, scan->error);
		const char *newline = memchr(scan->kept, '\n', (size_t)(upto - scan->kept));

		if (result)
			return result;
		scan->kept = newline + 1;
		scan->kept_line++;
	}
	return 0;
}

/* ---- strings ---- */

/* Returns the closing quote of the string that starts at `quote`, or the newline if that
 * comes first. Sets *closed to whether it is the quote. */
static const char *string_end(const char *quote, bool *closed)
{
	const char *at = quote + 1;

	while (*at != '\n' && *at != '"') {
		if (*at == '\\' && at[1] != '\n')
			at++;
		at++;
	}
	*closed = *at == '"';
	return at;
}

/* libconfig would end the string at the escaped NUL. */
static bool has_escaped_nul(const char *from, const char *end)
{
	for (; from + 4 <= end; from++) {
		if (*from != '\\')
			continue;
		if (from[1] == 'x' && from[2] == '0' && from[3] == '0')
			return true;
		from++;
	}
	return false;
}

static int scan_string(struct scan *scan)
{
	const char *quote = scan->at;
	char quoted[PIM_QUOTE_TEXT];
	bool closed;
	const char *end = string_end(quote, &closed);
	size_t size = (size_t)(end - quote - 1);

	pim_quote(quote + 1, size, quoted);
	if (!closed)
		return pim_refuse_at(scan->policy, scan->origin, scan->error,
				     "expected a closing quote before the end of the line, found "
				     "none after %s",
				     quoted);
	if (scan->text->ends_in_string)
		return pim_refuse_at(scan->policy, scan->origin, scan->error,
				     "expected a comma between two strings, found none before %s",
				     quoted);
	if (has_escaped_nul(quote + 1, end))
		return pim_refuse_at(scan->policy, scan->origin, scan->error,
				     "expected text, found a NUL byte (\\x00) in %s", quoted);
	scan->at = end + 1;
	scan->text->ends_in_string = true;
	return add_origin(&scan->text->strings, &scan->text->string_count, scan->origin,
			  scan->error);
}

/* ---- comments ---- */

static void skip_line_comment(struct scan *scan)
{
	scan->at = memchr(scan->at, '\n', (size_t)(scan->end - scan->at));
}

static int skip_block_comment(struct scan *scan)
{
	struct pim_origin opened = scan->origin;

	for (scan->at += 2; scan->at < scan->end;) {
		if (scan->at[0] == '*' && scan->at[1] == '/') {
			scan->at += 2;
			return 0;
		}
		if (*scan->at == '\n')
			next_line(scan);
		else
			scan->at++;
	}
	return pim_refuse_at(scan->policy, opened, scan->error,
			     "expected \"*/\" after the comment that starts here, found the end "
			     "of the file");
}

/* ---- brackets ---- */

static char closing(char open)
{
	return open == '(' ? ')' : open == '[' ? ']' : '}';
}

static int open_bracket(struct scan *scan)
{
	if (scan->depth == NESTED_MAX)
		return pim_refuse_at(scan->policy, scan->origin, scan->error,
				     "expected at most %d brackets within each other, found more",
				     NESTED_MAX);
	scan->open[scan->depth++] = (struct bracket){ *scan->at++, scan->origin.line };
	return 0;
}

static int close_bracket(struct scan *scan)
{
	const struct bracket *open;

	if (!scan->depth)
		return pim_refuse_at(scan->policy, scan->origin, scan->error,
				     "expected a setting, found \"%c\" without the bracket it "
				     "would close",
				     *scan->at);
	open = &scan->open[--scan->depth];
	if (*scan->at != closing(open->character))
		return pim_refuse_at(scan->policy, scan->origin, scan->error,
				     "expected \"%c\" to close the \"%c\" of line %u, found \"%c\"",
				     closing(open->character), open->character, open->line,
				     *scan->at);
	scan->at++;
	return 0;
}

/* ---- includes ---- */

static const char *skip_blanks(const char *at)
{
	while (*at == ' ' || *at == '\t' || *at == '\r')
		at++;
	return at;
}

/* Replaces a line `@include "FILE"` with the contents of the file. */
static int scan_include(struct scan *scan)
{
	const char *word_end = scan->at + strlen(include_word);
	const char *quote = skip_blanks(word_end);
	bool first = skip_blanks(scan->line_start) == scan->at;
	const char *end = quote, *after = quote;
	bool closed = false;
	uint32_t file;
	char *name;
	int result;

	if (first && *quote == '"' && quote > word_end) {
		end = string_end(quote, &closed);
		after = closed ? skip_blanks(end + 1) : end;
	}
	if (!closed || (*after != '\n' && *after != '#') || end == quote + 1 ||
	    memchr(quote, '\\', (size_t)(end - quote)))
		return pim_refuse_at(scan->policy, scan->origin, scan->error,
				     "expected %s \"FILE\" on a line of its own, found something "
				     "else around %s",
				     include_word, include_word);
	if (scan->included == INCLUDED_MAX)
		return pim_refuse_at(scan->policy, scan->origin, scan->error,
				     "expected at most %d files included within each other, found "
				     "more (does a file include itself?)",
				     INCLUDED_MAX);
	name = strndup(quote + 1, (size_t)(end - quote - 1));
	if (!name)
		return pim_out_of_memory(scan->error);
	result = pim_source_add(scan->policy, name, &file, scan->error);
	free(name);
	if (result)
		return result;

	result = keep(scan, scan->line_start);
	if (!result)
		result = scan_file(scan->policy, scan->text, file, scan->origin, scan->included + 1,
				   scan->error);
	skip_line_comment(scan);
	next_line(scan);
	scan->kept = scan->at;
	scan->kept_line = scan->origin.line;
	return result;
}

/* ---- a file ---- */

static int scan_token(struct scan *scan)
{
	size_t left = (size_t)(scan->end - scan->at);

	switch (*scan->at) {
	case '\n':
		next_line(scan);
		return 0;
	case ' ':
	case '\t':
	case '\r':
	case '\f':
		scan->at++;
		return 0;
	case '#':
		skip_line_comment(scan);
		return 0;
	case '"':
		return scan_string(scan);
	}
	if (left > 1 && scan->at[0] == '/' && scan->at[1] == '/') {
		skip_line_comment(scan);
		return 0;
	}
	if (left > 1 && scan->at[0] == '/' && scan->at[1] == '*')
		return skip_block_comment(scan);
	if (left >= strlen(include_word) && !memcmp(scan->at, include_word, strlen(include_word)))
		return scan_include(scan);

	scan->text->ends_in_string = false;
	switch (*scan->at) {
	case '(':
	case '[':
	case '{':
		return open_bracket(scan);
	case ')':
	case ']':
	case '}':
		return close_bracket(scan);
	}
	scan->at++;
	return 0;
}

static int refuse_nul(const struct pim_policy *policy, uint32_t file, const char *bytes,
		      const char *nul, struct pim_error *error)
{
	struct pim_origin origin = { file, 1 };

	for (; bytes < nul; bytes++)
		origin.line += *bytes == '\n';
	return pim_refuse_at(policy, origin, error, "expected text, found a NUL byte");
}

static int scan_file(struct pim_policy *policy, struct pim_config_text *text, uint32_t file,
		     struct pim_origin from, size_t included, struct pim_error *error)
{
	struct scan scan = {
		.policy = policy,
		.text = text,
		.error = error,
		.origin = { file, 1 },
		.kept_line = 1,
		.included = included,
	};
	const char *nul;
	char *bytes;
	size_t size;
	int result = pim_source_read(policy, file, from, &bytes, &size, error);

	if (result)
		return result;
	nul = memchr(bytes, '\0', size);
	if (nul) {
		result = refuse_nul(policy, file, bytes, nul, error);
		free(bytes);
		return result;
	}
	/* libconfig needs a newline after a comment, and so do the loops here. There
	 * is room for one in place of the NUL after the end. */
	if (!size || bytes[size - 1] != '\n')
		bytes[size++] = '\n';
	scan.at = scan.line_start = scan.kept = bytes;
	scan.end = bytes + size;
	while (scan.at < scan.end && !result)
		result = scan_token(&scan);
	if (!result && scan.depth) {
		const struct bracket *open = &scan.open[scan.depth - 1];
		struct pim_origin opened = { file, open->line };

		result = pim_refuse_at(policy, opened, error,
				       "expected \"%c\" to close the \"%c\" of this line, found "
				       "the end of the file",
				       closing(open->character), open->character);
	}
	if (!result)
		result = keep(&scan, scan.end);
	free(bytes);
	return result;
}

int pim_config_text_read(struct pim_policy *policy, struct pim_config_text *text,
			 struct pim_error *error)
{
	return scan_file(policy, text, 0, (struct pim_origin){}, 0, error);
}

void pim_config_text_free(struct pim_config_text *text)
{
	free(text->bytes);
	free(text->lines);
	free(text->strings);
	*text = (struct pim_config_text){};
}

/* ---- what libconfig found ---- */

struct pim_origin pim_config_text_line(const struct pim_config_text *text, unsigned int line)
{
	if (line > text->line_count)
		line = (unsigned int)text->line_count;
	return text->lines[line ? line - 1 : 0];
}

/* A line of the text without the blanks around it. Not NUL-terminated: *size is its length. */
static const char *trimmed_line(const struct pim_config_text *text, unsigned int line, size_t *size)
{
	const char *start = text->bytes, *end;

	for (; line > 1; line--) {
		const char *newline = strchr(start, '\n');

		if (!newline || !newline[1])
			break;
		start = newline + 1;
	}
	while (*start == ' ' || *start == '\t')
		start++;
	end = start + strcspn(start, "\n");
	while (end > start && isspace((unsigned char)end[-1]))
		end--;
	*size = (size_t)(end - start);
	return start;
}

int pim_config_text_refuse(const struct pim_policy *policy, const struct pim_config_text *text,
			   unsigned int line, const char *fault, struct pim_error *error)
{
	size_t size;
	const char *found = trimmed_line(text, line, &size);
	char quoted[PIM_QUOTE_TEXT];

	return pim_refuse_at(policy, pim_config_text_line(text, line), error, "%s, found %s", fault,
			     pim_quote_line(found, size, quoted));
}
