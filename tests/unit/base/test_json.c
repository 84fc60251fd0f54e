/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How names, which may hold any bytes, are written to JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void shows_what_is_no_utf8_as_question_marks(void **state)
{
	static const struct {
		const char *bytes, *text;
	} cases[] = {
		{ "", "" },
		{ "eth1", "eth1" },
		{ "a \"b\" \\ c\n\x01\x7f", "a \"b\" \\ c\n\x01\x7f" },
		{ "caf\xc3\xa9", "caf\xc3\xa9" }, /* UTF-8 stays */
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "caf\xe9", "caf?" }, /* Latin-1 */
		{ "\x80", "?" },
		{ "\xff", "?" },
		{ "\xc3", "?" },	   /* cut */
		{ "\xc0\xaf", "??" },	   /* an overlong encoding */
		{ "\xed\xa0\x80", "???" }, /* a surrogate */
		{ "\xc3\xa9\xff", "???" }, /* one bad byte replaces all above 127 */
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		json_t *value = pim_json_text(cases[at].bytes);

		assert_non_null(value);
		assert_string_equal(json_string_value(value), cases[at].text);
		json_decref(value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_what_is_no_utf8_as_question_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
