/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Candidates for the address engine, reduced to lookups. A run of a program is
 * CANDIDATE_BATCH of them; nothing4 and nothing6 only draw the addresses, which is then
 * subtracted. candidates.c builds the images and describes their layouts.
 */
#include <vmlinux.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "address.h"
#include "packet.h"
#include "random.h"

__u64 state = CANDIDATE_SEED;
__u32 answers[CANDIDATE_BATCH];
bool chained; /* an address depends on the answer before it */

const volatile __u32 positions = 1;
const volatile __u32 dxr_mask, dxr_starts, dxr_values;
const volatile __u32 kary_mask, kary_nodes, kary_values;
const volatile __u32 trie_mask;
const volatile __u32 length_count;
const volatile __u32 lengths[64]; /* of prefixes in use, longest first */

#define IMAGE(name)                                                                             \
	struct {                                                                                \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                               \
		__uint(map_flags, BPF_F_MMAPABLE); /* page-aligned, so nodes are cache lines */ \
		__uint(max_entries, 1);                                                         \
		__uint(key_size, sizeof(__u32));                                                \
		__uint(value_size, sizeof(__u64));                                              \
	} name SEC(".maps")
IMAGE(dxr_image);
IMAGE(kary_image);
IMAGE(trie_image);

struct lpm4_key {
	__u32 length;
	__be32 address_be;
};
struct lpm6_key {
	__u32 length;
	__u8 address[16];
};
struct probe_key {
	__u64 start, length;
};

#define PREFIXES(name, map_type, key_type)            \
	struct {                                      \
		__uint(type, map_type);               \
		__uint(map_flags, BPF_F_NO_PREALLOC); \
		__uint(max_entries, 1);               \
		__type(key, key_type);                \
		__type(value, __u32);                 \
	} name SEC(".maps")
PREFIXES(lpm4_map, BPF_MAP_TYPE_LPM_TRIE, struct lpm4_key);
PREFIXES(lpm6_map, BPF_MAP_TYPE_LPM_TRIE, struct lpm6_key);
PREFIXES(probe6_map, BPF_MAP_TYPE_HASH, struct probe_key);

const __u32 zero = 0; /* the key of an image in its map */

/* 1 where a > b, without a branch that a random address would mispredict: the
 * borrow of b - a. */
static __always_inline __u64 greater(__u64 a, __u64 b)
{
	__u64 borrow = (~b & a) | ((~b | a) & (b - a));

	asm volatile("%0 >>= 63" : "+r"(borrow));
	return borrow;
}

/* The same for numbers of 32 bits. */
static __always_inline __u64 greater32(__u64 a, __u64 b)
{
	__u64 borrow = b - a;

	asm volatile("%0 >>= 63" : "+r"(borrow));
	return borrow;
}

/* ---- lookups, of addresses in network byte order ---- */

static __always_inline __u32 nothing4_look_up(__be32 address_be)
{
	asm volatile("" : : "r"(address_be));
	return 0;
}

static __always_inline __u32 nothing6_look_up(const struct pim_address6 *address)
{
	asm volatile("" : : "r"(address) : "memory");
	return 0;
}

static __always_inline __u32 lpm4_look_up(__be32 address_be)
{
	struct lpm4_key key = { 32, address_be };
	__u32 *value = bpf_map_lookup_elem(&lpm4_map, &key);

	return value ? *value : PIM_ENTRY_NOTHING;
}

static __always_inline __u32 lpm6_look_up(const struct pim_address6 *address)
{
	struct lpm6_key key = { .length = 128 };
	__u32 *value;

	__builtin_memcpy(key.address, address, sizeof(*address));
	value = bpf_map_lookup_elem(&lpm6_map, &key);
	return value ? *value : PIM_ENTRY_NOTHING;
}

static __always_inline __u32 probe6_look_up(const struct pim_address6 *address)
{
	__u64 high = bpf_be64_to_cpu(*(const __u64 *)address);

	for (__u32 i = 0; i < length_count && i < 64; i++) {
		struct probe_key key = { high & ~host_bits(lengths[i]), lengths[i] };
		__u32 *value = bpf_map_lookup_elem(&probe6_map, &key);

		if (value)
			return *value;
	}
	return PIM_ENTRY_NOTHING;
}

static __always_inline __u32 dxr4_look_up(__be32 address_be)
{
	const __u32 *image = bpf_map_lookup_elem(&dxr_image, &zero),
		    address = bpf_ntohl(address_be);
	__u64 at, left;

	if (!image)
		return 0;
	at = image[address >> 16 & dxr_mask];
	left = (image[((address >> 16) + 1) & dxr_mask] - at) & 0x1ffff;
	for (int step = 0; step < 16 && left > 1; step++) { /* as pim_search */
		__u64 half = left >> 1, start = (dxr_starts + at + half) & (2 * dxr_mask + 1);
		__u64 above = (__u64)(address & 0xffff) - ((const __u16 *)image)[start];

		asm volatile("%0 s>>= 63" : "+r"(above));
		at = (at + (half & ~above)) & 0x7fffffff;
		left = (left - half) & 0x1ffff;
	}
	return image[(dxr_values + at) & dxr_mask];
}

