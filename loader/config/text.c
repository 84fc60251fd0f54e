/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/quote.h"
#include "config/keys.h"
#include "config/message.h"
#include "config/source.h"

/* Deeper than any valid setting; bounds all recursion over the settings. */
#define NESTED_MAX 16
#define INCLUDED_MAX 8
/* Of all files that are included. Nested, they could grow without bound. */
#define INCLUDES_MAX 64
/* What libconfig makes of the text is some twenty times larger. The first file can be long:
 * what pim_config_print makes of a million prefixes takes 23 MB. */
#define TEXT_MB 64
#define INCLUDED_MB 16
/* libconfig compares every key with all others of its group. So of those that nobody knows it
 * gets the first so many; the others are only counted. */
#define UNKNOWN_MAX 64

static const char include_word[] = "@include";

/* Every key that any group has. */
static const char *const known_keys[] = {
	PIM_KEY_EDGE,	   PIM_KEY_PARTNERS,  PIM_KEY_CLIENTS,	 PIM_KEY_MESSENGER,
	PIM_KEY_BLOCK,	   PIM_KEY_FAILSAFE,  PIM_KEY_SERVICES,	 PIM_KEY_DISABLE,
	PIM_KEY_OPTIONS,   PIM_KEY_NAME,      PIM_KEY_ADDRESSES, PIM_KEY_FILES,
	PIM_KEY_TRANSPORT, PIM_KEY_DIRECTION, PIM_KEY_PEERS,	 PIM_KEY_PORTS,
#define PIM_ROLE(id, kind, name, title) name,
#include <pimxdp/roles.def>
#undef PIM_ROLE
#define PIM_OPTION(FIELD, field, name) name,
#define PIM_OPTION_VALUE(FIELD, VALUE, field, text)
#include <pimxdp/options.def>
#undef PIM_OPTION
#undef PIM_OPTION_VALUE
};
#define KNOWN_KEYS (sizeof(known_keys) / sizeof(*known_keys))

struct key {
	char *name; /* owned */
	struct pim_origin origin;
};

/* What is within a bracket, or in none. */
struct level {
	char bracket; /* '(', '[', '{'; 0: the text itself */
	struct pim_origin origin;
	bool in_value;	  /* of a group: behind the = of a key, and the value has not ended */
	bool has_value;	  /* of a list: any */
	bool after_comma; /* of a list: nothing has followed a comma yet */
	size_t comma;	  /* its place in the text */
	struct pim_origin comma_origin;
	struct key *keys; /* owned; each once, in the order of the text */
	size_t key_count, unknown;
};

/* What goes on over the ends of files. */
struct nest {
	struct level levels[NESTED_MAX + 1];
	size_t depth;
	bool skips; /* the setting being read does not go into the text */
	size_t skip_depth;
	size_t includes, included_bytes;
	uint32_t files[INCLUDED_MAX + 1]; /* each included by the one before it */
};

/* One file being scanned. */
struct scan {
	struct pim_policy *policy;
	struct pim_config_text *text;
	struct nest *nest;
	struct pim_error *error;
	const char *at, *end;	  /* end[-1] is a newline */
	struct pim_origin origin; /* of the byte at `at` */
	const char *line_start;
	const char *kept; /* everything before this byte has been copied to the text */
	struct pim_origin kept_origin;
	size_t base;	 /* depth at the start of the file */
	size_t included; /* depth of includes: 0 for the configuration itself */
};

static int scan_file(struct pim_policy *policy, struct pim_config_text *text, struct nest *nest,
		     uint32_t file, struct pim_origin from, size_t included,
		     struct pim_error *error);

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

static struct level *level_of(struct scan *scan)
{
	return &scan->nest->levels[scan->nest->depth];
}

/* Steps over a newline. */
static void next_line(struct scan *scan)
{
	scan->line_start = ++scan->at;
	scan->origin.line++;
}

/* ---- the text that is made ---- */

/* Appends bytes; `origin` is of the line that they are on, which is noted if they begin one.
 * There may be a newline only at the end. */
