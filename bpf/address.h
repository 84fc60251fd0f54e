/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Looks up the roles and the partner of an address in the address image (see pimxdp/image.h). */
#ifndef PIMXDP_BPF_ADDRESS_H
#define PIMXDP_BPF_ADDRESS_H

#include <bpf/bpf_endian.h>

#include <pimxdp/image.h>

#include "maps.h"
#include "packet.h"

/* The leaf of an address without roles or partner. */
#define PIM_ENTRY_NOTHING pim_address_leaf(0, 0)

/* How many times a list of PIM_LIST_MAX ranges is halved. */
#define PIM_SEARCH_STEPS 6
_Static_assert(1 << PIM_SEARCH_STEPS == PIM_LIST_MAX, "every list is searched to its end");

static __always_inline const __u32 *pim_address_image(void)
{
	const __u32 zero = 0;

	return bpf_map_lookup_elem(&pim_addresses, &zero);
}

/* The verifier knows the masks as constants, and the map value has exactly as many words
 * as they cover. In a compiled image they change no index; in any other they keep reads
 * inside the map value. */
static __always_inline __u32 pim_image_word(const __u32 *image, __u64 index)
{
	return image[index & pim_image_word_mask];
}

static __always_inline __u32 pim_image_half(const __u32 *image, __u64 index)
{
	return ((const __u16 *)image)[index & (2 * (__u64)pim_image_word_mask + 1)];
}

static __always_inline __u32 pim_image_byte(const __u32 *image, __u64 index)
{
	return ((const __u8 *)image)[index & (4 * (__u64)pim_image_word_mask + 3)];
}

static __always_inline __u32 pim_table(const __u32 *image, __u32 entry, __u32 byte)
{
	return pim_image_word(image, (__u64)(entry & PIM_ENTRY_OFFSET) + byte);
}

/* The entry that an id of `bits` bits names in the node. */
static __always_inline __u32 pim_named(const __u32 *image, __u64 node, __u32 id, __u32 bits)
{
	if (id < pim_leaf_count)
		return pim_image_word(image, PIM_PALETTE_LEAVES + id);
	return pim_image_word(image, node - (1 << bits) + id);
}

/* The entry named by the id at `index` of the node's ids, which begin at the word `ids`. */
static __always_inline __u32 pim_entry_at(const __u32 *image, __u64 node, __u64 ids, __u64 index)
{
	if (pim_leaf_count <= PIM_BYTE_LEAVES) /* pim_id_bits; the verifier drops one branch */
		return pim_named(image, node, pim_image_byte(image, 4 * ids + index), 8);
	return pim_named(image, node, pim_image_half(image, 2 * ids + index), 16);
}

/* Prefetches the cache line of a word: nothing waits for the load. A node of a large
 * image spans two or three lines, which are rarely cached. */
#define PIM_LINE_WORDS 16
static __always_inline void pim_fetch(const __u32 *image, __u64 index)
{
	asm volatile("" : : "r"(pim_image_word(image, index)));
}

static __always_inline __u32 pim_bitmap(const __u32 *image, __u32 entry, __u32 byte)
{
	__u64 node = entry & PIM_ENTRY_OFFSET;
	__u32 rank = pim_image_byte(image, 4 * node + (byte >> 5));
	__u32 bits = pim_image_word(image, node + PIM_BITMAP_BITS + (byte >> 5)) << (~byte & 31);

	pim_fetch(image, node - 1);
	pim_fetch(image, node + PIM_LINE_WORDS);

	/* Count the set bits: in pairs, nibbles and bytes; the product adds up the bytes. */
	bits -= bits >> 1 & 0x55555555;
	bits = (bits & 0x33333333) + (bits >> 2 & 0x33333333);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f;
	rank += bits * 0x01010101 >> 24;
	return pim_entry_at(image, node, node + PIM_BITMAP_IDS, (__u64)rank - 1);
}

/* Among `left` ascending words from `first` on, the index of the last that is not above
 * `key`. A binary search without branches, since a random address would mispredict
 * every other one; the shift is in assembly, or the compiler would turn it into a branch.
 * The masks change no value: they make all iterations and exits look alike to the
 * verifier. */
static __always_inline __u64 pim_search(const __u32 *image, __u64 first, __u64 left, __u64 key)
{
	__u64 at = first;

	left &= 0xffff;
	for (int step = 0; step < PIM_SEARCH_STEPS && left > 1; step++) {
		__u64 half = left >> 1;
		__u64 above = key - pim_image_word(image, at + half);

		asm volatile("%0 s>>= 63" : "+r"(above)); /* all ones: the word is above the key */
		at = (at + (half & ~above)) & 0x7fffffff;
		left = (left - half) & 0xffff;
	}
	return pim_bound(at - first, 2 * PIM_LIST_MAX - 1);
}

