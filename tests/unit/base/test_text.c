/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "output/table.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void groups_digits(void **state)
{
	static const struct {
		uint64_t number;
		const char *text;
	} cases[] = {
		{ 0, "0" }, { 7, "7" }, { 99, "99" }, { 999, "999" }, { 1000, "1,000" },
		{ 1001, "1,001" }, { 99999, "99,999" }, { 100000, "100,000" },
		{ 999999, "999,999" }, { 1000000, "1,000,000" },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
