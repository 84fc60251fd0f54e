/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Visits to the prefixes of an image, and images that are corrupt. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <pimxdp/image.h>
#include <pimxdp/role.h>

#include "image/addresses.h"
#include "image/read.h"
#include "policy/prefix.h"
#include "unit/image/corrupt.h"
#include "unit/image/lists.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ---- visits ---- */

static void stops_when_told_to(void **state)
{
	struct pim_addresses addresses;
	struct list list = {};

	(void)state;
	for (unsigned int at = 0; at < 50; at++) {
		add(&list, PIM_IPV4, (wide)(2 * at + 1) << 16, 16, PIM_ROLE_CLIENT, 0);
		add(&list, PIM_IPV6, (wide)(2 * at + 1) << 80, 48, PIM_ROLE_CLIENT, 0);
	}
	build(&list, &addresses);
	for (size_t at = 1; at <= 101; at++) {
		struct stop stop = { .at = at };
		int result = pim_addresses_merge(addresses.words, addresses.word_count,
						 PIM_ROLE_CLIENT, stop_visit, &stop);

		assert_int_equal(result, at <= 100 ? 77 : 0);
		assert_int_equal(stop.visits, at <= 100 ? at : 100);
	}
	pim_addresses_free(&addresses);
	free_list(&list);
}

/* ---- corrupt images ---- */

static void refuses_images_that_are_too_short(void **state)
{
	struct pim_addresses addresses;
	struct list list = {};
	size_t refused = 0;

	(void)state;
	for (unsigned int at = 0; at < 300; at++)
		add(&list, at % 2 ? PIM_IPV4 : PIM_IPV6,
		    ((wide)0x20010db8 << 96) + ((wide)at << 70) + 0x0a010000 + 31 * at,
		    at % 2 ? 32 : 64, PIM_ROLE_CLIENT, 0);
	list.table_words = 3000; /* tables, and lists after them */
	build(&list, &addresses);
	for (size_t count = 0; count <= addresses.word_count; count++) {
		int result = merge_exactly(addresses.words, count, PIM_ROLE_CLIENT, 100000);

		/* Whatever the last node is, a word of it is missing. */
		assert_int_equal(result, count < addresses.used_words ? -EBADMSG : 0);
		refused += result == -EBADMSG;
	}
	assert_true(refused > PIM_PALETTE);
	pim_addresses_free(&addresses);
	free_list(&list);
}

/* One entry leads to a node that begins inside the image and ends after it, or is deeper
 * than addresses go; every other word is a leaf without a role. */
