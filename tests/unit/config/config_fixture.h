/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tests of the configuration reader share: a folder for the files they
 * write, and what makes two policies equal. */
#ifndef PIMXDP_TESTS_CONFIG_FIXTURE_H
#define PIMXDP_TESTS_CONFIG_FIXTURE_H

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

#include "config/config.h"

/* libconfig 1.5 forgets the string before a syntax error, once a read. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

/* The tests folder: the environment variable PIM_TESTS, default "tests". */
static inline const char *tests_folder(void)
{
	const char *folder = getenv("PIM_TESTS");

	return folder ? folder : "tests";
}

/* A new folder that anybody may read, and the working folder from then on, so
 * that messages hold plain file names. */
static inline void enter_new_folder(char path[64])
{
	strcpy(path, "/tmp/pimxdp-test-XXXXXX");
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

/* The whole file with a NUL behind it; the caller frees it. */
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

/* Everything that a policy means; not where it was read. */
static inline void assert_policies_equal(const struct pim_policy *a, const struct pim_policy *b)
{
	assert_int_equal(a->av_is_access, b->av_is_access);
	assert_int_equal(a->messenger_is_clients, b->messenger_is_clients);
	assert_memory_equal(&a->options, &b->options, sizeof(a->options));
	assert_int_equal(a->partner_count, b->partner_count);
	for (size_t at = 0; at < a->partner_count; at++)
		assert_string_equal(a->partners[at].name, b->partners[at].name);
	assert_int_equal(a->listed_count, b->listed_count);
	for (size_t at = 0; at < a->listed_count; at++) {
		assert_int_equal(pim_prefix_compare(&a->listed[at].prefix, &b->listed[at].prefix),
				 0);
		assert_int_equal(a->listed[at].roles, b->listed[at].roles);
		assert_int_equal(a->listed[at].partner, b->listed[at].partner);
	}
	assert_int_equal(a->row_count, b->row_count);
	for (size_t at = 0; at < a->row_count; at++) {
		const struct pim_row *left = &a->rows[at], *right = &b->rows[at];

		assert_string_equal(left->name, right->name);
		assert_string_equal(left->service, right->service);
		assert_int_equal(left->transport, right->transport);
		assert_int_equal(left->direction, right->direction);
		assert_int_equal(left->edge_role, right->edge_role);
		assert_int_equal(left->peer_role, right->peer_role);
		assert_int_equal(left->port_end, right->port_end);
		assert_int_equal(left->shape, right->shape);
		assert_int_equal(left->enabled, right->enabled);
		assert_int_equal(left->range_count, right->range_count);
		for (size_t range = 0; range < left->range_count; range++) {
			assert_int_equal(left->ranges[range].low, right->ranges[range].low);
			assert_int_equal(left->ranges[range].high, right->ranges[range].high);
		}
	}
}

#endif
