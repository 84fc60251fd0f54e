/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/group.h"

static void knows_groups(void **state)
{
	static const char *const bad[] = { "",
					   "-1",
					   "+1",
					   " 1",
					   "1 ",
					   "1x",
					   "4294967295",
					   "4294967296",
					   "99999999999999999999",
					   "no such group",
					   "root:x" };
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

/* Every name in /etc/group is known, and none with anything after it. */
static void knows_every_group_of_the_system(void **state)
{
	FILE *groups = fopen("/etc/group", "r");
	struct group *entry;
	unsigned int known = 0;
	gid_t group;

	(void)state;
	assert_non_null(groups);
	while ((entry = fgetgrent(groups)) && known < 20) {
		char name[64];

		if (strlen(entry->gr_name) + 2 > sizeof(name))
			continue;
		assert_int_equal(pim_group_parse(entry->gr_name, &group), 0);
		assert_int_equal(group, entry->gr_gid);
		snprintf(name, sizeof(name), "%s:", entry->gr_name);
		assert_int_equal(pim_group_parse(name, &group), -EINVAL);
		known++;
	}
	fclose(groups);
	assert_true(known > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_groups),
		cmocka_unit_test(knows_every_group_of_the_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
