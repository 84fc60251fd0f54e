/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What counts as a changed file, and what wakes the watch. */
#include <poll.h>
#include <time.h>

#include "base/file_state.h"
#include "unit/config/config_fixture.h"
#include "config/source.h"
#include "agent/watch.h"

static char folder[64];
static char *const paths[] = { (char *)"a.conf", (char *)"data/b.prefixes" };
enum { PATHS = 2 };

#define MILLISECOND 1000000ll

static long long clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000 * MILLISECOND + now.tv_nsec;
}

/* By the clock that files are stamped with, whose tick may come late. */
static void wait_ms(unsigned int milliseconds)
{
	const struct timespec pause = { .tv_nsec = MILLISECOND };
	const long long start_ns = clock_ns(CLOCK_MONOTONIC_COARSE);

	while (clock_ns(CLOCK_MONOTONIC_COARSE) - start_ns < milliseconds * MILLISECOND)
		nanosleep(&pause, NULL);
}

/* The doubt is as long as a tick. Who met the next one tries again. */
static bool same_tick(long long stamped_ns)
{
	return clock_ns(CLOCK_REALTIME_COARSE) <= stamped_ns;
}

/* Reads the files as a configuration's are, lets something happen, and takes them. */
static void read_and_take_after(struct pim_files *files, char *const *names, size_t count,
				void (*between)(void))
{
	struct pim_policy policy = {};
	struct pim_error error = {};

	for (size_t i = 0; i < count; i++) {
		const struct pim_origin nowhere = {};
		char *bytes;
		uint32_t file;
		size_t size;

		assert_int_equal(pim_source_add(&policy, names[i], &file, &error), 0);
		if (!pim_source_read(&policy, file, nowhere, &bytes, &size, &error))
			free(bytes);
	}
	if (between)
		between();
	assert_int_equal(pim_files_take(files, policy.files, policy.file_count), 0);
	pim_policy_free(&policy);
}

static void read_and_take(struct pim_files *files, char *const *names, size_t count)
{
	read_and_take_after(files, names, count, NULL);
}

static int set_up(void **state)
{
	(void)state;
	enter_new_folder(folder);
	assert_int_equal(mkdir("one", 0700), 0);
	assert_int_equal(mkdir("two", 0700), 0);
	assert_int_equal(symlink("one", "data"), 0);
	write_text("a.conf", "a");
	write_text("one/b.prefixes", "b");
	write_text("two/b.prefixes", "b");
	wait_ms(30); /* the files are older than what is read from here on */
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(chdir("/"), 0);
	remove_folder(folder);
	return 0;
}

static void in_place(void)
{
	write_text("a.conf", "A");
}
static void longer(void)
{
	write_text("a.conf", "aa");
}
static void renamed_over(void)
{
	write_text("new", "a");
	assert_int_equal(rename("new", "a.conf"), 0);
}
static void removed(void)
{
	assert_int_equal(unlink("a.conf"), 0);
}
static void link_swapped(void)
{
	assert_int_equal(symlink("two", "data_tmp"), 0);
	assert_int_equal(rename("data_tmp", "data"), 0);
}
static void behind_the_link(void)
{
	write_text("one/b.prefixes", "B");
}
static void another_file(void)
{
	write_text("other", "x");
}
static void nothing(void)
{
}

static const struct {
	const char *what;
	void (*change)(void);
	bool changes, misses, wakes;
} cases[] = {
	{ "nothing", nothing, false, false, false },
	{ "another file in the folder", another_file, false, false, true },
	{ "written in place, the same size", in_place, true, false, true },
	{ "written in place, longer", longer, true, false, true },
	{ "another renamed over it, the same contents", renamed_over, true, false, true },
	{ "removed", removed, true, true, true },
	{ "a link on the way swapped", link_swapped, true, false, true },
	{ "the file behind the link", behind_the_link, true, false, true },
};

static void knows_what_changed(void **state)
{
	for (size_t at = 0; at < sizeof(cases) / sizeof(*cases); at++) {
		struct pim_files files = {};
		struct pim_error error = {};
		struct pim_watch *watch;
		bool missing, changed;

		set_up(state);
		assert_int_equal(pim_watch_new(&watch, &error), 0);
		for (size_t i = 0; i < PATHS; i++)
			assert_true(pim_watch_path(watch, paths[i]));
		read_and_take(&files, paths, PATHS);
		assert_false(pim_files_changed(&files, &missing));
		cases[at].change();
		changed = pim_files_changed(&files, &missing);
		if (changed != cases[at].changes || missing != cases[at].misses)
			fail_msg("%s: changed %d, missing %d", cases[at].what, changed, missing);
		struct pollfd wakes = { .fd = pim_watch_descriptor(watch), .events = POLLIN };

		if (poll(&wakes, 1, 0) != cases[at].wakes)
			fail_msg("%s: the watch was not as expected", cases[at].what);
		pim_watch_drain(watch);
		assert_int_equal(poll(&wakes, 1, 0), 0);
		pim_files_free(&files);
		pim_watch_free(watch);
		tear_down(state);
	}
}

/* What changes it within the tick that it was read in would not be seen. */
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

/* A time to come, as after the clock was set back, would never end the doubt. */
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

/* The file that the link leads to now is old, and was not the one that was read. */
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

/* Nor is one taken for read that could not be. */
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
	pim_watch_path(watch, "loop"); /* ends */
	pim_watch_free(watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_what_changed),
		cmocka_unit_test_setup_teardown(doubts_a_file_that_is_new, set_up, tear_down),
		cmocka_unit_test(does_not_doubt_what_is_to_come),
		cmocka_unit_test_setup_teardown(knows_a_link_swapped_after_reading, set_up, tear_down),
		cmocka_unit_test_setup_teardown(knows_what_came_after_reading, set_up, tear_down),
		cmocka_unit_test_setup_teardown(takes_what_is_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_what_it_cannot_watch, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