static void refuses_nodes_that_do_not_fit(void **state)
{
	enum { NODE = PIM_PALETTE + 2 }; /* after a palette of one leaf */
	static const struct {
		uint32_t flags;
		size_t words;	/* of the node, that are in the image */
		uint32_t first; /* of the node: a list's length, a bitmap's ranks */
		int result[2];	/* IPv4, IPv6 */
	} nodes[] = {
		{ 0, PIM_TABLE_WORDS, PIM_ENTRY_LEAF, { 0, 0 } },
		{ 0, PIM_TABLE_WORDS - 1, PIM_ENTRY_LEAF, { -EBADMSG, -EBADMSG } },
		{ 0, 1, PIM_ENTRY_LEAF, { -EBADMSG, -EBADMSG } },
		{ 0, 0, 0, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_LIST, 3, 1, { 0, 0 } },
		{ PIM_ENTRY_LIST, 2, 1, { 0, -EBADMSG } }, /* IPv6: the id is missing */
		{ PIM_ENTRY_LIST, 1, 1, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_LIST, 0, 0, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_LIST, 3, 0, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_LIST, 3, 3, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_LIST, 3, 65536, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_LIST, 3, 65537, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_LIST, 3, 0xffffffff, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_BITMAP, 11, 0, { 0, 0 } },
		{ PIM_ENTRY_BITMAP, 10, 0, { -EBADMSG, -EBADMSG } }, /* the id is missing */
		{ PIM_ENTRY_BITMAP, 9, 0, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_BITMAP, 1, 0, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_BITMAP, 0, 0, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_BITMAP, 11, 1, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_PACKED, 11, 1, { -EBADMSG, -EBADMSG } },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(nodes); at++) {
		for (uint32_t root = PIM_ROOT4; root <= PIM_ROOT6; root += PIM_ROOT6) {
			uint32_t words[NODE + PIM_TABLE_WORDS] = {};
			const int expected = nodes[at].result[root == PIM_ROOT6];

			for (size_t word = 0; word < COUNT(words); word++)
				if (word < NODE || !nodes[at].flags)
					words[word] = PIM_ENTRY_LEAF;
			words[PIM_PALETTE] = 1;
			words[root] = nodes[at].flags | NODE;
			words[NODE] = nodes[at].first;
			if (nodes[at].flags & PIM_ENTRY_BITMAP) {
				memset(&words[NODE], 1, 8);
				((uint8_t *)&words[NODE])[0] = (uint8_t)nodes[at].first;
				words[NODE + 2] = 1;
			}
			assert_int_equal(
				merge_exactly(words, NODE + nodes[at].words, PIM_ROLE_CLIENT, 1),
				expected);
			words[root] = nodes[at].flags | PIM_ENTRY_OFFSET;
			assert_int_equal(
				merge_exactly(words, NODE + nodes[at].words, PIM_ROLE_CLIENT, 1),
				-EBADMSG);
		}
	}
	/* A chain of tables to the last byte, and at each byte a node in place of the table. */
	for (unsigned int bytes = 4; bytes <= 16; bytes += 12) {
		static const uint32_t kinds[] = { 0, PIM_ENTRY_LIST, PIM_ENTRY_BITMAP };
		const uint32_t node = NODE + (bytes - 1) * PIM_TABLE_WORDS;
		const size_t count = node + PIM_TABLE_WORDS;
		const unsigned int group = bytes == 4 ? 2 : 4; /* of a list's keys */
		uint32_t *words = malloc(count * sizeof(*words));

		assert_non_null(words);
		for (size_t word = 0; word < count; word++)
			words[word] = PIM_ENTRY_LEAF;
		words[PIM_PALETTE] = 1;
		for (unsigned int byte = 0, table = bytes == 4 ? PIM_ROOT4 : PIM_ROOT6;
		     byte < bytes; byte++) {
			uint32_t *entry = &words[table + 200];

			for (size_t kind = 0; kind < COUNT(kinds); kind++) {
				/* One range: its key is the path so far, and its id. */
				for (size_t word = node; word < count; word++)
					words[word] = kinds[kind] ? 0 : PIM_ENTRY_LEAF;
				if (kinds[kind] == PIM_ENTRY_LIST) {
					words[node] = 1;
					for (unsigned int at = (byte + 1) / group * group;
					     at <= byte; at++)
						words[node + 1] |= 200u << (24 - 8 * (at % group));
				} else if (kinds[kind]) {
					memset(&words[node], 1, 8);
					((uint8_t *)&words[node])[0] = 0;
					words[node + 2] = 1;
				}
				*entry = kinds[kind] | node;
				assert_int_equal(merge_exactly(words, count, PIM_ROLE_CLIENT, 1),
						 byte + 1 < bytes ? 0 : -EBADMSG);
			}
			table = NODE + byte * PIM_TABLE_WORDS;
			*entry = table;
		}
		free(words);
	}
}

/* The roots hold leaves, except for one entry that leads to a table. The table's only other
 * entry is the node, 16 words after it. The palette has two leaves, the second with a role. */
enum {
	CORRUPT_TABLE = PIM_PALETTE + 3,
	CORRUPT_NODE = CORRUPT_TABLE + 256 + 16,
	CORRUPT_WORDS = CORRUPT_NODE + 3 * PIM_LIST_MAX
};

static void corrupt_start(uint32_t words[CORRUPT_WORDS], uint32_t root, uint32_t kind)
{
	memset(words, 0, CORRUPT_WORDS * sizeof(*words));
	for (size_t word = 0; word < CORRUPT_NODE; word++)
		words[word] = PIM_ENTRY_LEAF;
	words[PIM_PALETTE] = 2;
	words[PIM_PALETTE + 2] |= PIM_ROLE_CLIENT << PIM_ENTRY_ROLES_SHIFT;
	words[root + 0x20] = CORRUPT_TABLE;
	words[CORRUPT_TABLE + 1] = kind | CORRUPT_NODE;
}

/* In order and inside the image, but longer than what the program searches. */
static void refuses_lists_that_are_too_long(void **state)
{
	(void)state;
	for (uint32_t root = PIM_ROOT4; root <= PIM_ROOT6; root += PIM_ROOT6) {
		for (uint32_t length = PIM_LIST_MAX - 1; length <= PIM_LIST_MAX + 1; length++) {
			uint32_t words[CORRUPT_WORDS];

			corrupt_start(words, root, PIM_ENTRY_LIST);
			words[CORRUPT_NODE] = length;
			for (uint32_t at = 0; at < length; at++)
				words[CORRUPT_NODE + 1 + at] =
					root ? 0x20010000 + 3 * at : (3 * at) << 16;
			assert_int_equal(merge_exactly(words, CORRUPT_WORDS, PIM_ROLE_CLIENT, 1),
					 length <= PIM_LIST_MAX ? 0 : -EBADMSG);
		}
	}
}

