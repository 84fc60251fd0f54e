/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The hash that selects a flow's slot: no difference between two keys collides more often
 * than chance, sequences fill the slots as random keys do, and the program in the kernel
 * uses this hash. PIM_SEED repeats a run.
 */
#include "harness.h"

#include <bpf/bpf.h>

#include <pimxdp/flow_hash.h>

#include "base/splitmix64.h"
#include "kernel/filter.h"
#include "kernel/object.h"

enum { SLOT_BITS = 15, SLOTS = 1 << SLOT_BITS };

static uint64_t state;

/* A family's key: its words, and how many of its bits a sender can choose: all but the pad
 * after the protocol. */
struct shape {
	const char *name;
	unsigned int words, bits;
};
static const struct shape shapes[] = {
	{ "IPv4", PIM_FLOW4_WORDS, 2 * 32 + 32 + 8 },
	{ "IPv6", PIM_FLOW6_WORDS, 8 * 32 + 32 + 8 },
};

static void draw_secret(struct pim_flow_secret *secret)
{
	for (size_t at = 0; at < PIM_FLOW_KEYS; at++)
		secret->keys[at] = pim_splitmix64(&state);
}

static uint32_t slot_of(const struct pim_flow_secret *secret, const uint32_t *words,
			const struct shape *shape)
{
	return pim_flow_hash(secret->keys, words, shape->words) >> (32 - SLOT_BITS);
}

static void draw_key(uint32_t words[PIM_FLOW6_WORDS], const struct shape *shape)
{
	for (unsigned int word = 0; word < shape->words; word++)
		words[word] = pim_splitmix64(&state);
	words[shape->words - 1] &= 0xff;
}

static void flip(uint32_t *words, unsigned int bit)
{
	words[bit / 32] ^= 1u << bit % 32;
}

/* Every difference of one bit and of two. With 64 secrets, a difference that is like any
 * other collides 0.002 times; four collisions come by chance once in 10^12 differences. */
static void no_small_difference_collides(void **context)
{
	enum { SECRETS = 64, CHANCE = 3 };
	static struct pim_flow_secret secrets[SECRETS];

	(void)context;
	for (size_t at = 0; at < COUNT(shapes); at++) {
		const struct shape *shape = &shapes[at];
		uint32_t words[PIM_FLOW6_WORDS], original[SECRETS];
		unsigned int all = 0, differences = 0;

		draw_key(words, shape);
		for (int i = 0; i < SECRETS; i++) {
			draw_secret(&secrets[i]);
			original[i] = slot_of(&secrets[i], words, shape);
		}
		for (unsigned int first = 0; first < shape->bits; first++)
			for (unsigned int second = first; second < shape->bits; second++) {
				unsigned int collisions = 0;

				flip(words, first);
				if (second != first)
					flip(words, second);
				for (int i = 0; i < SECRETS; i++)
					collisions +=
						slot_of(&secrets[i], words, shape) == original[i];
				if (collisions > CHANCE)
					fail_msg("%s: bits %u and %u collide with %u of %u secrets",
						 shape->name, first, second, collisions, SECRETS);
				all += collisions;
				differences++;
				flip(words, first);
				if (second != first)
					flip(words, second);
			}
		print_message(
			"# %s: %u differences, %u collisions with %u secrets, %.1f expected\n",
			shape->name, differences, all, SECRETS,
			(double)differences * SECRETS / SLOTS);
		assert_true(all <= 3 * differences * SECRETS / SLOTS + 30);
	}
}

/* Differences that a sum of words, each multiplied by an odd number, does not see. */
static void no_difference_of_high_bits_collides(void **context)
{
	static const unsigned int bits[][2] = {
		{ 63, 127 }, /* the upper bits of source bytes 7 and 15, as little-endian words */
		{ 31, 63 },  { 62, 126 }, { 127, 255 }, { 95, 287 },
	};
	const struct shape *six = &shapes[1];

	(void)context;
	for (size_t at = 0; at < COUNT(bits); at++) {
		unsigned int collisions = 0;

		for (int i = 0; i < 1000; i++) {
			uint32_t words[PIM_FLOW6_WORDS], slot;
			struct pim_flow_secret secret;

			draw_secret(&secret);
			draw_key(words, six);
			slot = slot_of(&secret, words, six);
			flip(words, bits[at][0]);
			flip(words, bits[at][1]);
			collisions += slot_of(&secret, words, six) == slot;
		}
		if (collisions > 5) /* 0.03 expected */
			fail_msg("bits %u and %u collide with %u of 1000 secrets", bits[at][0],
				 bits[at][1], collisions);
	}
}

