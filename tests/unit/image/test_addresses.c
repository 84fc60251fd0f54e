/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The address image against naive matchers, at and around the boundaries of lists made
 * by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pimxdp/image.h>
#include <pimxdp/role.h>

#include "image/addresses.h"
#include "policy/prefix.h"
#include "unit/image/random_lists.h"
#include "unit/image/subject.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ---- boundaries ---- */

#define LINES 12

/* Lists of "PREFIX ROLES PARTNER", checked at and around every boundary. */
static void answers_at_boundaries(void **state)
{
	static const struct line {
		const char *prefix; /* NULL: the end */
		unsigned int roles, partner;
	} lists[][LINES] = {
		{ { NULL, 0, 0 } },
		{ { "0.0.0.0/0", PIM_ROLE_CLIENT, 0 } },
		{ { "::/0", PIM_ROLE_PARTNER, 1 } },
		{ { "0.0.0.0/0", PIM_ROLE_CLIENT, 0 }, { "::/0", PIM_ROLE_CLIENT, 0 } },
		{ { "0.0.0.0", PIM_ROLE_BLOCK, 0 }, { "::", PIM_ROLE_BLOCK, 0 } },
		{ { "255.255.255.255", PIM_ROLE_BLOCK, 0 },
		  { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PIM_ROLE_BLOCK, 0 } },
		{ { "0.0.0.0", PIM_ROLE_BLOCK, 0 },
		  { "255.255.255.255", PIM_ROLE_CLIENT, 0 },
		  { "0.0.0.0/0", PIM_ROLE_AV, 0 },
		  { "::", PIM_ROLE_BLOCK, 0 },
		  { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PIM_ROLE_CLIENT, 0 },
		  { "::/0", PIM_ROLE_AV, 0 } },
		/* Halves: two adjacent ones, and the whole. */
		{ { "0.0.0.0/1", PIM_ROLE_CLIENT, 0 },
		  { "128.0.0.0/1", PIM_ROLE_CLIENT, 0 },
		  { "::/1", PIM_ROLE_CLIENT, 0 },
		  { "8000::/1", PIM_ROLE_CLIENT, 0 } },
		{ { "0.0.0.0/1", PIM_ROLE_PARTNER, 1 },
		  { "128.0.0.0/1", PIM_ROLE_PARTNER, 2 },
		  { "::/1", PIM_ROLE_PARTNER, 2 },
		  { "8000::/1", PIM_ROLE_PARTNER, 1 } },
		/* Neighbours that merge across a /8, a /16, a /24; and one that does not. */
		{ { "9.255.255.255", PIM_ROLE_CLIENT, 0 },
		  { "10.0.0.0", PIM_ROLE_CLIENT, 0 },
		  { "10.0.255.255", PIM_ROLE_CLIENT, 0 },
		  { "10.1.0.0", PIM_ROLE_CLIENT, 0 },
		  { "10.1.0.255", PIM_ROLE_CLIENT, 0 },
		  { "10.1.1.0", PIM_ROLE_CLIENT, 0 },
		  { "10.1.2.255", PIM_ROLE_CLIENT, 0 },
		  { "10.1.3.1", PIM_ROLE_CLIENT, 0 } },
		{ { "10.0.0.0/25", PIM_ROLE_CLIENT, 0 },
		  { "10.0.0.128/26", PIM_ROLE_CLIENT, 0 },
		  { "10.0.0.192/27", PIM_ROLE_CLIENT, 0 },
		  { "10.0.0.224/28", PIM_ROLE_CLIENT, 0 },
		  { "10.0.0.240/28", PIM_ROLE_CLIENT, 0 },
		  { "10.0.1.0/24", PIM_ROLE_CLIENT, 0 },
		  { "10.0.2.0/24", PIM_ROLE_CLIENT, 0 } },
		/* A hole, a hole in what fills it, and so on. */
		{ { "10.0.0.0/8", PIM_ROLE_PARTNER, 1 },
		  { "10.128.0.0/9", PIM_ROLE_PARTNER, 2 },
		  { "10.192.0.0/10", PIM_ROLE_PARTNER, 1 },
		  { "10.192.0.1", PIM_ROLE_PARTNER, 2 },
		  { "10.0.0.0/9", PIM_ROLE_PARTNER, 2 } },
		/* The same prefix in several claims. */
		{ { "192.0.2.0/24", PIM_ROLE_CLIENT, 0 },
		  { "192.0.2.0/24", PIM_ROLE_PARTNER, 3 },
		  { "192.0.2.0/24", PIM_ROLE_BLOCK, 0 },
		  { "192.0.2.0/24", PIM_ROLE_PARTNER, 3 },
		  { "192.0.2.0/25", PIM_ROLE_AV, 0 },
		  { "192.0.2.0/25", PIM_ROLE_AV, 0 },
		  { "2001:db8::/32", PIM_ROLE_CLIENT, 0 },
		  { "2001:db8::/32", PIM_ROLE_PARTNER, 4 },
		  { "2001:db8::/32", PIM_ROLE_FAILSAFE, 0 } },
		/* The longest prefix has no partner: the one around it is charged. */
		{ { "192.0.2.0/24", PIM_ROLE_PARTNER, 1 },
		  { "192.0.2.0/25", PIM_ROLE_PARTNER, 2 },
		  { "192.0.2.0/26", PIM_ROLE_CLIENT, 0 },
		  { "192.0.2.0", PIM_ROLE_BLOCK, 0 },
		  { "192.0.2.64", PIM_ROLE_PARTNER, 65535 },
		  { "2001:db8::/32", PIM_ROLE_PARTNER, 5 },
		  { "2001:db8::/127", PIM_ROLE_BLOCK, 0 },
		  { "2001:db8::1", PIM_ROLE_PARTNER, 6 } },
		/* Every role there is. */
		{ { "10.0.0.0/8", (1 << PIM_ROLES) - 1, 65535 },
		  { "10.0.0.1", PIM_ROLE_ACCESS, 0 },
		  { "fc00::/7", (1 << PIM_ROLES) - 1, 65535 } },
		/* Both families have the same first bytes. */
		{ { "32.1.13.184", PIM_ROLE_CLIENT, 0 }, { "2001:db8::/32", PIM_ROLE_BLOCK, 0 } },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(lists); at++) {
		struct list forward = {}, backward = {};
		size_t count = 0;

		while (count < LINES && lists[at][count].prefix)
			count++;
		for (size_t line = 0; line < count; line++) {
			const struct line *one = &lists[at][line],
					  *other = &lists[at][count - 1 - line];

			add_text(&forward, one->prefix, one->roles, one->partner);
			add_text(&backward, other->prefix, other->roles, other->partner);
		}
		check_list(&forward);
		check_list(&backward);
	}
}