/* Ranks that do not match the bits, and a first byte without a run. */
static void refuses_bitmaps_that_disagree(void **state)
{
	uint32_t words[CORRUPT_WORDS];

	(void)state;
	for (unsigned int change = 0; change < 18; change++) {
		uint8_t *ranks = (uint8_t *)&words[CORRUPT_NODE];
		bool refused = change > 0 && change < 17;

		corrupt_start(words, PIM_ROOT6, PIM_ENTRY_BITMAP);
		for (unsigned int word = 0; word < 8; word++) {
			words[CORRUPT_NODE + 2 + word] = 0x00010001;
			ranks[word] = (uint8_t)(2 * word);
		}
		for (unsigned int run = 0; run < 16; run++)
			((uint8_t *)&words[CORRUPT_NODE + 10])[run] = run % 2;
		if (change && change < 9)
			ranks[change - 1]++;
		else if (change >= 9 &&
			 change < 16) /* one run more, which the next ranks do not count */
			words[CORRUPT_NODE + 2 + change - 9] |= 1u << 31;
		else if (change == 16)
			words[CORRUPT_NODE + 2] ^= 3;
		else if (change == 17) /* after the last word there is no rank */
			words[CORRUPT_NODE + 9] |= 1u << 31;
		assert_int_equal(merge_exactly(words, CORRUPT_WORDS, PIM_ROLE_CLIENT, 1000),
				 refused ? -EBADMSG : 0);
	}
}

/* Ids in the palette, of entries before the node, and of one before the image. */
static void refuses_ids_that_name_nothing(void **state)
{
	static const struct {
		uint32_t id;
		int result; /* 77: the client was visited */
	} cases[] = {
		{ 0, 0 },
		{ 1, 77 },
		{ 2, -EBADMSG },
		{ 0x8000, -EBADMSG },
		{ 0xffff, 0 },
		{ 0xffff - 15, 0 },
		{ 0xffff - 3, 77 },
		{ 0xffff - CORRUPT_NODE, -EBADMSG },
		{ 0xffff - CORRUPT_NODE + 1, 0 },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		uint32_t words[CORRUPT_WORDS];

		corrupt_start(words, PIM_ROOT4, PIM_ENTRY_LIST);
		words[CORRUPT_NODE] = 1;
		words[CORRUPT_NODE + 1] = cases[at].id;
		words[CORRUPT_NODE - 4] = words[PIM_PALETTE + 2];
		assert_int_equal(merge_exactly(words, CORRUPT_WORDS, PIM_ROLE_CLIENT, 1),
				 cases[at].result);
	}
}

/* More leaves than words, or than a palette can have; an entry that is not a leaf. */
static void refuses_palettes_that_do_not_fit(void **state)
{
	static const struct {
		uint32_t count;
		int result;
	} cases[] = {
		{ 0, 0 },
		{ 2, 0 },
		{ CORRUPT_WORDS - PIM_PALETTE - 1, -EBADMSG },
		{ CORRUPT_WORDS, -EBADMSG },
		{ PIM_LEAVES_MAX + 1, -EBADMSG },
		{ ~0u, -EBADMSG },
	};
	uint32_t words[CORRUPT_WORDS], many[PIM_PALETTE + 2 + PIM_LEAVES_MAX + 1];

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		corrupt_start(words, PIM_ROOT4, 0);
		words[0x20] = PIM_ENTRY_LEAF;
		words[PIM_PALETTE] = cases[at].count;
		assert_int_equal(merge_exactly(words, CORRUPT_WORDS, PIM_ROLE_CLIENT, 1),
				 cases[at].result);
	}
	for (size_t word = 0; word < COUNT(many); word++)
		many[word] = PIM_ENTRY_LEAF;
	for (uint32_t count = PIM_LEAVES_MAX; count <= PIM_LEAVES_MAX + 1; count++) {
		many[PIM_PALETTE] = count;
		assert_int_equal(merge_exactly(many, COUNT(many), PIM_ROLE_CLIENT, 1),
				 count <= PIM_LEAVES_MAX ? 0 : -EBADMSG);
	}
}

/* ---- images that lead back to themselves ---- */

