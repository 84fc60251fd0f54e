/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A temporary folder for each test program, and the files that tests write there. */
#ifndef PIMXDP_TESTS_FOLDER_H
#define PIMXDP_TESTS_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* The folder that the tests run in. */
static char folder[64];

/* Creates a folder that anybody may read, and makes it the working directory, so that
 * messages hold plain file names. */
static inline void enter_new_folder(char path[64])
{
	const char *root =
		getenv("TMPDIR"); /* of the suite's own namespace, which leaves nothing */

	assert_true(snprintf(path, 64, "%s/pimxdp-test-XXXXXX", root ? root : "/tmp") < 64);
	assert_non_null(mkdtemp(path));
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(chdir(path), 0);
}

static inline void remove_folder(const char *path)
{
	char command[128];

	assert_int_equal(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf -- %s", path);
	assert_int_equal(system(command), 0);
}

static inline int set_up_folder(void **state)
{
	(void)state;
	enter_new_folder(folder);
	return 0;
}

static inline int tear_down_folder(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

static inline void write_bytes(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static inline void write_text(const char *path, const char *text)
{
	write_bytes(path, text, strlen(text));
}

/* The whole file, followed by a NUL; the caller frees it. */
static inline char *read_bytes(const char *path, size_t *size)
{
	FILE *file = fopen(path, "r");
	struct stat status;
	char *bytes;

	if (!file)
		fail_msg("cannot open %s", path);
	assert_int_equal(fstat(fileno(file), &status), 0);
	bytes = calloc(1, (size_t)status.st_size + 1);
	assert_non_null(bytes);
	*size = fread(bytes, 1, (size_t)status.st_size, file);
	assert_int_equal(*size, status.st_size);
	fclose(file);
	return bytes;
}

#endif
