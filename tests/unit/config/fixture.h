/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tests of the configuration reader share: reading a text that is accepted or
 * refused, a sample with everything, and a comparison of two policies. */
#ifndef PIMXDP_TESTS_CONFIG_FIXTURE_H
#define PIMXDP_TESTS_CONFIG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "policy/policy.h"
#include "policy/prefix.h"
#include "unit/folder.h"

#define EDGE "edge = { access = [ \"198.51.100.10\" ] }\n"

/* libconfig 1.5 leaks the string before a syntax error, once per read. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

/* The tests folder: the environment variable PIM_TESTS, default "tests". */
static inline const char *tests_folder(void)
{
	const char *given = getenv("PIM_TESTS");

	return given ? given : "tests";
}

/* Compares everything that a policy means, but not where it was read. */
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

static char *sample; /* golden/accepted/everything.conf */
static size_t sample_size;

static inline int enter(void **state)
{
	static const char *const names[] = { "everything.conf", "contoso.prefixes",
					     "drop-list.prefixes" };
	char *bytes[3], path[512];
	size_t sizes[3];

	(void)state;
	for (size_t at = 0; at < 3; at++) {
		snprintf(path, sizeof(path), "%s/golden/accepted/%s", tests_folder(), names[at]);
		bytes[at] = read_bytes(path, &sizes[at]);
	}
	sample = bytes[0];
	sample_size = sizes[0];
	enter_new_folder(folder);
	for (size_t at = 1; at < 3; at++) {
		write_bytes(names[at], bytes[at], sizes[at]);
		free(bytes[at]);
	}
	return 0;
}

static inline int leave(void **state)
{
	(void)state;
	free(sample);
	remove_folder(folder);
	return 0;
}

static inline void read_file(const char *path, struct pim_policy *policy)
{
	struct pim_error error = {};

	if (pim_config_read(path, policy, &error))
		fail_msg("refused: %s", error.text);
}

static inline void read_text(const char *text, struct pim_policy *policy)
{
	write_text("t.conf", text);
	read_file("t.conf", policy);
}

/* The message for a configuration that must be refused; valid until the next call. */
static inline const char *refusal_of(const char *path)
{
	static struct pim_error error;
	struct pim_policy policy;
	int result;

	error = (struct pim_error){};
	result = pim_config_read(path, &policy, &error);
	pim_policy_free(&policy);
	if (!result)
		fail_msg("%s was accepted", path);
	assert_true(result < 0);
	assert_int_equal(error.kind, PIM_EXIT_USAGE);
	assert_null(strchr(error.text, '\n'));
	return error.text;
}

static inline const char *refusal(const char *text)
{
	write_text("t.conf", text);
	return refusal_of("t.conf");
}

#endif
