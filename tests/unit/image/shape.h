/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Invariants of every image, whatever list it was built from. */
#ifndef PIMXDP_TESTS_IMAGE_SHAPE_H
#define PIMXDP_TESTS_IMAGE_SHAPE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pimxdp/image.h>

#include "image/addresses.h"
#include "image/read.h"
#include "unit/image/lists.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { LIST, BITMAP, TABLE, NODE_KINDS };

struct shape {
	const struct pim_addresses *addresses;
	unsigned char *covered;	      /* a byte for each word: how many nodes cover it */
	size_t nodes[NODE_KINDS][17]; /* by the byte of the address that they look at */
	size_t longest;		      /* the longest list, in ranges */
	size_t most_before;	      /* the most entries before one node */
	size_t leaves_before;	      /* leaves before nodes, which are not in the palette */
	bool last_key;		      /* some list has a range for its last key */
	uint64_t seed;
};

#define invariant(shape, condition)                                     \
	do {                                                            \
		if (!(condition))                                       \
			fail_msg("PIM_SEED=%llu: expected " #condition, \
				 (unsigned long long)(shape)->seed);    \
	} while (0)

static inline void cover(struct shape *shape, size_t offset, size_t count)
{
	for (size_t at = offset; at < offset + count; at++)
		invariant(shape, !shape->covered[at]++);
}

/* Reads the image's layout independently of the code under test. */
static inline uint32_t id_bits_of(const struct pim_addresses *addresses)
{
	return addresses->words[PIM_PALETTE] <= 224 ? 8 : 16;
}

static inline uint32_t id_of(const uint32_t *ids, size_t at, uint32_t id_bits)
{
	return id_bits == 8 ? ((const uint8_t *)ids)[at] : ((const uint16_t *)ids)[at];
}

static inline void check_entry(struct shape *shape, uint32_t entry, wide path, unsigned int byte,
			       unsigned int family_bytes);

/* Entries of a node by their ids; `keys` are the first of each, of those that end
 * with byte `end` of the address. */
static inline void check_ids(struct shape *shape, size_t offset, const uint32_t *ids, size_t count,
			     uint32_t id_bits, const uint32_t *keys, wide path, unsigned int end,
			     unsigned int family_bytes)
{
	const uint32_t *words = shape->addresses->words, largest = (1u << id_bits) - 1;
	uint32_t before = 0, last = 0;

	for (size_t at = 0; at < count; at++) {
		uint32_t id = ids[at], entry;

		if (id < words[PIM_PALETTE]) {
			entry = words[PIM_PALETTE + 1 + id];
			invariant(shape, entry & PIM_ENTRY_LEAF);
		} else {
			invariant(shape, id == largest - before); /* none left out, none twice */
			before++;
			entry = words[offset - before];
			shape->leaves_before += !!(entry & PIM_ENTRY_LEAF);
		}
		invariant(shape, !at || entry != last); /* else they would be one range */
		last = entry;
		check_entry(shape, entry, path | (wide)keys[at] << 8 * (family_bytes - end), end,
			    family_bytes);
	}
	cover(shape, offset - before, before);
	if (shape->most_before < before)
		shape->most_before = before;
}

static inline void check_list_node(struct shape *shape, size_t offset, wide path, unsigned int byte,
				   unsigned int family_bytes)
{
	const struct pim_addresses *addresses = shape->addresses;
	const uint32_t *node = addresses->words + offset, count = node[0];
	const bool ipv4 = family_bytes == 4;
	const unsigned int end = ipv4 ? 4 : byte / 4 * 4 + 4;
	const uint32_t id_bits = ipv4 ? 16 : id_bits_of(addresses);
	const uint32_t mask = ipv4 ? 0xffff : 0xffffffff;
	const uint32_t first = (uint32_t)(path >> 8 * (family_bytes - end)) & mask;
	const uint32_t last = first | (uint32_t)(((uint64_t)1 << 8 * (end - byte)) - 1);
	size_t words = ipv4 ? 1 + count : 1 + count + (count * id_bits + 31) / 32;
	uint32_t starts[PIM_LIST_MAX], ids[PIM_LIST_MAX];

	invariant(shape,
		  count >= 2 && count <= PIM_LIST_MAX); /* the most that the program searches */
	invariant(shape, offset + words <= addresses->used_words);
	cover(shape, offset, words);
	shape->nodes[LIST][byte]++;
	if (shape->longest < count)
		shape->longest = count;
	for (size_t at = 0; at < count; at++) {
		starts[at] = ipv4 ? node[1 + at] >> 16 : node[1 + at];
		ids[at] = ipv4 ? node[1 + at] & 0xffff : id_of(node + 1 + count, at, id_bits);
		invariant(shape, at ? starts[at - 1] < starts[at] : starts[at] == first);
	}
	invariant(shape, starts[count - 1] <= last);
	shape->last_key |= starts[count - 1] == mask;
	for (size_t at = count; !ipv4 && at * id_bits % 32; at++) /* the padding of the last word */
		invariant(shape, !id_of(node + 1 + count, at, id_bits));
	path &= ~((wide)mask << 8 * (family_bytes - end));
	check_ids(shape, offset, ids, count, id_bits, starts, path, end, family_bytes);
}