static int append(struct scan *scan, const char *bytes, size_t size, struct pim_origin origin)
{
	struct pim_config_text *text = scan->text;
	size_t room = text->room;
	int result = 0;

	if (!size)
		return 0;
	while (text->size + size >= room)
		room = room ? 2 * room : 4096;
	if (room != text->room) {
		char *larger = realloc(text->bytes, room);

		if (!larger)
			return pim_out_of_memory(scan->error);
		text->bytes = larger;
		text->room = room;
	}
	if (!text->size || text->bytes[text->size - 1] == '\n')
		result = add_origin(&text->lines, &text->line_count, origin, scan->error);
	memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
	text->bytes[text->size] = '\0';
	return result;
}

/* Brings everything before `upto` into the text, or only its newlines while a setting is
 * skipped. */
static int keep(struct scan *scan, const char *upto)
{
	int result = 0;

	while (scan->kept < upto && !result) {
		size_t left = (size_t)(upto - scan->kept);
		const char *newline = memchr(scan->kept, '\n', left);
		size_t size = newline ? (size_t)(newline + 1 - scan->kept) : left;

		if (!scan->nest->skips)
			result = append(scan, scan->kept, size, scan->kept_origin);
		else if (newline)
			result = append(scan, "\n", 1, scan->kept_origin);
		scan->kept += size;
		scan->kept_origin.line += newline != NULL;
	}
	return result;
}

/* Goes on behind `end`, with `bytes` in the text for what is left out. */
static int replace(struct scan *scan, const char *end, const char *bytes, size_t size)
{
	int result = keep(scan, scan->at);

	if (!result && !scan->nest->skips)
		result = append(scan, bytes, size, scan->origin);
	scan->at = scan->kept = end;
	return result;
}

/* A value has been read, or a bracket closed: what that means for the level it is in. */
static void end_value(struct scan *scan)
{
	level_of(scan)->in_value = false;
	level_of(scan)->after_comma = false;
	level_of(scan)->has_value = true;
}

static int note_string(struct scan *scan)
{
	scan->text->ends_in_string = true;
	end_value(scan);
	if (scan->nest->skips)
		return 0;
	return add_origin(&scan->text->strings, &scan->text->string_count, scan->origin,
			  scan->error);
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
	int result = 0;

	pim_quote(quote + 1, (size_t)(end - quote - 1), quoted);
	if (!closed)
		return pim_refuse_at(scan->policy, scan->origin, scan->error,
				     "expected a closing quote before the end of the line, found "
				     "none after %s",
				     quoted);
	if (scan->text->ends_in_string) {
		pim_refuse_at(scan->policy, scan->origin, scan->error,
			      "expected a comma between two strings, found none before %s", quoted);
		result = replace(scan, quote, ",", 1);
	}
	if (has_escaped_nul(quote + 1, end))
		pim_refuse_at(scan->policy, scan->origin, scan->error,
			      "expected text, found a NUL byte (\\x00) in %s", quoted);
	scan->at = end + 1;
	return result ? result : note_string(scan);
}

/* ---- comments ---- */

static int scan_return(struct scan *scan)
{
	if (scan->at[1] != '\n')
		return pim_refuse_at(
			scan->policy, scan->origin, scan->error,
			"expected lines that end in LF or CR LF, found a CR alone: save "
			"the file with Unix or Windows line ends");
	scan->at++;
	return 0;
}

