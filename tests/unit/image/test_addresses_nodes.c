/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every kind of node of the address image, and where one gives way to another. */
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
#include "unit/image/subject.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define LINES 12

/* Adds `hosts` hosts that do not touch, so 2 * hosts + 1 ranges or one less, in the block
 * that shares `block_bytes` bytes with a path; `spread` is how far apart they are. */
static void add_hosts(struct list *list, uint8_t family, wide path, unsigned int block_bytes,
		      unsigned int hosts, bool to_the_end, unsigned int spread)
{
	unsigned int bits = pim_family_bits(family);
	wide block = path & ~span(family, 8 * block_bytes),
	     last = block + span(family, 8 * block_bytes);

	for (unsigned int at = 0; at < hosts; at++) {
		wide place = (wide)(2 * at + 1) << spread;

		add(list, family, at == hosts - 1 && to_the_end ? last : block + place, bits,
		    1u << at % PIM_ROLES, 0);
	}
}

/* The image's entry for byte `byte` of addresses that begin like the path. */
static uint32_t entry_at(const struct list *list, uint8_t family, wide path, unsigned int byte)
{
	const struct pim_prefix host = host_at(family, path);
	struct pim_addresses addresses;
	unsigned int at = 1;
	uint32_t entry;

	build(list, &addresses);
	entry = addresses.words[(family == PIM_IPV4 ? PIM_ROOT4 : PIM_ROOT6) + host.address[0]];
	while (at < byte) {
		const uint32_t *node = addresses.words + (entry & PIM_ENTRY_OFFSET);
		const uint32_t id_bits = id_bits_of(&addresses);
		unsigned int key = host.address[at++], run = 0;
		uint32_t id;

		assert_false(entry & (PIM_ENTRY_LEAF | PIM_ENTRY_LIST));
		if (!(entry & PIM_ENTRY_BITMAP)) {
			entry = node[key];
			continue;
		}
		for (unsigned int earlier = 1; earlier <= key; earlier++)
			run += node[2 + earlier / 32] >> earlier % 32 & 1;
		id = id_of(node + 10, run, id_bits);
		entry = id < addresses.words[PIM_PALETTE] ? addresses.words[PIM_PALETTE + 1 + id] :
							    *(node - (1u << id_bits) + id);
	}
	assert_int_equal(at, byte);
	pim_addresses_free(&addresses);
	return entry;
}

/* A list up to some number of ranges, a bitmap above it, a table above that: two
 * changes, found by trying every number. Each is checked in full. */
static void changes_node_with_the_ranges(void **state)
{
	static const struct {
		uint8_t family;
		unsigned int bytes; /* of the block's address */
		bool apart;	    /* the hosts differ in bytes that are not adjacent */
	} cases[] = {
		{ PIM_IPV4, 2, true },	{ PIM_IPV4, 2, false }, { PIM_IPV4, 3, true },
		{ PIM_IPV6, 2, true },	{ PIM_IPV6, 3, true },	{ PIM_IPV6, 4, true },
		{ PIM_IPV6, 4, false }, { PIM_IPV6, 7, true },	{ PIM_IPV6, 12, true },
		{ PIM_IPV6, 14, true }, { PIM_IPV6, 15, true },
	};

	(void)state;
	start_random();
	for (size_t at = 0; at < COUNT(cases); at++) {
		unsigned int bytes = cases[at].bytes, bits = pim_family_bits(cases[at].family);
		unsigned int rest = bits - 8 * bytes, most = cases[at].apart ? 250 : 150, last = 0;
		size_t nodes[NODE_KINDS] = {};
		wide path = 0;

		for (unsigned int byte = 0; byte < 16; byte++)
			path = path << 8 | (100 + random_below(100));
		if (cases[at].family == PIM_IPV4)
			path &= 0xffffffff;
		for (unsigned int ranges = 2; ranges <= most; ranges += 1 + (ranges > 90)) {
			struct list list = {};
			uint32_t entry;
			unsigned int kind;

			/* Tables on the way: above bytes there are more ranges than lists have. */
			for (unsigned int byte = 2; byte < bytes; byte++)
				add_hosts(&list, cases[at].family,
					  path & ~span(cases[at].family, 8 * byte), byte, 126,
					  false, bits - 8 * byte - 8);
			for (size_t claim = 0; claim < list.count; claim++)
				if (first_of(&list.claims[claim].prefix) >> rest == path >> rest)
					list.claims[claim].prefix = list.claims[0].prefix;
			/* The odd ones end where the block does. */
			add_hosts(&list, cases[at].family, path, bytes, ranges / 2, ranges % 2 == 0,
				  rest - 8 - (cases[at].apart ? 0 : 6));
			if (ranges % 8 == 2 || ranges < 20)
				check_once(&list);
			entry = entry_at(&list, cases[at].family, path, bytes);
			assert_false(entry & PIM_ENTRY_LEAF);
			kind = entry & PIM_ENTRY_LIST	? LIST :
			       entry & PIM_ENTRY_BITMAP ? BITMAP :
							  TABLE;
			assert_true(kind >= last); /* never back to a smaller kind */
			last = kind;
			nodes[kind]++;
			free_list(&list);
		}
		assert_true(nodes[LIST] >= 7);
		assert_true(nodes[BITMAP] > 10);
		assert_true(nodes[TABLE] > 10 || !cases[at].apart);
	}
}

