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

static void asks_which_command_was_meant(void **state)
{
	(void)state;
	assert_usage("attachs", "found 'attachs': did you mean attach?\n");
	assert_usage("sttas eth1", "found 'sttas': did you mean stats?\n");
	assert_usage("hlep", "found 'hlep': did you mean help?\n");
	assert_usage("help relaod", "found 'relaod': did you mean reload?\n");
	assert_usage("bogus", "found 'bogus'\n");
	assert_usage("Ae", "found 'Ae'\n");
}

/* help COMMAND is COMMAND --help. */
static void helps_with_a_command(void **state)
{
	char expected[sizeof(output)];

	(void)state;
	assert_int_equal(run("stats --help"), PIM_EXIT_DONE);
	strcpy(expected, output);
	assert_int_equal(run("help stats"), PIM_EXIT_DONE);
	assert_string_equal(output, expected);
	assert_string_equal(errors, "");
	assert_usage("help stats eth1", "help stats: expected nothing more, found 'eth1'\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_unknown_commands),
		cmocka_unit_test(asks_which_command_was_meant),
		cmocka_unit_test(helps_with_a_command),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
