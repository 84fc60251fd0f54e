/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files of prefixes: long ones, and long lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "unit/config/fixture.h"

/* 300,000 unsorted prefixes: quadratic work would not finish in time. */
#define MANY 300000u

static void print_many(FILE *out)
{
	for (uint32_t at = 0; at < MANY; at++) {
		uint32_t address = 0x0a000000 + ((at * 7919) % MANY << 4);

		fprintf(out, "%u.%u.%u.%u/28\n", address >> 24, address >> 16 & 255,
			address >> 8 & 255, address & 255);
	}
}

static void reads_long_prefix_files(void **state)
{
	struct pim_policy policy;
	FILE *out;

	(void)state;
	out = fopen("many.prefixes", "w");
	print_many(out);
	fclose(out);
	write_text("more.prefixes", "# not in the other\n10.73.62.0/28\n192.0.2.0/24\n");
	write_text("many.conf",
		   EDGE "partners = ( { name = \"contoso\", files = [ \"many.prefixes\" ] },\n"
			"             { name = \"fabrikam\", files = [ \"more.prefixes\" ] } )\n");
	read_file("many.conf", &policy);
	assert_int_equal(policy.listed_count, 1 + MANY + 2);
	assert_int_equal(policy.listed[MANY].origin.line, MANY);
	assert_int_equal(policy.listed[MANY + 1].partner, 2);
	pim_policy_free(&policy);

	/* Line 1 of the other file has 10.0.0.0, line 2 the address 16 * 7919 after it. The
	 * message names the first line that repeats one, in the order of the files. */
	write_text("more.prefixes", "192.0.2.0/24\n10.0.0.0/28\n10.1.238.240/28\n");
	assert_string_equal(refusal_of("many.conf"),
			    "more.prefixes:2: expected a prefix under one partner only, found "
			    "\"10.0.0.0/28\" under \"fabrikam\" here and under \"contoso\" at "
			    "many.prefixes:1 (the first of 2 errors)");
	write_text("more.prefixes", "192.0.2.0/24\n10.1.238.240/28\n10.0.0.0/28\n");
	assert_string_equal(refusal_of("many.conf"),
			    "more.prefixes:2: expected a prefix under one partner only, found "
			    "\"10.1.238.240/28\" under \"fabrikam\" here and under \"contoso\" at "
			    "many.prefixes:2 (the first of 2 errors)");
}

static void bounds_lines_of_prefix_files(void **state)
{
	(void)state;
	write_text("long.conf", EDGE "clients = { files = [ \"long.prefixes\" ] }\n");
	for (unsigned int length = 255; length <= 258; length++) {
		for (unsigned int end = 0; end < 3; end++) {
			static const char *const ends[] = { "", "\n", "\r\n" };
			char line[300] = "192.0.2.1 #";
			struct pim_policy policy;

			memset(line + 11, 'x', length - 11);
			strcpy(line + length, ends[end]);
			write_text("long.prefixes", line);
			if (length <= 256) {
				read_file("long.conf", &policy);
				assert_int_equal(policy.listed_count, 2);
				pim_policy_free(&policy);
			} else {
				char expected[100];

				snprintf(expected, sizeof(expected),
					 "long.prefixes:1: expected at most 256 characters in a "
					 "line, found %u",
					 length);
				assert_string_equal(refusal_of("long.conf"), expected);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_long_prefix_files),
		cmocka_unit_test(bounds_lines_of_prefix_files),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
