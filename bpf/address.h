/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an address is: the walk through the address image (abi.h tells its form). */
#ifndef PIMXDP_BPF_ADDRESS_H
#define PIMXDP_BPF_ADDRESS_H

#include <bpf/bpf_endian.h>

#include "maps.h"

/* An entry that a compiled image never leads to: no roles. */
#define PIM_ENTRY_NOTHING PIM_ENTRY_LEAF

/* A list of PIM_LIST_MAX ranges is halved this often. */
#define PIM_SEARCH_STEPS 8
_Static_assert(1 << PIM_SEARCH_STEPS == PIM_LIST_MAX, "every list is searched to its end");

static __always_inline const __u32 *pim_address_image(void)
{
	const __u32 zero = 0;

	return bpf_map_lookup_elem(&pim_addresses, &zero);
}

/* The masks are constants to the verifier, and the image fills its power of two:
 * with an image as compiled they change no index, with any other they keep the
 * reads inside. */
static __always_inline __u32 pim_image_word(const __u32 *image, __u64 index)
{
	return image[index & pim_image_word_mask];
}

static __always_inline __u32 pim_image_key(const __u32 *image, __u64 index)
{
	return ((const __u16 *)image)[index & pim_image_key_mask];
}

/* The entry of the last range whose start is not above `key`. Halving without a
 * branch, which the compiler would put back if it saw the shift: a random
 * address would mispredict every other one. The masks change
 * no value; they make every round look alike to the verifier, which then goes
 * through the loop once. */
static __always_inline __u32 pim_search(const __u32 *image, __u32 entry, __u32 key)
{
	__u64 list = entry & PIM_ENTRY_OFFSET, count = pim_image_word(image, list);
	__u64 starts = 2 * (list + 1), at = starts, left = count & 0x1ffff;

	for (int step = 0; step < PIM_SEARCH_STEPS && left > 1; step++) {
		__u64 half = left >> 1;
		__u64 above = (__u64)key - pim_image_key(image, at + half);

		asm volatile("%0 s>>= 63" : "+r"(above)); /* all ones: the start is above */
		at = (at + (half & ~above)) & 0x7fffffff;
		left = (left - half) & 0x1ffff;
	}
	return pim_image_word(image, list + 1 + ((count + 1) >> 1) + (at - starts));
}

static __always_inline __u32 pim_table(const __u32 *image, __u32 entry, __u32 byte)
{
	return pim_image_word(image, (__u64)(entry & PIM_ENTRY_OFFSET) + byte);
}

/* address: host order. */
static __always_inline __u32 pim_look_up4(const __u32 *image, __u32 address)
{
	__u32 entry = image[PIM_ROOT4 + pim_bound(address >> 24, 0xff)], key;

	if (entry & PIM_ENTRY_LEAF)
		return entry;
	entry = pim_table(image, entry, address >> 16 & 0xff);
	if (entry & PIM_ENTRY_LEAF)
		return entry;
	key = address & 0xffff;
	if (!(entry & PIM_ENTRY_RANGES)) {
		entry = pim_table(image, entry, key >> 8);
		if (entry & PIM_ENTRY_LEAF)
			return entry;
		key &= 0xff;
		if (!(entry & PIM_ENTRY_RANGES))
			return pim_table(image, entry, key);
	}
	return pim_search(image, entry, key);
}

/* From an entry that is a list, with the byte `at` next. A function of its own:
 * verified once, and called only where a policy is large enough for lists. */
__noinline __u32 pim_descend6(const struct pim_address6 *address, __u32 entry, __u32 at)
{
	const __u32 *image = pim_address_image();

	if (!address || !image)
		return PIM_ENTRY_NOTHING; /* never: for the verifier */
	for (int step = 0; step < (int)sizeof(address->bytes) && at < sizeof(address->bytes); step++) {
		if (entry & PIM_ENTRY_LEAF)
			break;
		if (!(entry & PIM_ENTRY_RANGES)) {
			entry = pim_table(image, entry, address->bytes[at]);
			at++;
		} else if (entry & PIM_ENTRY_WIDE) {
			__u32 key = (__u32)address->bytes[at & 14] << 8 | address->bytes[at | 1];

			entry = pim_search(image, entry, key);
			at += 2;
		} else {
			entry = pim_search(image, entry, address->bytes[at]);
			at++;
		}
	}
	return entry;
}

/* As far as there are tables, without a call: all the way in a small policy. */
static __always_inline __u32 pim_look_up6(const __u32 *image, const struct pim_address6 *address)
{
	__u64 rest = bpf_be64_to_cpu(*(const __u64 *)address->bytes);
	__u32 entry = image[PIM_ROOT6 + pim_bound(rest >> 56, 0xff)];

	for (__u32 at = 1; at < sizeof(address->bytes); at++) {
		if (entry & PIM_ENTRY_LEAF)
			return entry;
		if (entry & PIM_ENTRY_RANGES)
			return pim_descend6(address, entry, at);
		rest = at == 8 ? bpf_be64_to_cpu(*(const __u64 *)(address->bytes + 8)) : rest << 8;
		entry = pim_table(image, entry, rest >> 56);
	}
	return entry;
}

#endif
