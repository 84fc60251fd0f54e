/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files of a configuration, one of them reached by a link, and ways in which they change. */
#ifndef PIMXDP_TESTS_BASE_FILES_H
#define PIMXDP_TESTS_BASE_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file_state.h"
#include "config/source.h"
#include "policy/policy.h"
#include "unit/folder.h"

static char *const paths[] = { (char *)"a.conf", (char *)"data/b.prefixes" };
enum { PATHS = 2 };

#define MILLISECOND 1000000ll

/* ---- time ---- */

static inline long long clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000 * MILLISECOND + now.tv_nsec;
}

/* Waits by the clock that timestamps files, whose tick may come late. */
static inline void wait_ms(unsigned int milliseconds)
{
	const struct timespec pause = { .tv_nsec = MILLISECOND };
	const long long start_ns = clock_ns(CLOCK_MONOTONIC_COARSE);

	while (clock_ns(CLOCK_MONOTONIC_COARSE) - start_ns < milliseconds * MILLISECOND)
		nanosleep(&pause, NULL);
}

/* A file is in doubt for one tick. A test that ran into the next tick tries again. */
static inline bool same_tick(long long stamped_ns)
{
	return clock_ns(CLOCK_REALTIME_COARSE) <= stamped_ns;
}

/* ---- the files ---- */

/* Reads the files of a configuration, makes a change, and then records their state. */
static inline void read_and_take_after(struct pim_files *files, char *const *names, size_t count,
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

static inline void read_and_take(struct pim_files *files, char *const *names, size_t count)
{
	read_and_take_after(files, names, count, NULL);
}

static inline int set_up(void **state)
{
	(void)state;
	enter_new_folder(folder);
	assert_int_equal(mkdir("one", 0700), 0);
	assert_int_equal(mkdir("two", 0700), 0);
	assert_int_equal(symlink("one", "data"), 0);
	write_text("a.conf", "a");
	write_text("one/b.prefixes", "b");
	write_text("two/b.prefixes", "b");
	wait_ms(30); /* the files are then older than anything read later */
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	assert_int_equal(chdir("/"), 0);
	remove_folder(folder);
	return 0;
}

/* ---- ways in which they change ---- */

static inline void in_place(void)
{
	write_text("a.conf", "A");
}
static inline void longer(void)
{
	write_text("a.conf", "aa");
}
static inline void renamed_over(void)
{
	write_text("new", "a");
	assert_int_equal(rename("new", "a.conf"), 0);
}
static inline void removed(void)
{
	assert_int_equal(unlink("a.conf"), 0);
}
static inline void link_swapped(void)
{
	assert_int_equal(symlink("two", "data_tmp"), 0);
	assert_int_equal(rename("data_tmp", "data"), 0);
}
static inline void behind_the_link(void)
{
	write_text("one/b.prefixes", "B");
}
static inline void another_file(void)
{
	write_text("other", "x");
}
static inline void nothing(void)
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

#endif
