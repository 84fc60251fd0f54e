/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void groups_digits(void **state)
{
	static const struct {
		uint64_t number;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ 99, "99" },
		{ 999, "999" },
		{ 1000, "1,000" },
		{ 1001, "1,001" },
		{ 99999, "99,999" },
		{ 100000, "100,000" },
		{ 999999, "999,999" },
		{ 1000000, "1,000,000" },
		{ UINT64_MAX, "18,446,744,073,709,551,615" },
	};
	char grouped[PIM_GROUPED];

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		memset(grouped, 'x', sizeof(grouped));
		assert_ptr_equal(pim_grouped(cases[at].number, grouped), grouped);
		assert_string_equal(grouped, cases[at].text);
	}
}

/* Always sixteen digits, in lower case. */
static void formats_hashes(void **state)
{
	static const struct {
		uint64_t hash;
		const char *text;
	} cases[] = {
		{ 0, "0000000000000000" },
		{ 0xab, "00000000000000ab" },
		{ 0x0123456789abcdef, "0123456789abcdef" },
		{ UINT64_MAX, "ffffffffffffffff" },
	};
	char text[PIM_HASH_TEXT];

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		memset(text, 'x', sizeof(text));
		assert_ptr_equal(pim_hash_format(cases[at].hash, text), text);
		assert_string_equal(text, cases[at].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_digits),
		cmocka_unit_test(formats_hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
