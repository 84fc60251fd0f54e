/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of collecting metrics that need no kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "control/collect.h"

/* A place whose maps cannot be opened: a walk through the image fails. */
static struct pim_place closed_place(uint64_t policy_hash)
{
	struct pim_place place = { .interface = "eth1", .stamp = { .policy_hash = policy_hash } };

	for (int pin = 0; pin < PIM_PINS; pin++)
		place.maps[pin] = -1;
	return place;
}

static void known_prefixes_are_not_counted_again(void **state)
{
	struct pim_prefix_counts counts = { .known = true,
					    .policy_hash = 7,
					    .by_role = { 3, 1, 4 } };
	struct pim_place place = closed_place(7);
	struct pim_error error = {};

	(void)state;
	assert_int_equal(pim_prefix_counts_refresh(&place, &counts, &error), 0);
	assert_int_equal(counts.by_role[2], 4);
	assert_string_equal(error.text, "");
}

static void another_policy_is_counted_anew(void **state)
{
	struct pim_prefix_counts counts = { .known = true, .policy_hash = 7, .by_role = { 3 } };
	struct pim_place place = closed_place(8);
	struct pim_error error = {};

	(void)state;
	assert_true(pim_prefix_counts_refresh(&place, &counts, &error) < 0);
	assert_int_not_equal(error.text[0], '\0');
	assert_false(counts.known); /* so the next call tries again */
	assert_int_equal(counts.by_role[0], 0);
	/* A hash of 0, before anything was counted. */
	counts = (struct pim_prefix_counts){};
	place = closed_place(0);
	assert_true(pim_prefix_counts_refresh(&place, &counts, NULL) < 0);
}

static void a_name_that_cannot_be_is_said(void **state)
{
	struct pim_collect interface = { .interface = "a/b" };
	struct pim_metrics metrics;

	(void)state;
	assert_int_equal(pim_collect_metrics(&interface, 1, NULL, &metrics), 0);
	assert_non_null(strstr(interface.error.text, "'a/b'"));
	assert_int_equal(metrics.families[PIM_METRIC_READ_SUCCESS].samples[0].value, 0);
	assert_int_equal(metrics.families[PIM_METRIC_ATTACHED].count, 0);
	pim_metrics_free(&metrics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_prefixes_are_not_counted_again),
		cmocka_unit_test(another_policy_is_counted_anew),
		cmocka_unit_test(a_name_that_cannot_be_is_said),
	};

	return cmocka_run_group_tests_name("collect", tests, NULL, NULL);
}
