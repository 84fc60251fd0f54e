/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The address image against naive matchers, on random and adversarial lists. PIM_SEED
 * repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/image/random_lists.h"
#include "unit/image/subject.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* What the random lists of a family have covered. */
struct reached {
	size_t answers, partners, several;
	size_t nodes[NODE_KINDS];
};

/* The seed determines the kind as well, so that it repeats the round. */
static void check_random(uint64_t seed, size_t count, size_t probes, struct reached *reached)
{
	struct list list = { .seed = seed };
	struct subject subject;
	struct shape shape;

	random_state = seed;
	add_random(&list, (enum kind)(seed % LIST_KINDS), count);
	switch (seed / LIST_KINDS % 4) {
	case 0:
		list.table_words = AS_COMPILED;
		break;
	case 1:
		list.table_words = (size_t)1 << random_below(20);
	}
	subject_make(&subject, &list);
	shape = check_shape(&subject.addresses, seed);
	if (list.count <= 120)
		probe_all(&subject);
	probe_random(&subject, probes);
	if (list.count <= 1500)
		check_merge(&subject);
	for (int kind = 0; kind < NODE_KINDS; kind++)
		for (size_t byte = 0; byte < COUNT(shape.nodes[kind]); byte++)
			reached->nodes[kind] += shape.nodes[kind][byte];
	reached->answers += subject.answers;
	reached->partners += subject.partners;
	reached->several += subject.several;
	subject_free(&subject);
	free_list(&list);
}

static void answers_as_naive_matchers(void **state)
{
	static const struct {
		unsigned int rounds, least, most;
		size_t probes;
	} series[] = {
		{ 90 * LIST_KINDS, 1, 60, 300 },
		{ 12 * LIST_KINDS, 60, 1500, 20000 },
		{ 3 * LIST_KINDS, 2000, 12000, 120000 },
		{ LIST_KINDS, 11000, 12000, 120000 }, /* long, whatever the seed */
	};
	struct reached reached[LIST_KINDS] = {};

	(void)state;
	start_random();
	for (size_t at = 0; at < COUNT(series); at++) {
		for (unsigned int round = 0; round < series[at].rounds; round++) {
			uint64_t seed = random_state, next = seed + round + 1;
			unsigned int room = series[at].most - series[at].least;

			/* The first round uses the given seed. */
			if (round || at)
				seed = seed - seed % LIST_KINDS + round % LIST_KINDS;
			check_random(seed, series[at].least + seed / LIST_KINDS / 4 % room,
				     series[at].probes, &reached[seed % LIST_KINDS]);
			random_state = next;
			random_state = random_number();
		}
	}
	/* The generators must cover what they are meant to. */
	for (int kind = 0; kind < LIST_KINDS; kind++) {
		assert_true(reached[kind].answers > 50000);
		assert_true(reached[kind].partners > 10000);
		assert_true(reached[kind].several > 10000);
		assert_true(reached[kind].nodes[LIST] > 0);
		assert_true(reached[kind].nodes[TABLE] > 0);
	}
	assert_true(reached[DENSE].nodes[BITMAP] > 100);
	assert_true(reached[HOSTS].nodes[BITMAP] > 100);
	assert_true(reached[CORNERS].nodes[BITMAP] > 10);
}

/* 300,000 prefixes, half of either family. */
static void answers_for_long_lists(void **state)
{
	const size_t count = 300000;
	struct subject subject;
	struct shape shape;
	struct list list;

	(void)state;
	start_random();
	list = (struct list){ .seed = random_state, .table_words = AS_COMPILED };
	while (list.count < count / 2)
		add_route4(&list);
	while (list.count < count)
		add_route6(&list);
	subject_make(&subject, &list);
	shape = check_shape(&subject.addresses, list.seed);
	assert_true(shape.nodes[LIST][2] + shape.nodes[LIST][3] + shape.nodes[LIST][4] > 10000);
	assert_true(shape.nodes[BITMAP][2] + shape.nodes[BITMAP][3] > 1000);
	for (size_t at = 0; at < count; at += 2)
		probe_around(&subject, &list.claims[at].prefix);
	probe_random(&subject, 1500000);
	assert_true(subject.answers > 1000000);
	assert_true(subject.partners > 300000);
	check_merge(&subject);
	subject_free(&subject);
	free_list(&list);
}

static void looked_up_often_enough(void **state)
{
	(void)state;
	print_message("%zu lookups\n", lookups);
	assert_true(lookups >= 10000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_as_naive_matchers),
		cmocka_unit_test(answers_for_long_lists),
		cmocka_unit_test(looked_up_often_enough), /* after the tests that look up */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
