/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/group.h"

static void knows_groups(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "1x", "4294967295", "4294967296",
					   "99999999999999999999", "no such group", "root:x" };
	gid_t group = 1;

	(void)state;
	assert_int_equal(pim_group_parse("root", &group), 0);
	assert_int_equal(group, 0);
	assert_int_equal(pim_group_parse("4294967294", &group), 0);
	assert_int_equal(group, 4294967294u);
	assert_int_equal(pim_group_parse("0", &group), 0);
	assert_int_equal(group, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!pim_group_parse(bad[i], &group))
			fail_msg("taken: '%s'", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
