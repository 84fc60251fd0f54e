/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What wakes the watch. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/watch.h"
#include "base/file_state.h"
#include "unit/base/files.h"

static void wakes_when_something_happens(void **state)
{
	for (size_t at = 0; at < sizeof(cases) / sizeof(*cases); at++) {
		struct pollfd wakes = { .events = POLLIN };
		struct pim_files files = {};
		struct pim_error error = {};
		struct pim_watch *watch;

		set_up(state);
		assert_int_equal(pim_watch_new(&watch, &error), 0);
		for (size_t i = 0; i < PATHS; i++)
			assert_true(pim_watch_path(watch, paths[i]));
		read_and_take(&files, paths, PATHS); /* reading alone must not wake the watch */
		cases[at].change();
		wakes.fd = pim_watch_descriptor(watch);
		if (poll(&wakes, 1, 0) != cases[at].wakes)
			fail_msg("%s: the watch was not as expected", cases[at].what);
		pim_watch_drain(watch);
		assert_int_equal(poll(&wakes, 1, 0), 0);
		pim_files_free(&files);
		pim_watch_free(watch);
		tear_down(state);
	}
}

static void refuses_what_it_cannot_watch(void **state)
{
	struct pim_error error = {};
	struct pim_watch *watch;
	char path[5000];

	(void)state;
	assert_int_equal(pim_watch_new(&watch, &error), 0);
	assert_false(pim_watch_path(watch, "no/such/folder/file"));
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_false(pim_watch_path(watch, path));
	assert_int_equal(symlink("loop", "loop"), 0);
	pim_watch_path(watch, "loop"); /* must return */
	pim_watch_free(watch);
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* Who writes a file where it is may not be done; who renames one over it is. */
static void tells_writing_from_swapping(void **state)
{
	struct pim_error error = {};
	struct pim_watch *watch;
	FILE *file;

	(void)state;
	put("list", "1\n");
	assert_int_equal(pim_watch_new(&watch, &error), 0);
	assert_true(pim_watch_path(watch, "list"));
	put("other", "1\n");
	assert_int_equal(pim_watch_drain(watch), PIM_SEEN_NOTHING);
	assert_int_equal(rename("other", "list"), 0);
	assert_int_equal(pim_watch_drain(watch), PIM_SEEN_SWAPPED);
	file = fopen("list", "a");
	assert_non_null(file);
	fputs("2\n", file);
	fflush(file);
	assert_int_equal(pim_watch_drain(watch), PIM_SEEN_WRITTEN);
	assert_string_equal(pim_watch_open(watch), "list");
	fclose(file);
	assert_int_equal(pim_watch_drain(watch), PIM_SEEN_WRITTEN);
	assert_null(pim_watch_open(watch));
	assert_int_equal(unlink("list"), 0);
	put("list", "3\n");
	assert_int_equal(pim_watch_drain(watch), PIM_SEEN_WRITTEN);
	assert_null(pim_watch_open(watch));
	pim_watch_free(watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wakes_when_something_happens),
		cmocka_unit_test_setup_teardown(refuses_what_it_cannot_watch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tells_writing_from_swapping, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