/* Ranges of a list that lead to another node: next to each other, entered and left in the
 * middle, at the end of the space, in its last key. */
static void looks_into_parts_of_lists(void **state)
{
	static const char *const lists[][LINES] = {
		/* A part alone, first, last, next to last, both. */
		{ "2001:db8:1::/48" },
		{ "2001:0:1::/48" },
		{ "2001:ffff:1::/48" },
		{ "2001:ffff:ffff::/48" },
		{ "2001:fffe:1::/48" },
		{ "2001:fffe:1::/48", "2001:ffff:1::/48" },
		{ "2001:0:1::/48", "2001:ffff:ffff::/48" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127" },
		{ "ffff:fffe:ffff:ffff:ffff:ffff:ffff:ffff",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe" },
		{ "ffff:ffff:ffff::/48", "ffff:ffff:fffe:ffff::/64" },
		/* Side by side, with and without something in common. */
		{ "2001:db8:1::/48", "2001:db9:1::/48" },
		{ "2001:db8:1::/48", "2001:db9:1::/48", "2001:dba:1::/48" },
		{ "2001:db8:1::/48", "2001:dba:1::/48" },
		{ "2001:db8:ffff::/48", "2001:db9::/48" }, /* one range over the border */
		{ "2001:db8:ffff::/48", "2001:db9::/32" },
		{ "2001:db8:ffff::/48", "2001:db9::/32", "2001:dba::/48" },
		{ "2001:db8:ffff::/48", "2001:db9::/33" },
		{ "2001:db8::/32", "2001:db9::/48" },
		{ "2001:db8:8000::/33", "2001:db9::/32", "2001:dba::/31", "2001:dbc::/48" },
		{ "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::" },
		{ "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::/32", "2001:dba::" },
		{ "2001:fffe:8000::/33", "2001:ffff::/33" },
		{ "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::" },
		{ "2001:ffff:8000::/33", "2002::/33" },
		/* Deep: the same, a list further down. */
		{ "2001:db8:0:1::/64", "2001:db8:0:ffff:8000::/65", "2001:db8:1::/65" },
		{ "2001:db8:ffff:ffff:ffff::/80", "2001:db9:0:0:1::/80" },
		{ "2001:db8::ffff:ffff", "2001:db8::1:0:0:0", "2001:db8::1:0:0" },
		{ "2001:db8:0:0:0:0:ffff:ffff", "2001:db8:0:0:0:1::/96", "2001:db8::ffff:0:0/96" },
		{ "10.1.255.255", "10.2.0.0", "10.1.0.0" },
		{ "10.1.255.254/31", "10.2.0.0/31" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(lists); at++) {
		/* One role; two, in turn; two partners; each also inside a wider prefix. */
		for (unsigned int dress = 0; dress < 8; dress++) {
			struct list list = {};

			if (dress & 4) {
				add_text(&list, "::/0", PIM_ROLE_CLIENT, 0);
				add_text(&list, "2001::/16", PIM_ROLE_MESSENGER, 0);
				add_text(&list, "0.0.0.0/0", PIM_ROLE_BLOCK, 0);
			}
			for (unsigned int line = 0; line < LINES && lists[at][line]; line++) {
				bool odd = line % 2;

				switch (dress & 3) {
				case 0:
					add_text(&list, lists[at][line], PIM_ROLE_BLOCK, 0);
					break;
				case 1:
					add_text(&list, lists[at][line],
						 odd ? PIM_ROLE_AV : PIM_ROLE_CLIENT, 0);
					break;
				case 2:
					add_text(&list, lists[at][line], PIM_ROLE_PARTNER, 1 + odd);
					break;
				case 3:
					add_text(&list, lists[at][line], PIM_ROLE_PARTNER, 7);
					add_text(&list, lists[at][line],
						 odd ? PIM_ROLE_FAILSAFE : PIM_ROLE_PARTNER, 0);
				}
			}
			check_list(&list);
		}
	}
}

/* The longest list that there can be, and one range more; of leaves, and of ranges that
 * lead to another node. */
static void stays_within_the_longest_list(void **state)
{
	size_t longest = 0;

	(void)state;
	for (unsigned int hosts = 20; hosts < 40; hosts++) {
		for (unsigned int kind = 0; kind < 6; kind++) {
			const wide part = (wide)1 << (kind % 2 ? 64 : 0);
			const wide base = ((wide)0x20010db8 << 96) + (kind % 2 ? 0 : (wide)7 << 32);
			struct list list = {};
			struct shape shape;

			for (unsigned int at = 0; at < hosts; at++)
				add(&list, PIM_IPV6,
				    base + (3 * at + 1) * part + (kind / 2 == 1 ? part / 2 : 0),
				    kind % 2 ? 64 + (kind / 2 != 0) : 128,
				    at % 2 ? PIM_ROLE_CLIENT : PIM_ROLE_BLOCK, 0);
			if (kind / 2 == 2)
				add(&list, PIM_IPV6, base + 0xffffffff * part, kind % 2 ? 64 : 128,
				    PIM_ROLE_CLIENT, 0);
			shape = check_once(&list);
			if (longest < shape.longest)
				longest = shape.longest;
			free_list(&list);
		}
	}
	assert_int_equal(longest, PIM_LIST_MAX);
}

/* More leaves than one-byte ids can name, and more than the palette can hold. */
static void names_more_leaves_than_ids(void **state)
{
	static const struct {
		unsigned int leaves;
		bool outside; /* the palette */
	} cases[] = { { 200, false },
		      { 223, false },
		      { 224, false },
		      { 225, false },
		      { 300, false },
		      { PIM_LEAVES_MAX - 1, false },
		      { PIM_LEAVES_MAX, false },
		      { PIM_LEAVES_MAX + 1, true },
		      { 60000, true } };

	(void)state;
	start_random();
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct list list = { .seed = random_state };
		struct subject subject;
		struct shape shape;

		/* The first leaf is the one of all other addresses. */
		for (unsigned int leaf = 1; leaf < cases[at].leaves; leaf++) {
			wide place = (wide)(leaf % 251) << 8 | (wide)(leaf / 251) << 17;

			add(&list, leaf % 2 ? PIM_IPV4 : PIM_IPV6,
			    leaf % 2 ? 0x0a000000 + place :
				       ((wide)0x20010db8 << 96) + (place << 64),
			    leaf % 2 ? 24 + leaf % 9 : 56 + leaf % 9, PIM_ROLE_PARTNER, leaf);
		}
		subject_make(&subject, &list);
		shape = check_shape(&subject.addresses, list.seed);
		assert_int_equal(subject.addresses.leaf_count,
				 cases[at].outside ? PIM_LEAVES_MAX : cases[at].leaves);
		assert_int_equal(shape.leaves_before != 0, cases[at].outside);
		for (size_t claim = 0; claim < list.count; claim += 1 + list.count / 3000)
			probe_around(&subject, &list.claims[claim].prefix);
		probe_random(&subject, 20000);
		if (list.count < 500)
			check_merge(&subject);
		subject_free(&subject);
		free_list(&list);
	}
}

/* More entries before a node than a one-byte id can name make a table. */
static void makes_tables_where_ids_end(void **state)
{
	(void)state;
	start_random();
	for (unsigned int partners = 100; partners <= 224; partners += 31) {
		const size_t room = 256 - partners;
		size_t most = 0;

		for (unsigned int parts = 20; parts < 200; parts += 6) {
			struct list list = { .seed = random_state };
			struct shape shape;

			for (unsigned int leaf = 1; leaf < partners; leaf++)
				add(&list, PIM_IPV4, (wide)leaf << 8, 24, PIM_ROLE_PARTNER, leaf);
			for (unsigned int part = 0; part < parts; part++)
				add(&list, PIM_IPV6,
				    ((wide)0x20010db8 << 96) + ((wide)(part * 256 / parts) << 72) +
					    1,
				    128, PIM_ROLE_PARTNER, 1);
			shape = check_once(&list);
			if (most < shape.most_before)
				most = shape.most_before;
			free_list(&list);
		}
		/* A hundred parts and the gaps between them become a table anyway. */
		assert_in_range(most, (room < 98 ? room : 98) - 12, room);
	}
}

/* A list with a range for its last key: word 0xffff, or 0xffffffff. */
static void uses_the_last_key_of_a_list(void **state)
{
	static const char *const hosts[] = { "10.1.255.255", "2001:db8:ffff:ffff::/64",
					     "2001:db8::ffff:ffff", "2001:db8::ffff:ffff:0:0/96" };

	(void)state;
	for (size_t at = 0; at < COUNT(hosts); at++) {
		struct list list = {};
		struct shape shape;

		add_text(&list, hosts[at], PIM_ROLE_CLIENT, 0);
		shape = check_list(&list);
		assert_true(shape.last_key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_node_with_the_ranges),
		cmocka_unit_test(looks_into_parts_of_lists),
		cmocka_unit_test(stays_within_the_longest_list),
		cmocka_unit_test(names_more_leaves_than_ids),
		cmocka_unit_test(makes_tables_where_ids_end),
		cmocka_unit_test(uses_the_last_key_of_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
