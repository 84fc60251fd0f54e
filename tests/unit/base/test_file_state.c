/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* When a file counts as changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "base/file_state.h"
#include "unit/base/files.h"

static void knows_what_changed(void **state)
{
	for (size_t at = 0; at < sizeof(cases) / sizeof(*cases); at++) {
		struct pim_files files = {};
		bool missing, changed;

		set_up(state);
		read_and_take(&files, paths, PATHS);
		assert_false(pim_files_changed(&files, &missing));
		cases[at].change();
		changed = pim_files_changed(&files, &missing);
		if (changed != cases[at].changes || missing != cases[at].misses)
			fail_msg("%s: changed %d, missing %d", cases[at].what, changed, missing);
		pim_files_free(&files);
		tear_down(state);
	}
}

/* A change within the tick in which the file was read would go unnoticed. */
static void doubts_a_file_that_is_new(void **state)
{
	struct pim_files files = {};
	long long before_ns;
	bool missing, changed;

	(void)state;
	do {
		before_ns = clock_ns(CLOCK_REALTIME_COARSE);
		write_text("a.conf", "a");
		read_and_take(&files, paths, PATHS);
		changed = pim_files_changed(&files, &missing);
	} while (!changed && !same_tick(before_ns));
	assert_true(changed);
	wait_ms(30);
	read_and_take(&files, paths, PATHS);
	assert_false(pim_files_changed(&files, &missing));
	pim_files_free(&files);
	assert_true(pim_files_changed(&files, &missing)); /* nothing is known */
}

/* With a time in the future, as after the clock was set back, the doubt would never end. */
static void does_not_doubt_what_is_to_come(void **state)
{
	struct stat found = {};
	struct pim_file_state taken;
	long long now_ns;

	(void)state;
	do {
		clock_gettime(CLOCK_REALTIME, &found.st_ctim);
		now_ns = found.st_ctim.tv_sec * 1000 * MILLISECOND + found.st_ctim.tv_nsec;
		pim_file_state_take(&found, &taken);
	} while (!taken.doubtful && !same_tick(now_ns));
	assert_true(taken.exists && taken.doubtful);
	found.st_ctim.tv_sec += 60;
	pim_file_state_take(&found, &taken);
	assert_true(taken.exists && !taken.doubtful);
	found.st_ctim.tv_sec -= 61;
	pim_file_state_take(&found, &taken);
	assert_true(taken.exists && !taken.doubtful);
}

/* The link now leads to an old file, which is not the one that was read. */
static void knows_a_link_swapped_after_reading(void **state)
{
	struct pim_files files = {};
	bool missing;

	(void)state;
	read_and_take_after(&files, paths, PATHS, link_swapped);
	assert_true(pim_files_changed(&files, &missing));
	read_and_take(&files, paths, PATHS);
	assert_false(pim_files_changed(&files, &missing));
	pim_files_free(&files);
}

/* A file that could not be read does not count as read, either. */
static void knows_what_came_after_reading(void **state)
{
	static char *const absent[] = { (char *)"other" };
	struct pim_files files = {};
	bool missing;

	(void)state;
	read_and_take_after(&files, absent, 1, another_file);
	assert_true(pim_files_changed(&files, &missing));
	assert_false(missing);
	pim_files_free(&files);
}

static void takes_what_is_missing(void **state)
{
	static char *const absent[] = { (char *)"absent" };
	struct pim_files files = {};
	bool missing;

	(void)state;
	read_and_take(&files, absent, 1);
	assert_false(pim_files_changed(&files, &missing));
	assert_true(missing);
	write_text("absent", "here");
	assert_true(pim_files_changed(&files, &missing));
	assert_false(missing);
	pim_files_free(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_what_changed),
		cmocka_unit_test_setup_teardown(doubts_a_file_that_is_new, set_up, tear_down),
		cmocka_unit_test(does_not_doubt_what_is_to_come),
		cmocka_unit_test_setup_teardown(knows_a_link_swapped_after_reading, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(knows_what_came_after_reading, set_up, tear_down),
		cmocka_unit_test_setup_teardown(takes_what_is_missing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