static int take_visit(const struct pim_prefix *prefix, struct pim_address_value value,
		      void *context)
{
	(void)prefix;
	(void)value;
	(void)context;
	return 0;
}

/* Runs in a child with a limit of CPU time, so that a busy machine does not end it. */
static int merge_in_time(const uint32_t *words, size_t count)
{
	static const struct itimerval most = { .it_value = { .tv_sec = 5 } };
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		setitimer(ITIMER_PROF, &most, NULL);
		_exit(-pim_addresses_merge(words, count, PIM_ROLE_CLIENT, take_visit, NULL) & 0xff);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		fail_msg("the merge of %zu words came to no end", count);
	return -WEXITSTATUS(status);
}

/* Sixteen tables, in each of which every entry leads to the next table: read as a tree,
 * they have as many leaves as there are addresses. */
static void comes_to_an_end_on_shared_nodes(void **state)
{
	const uint32_t tables = PIM_PALETTE + 1;
	uint32_t words[PIM_PALETTE + 1 + 15 * PIM_TABLE_WORDS];

	(void)state;
	for (size_t at = 0; at < COUNT(words); at++)
		words[at] = PIM_ENTRY_LEAF;
	words[PIM_PALETTE] = 0;
	for (uint32_t table = 0; table < 15; table++)
		for (size_t at = 0; at < PIM_TABLE_WORDS; at++)
			words[(table ? tables + (table - 1) * PIM_TABLE_WORDS : PIM_ROOT6) + at] =
				tables + table * PIM_TABLE_WORDS;
	assert_int_equal(merge_in_time(words, COUNT(words)), -EBADMSG);
}

/* Lists that are out of order, or outside their node's addresses: no range may end before it
 * begins. */
static void refuses_lists_out_of_order(void **state)
{
	static const struct {
		uint32_t starts[4]; /* of the addresses' last two bytes, or four */
		uint32_t root;
		int result;
	} lists[] = {
		{ { 0, 200, 300, 400 }, PIM_ROOT4, 0 },
		{ { 0, 300, 200, 400 }, PIM_ROOT4, -EBADMSG },
		{ { 0, 200, 200, 400 }, PIM_ROOT4, -EBADMSG },
		{ { 5, 200, 300, 400 }, PIM_ROOT4, -EBADMSG },
		{ { 0, 65535, 1, 2 }, PIM_ROOT4, -EBADMSG },
		{ { 0x20010000, 0x20010200, 0x20010300, 0x2001ffff }, PIM_ROOT6, 0 },
		{ { 0x20010000, 0x20010300, 0x20010200, 0x2001ffff }, PIM_ROOT6, -EBADMSG },
		{ { 0x20010000, 0x20010200, 0x20010200, 0x2001ffff }, PIM_ROOT6, -EBADMSG },
		{ { 0x20010001, 0x20010200, 0x20010300, 0x2001ffff }, PIM_ROOT6, -EBADMSG },
		{ { 0x20000000, 0x20010200, 0x20010300, 0x2001ffff }, PIM_ROOT6, -EBADMSG },
		{ { 0x20010000, 0x20010200, 0x20010300, 0x20020000 }, PIM_ROOT6, -EBADMSG },
		{ { 0x20010000, 0x20010200, 0x20010300, 0xffffffff }, PIM_ROOT6, -EBADMSG },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(lists); at++) {
		uint32_t words[CORRUPT_WORDS];

		corrupt_start(words, lists[at].root, PIM_ENTRY_LIST);
		words[CORRUPT_NODE] = 4;
		for (uint32_t entry = 0; entry < 4; entry++) {
			words[CORRUPT_NODE + 1 + entry] =
				lists[at].root ? lists[at].starts[entry] :
						 lists[at].starts[entry] << 16 | entry % 2;
			((uint8_t *)&words[CORRUPT_NODE + 5])[entry] = entry % 2;
		}
		assert_int_equal(merge_in_time(words, COUNT(words)), lists[at].result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stops_when_told_to),
		cmocka_unit_test(refuses_images_that_are_too_short),
		cmocka_unit_test(refuses_nodes_that_do_not_fit),
		cmocka_unit_test(refuses_lists_that_are_too_long),
		cmocka_unit_test(refuses_bitmaps_that_disagree),
		cmocka_unit_test(refuses_ids_that_name_nothing),
		cmocka_unit_test(refuses_palettes_that_do_not_fit),
		cmocka_unit_test(comes_to_an_end_on_shared_nodes),
		cmocka_unit_test(refuses_lists_out_of_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
