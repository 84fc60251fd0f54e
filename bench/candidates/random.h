/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The lists and the addresses to look up, the same in user space and in BPF. A prefix is a
 * function of its position in the list, so that drawing an address from a listed prefix
 * touches no memory and leaves the caches to the candidates.
 *
 * An address, or the start of a prefix, is a 64-bit number whose most significant bit is
 * the address's first. An IPv4 address is the upper 32 bits.
 */
#ifndef PIMXDP_BENCH_RANDOM_H
#define PIMXDP_BENCH_RANDOM_H

#include <pimxdp/image.h>

#define CANDIDATE_BATCH 1024 /* lookups per run */
#define CANDIDATE_SEED 0x9e3779b97f4a7c15ULL
#define CANDIDATE_PARTNERS 200
#define CANDIDATE_SITES 60000 /* /32s that the IPv6 prefixes share */

struct listed {
	__u64 start;
	__u32 length; /* at most 64 */
	__u32 entry;
};

static inline __attribute__((always_inline)) __u64 mixed(__u64 x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* A mask of the bits after the first `length`, 0..64. */
static inline __attribute__((always_inline)) __u64 host_bits(__u32 length)
{
	return ~0ULL >> length / 2 >> (length - length / 2);
}

/* One of CANDIDATE_SITES /32s, from 64 of the /16 blocks that registries hand out. */
static inline __attribute__((always_inline)) __u64 site(__u64 random)
{
	__u64 bits = mixed(random % CANDIDATE_SITES + 1);

	return (0x2400 | (bits & 0x60f)) << 48 | (bits >> 16 & 0xffff) << 32;
}

/* Lengths, about as often as in the Internet's routing tables. Not static: libbpf 1.1
 * loses the offset of static data that is next to global data. */
const __u8 listed_lengths4[32] = {
	16, 17, 18, 19, 19, 20, 20, 21, 21, 22, 22, 22, 23, 23, 23, 24,
	24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24,
};
const __u8 listed_lengths6[32] = {
	32, 32, 36, 36, 38, 40, 40, 40, 42, 44, 44, 44, 46, 46, 47, 48,
	48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 52, 56, 56, 60, 64,
};

static inline __attribute__((always_inline)) struct listed listed(__u32 position,
								  const __u32 family)
{
	__u64 bits = mixed(CANDIDATE_SEED + position);
	__u32 length = (family == 4 ? listed_lengths4 : listed_lengths6)[bits & 31];

	return (struct listed){
		.start = (family == 4 ? bits : site(bits >> 8) | mixed(bits) >> 32) &
			 ~host_bits(length),
		.length = length,
		.entry = pim_address_leaf(PIM_ROLE_PARTNER,
					  1 + (__u32)(bits >> 5) % CANDIDATE_PARTNERS),
	};
}

/* The next random address: half of them are in a listed prefix, the others anywhere. For
 * IPv6, anywhere is in one of the /32s, since every structure would be done with a fully
 * random address at its first step. */
static inline __attribute__((always_inline)) __u64 next_address(__u64 *state, __u32 positions,
								const __u32 family)
{
	__u64 x = *state, inside;
	struct listed in;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	in = listed((x >> 32) * positions >> 32, family);
	inside = -(x >> 8 & 1);
	if (family == 4)
		in.length &= inside;
	else
		in.start = (in.start & inside) | (site(x >> 9) & ~inside),
		in.length = (in.length & inside) | (32 & ~inside);
	return (in.start & ~host_bits(in.length)) | (mixed(x) & host_bits(in.length));
}

#endif