/* Without claims there is no node after the palette; ten prefixes take only the space that
 * they need. */
static void makes_small_images_of_small_lists(void **state)
{
	struct pim_addresses addresses;
	struct list list = { .table_words = AS_COMPILED };

	(void)state;
	build(&list, &addresses);
	assert_int_equal(addresses.word_count, PIM_IMAGE_WORDS_MIN);
	assert_int_equal(addresses.used_words, PIM_PALETTE + 2);
	assert_false(addresses.packed);
	assert_int_equal(addresses.range_count[0], 1);
	assert_int_equal(addresses.range_count[1], 1);
	for (size_t at = 0; at < addresses.used_words; at++)
		assert_int_equal(addresses.words[at], at == PIM_PALETTE ? 1 : PIM_ENTRY_LEAF);
	pim_addresses_free(&addresses);
	pim_addresses_free(&addresses);
	add_text(&list, "0.0.0.0/0", PIM_ROLE_CLIENT, 0);
	add_text(&list, "10.0.0.0/8", PIM_ROLE_CLIENT, 0); /* adds nothing */
	add_text(&list, "ff00::/8", PIM_ROLE_CLIENT, 0);
	build(&list, &addresses);
	assert_int_equal(addresses.used_words, PIM_PALETTE + 3); /* nothing, and client */
	assert_int_equal(addresses.range_count[0], 1);
	assert_int_equal(addresses.range_count[1], 2);
	pim_addresses_free(&addresses);
	free_list(&list);

	list.table_words = AS_COMPILED;
	for (unsigned int at = 0; at < 10; at++)
		add(&list, at % 2 ? PIM_IPV4 : PIM_IPV6, random_wide(), at % 2 ? 24 : 48,
		    PIM_ROLE_CLIENT, 0);
	build(&list, &addresses);
	assert_true(addresses.word_count * sizeof(*addresses.words) <= 65536);
	pim_addresses_free(&addresses);
	free_list(&list);
}

/* Every length along one path, to the deepest stack possible; with duplicates of the
 * deepest, or of all; each with its sibling. */
static void nests_to_the_bottom(void **state)
{
	(void)state;
	start_random();
	for (unsigned int round = 0; round < 24; round++) {
		struct list list = {};
		bool siblings = round % 2, all_twice = round / 2 % 2;

		for (uint8_t family = PIM_IPV4; family <= PIM_IPV6; family += PIM_IPV6 - PIM_IPV4) {
			wide path = round < 8 ? ~(wide)0 : round < 16 ? 0 : random_wide();
			unsigned int bits = pim_family_bits(family);

			for (unsigned int length = 0; length <= bits; length++) {
				unsigned int partner = 1 + length % 2;

				add(&list, family, path, length, PIM_ROLE_PARTNER, partner);
				if (all_twice || length == bits)
					for (unsigned int times = 0; times < 4; times++)
						add(&list, family, path, length,
						    1u << times % PIM_ROLES, 0);
				if (siblings && length)
					add(&list, family, path ^ (wide)1 << (bits - length),
					    length, PIM_ROLE_BLOCK, 0);
			}
		}
		check_list(&list);
	}
}

