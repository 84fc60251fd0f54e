/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The verb policy. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "unit/cli/line.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void prints_the_policy(void **state)
{
	static const char *const lines[] = { "policy --json",	       "policy -j",
					     "policy --pretty",	       "policy -p",
					     "policy --json --pretty", "policy -jp" };
	json_t *first = NULL;

	(void)state;
	assert_int_equal(run("policy"), PIM_EXIT_DONE);
	assert_has(output, "stun-in");
	assert_string_equal(errors, "");
	for (size_t at = 0; at < COUNT(lines); at++) {
		json_t *value;

		assert_int_equal(run(lines[at]), PIM_EXIT_DONE);
		assert_string_equal(errors, "");
		value = json_loads(output, 0, NULL);
		assert_int_equal(json_array_size(value), PIM_BUILTIN_ROWS);
		/* --pretty alone implies --json; both print the same data. */
		assert_int_equal(!!strstr(output, "\n "), at >= 2);
		if (first) {
			assert_true(json_equal(first, value));
			json_decref(value);
		} else {
			first = value;
		}
	}
	json_decref(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_the_policy),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
