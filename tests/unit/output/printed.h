/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The text that an output printed, for one test at a time, and JSON read back from it. */
#ifndef PIMXDP_TESTS_OUTPUT_PRINTED_H
#define PIMXDP_TESTS_OUTPUT_PRINTED_H

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What was printed. */
static char *text;
static size_t text_size;

static inline FILE *open_text(void)
{
	FILE *stream = open_memstream(&text, &text_size);

	assert_non_null(stream);
	return stream;
}

static inline void close_text(FILE *stream)
{
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(strlen(text), text_size); /* no NUL byte in between */
}

static inline void assert_text(FILE *stream, const char *expected)
{
	close_text(stream);
	assert_string_equal(text, expected);
	free(text);
}

static inline void assert_has(const char *part)
{
	if (!strstr(text, part))
		fail_msg("expected \"%s\" in:\n%s", part, text);
}

static inline void assert_has_not(const char *part)
{
	if (strstr(text, part))
		fail_msg("expected no \"%s\" in:\n%s", part, text);
}

/* True of all text: whole lines, no trailing blanks, no escapes. */
static inline void assert_neat(void)
{
	assert_true(text_size > 0);
	assert_int_equal(text[text_size - 1], '\n');
	assert_null(strstr(text, " \n"));
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\t'));
	assert_null(strstr(text, "\n\n\n"));
	assert_null(strstr(text, "(null)"));
}

/* ---- JSON ---- */

/* The next JSON value that was printed, which must be on a line of its own. */
static inline json_t *next_json(const char **at)
{
	json_error_t error;
	json_t *value;

	value = json_loads(*at, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);
	if (!value)
		fail_msg("no JSON: %s: %s", error.text, *at);
	*at += error.position;
	assert_int_equal(**at, '\n');
	++*at;
	return value;
}

static inline json_t *only_json(void)
{
	const char *at = text;
	json_t *value = next_json(&at);

	assert_int_equal(*at, '\0');
	return value;
}

/* The keys, all of them, in this order. */
static inline void assert_keys(json_t *object, const char *const *keys, size_t count)
{
	const char *key;
	json_t *value;
	size_t at = 0;

	assert_true(json_is_object(object));
	json_object_foreach(object, key, value)
	{
		assert_true(at < count);
		assert_string_equal(key, keys[at++]);
	}
	assert_int_equal(at, count);
}

static inline const char *string_of(json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	if (!string)
		fail_msg("no string under \"%s\"", key);
	return string;
}

static inline json_int_t number_of(json_t *object, const char *key)
{
	if (!json_is_integer(json_object_get(object, key)))
		fail_msg("no number under \"%s\"", key);
	return json_integer_value(json_object_get(object, key));
}

#endif
