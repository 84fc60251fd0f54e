/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/quote.h"

static void escapes(void **state)
{
	static const char text[] = "a b~\"\\\n\t\r\a\b\v\f\x1b\x7f\x80\xff";
	char out[PIM_QUOTE_TEXT], path[PIM_QUOTE_PATH];

	(void)state;
	assert_string_equal(pim_quote(text, sizeof(text) - 1, out),
			    "\"a b~\\\"\\\\\\n\\t\\r\\a\\b\\v\\f\\x1b\\x7f\\x80\\xff\"");
	assert_string_equal(pim_quote_line(text, sizeof(text) - 1, out),
			    "a b~\"\\\\\\n\\t\\r\\a\\b\\v\\f\\x1b\\x7f\\x80\\xff");
	assert_string_equal(pim_quote_path(text, path),
			    "a b~\"\\\\\\n\\t\\r\\a\\b\\v\\f\\x1b\\x7f\\x80\\xff");
	assert_string_equal(pim_quote("\0x", 2, out), "\"\\x00x\"");
	assert_string_equal(pim_quote("", 0, out), "\"\"");
	assert_string_equal(pim_quote_line("", 0, out), "");
	assert_string_equal(pim_quote_path("", path), "");
}

static void makes_text_visible(void **state)
{
	static const char text[] = "a b~\"\\x1b\n\t\x1b[2J\x7f\xe2\x80\xae\x9b";
	char *one = pim_visible(text, ""), *several = pim_visible(text, "\t\n");
	char *none = pim_visible("", "\n");

	(void)state;
	assert_string_equal(one, "a b~\"\\x1b\\n\\t\\x1b[2J\\x7f\\xe2\\x80\\xae\\x9b");
	assert_string_equal(several, "a b~\"\\x1b\n\t\\x1b[2J\\x7f\\xe2\\x80\\xae\\x9b");
	assert_string_equal(none, "");
	free(one);
	free(several);
	free(none);
}

/* Any length of any kind of byte: the result fits, is never cut within an escape, and
 * says so when it was cut. */
static void fits_any_length(void **state)
{
	static const char bytes[] = { 'x', '"', '\n', '\x80' };
	static const size_t sizes[] = { 1, 2, 2, 4 };
	char text[400];

	(void)state;
	for (size_t kind = 0; kind < sizeof(bytes); kind++) {
		for (size_t length = 0; length < sizeof(text); length++) {
			/* On the heap, so that the sanitizer catches a byte too many. */
			char *out = malloc(PIM_QUOTE_TEXT), *path = malloc(PIM_QUOTE_PATH);
			size_t path_size = bytes[kind] == '"' ? 1 : sizes[kind], shown;

			assert_true(out && path);
			memset(text, bytes[kind], length);
			pim_quote(text, length, out);
			assert_true(strlen(out) < PIM_QUOTE_TEXT);
			assert_int_equal(out[0], '"');
			shown = strlen(out) - 2;
			if (2 + length * sizes[kind] + 3 < PIM_QUOTE_TEXT) {
				assert_int_equal(shown, length * sizes[kind]);
			} else {
				assert_string_equal(out + strlen(out) - 4, "\"...");
				assert_int_equal((shown - 3) % sizes[kind], 0);
				assert_true(shown > PIM_QUOTE_TEXT - 12);
			}
			if (length < sizeof(text) - 1) {
				text[length] = '\0';
				pim_quote_path(text, path);
				assert_true(strlen(path) < PIM_QUOTE_PATH);
				if (length * path_size + 4 <= PIM_QUOTE_PATH)
					assert_int_equal(strlen(path), length * path_size);
				else
					assert_memory_equal(path, "...", 3);
			}
			free(out);
			free(path);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes),
		cmocka_unit_test(makes_text_visible),
		cmocka_unit_test(fits_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
