/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A file that replaces another, and what is left when that fails. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/replace_file.h"
#include "unit/folder.h"

static void assert_holds(const char *path, const char *expected)
{
	size_t size;
	char *bytes = read_bytes(path, &size);

	assert_int_equal(size, strlen(expected));
	assert_string_equal(bytes, expected);
	free(bytes);
}

/* Includes . and ..; a temporary file left there would be one more. */
static unsigned int entries(const char *path)
{
	DIR *directory = opendir(path);
	unsigned int count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static int replace(const char *path, const char *text, struct pim_error *error)
{
	*error = (struct pim_error){};
	return pim_replace_file(path, text, strlen(text), 0644, error);
}

static void makes_and_replaces(void **state)
{
	struct pim_error error;
	struct stat status;
	mode_t before = umask(077);
	char bytes[8] = "";
	int old;

	(void)state;
	assert_int_equal(mkdir("made", 0700), 0);
	assert_int_equal(replace("made/file", "one", &error), 0);
	assert_holds("made/file", "one");
	old = open("made/file", O_RDONLY);
	assert_true(old >= 0);
	assert_int_equal(chmod("made/file", 0600), 0);
	assert_int_equal(replace("made/file", "", &error), 0);
	assert_holds("made/file", "");
	assert_int_equal(stat("made/file", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644); /* whatever the umask and the old mode */
	assert_int_equal(entries("made"), 3);
	/* A reader of the old file reads all of it. */
	assert_int_equal(read(old, bytes, sizeof(bytes)), 3);
	assert_string_equal(bytes, "one");
	close(old);
	umask(before);
}

static void follows_links(void **state)
{
	struct pim_error error;
	struct stat status;

	(void)state;
	assert_int_equal(mkdir("there", 0700), 0);
	write_text("there/file", "old");
	assert_int_equal(symlink("there/file", "link"), 0);
	assert_int_equal(replace("link", "new", &error), 0);
	assert_holds("there/file", "new");
	assert_int_equal(lstat("link", &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_int_equal(entries("there"), 3);
}

/* The links of somebody else, or in a folder that somebody else may change, are not those
 * of whoever names the file. */
static void refuses_links_of_strangers(void **state)
{
	static const struct {
		const char *description, *folder, *link, *path;
		mode_t mode;
		uid_t folder_owner, link_owner;
		bool refused;
	} cases[] = {
		{ "ours, in a folder of ours", "a", "a/link", "a/link", 0755, 0, 0, false },
		{ "in a stranger's folder", "b", "b/link", "b/link", 0755, 65534, 0, true },
		{ "a stranger's, in a folder of ours", "c", "c/link", "c/link", 0755, 0, 65534,
		  true },
		{ "ours, and a group may change it", "d", "d/link", "d/link", 0775, 0, 0, true },
		{ "ours, and all may change it", "e", "e/link", "e/link", 0777, 0, 0, true },
		{ "ours, in a folder like /tmp", "f", "f/link", "f/link", 01777, 0, 0, false },
		{ "a stranger's, in a folder like /tmp", "g", "g/link", "g/link", 01777, 0, 65534,
		  true },
		{ "a link to a folder on the way", "h", "h/link", "h/link/file", 0755, 65534, 0,
		  true },
		{ "the same, ours", "i", "i/link", "i/link/file", 0755, 0, 0, false },
	};
	struct pim_error error;
	struct stat status;

	(void)state;
	if (geteuid())
		skip(); /* only root can make files of others */
	for (size_t at = 0; at < sizeof(cases) / sizeof(*cases); at++) {
		const bool to_folder = strstr(cases[at].path, "/file");
		char target[PATH_MAX];
		int result;

		remove("victim/file");
		rmdir("victim");
		assert_int_equal(mkdir("victim", 0700), 0);
		write_text("victim/file", "secret");
		assert_int_equal(chmod("victim/file", 0600), 0);
		assert_int_equal(mkdir(cases[at].folder, 0700), 0);
		snprintf(target, sizeof(target), to_folder ? "%s/victim" : "%s/victim/file",
			 folder);
		assert_int_equal(symlink(target, cases[at].link), 0);
		assert_int_equal(lchown(cases[at].link, cases[at].link_owner, 0), 0);
		assert_int_equal(chown(cases[at].folder, cases[at].folder_owner, 0), 0);
		assert_int_equal(chmod(cases[at].folder, cases[at].mode), 0);
		result = replace(cases[at].path, "new", &error);
		if (result != (cases[at].refused ? -ELOOP : 0))
			fail_msg("%s: %d, %s", cases[at].description, result, error.text);
		assert_holds("victim/file", cases[at].refused ? "secret" : "new");
		assert_int_equal(stat("victim/file", &status), 0);
		assert_int_equal(status.st_mode & 07777, cases[at].refused ? 0600 : 0644);
		assert_int_equal(entries("victim"), 3);
		assert_int_equal(entries(cases[at].folder), 3);
		if (cases[at].refused)
			assert_non_null(
				strstr(error.text, "is a symbolic link that another user can"));
	}
	/* A file of a stranger's folder is what is meant. */
	assert_int_equal(replace("b/file", "new", &error), 0);
	assert_holds("b/file", "new");
}

static void follows_chains_and_no_circles(void **state)
{
	struct pim_error error;
	char absolute[PATH_MAX];

	(void)state;
	assert_int_equal(mkdir("chain", 0755), 0);
	snprintf(absolute, sizeof(absolute), "%s/chain//three/", folder);
	assert_int_equal(symlink("two", "chain/one"), 0);
	assert_int_equal(symlink(absolute, "chain/two"), 0);
	assert_int_equal(mkdir("chain/three", 0755), 0);
	assert_int_equal(symlink("../../chain/new", "chain/three/dangling"), 0);
	assert_int_equal(replace("chain/one/dangling", "x", &error), 0);
	assert_holds("chain/new", "x");
	assert_int_equal(symlink("circle", "chain/circle"), 0);
	assert_int_equal(replace("chain/circle", "x", &error), -ELOOP);
	assert_string_equal(error.text, "chain/circle: Too many levels of symbolic links");
	assert_int_equal(replace("chain/circle/file", "x", &error), -ELOOP);
	assert_int_equal(symlink("three", "chain/folder"), 0);
	assert_int_equal(replace("chain/folder", "x", &error), -EINVAL);
	assert_string_equal(error.text,
			    "chain/folder: expected a regular file to replace, or none, "
			    "found a directory");
}

static void refuses_what_is_no_regular_file(void **state)
{
	struct pim_error error;

	(void)state;
	assert_int_equal(mkdir("directory", 0700), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(replace("directory", "x", &error), -EINVAL);
	assert_int_equal(error.kind, PIM_EXIT_USAGE);
	assert_string_equal(error.text, "directory: expected a regular file to replace, or none, "
					"found a directory");
	assert_int_equal(replace("fifo", "x", &error), -EINVAL);
	assert_string_equal(error.text, "fifo: expected a regular file to replace, or none, "
					"found something else");
	assert_int_equal(replace("/dev/null", "x", &error), -EINVAL);
	assert_int_equal(replace("", "x", &error), -EINVAL);
	assert_int_equal(replace("absent/", "x", &error), -EINVAL);
	assert_string_equal(error.text, "expected the name of a file, found 'absent/'");
	assert_int_equal(replace("absent/file", "x", &error), -ENOENT);
	assert_int_equal(error.kind, PIM_EXIT_FAILED);
	assert_string_equal(error.text, "absent/file: No such file or directory");
	write_text("plain", "x");
	assert_int_equal(replace("plain/file", "x", &error), -ENOTDIR);
}

static void bounds_the_length_of_a_path(void **state)
{
	const size_t most = PATH_MAX - 1;
	struct pim_error error;

	(void)state;
	for (size_t length = most - 1; length <= most + 1; length++) {
		char path[PATH_MAX + 1] = "";

		for (size_t at = 0; at < length - 4; at++)
			path[at] = at % 2 ? '/' : '.';
		strcpy(path + length - 4, length % 2 ? "/end" : "file");
		assert_int_equal(replace(path, "x", &error), length <= most ? 0 : -ENAMETOOLONG);
		assert_int_equal(access(length % 2 ? "end" : "file", F_OK),
				 length <= most ? 0 : -1);
		remove("end");
		remove("file");
	}
}

/* A limit on the size of files stands in for a full disk. */
static void leaves_the_old_file_when_it_fails(void **state)
{
	struct rlimit before, small;
	struct pim_error error;
	int fits, fails;

	(void)state;
	assert_int_equal(mkdir("full", 0700), 0);
	write_text("full/file", "old");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 4;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	fits = replace("full/file", "four", &error);
	fails = replace("full/file", "fives", &error);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(fits, 0);
	assert_int_equal(fails, -EFBIG);
	assert_string_equal(error.text, "full/file: File too large");
	assert_holds("full/file", "four");
	assert_int_equal(entries("full"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_and_replaces),
		cmocka_unit_test(follows_links),
		cmocka_unit_test(refuses_links_of_strangers),
		cmocka_unit_test(follows_chains_and_no_circles),
		cmocka_unit_test(refuses_what_is_no_regular_file),
		cmocka_unit_test(bounds_the_length_of_a_path),
		cmocka_unit_test(leaves_the_old_file_when_it_fails),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