static __always_inline __u32 pim_list4(const __u32 *image, __u32 entry, __u32 key)
{
	__u64 node = entry & PIM_ENTRY_OFFSET;
	__u64 place =
		pim_search(image, node + 1, pim_image_word(image, node), (__u64)key << 16 | 0xffff);

	return pim_named(image, node, pim_image_word(image, node + 1 + place) & 0xffff, 16);
}

static __always_inline __u32 pim_list6(const __u32 *image, __u32 entry, __u32 key)
{
	__u64 node = entry & PIM_ENTRY_OFFSET, count = pim_image_word(image, node) & 0xffff;

	pim_fetch(image, node + PIM_LINE_WORDS);
	return pim_entry_at(image, node, node + 1 + count, pim_search(image, node + 1, count, key));
}

/* The entry for the next byte in a table or a bitmap. */
static __always_inline __u32 pim_next_byte(const __u32 *image, __u32 entry, __u32 byte)
{
	return pim_image_packed && entry & PIM_ENTRY_BITMAP ? pim_bitmap(image, entry, byte) :
							      pim_table(image, entry, byte);
}

/* address: in host byte order. */
static __always_inline __u32 pim_look_up4(const __u32 *image, __u32 address)
{
	__u32 entry = image[PIM_ROOT4 + pim_bound(address >> 24, 0xff)];

	if (entry & PIM_ENTRY_LEAF)
		return entry;
	entry = pim_table(image, entry, address >> 16 & 0xff);
	if (entry & PIM_ENTRY_LEAF)
		return entry;
	if (!pim_image_packed || !(entry & PIM_ENTRY_LIST)) {
		entry = pim_next_byte(image, entry, address >> 8 & 0xff);
		if (entry & PIM_ENTRY_LEAF)
			return entry;
		if (!pim_image_packed || !(entry & PIM_ENTRY_LIST))
			return pim_next_byte(image, entry, address & 0xff);
	}
	return pim_list4(image, entry, address & 0xffff);
}

/* Continues a lookup at `entry`, with byte `at` of the address next. A global function,
 * verified only once; called only if the policy is large enough for nodes other than
 * tables. */
__noinline __u32 pim_descend6(const struct pim_address6 *address, __u32 entry, __u32 at)
{
	const __u32 *image = pim_address_image();

	if (!address || !image)
		return PIM_ENTRY_NOTHING; /* never NULL; the verifier cannot know */
#pragma clang loop unroll(disable)
	for (__u32 word = 0; word < sizeof(address->bytes) / sizeof(__be32); word++) {
		__u32 key = bpf_ntohl(((const __be32 *)address->bytes)[word]);

#pragma clang loop unroll(disable)
		for (__u32 byte = 0; byte < sizeof(__be32); byte++) {
			__u64 ahead = 4 * word + byte - (__u64)at;

			/* In assembly, so that the verifier learns nothing about `at`: it
			 * would tell the iterations apart by it. */
			asm volatile("%0 s>>= 63" : "+r"(ahead));
			if (ahead)
				continue;
			if (entry & PIM_ENTRY_LEAF)
				return entry;
			if (entry & PIM_ENTRY_LIST) {
				entry = pim_list6(image, entry, key);
				break;
			}
			entry = pim_next_byte(image, entry, key >> (24 - 8 * byte) & 0xff);
		}
	}
	return entry;
}

/* Inline, without a call: a small policy to the end; a large one through its tables and
 * a bitmap of the fourth byte, after which most lists begin. */
static __always_inline __u32 pim_look_up6(const __u32 *image, const struct pim_address6 *address)
{
	__u64 rest = bpf_be64_to_cpu(*(const __u64 *)address->bytes);
	__u32 entry = image[PIM_ROOT6 + pim_bound(rest >> 56, 0xff)];

	for (__u32 at = 1; at < sizeof(address->bytes); at++) {
		if (entry & PIM_ENTRY_LEAF)
			return entry;
		if (pim_image_packed && at > 1 &&
		    entry & (at == 3 ? PIM_ENTRY_LIST : PIM_ENTRY_PACKED))
			return pim_descend6(address, entry, at);
		rest = at == 8 ? bpf_be64_to_cpu(*(const __u64 *)(address->bytes + 8)) : rest << 8;
		entry = at == 3 ? pim_next_byte(image, entry, rest >> 56) :
				  pim_table(image, entry, rest >> 56);
	}
	return entry;
}

#endif