/* Counts how many of a node's `count` sorted keys are not above `key`, which gives the
 * child to go on with. The last such key on the way down is that of the range. */
#define KARY(type, count, key, is_greater)                                                  \
	({                                                                                  \
		const __u64 mask = (kary_mask + 1ULL) * 4 / sizeof(type) - (count);         \
		__u64 node = 0, found = 0;                                                  \
		for (int step = 0; step < 10 && node < kary_nodes; step++) {                \
			const type *keys = (const type *)image + (node * (count)&mask);     \
			__u64 below = (count), none;                                        \
			_Pragma("unroll") for (int i = 0; i < (count); i++) below -=        \
				is_greater(keys[i], key);                                   \
			none = below - 1;                                                   \
			asm volatile("%0 s>>= 63" : "+r"(none));                            \
			found = ((found & none) | ((node * (count) + below - 1) & ~none)) & \
				0x7fffffff;                                                 \
			node = (node * ((count) + 1) + below + 1) & 0x7fffffff;             \
		}                                                                           \
		image[(kary_values + found) & kary_mask];                                   \
	})

static __always_inline __u32 kary4_look_up(__be32 address_be)
{
	const __u32 *image = bpf_map_lookup_elem(&kary_image, &zero);
	__u64 address = bpf_ntohl(address_be);

	if (!image)
		return 0;
	return KARY(__u32, 16, address, greater32);
}

static __always_inline __u32 kary6_look_up(const struct pim_address6 *address)
{
	const __u32 *image = bpf_map_lookup_elem(&kary_image, &zero);
	__u64 high = bpf_be64_to_cpu(*(const __u64 *)address);

	if (!image)
		return 0;
	return KARY(__u64, 8, high, greater);
}

static __always_inline __u32 trie4_look_up(__be32 address_be)
{
	const __u32 *image = bpf_map_lookup_elem(&trie_image, &zero),
		    address = bpf_ntohl(address_be);
	__u32 entry = 0;

	if (!image)
		return 0;
#pragma unroll
	for (int shift = 24; shift >= 0; shift -= 8) {
		entry = image[((__u64)entry + (address >> shift & 0xff)) & trie_mask];
		if (entry & PIM_ENTRY_LEAF)
			break;
	}
	return entry;
}

static __always_inline __u32 ours4_look_up(__be32 address_be)
{
	const __u32 *image = pim_address_image();

	return image ? pim_look_up4(image, bpf_ntohl(address_be)) : 0;
}

static __always_inline __u32 ours6_look_up(const struct pim_address6 *address)
{
	const __u32 *image = pim_address_image();

	return image ? pim_look_up6(image, address) : 0;
}

/* ---- programs ---- */

#define PROGRAM(name, family, ADDRESS)                                                  \
	static long name##_step(__u32 i, void *unused __attribute__((unused)))          \
	{                                                                               \
		__u64 now = state, number;                                              \
		if (chained) /* a branch: unless taken, nothing waits for the answer */ \
			now ^= answers[(i - 1) % CANDIDATE_BATCH];                      \
		number = next_address(&now, positions, family);                         \
		ADDRESS;                                                                \
		state = now;                                                            \
		answers[i % CANDIDATE_BATCH] = name##_look_up(address);                 \
		return 0;                                                               \
	}                                                                               \
	SEC("xdp") int name(struct xdp_md *context __attribute__((unused)))             \
	{                                                                               \
		bpf_loop(CANDIDATE_BATCH, name##_step, NULL, 0);                        \
		return XDP_DROP;                                                        \
	}
#define PROGRAM4(name) PROGRAM(name, 4, __be32 address = bpf_htonl(number >> 32))
#define PROGRAM6(name)                                                                           \
	PROGRAM(name, 6, struct pim_address6 bytes; const struct pim_address6 *address = &bytes; \
		((__u64 *)&bytes)[0] = bpf_cpu_to_be64(number); ((__u64 *)&bytes)[1] = now)

PROGRAM4(nothing4)
PROGRAM4(lpm4)
PROGRAM4(dxr4)
PROGRAM4(kary4)
PROGRAM4(trie4)
PROGRAM4(ours4)
PROGRAM6(nothing6)
PROGRAM6(lpm6)
PROGRAM6(kary6)
PROGRAM6(probe6)
PROGRAM6(ours6)

char candidates_license[] SEC("license") = "Dual BSD/GPL";
