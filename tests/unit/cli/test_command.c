/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finding the command by its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/cli/line.h"

static void refuses_unknown_commands(void **state)
{
	(void)state;
	assert_usage("bogus", "expected a command, found 'bogus'");
	assert_usage("bogus --help", "found 'bogus'");
	assert_usage("Attach", "found 'Attach'");
	assert_usage("attachs", "found 'attachs'");
	assert_usage("att", "found 'att'");
	assert_usage("--json", "found '--json'");
	assert_usage(" ", "found ''");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_unknown_commands),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