static inline void check_bitmap_node(struct shape *shape, size_t offset, wide path,
				     unsigned int byte, unsigned int family_bytes)
{
	const struct pim_addresses *addresses = shape->addresses;
	const uint32_t *node = addresses->words + offset, id_bits = id_bits_of(addresses);
	uint32_t starts[256], ids[256], count = 0, words;

	invariant(shape, offset + 10 <= addresses->used_words);
	for (uint32_t key = 0; key < 256; key++) {
		if (key % 32 == 0)
			invariant(shape, ((const uint8_t *)node)[key / 32] == count);
		if (node[2 + key / 32] >> key % 32 & 1)
			starts[count++] = key;
	}
	invariant(shape, count >= 2 && starts[0] == 0);
	words = 10 + (count * id_bits + 31) / 32;
	invariant(shape, offset + words <= addresses->used_words);
	invariant(shape, words < 256); /* a larger node would be a table */
	cover(shape, offset, words);
	shape->nodes[BITMAP][byte]++;
	for (size_t at = 0; at < count; at++)
		ids[at] = id_of(node + 10, at, id_bits);
	for (size_t at = count; at * id_bits % 32; at++)
		invariant(shape, !id_of(node + 10, at, id_bits));
	check_ids(shape, offset, ids, count, id_bits, starts, path, byte + 1, family_bytes);
}

static inline void check_entry(struct shape *shape, uint32_t entry, wide path, unsigned int byte,
			       unsigned int family_bytes)
{
	const struct pim_addresses *addresses = shape->addresses;
	size_t offset = entry & PIM_ENTRY_OFFSET;

	if (entry & PIM_ENTRY_LEAF) {
		/* No bits but those of roles that there are and of a partner. */
		invariant(shape, entry == pim_address_leaf(pim_entry_roles(entry),
							   pim_entry_partner(entry)));
		return;
	}
	invariant(shape, byte < family_bytes);
	invariant(shape, offset > PIM_PALETTE + addresses->words[PIM_PALETTE]);
	invariant(shape, offset < addresses->used_words);
	if (entry & PIM_ENTRY_PACKED) {
		invariant(shape, byte >= 2); /* the first two bytes are tables */
		invariant(shape, addresses->packed);
		invariant(shape, (entry & PIM_ENTRY_PACKED) != PIM_ENTRY_PACKED);
		if (entry & PIM_ENTRY_LIST)
			check_list_node(shape, offset, path, byte, family_bytes);
		else
			check_bitmap_node(shape, offset, path, byte, family_bytes);
		return;
	}
	invariant(shape, offset + PIM_TABLE_WORDS <= addresses->used_words);
	cover(shape, offset, PIM_TABLE_WORDS);
	shape->nodes[TABLE][byte]++;
	for (size_t at = 0; at < PIM_TABLE_WORDS; at++) {
		uint32_t next = addresses->words[offset + at];

		/* A node belongs to one key. */
		invariant(shape, next & PIM_ENTRY_LEAF || !at ||
					 next != addresses->words[offset + at - 1]);
		check_entry(shape, next, path | (wide)at << 8 * (family_bytes - byte - 1), byte + 1,
			    family_bytes);
	}
}

/* The palette has every leaf once. */
static inline void check_palette(struct shape *shape)
{
	const struct pim_addresses *addresses = shape->addresses;
	const uint32_t *leaves = addresses->words + PIM_PALETTE + 1;
	size_t count = addresses->words[PIM_PALETTE];

	invariant(shape, addresses->leaf_count == count);
	invariant(shape, count >= 1 && count <= PIM_LEAVES_MAX);
	cover(shape, PIM_PALETTE, 1 + count);
	for (size_t at = 0; at < count && at < 500; at++)
		for (size_t other = at + 1; other < count; other++)
			invariant(shape, leaves[at] != leaves[other]);
}

/* Every used word belongs to exactly one node; the rest is zero, and no longer than it
 * takes to reach a power of two. */
static inline struct shape check_shape(const struct pim_addresses *addresses, uint64_t seed)
{
	struct shape shape = { .addresses = addresses, .seed = seed };

	invariant(&shape, addresses->used_words > PIM_PALETTE);
	invariant(&shape, addresses->word_count >= addresses->used_words);
	invariant(&shape, !(addresses->word_count & (addresses->word_count - 1)));
	invariant(&shape, addresses->word_count == PIM_IMAGE_WORDS_MIN ||
				  addresses->word_count / 2 < addresses->used_words);
	for (size_t at = addresses->used_words; at < addresses->word_count; at++)
		invariant(&shape, !addresses->words[at]);
	shape.covered = calloc(addresses->used_words, 1);
	assert_non_null(shape.covered);
	cover(&shape, 0, PIM_PALETTE);
	check_palette(&shape);
	for (size_t at = 0; at < PIM_TABLE_WORDS; at++) {
		check_entry(&shape, addresses->words[PIM_ROOT4 + at], (wide)at << 24, 1, 4);
		check_entry(&shape, addresses->words[PIM_ROOT6 + at], (wide)at << 120, 1, 16);
	}
	for (int kind = LIST, packed = 0; kind <= TABLE; kind++) {
		for (size_t byte = 0; kind < TABLE && byte < COUNT(shape.nodes[kind]); byte++)
			packed += shape.nodes[kind][byte] != 0;
		invariant(&shape, kind < TABLE || addresses->packed == !!packed);
	}
	assert_int_equal(pim_addresses_check(addresses->words, addresses->used_words), 0);
	for (size_t at = 0; at < addresses->used_words; at++)
		invariant(&shape, shape.covered[at] == 1);
	free(shape.covered);
	shape.covered = NULL;
	return shape;
}

#endif