/* As many keys as slots, one step apart in one word: random keys leave 1/e of the slots
 * free, with a standard deviation of 0.2 %. */
static void sequences_fill_the_slots(void **context)
{
	static bool taken[SLOTS];

	(void)context;
	for (size_t at = 0; at < COUNT(shapes); at++) {
		const struct shape *shape = &shapes[at];

		for (unsigned int word = 0; word + 1 < shape->words; word++)
			for (unsigned int step = 0; step + SLOT_BITS <= 32; step++) {
				uint32_t words[PIM_FLOW6_WORDS];
				struct pim_flow_secret secret;
				unsigned int filled = 0;

				draw_secret(&secret);
				draw_key(words, shape);
				memset(taken, 0, sizeof(taken));
				for (uint32_t key = 0; key < SLOTS; key++) {
					uint32_t slot;

					words[word] += 1u << step;
					slot = slot_of(&secret, words, shape);
					filled += !taken[slot];
					taken[slot] = true;
				}
				if (filled < SLOTS * 60 / 100)
					fail_msg("%s: word %u in steps of %u fills %u of %u slots",
						 shape->name, word, 1u << step, filled, SLOTS);
			}
	}
}

/* Finds the slot of the only flow of a family in the program's map, and checks that its
 * key leads there. A table may be smaller on machines with many CPUs. */
static void check_slot(struct pim_filter *filter, enum pim_pin pin, const struct shape *shape,
		       const struct pim_flow_secret *secret)
{
	const int map = pim_filter_map(filter, pin);
	unsigned int found = 0;
	uint32_t entries, slots;

	assert_int_equal(pim_map_entries(map, &entries), 0);
	slots = entries / pim_cpu_numbers();
	for (uint32_t index = 0; index < entries; index++) {
		struct pim_slot6 six; /* the larger one */
		uint32_t words[PIM_FLOW6_WORDS];
		const struct pim_slot *slot =
			(const void *)((const char *)&six + shape->words * sizeof(*words));

		assert_int_equal(bpf_map_lookup_elem(map, &index, &six), 0);
		if (!slot->packets)
			continue;
		found++;
		memcpy(words, &six, shape->words * sizeof(*words));
		assert_int_equal(index % slots, pim_flow_hash(secret->keys, words, shape->words) /
							(UINT32_MAX / slots + 1));
	}
	assert_int_equal(found, 1);
}

static void the_program_uses_this_hash(void **context)
{
	static const struct judge_case cases[] = {
		{ "IPv4",
		  { .source = PARTNER,
		    .destination = EDGE_ACCESS,
		    .protocol = FRAME_TCP,
		    .source_port = 40000,
		    .destination_port = 5061,
		    .flags = FRAME_SYN },
		  "pass rule sip-mtls-in forward" },
		{ "IPv6",
		  { .source = PARTNER6,
		    .destination = EDGE_ACCESS6,
		    .protocol = FRAME_TCP,
		    .source_port = 40001,
		    .destination_port = 5061,
		    .flags = FRAME_SYN },
		  "pass rule sip-mtls-in forward" },
	};
	struct pim_flow_secret secrets[2];

	(void)context;
	for (int load = 0; load < 2; load++) {
		struct pim_flow_secret *secret = &secrets[load];
		const uint32_t zero = 0;
		struct judge judge;

		judge_open(&judge, STANDARD_POLICY);
		judge_cases(&judge, cases, COUNT(cases));
		assert_int_equal(
			bpf_map_lookup_elem(pim_filter_map(judge.filter, PIM_PIN_FLOW_SECRET),
					    &zero, secret),
			0);
		check_slot(judge.filter, PIM_PIN_SLOTS4, &shapes[0], secret);
		check_slot(judge.filter, PIM_PIN_SLOTS6, &shapes[1], secret);
		judge_close(&judge);
	}
	/* Every load has a secret of its own. */
	assert_memory_not_equal(&secrets[0], &secrets[1], sizeof(secrets[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_small_difference_collides),
		cmocka_unit_test(no_difference_of_high_bits_collides),
		cmocka_unit_test(sequences_fill_the_slots),
		cmocka_unit_test(the_program_uses_this_hash),
	};

	state = random_seed("test_flow_hash");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
