/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How many services a configuration may have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "unit/config/fixture.h"

static void print_services(FILE *out, unsigned int count)
{
	fputs(EDGE "services = (", out);
	for (unsigned int at = 0; at < count; at++)
		fprintf(out,
			"%s{ name = \"s%u\", transport = \"tcp\", direction = \"in\", "
			"edge = \"access\", peers = \"client\", ports = [ \"%u\" ] }",
			at ? ",\n" : "\n", at, at + 1);
	fputs(" )\n", out);
}

static void bounds_the_rows(void **state)
{
	unsigned int most = PIM_ROWS_MAX - PIM_BUILTIN_ROWS;
	struct pim_policy policy;
	char expected[128];
	FILE *out;

	(void)state;
	out = fopen("rows.conf", "w");
	print_services(out, most);
	fclose(out);
	read_file("rows.conf", &policy);
	assert_int_equal(policy.row_count, PIM_ROWS_MAX);
	pim_policy_free(&policy);

	out = fopen("rows.conf", "w");
	print_services(out, most + 1);
	fclose(out);
	/* The edge is on line 1, the list on line 2; then each service has a line. */
	snprintf(expected, sizeof(expected),
		 "rows.conf:%u: expected at most %u services beside the built-in rows, found more",
		 most + 3, most);
	assert_string_equal(refusal_of("rows.conf"), expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_the_rows),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