/* A claim may have a partner without the role, and a role without a partner. */
static void charges_a_partner_without_its_role(void **state)
{
	struct list list = {};
	struct subject subject;

	(void)state;
	add_text(&list, "10.0.0.0/8", PIM_ROLE_CLIENT, 1);
	add_text(&list, "10.1.0.0/16", PIM_ROLE_PARTNER, 0);
	add_text(&list, "10.1.1.0/24", PIM_ROLE_CLIENT, 2);
	add_text(&list, "10.2.0.0/16", 0, 3);
	subject_make(&subject, &list);
	check_shape(&subject.addresses, 0);
	probe_all(&subject);
	subject_free(&subject);
	free_list(&list);
}

/* ---- layout ---- */

/* The order of the claims, and how often one is repeated, make no difference. */
static void builds_the_same_from_any_order(void **state)
{
	(void)state;
	start_random();
	for (unsigned int round = 0; round < 40; round++) {
		struct pim_addresses first, second;
		struct list list = {};

		add_random(&list, (enum kind)(round % LIST_KINDS), 1 + random_below(400));
		build(&list, &first);
		for (size_t at = list.count - 1; at; at--) {
			size_t other = random_below((unsigned int)at + 1);
			struct pim_claim claim = list.claims[at];

			list.claims[at] = list.claims[other];
			list.claims[other] = claim;
		}
		for (unsigned int twice = random_below(20); twice; twice--) {
			struct pim_claim claim =
				list.claims[random_below((unsigned int)list.count)];

			add_claim(&list, claim.prefix, claim.roles, claim.partner);
		}
		build(&list, &second);
		assert_int_equal(second.used_words, first.used_words);
		assert_int_equal(second.word_count, first.word_count);
		assert_memory_equal(second.words, first.words,
				    first.word_count * sizeof(*first.words));
		pim_addresses_free(&first);
		pim_addresses_free(&second);
		free_list(&list);
	}
}

/* A list repeated, or split into smaller prefixes that merge, has the same layout. */
static void lays_out_by_ranges_alone(void **state)
{
	struct pim_addresses once, again;
	struct list list = { .table_words = AS_COMPILED };
	size_t count;

	(void)state;
	for (unsigned int at = 0; at < 12000; at++)
		add(&list, at % 2 ? PIM_IPV4 : PIM_IPV6,
		    at % 2 ? 0x0a000000 + (wide)at * 0x340 :
			     ((wide)0x20010db8 << 96) + ((wide)at * 0x340 << 64),
		    at % 2 ? 26 : 58, PIM_ROLE_CLIENT, 0);
	count = list.count;
	build(&list, &once);
	for (size_t at = 0; at < count; at++)
		for (unsigned int half = 0; half < 2; half++) {
			struct pim_prefix prefix = list.claims[at].prefix;
			unsigned int length = prefix.length + 1u;

			add(&list, prefix.family,
			    first_of(&prefix) + half * (span(prefix.family, length) + 1), length,
			    PIM_ROLE_CLIENT, 0);
		}
	build(&list, &again);
	assert_true(list.count > 32768);
	assert_int_equal(again.used_words, once.used_words);
	assert_memory_equal(again.words, once.words, once.word_count * sizeof(*once.words));
	pim_addresses_free(&once);
	pim_addresses_free(&again);
	free_list(&list);
}

/* In figures: images outlive the loader that made them. */
static void keeps_the_layout_of_leaves(void **state)
{
	static const struct {
		uint16_t roles, partner;
		uint32_t leaf;
	} cases[] = {
		{ 0, 0, 0x80000000 },
		{ 1, 0, 0x80010000 },
		{ 0, 0xffff, 0x8000ffff },
		{ 0x7f, 0x1234, 0x807f1234 },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		assert_int_equal(pim_address_leaf(cases[at].roles, cases[at].partner),
				 cases[at].leaf);
		assert_int_equal(pim_entry_roles(cases[at].leaf), cases[at].roles);
		assert_int_equal(pim_entry_partner(cases[at].leaf), cases[at].partner);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_layout_of_leaves),
		cmocka_unit_test(answers_at_boundaries),
		cmocka_unit_test(makes_small_images_of_small_lists),
		cmocka_unit_test(nests_to_the_bottom),
		cmocka_unit_test(charges_a_partner_without_its_role),
		cmocka_unit_test(builds_the_same_from_any_order),
		cmocka_unit_test(lays_out_by_ranges_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