/* A CR alone, the line end of old Macs, would make a comment of all that follows. */
static int skip_line_comment(struct scan *scan)
{
	const char *end = memchr(scan->at, '\n', (size_t)(scan->end - scan->at));
	const char *carriage = memchr(scan->at, '\r', (size_t)(end - scan->at));

	if (carriage && carriage + 1 != end) {
		scan->at = carriage;
		return scan_return(scan);
	}
	scan->at = end;
	return 0;
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

static void free_keys(struct level *level)
{
	for (size_t at = 0; at < level->key_count; at++)
		free(level->keys[at].name);
	free(level->keys);
	level->keys = NULL;
	level->key_count = 0;
}

static int open_bracket(struct scan *scan)
{
	if (scan->nest->depth == NESTED_MAX)
		return pim_refuse_at(scan->policy, scan->origin, scan->error,
				     "expected at most %d brackets within each other, found more",
				     NESTED_MAX);
	level_of(scan)->after_comma = false;
	scan->nest->depth++;
	*level_of(scan) = (struct level){ .bracket = *scan->at++, .origin = scan->origin };
	return 0;
}

/* libconfig allows it behind the settings of a group, and newer ones in lists too. */
static int refuse_comma(struct scan *scan)
{
	struct level *level = level_of(scan);
	int result = keep(scan, scan->at);

	pim_refuse_at(scan->policy, level->comma_origin, scan->error,
		      "expected something after the comma, found \"%c\": take the last comma away",
		      *scan->at);
	if (!result && !scan->nest->skips)
		scan->text->bytes[level->comma] = ' ';
	return result;
}

/* The setting that was skipped has ended. */
static int end_skip(struct scan *scan)
{
	int result = keep(scan, scan->at);

	scan->nest->skips = false;
	return result;
}

static int close_bracket(struct scan *scan)
{
	struct nest *nest = scan->nest;
	struct level *level = level_of(scan);
	int result = 0;

	if (nest->depth == scan->base)
		return pim_refuse_at(scan->policy, scan->origin, scan->error,
				     "expected a setting, found \"%c\" without the bracket it "
				     "would close",
				     *scan->at);
	if (*scan->at != closing(level->bracket))
		return pim_refuse_at(scan->policy, scan->origin, scan->error,
				     "expected \"%c\" to close the \"%c\" of line %u, found \"%c\"",
				     closing(level->bracket), level->bracket, level->origin.line,
				     *scan->at);
	if (nest->skips && nest->skip_depth == nest->depth)
		result = end_skip(scan);
	if (!result && level->after_comma)
		result = refuse_comma(scan);
	free_keys(level);
	nest->depth--;
	end_value(scan);
	scan->at++;
	return result;
}

/* ---- keys ---- */

static bool begins_key(char character)
{
	return isalpha((unsigned char)character) || character == '*';
}

static const char *key_end(const char *at)
{
	while (isalnum((unsigned char)*at) || (*at && strchr("-_*", *at)))
		at++;
	return at;
}

/* Whether an = follows, so that this is a key. */
static bool is_assigned(const char *after, const char *end)
{
	while (after < end && isspace((unsigned char)*after))
		after++;
	return after < end && (*after == '=' || *after == ':');
}

static const struct key *find_key(const struct level *level, const char *name, size_t size)
{
	for (size_t at = 0; at < level->key_count; at++)
		if (strlen(level->keys[at].name) == size &&
		    !memcmp(level->keys[at].name, name, size))
			return &level->keys[at];
	return NULL;
}

static bool is_known(const char *name, size_t size)
{
	for (size_t at = 0; at < KNOWN_KEYS; at++)
		if (strlen(known_keys[at]) == size && !memcmp(known_keys[at], name, size))
			return true;
	return false;
}

/* Remembers a key. Sets *skip if its setting must not go into the text. */
static int take_key(struct scan *scan, const char *name, size_t size, bool *skip)
{
	struct level *level = level_of(scan);
	const struct key *first = find_key(level, name, size);
	char quoted[PIM_QUOTE_TEXT], where[PIM_ORIGIN_TEXT];
	struct key *grown, key = { .origin = scan->origin };

	*skip = true;
	if (first) {
		pim_refuse_at(scan->policy, scan->origin, scan->error,
			      "expected each key once in its group, found %s again, first at %s",
			      pim_quote(name, size, quoted),
			      pim_origin_format(scan->policy, first->origin, where));
		return 0;
	}
	if (!is_known(name, size) && ++level->unknown > UNKNOWN_MAX) {
		scan->policy->errors.more++;
		return 0;
	}
	*skip = false;
	grown = pim_array_grow(level->keys, level->key_count, sizeof(*grown));
	if (!grown)
		return pim_out_of_memory(scan->error);
	level->keys = grown;
	key.name = strndup(name, size);
	if (!key.name)
		return pim_out_of_memory(scan->error);
	grown[level->key_count++] = key;
	return 0;
}

static int scan_key(struct scan *scan)
{
	struct nest *nest = scan->nest;
	const char *end = key_end(scan->at);
	bool skip = false;
	int result = 0;

	if (is_assigned(end, scan->end)) {
		if (nest->skips && nest->skip_depth == nest->depth)
			result = end_skip(scan);
		if (!result && !nest->skips)
			result = take_key(scan, scan->at, (size_t)(end - scan->at), &skip);
		if (!result && skip) {
			result = keep(scan, scan->at);
			nest->skips = true;
			nest->skip_depth = nest->depth;
		}
	}
	scan->at = end;
	return result;
}

/* ---- words, and quotes that are not \" ---- */

static const struct {
	const char *bytes, *title;
} strange_quotes[] = {
	{ "'", "a single quote" },    { "`", "a backtick" },	    { "\xe2\x80\x9c", "U+201C" },
	{ "\xe2\x80\x9d", "U+201D" }, { "\xe2\x80\x9e", "U+201E" }, { "\xe2\x80\x9f", "U+201F" },
	{ "\xe2\x80\x98", "U+2018" }, { "\xe2\x80\x99", "U+2019" }, { "\xe2\x80\x9a", "U+201A" },
	{ "\xe2\x80\xb3", "U+2033" }, { "\xc2\xab", "U+00AB" },	    { "\xc2\xbb", "U+00BB" },
	{ "\xef\xbc\x82", "U+FF02" },
};

/* Which strange quote begins here; -1: none. */
static int strange_quote(const char *at, const char *end)
{
	for (size_t which = 0; which < sizeof(strange_quotes) / sizeof(*strange_quotes); which++) {
		size_t size = strlen(strange_quotes[which].bytes);

		if ((size_t)(end - at) >= size && !memcmp(at, strange_quotes[which].bytes, size))
			return (int)which;
	}
	return -1;
}

/* Puts the string from `from` to `to` into the text, in real quotes, in place of everything up
 * to `end`. */
static int put_string(struct scan *scan, const char *from, const char *to, const char *end)
{
	bool skips = scan->nest->skips;
	int result = replace(scan, end, "\"", 1);

	if (!result && !skips)
		result = append(scan, from, (size_t)(to - from), scan->origin);
	if (!result && !skips)
		result = append(scan, "\"", 1, scan->origin);
	return result ? result : note_string(scan);
}

static int scan_strange_quote(struct scan *scan, int which)
{
	const char *begin = scan->at + strlen(strange_quotes[which].bytes), *to = begin;
	bool named = strange_quotes[which].title[0] == 'a';
	char quoted[PIM_QUOTE_TEXT];
	int closing_quote = -1;

	while (*to != '\n' && *to != '"' && *to != '\\' && closing_quote < 0) {
		closing_quote = strange_quote(to, scan->end);
		if (closing_quote < 0)
			to++;
	}
	pim_refuse_at(scan->policy, scan->origin, scan->error,
		      "expected double quotes (\"), found %s%s before %s: write \" (an editor or a "
		      "mail program may have changed it)",
		      named ? "" : "the typographic quote ", strange_quotes[which].title,
		      pim_quote(begin, (size_t)(to - begin), quoted));
	if (closing_quote < 0 && *to != '"')
		return -EINVAL; /* where it ends cannot be told */
	return put_string(
		scan, begin, to,
		to + (closing_quote < 0 ? 1 : strlen(strange_quotes[closing_quote].bytes)));
}

static const char *word_end(const char *at)
{
	while (!isspace((unsigned char)*at) && !strchr(",;()[]{}\"#=", *at) &&
	       (*at != '/' || (at[1] != '/' && at[1] != '*')))
		at++;
	return at;
}

/* Whether libconfig has a type for it, which the reader refuses with the key's name. */
static bool is_number_or_boolean(const char *word, size_t size)
{
	static const char *const booleans[] = { "true", "false" };
	char *end;

	for (size_t at = 0; at < 2; at++)
		if (strlen(booleans[at]) == size && !strncasecmp(word, booleans[at], size))
			return true;
	if (!isdigit((unsigned char)word[0]) && !strchr("+-.", word[0]))
		return false;
	strtod(word, &end);
	while (*end == 'L')
		end++;
	return end == word + size;
}

/* A value without quotes. */
static int scan_word(struct scan *scan)
{
	const char *begin = scan->at, *end = word_end(begin);
	size_t size = (size_t)(end - begin);
	char line[PIM_QUOTE_TEXT], quoted[PIM_QUOTE_TEXT];

	if (is_number_or_boolean(begin, size) || is_assigned(end, scan->end)) {
		scan->at = end;
		end_value(scan);
		return 0;
	}
	pim_refuse_at(scan->policy, scan->origin, scan->error,
		      "expected a value in double quotes, found %s without: write %s",
		      pim_quote_line(begin, size, line), pim_quote(begin, size, quoted));
	if (memchr(begin, '\\', size))
		return -EINVAL;
	return put_string(scan, begin, end, end);
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
	if (scan->nest->includes == INCLUDES_MAX)
		return pim_refuse_at(scan->policy, scan->origin, scan->error,
				     "expected at most %d files included in all, found more (does "
				     "a file include another many times?)",
				     INCLUDES_MAX);
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
	scan->nest->includes++;
	if (!result)
		result = scan_file(scan->policy, scan->text, scan->nest, file, scan->origin,
				   scan->included + 1, scan->error);
	if (!result)
		result = skip_line_comment(scan);
	if (result)
		return result;
	next_line(scan);
	scan->kept = scan->at;
	scan->kept_origin = scan->origin;
	return 0;
}

/* ---- a file ---- */

/* Whether a value may begin here: behind a key's =, or as an element of a list. */
static bool wants_value(struct scan *scan)
{
	const struct level *level = level_of(scan);

	return level->in_value || level->bracket == '[' || level->bracket == '(';
}

/* Commas and equals signs, and anything else that is only libconfig's business. */
static int scan_sign(struct scan *scan)
{
	struct level *level = level_of(scan);
	bool is_list = level->bracket == '[' || level->bracket == '(';
	int result = 0;

	switch (*scan->at) {
	case '=':
	case ':':
		level->in_value = !is_list;
		break;
	case ',':
	case ';':
		level->in_value = false;
		if (!is_list || *scan->at == ';')
			break;
		if (!level->has_value || level->after_comma) {
			pim_refuse_at(scan->policy, scan->origin, scan->error,
				      "expected something before the comma, found none: take the "
				      "comma away");
			return replace(scan, scan->at + 1, " ", 1);
		}
		result = keep(scan, scan->at);
		level->after_comma = true;
		level->comma = scan->text->size;
		level->comma_origin = scan->origin;
		break;
	}
	scan->at++;
	return result;
}

static int scan_token(struct scan *scan)
{
	size_t left = (size_t)(scan->end - scan->at);
	int quote;

	switch (*scan->at) {
	case '\n':
		next_line(scan);
		return 0;
	case '\r':
		return scan_return(scan);
	case ' ':
	case '\t':
	case '\f':
		scan->at++;
		return 0;
	case '#':
		return skip_line_comment(scan);
	case '"':
		return scan_string(scan);
	}
	if (left > 1 && scan->at[0] == '/' && scan->at[1] == '/')
		return skip_line_comment(scan);
	if (left > 1 && scan->at[0] == '/' && scan->at[1] == '*')
		return skip_block_comment(scan);
	if (left >= strlen(include_word) && !memcmp(scan->at, include_word, strlen(include_word)))
		return scan_include(scan);
	if (left > 1 && !memcmp(scan->at, "\xc2\xa0", 2)) {
		pim_refuse_at(scan->policy, scan->origin, scan->error,
			      "expected a blank, found a no-break space (U+00A0), which looks the "
			      "same: write a blank");
		return replace(scan, scan->at + 2, " ", 1);
	}

	quote = strange_quote(scan->at, scan->end);
	if (quote >= 0 && wants_value(scan))
		return scan_strange_quote(scan, quote);
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
	if (!wants_value(scan))
		return begins_key(*scan->at) ? scan_key(scan) : scan_sign(scan);
	return word_end(scan->at) > scan->at ? scan_word(scan) : scan_sign(scan);
}

static int refuse_nul(struct pim_policy *policy, uint32_t file, const char *bytes, const char *nul,
		      struct pim_error *error)
{
	struct pim_origin origin = { file, 1 };

	for (; bytes < nul; bytes++)
		origin.line += *bytes == '\n';
	return pim_refuse_at(policy, origin, error, "expected text, found a NUL byte");
}

static bool includes_itself(const struct pim_policy *policy, const struct nest *nest,
			    size_t included)
{
	const struct pim_file_state *here = &policy->files[nest->files[included]].state;

	for (size_t depth = 0; depth < included; depth++) {
		const struct pim_file_state *outer = &policy->files[nest->files[depth]].state;

		if (outer->inode == here->inode && outer->device == here->device)
			return true;
	}
	return false;
}

static int scan_file(struct pim_policy *policy, struct pim_config_text *text, struct nest *nest,
		     uint32_t file, struct pim_origin from, size_t included,
		     struct pim_error *error)
{
	struct scan scan = {
		.policy = policy,
		.text = text,
		.nest = nest,
		.error = error,
		.origin = { file, 1 },
		.kept_origin = { file, 1 },
		.base = nest->depth,
		.included = included,
	};
	char *bytes, path[PIM_QUOTE_PATH];
	const char *nul;
	size_t size;
	int result = pim_source_read(policy, file, from, &bytes, &size, error);

	if (result)
		return result;
	nest->files[included] = file;
	if (includes_itself(policy, nest, included)) {
		free(bytes);
		return pim_refuse_at(policy, from, error,
				     "expected a file that does not include itself, found %s in it "
				     "again",
				     pim_quote_path(policy->files[file].path, path));
	}
	nul = memchr(bytes, '\0', size);
	if (nul) {
		result = refuse_nul(policy, file, bytes, nul, error);
		free(bytes);
		return result;
	}
	if (included)
		nest->included_bytes += size;
	if (included ? nest->included_bytes > INCLUDED_MB * 1000000 : size > TEXT_MB * 1000000) {
		free(bytes);
		return pim_refuse_at(policy, from, error,
				     "expected at most %d MB %s, found more: move long "
				     "lists of addresses into prefix files",
				     included ? INCLUDED_MB : TEXT_MB,
				     included ? "in all files that are included" :
						"of configuration");
	}
	/* libconfig needs a newline after a comment, and so do the loops here. There
	 * is room for one in place of the NUL after the end. */
	if (!size || bytes[size - 1] != '\n')
		bytes[size++] = '\n';
	scan.at = scan.line_start = scan.kept = bytes;
	scan.end = bytes + size;
	while (scan.at < scan.end && !result)
		result = scan_token(&scan);
	if (!result && nest->depth > scan.base) {
		const struct level *open = level_of(&scan);

		result = pim_refuse_at(policy, open->origin, error,
				       "expected \"%c\" to close the \"%c\" of this line, found "
				       "the end of the file",
				       closing(open->bracket), open->bracket);
	}
	if (!result)
		result = keep(&scan, scan.end);
	free(bytes);
	return result;
}

int pim_config_text_read(struct pim_policy *policy, struct pim_config_text *text,
			 struct pim_error *error)
{
	struct nest nest = {};
	int result = scan_file(policy, text, &nest, 0, (struct pim_origin){}, 0, error);

	for (size_t depth = 0; depth <= NESTED_MAX; depth++)
		free_keys(&nest.levels[depth]);
	return result;
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

int pim_config_text_refuse(struct pim_policy *policy, const struct pim_config_text *text,
			   unsigned int line, const char *fault, struct pim_error *error)
{
	size_t size;
	const char *found = trimmed_line(text, line, &size);
	char quoted[PIM_QUOTE_TEXT];

	return pim_refuse_at(policy, pim_config_text_line(text, line), error, "%s, found %s", fault,
			     pim_quote_line(found, size, quoted));
}
