/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lists of findings: their order, and what a limit leaves out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/finding.h"

static void add(struct pim_findings *findings, uint32_t file, uint32_t line, const char *text)
{
	struct pim_origin origin = { file, line };

	assert_int_equal(pim_findings_add(findings, PIM_ERROR, origin, text, NULL), 0);
}

static void keeps_the_order_of_file_and_line(void **state)
{
	struct pim_findings findings = {};
	char text[32] = "";

	(void)state;
	add(&findings, 1, 1, "f");
	add(&findings, 0, 7, "c");
	add(&findings, 0, 0, "a");
	add(&findings, 0, 7, "d"); /* after that of the same line */
	add(&findings, 0, 9, "e");
	add(&findings, 0, 1, "b");
	for (size_t at = 0; at < findings.count; at++)
		strcat(text, findings.list[at].text);
	assert_string_equal(text, "abcdef");
	assert_int_equal(findings.more, 0);
	pim_findings_free(&findings);
	assert_int_equal(findings.count, 0);
}

/* Whatever the order in which they are found, the first of the lines stay. */
static void lists_the_first_and_counts_the_others(void **state)
{
	(void)state;
	srand(7);
	for (int round = 0; round < 200; round++) {
		struct pim_findings findings = { .limit = 5 };
		uint32_t lines[40], count = 1 + (uint32_t)rand() % 40;

		for (uint32_t at = 0; at < count; at++)
			lines[at] = at + 1;
		for (uint32_t at = count - 1; at; at--) {
			uint32_t other = (uint32_t)rand() % (at + 1), kept = lines[at];

			lines[at] = lines[other];
			lines[other] = kept;
		}
		for (uint32_t at = 0; at < count; at++)
			add(&findings, 0, lines[at], "text");
		assert_int_equal(findings.count, count < 5 ? count : 5);
		assert_int_equal(findings.count + findings.more, count);
		for (uint32_t at = 0; at < findings.count; at++)
			assert_int_equal(findings.list[at].origin.line, at + 1);
		pim_findings_free(&findings);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_order_of_file_and_line),
		cmocka_unit_test(lists_the_first_and_counts_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
