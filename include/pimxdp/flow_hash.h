/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The hash of a flow's key, which selects its slot.
 *
 * The family is Multilinear-HM (Lemire and Kaser, "Strongly universal string hashing is
 * fast", The Computer Journal 57(11), 2014, theorem 2.1): 32-bit words of the key, two at a
 * time, a random 64-bit number each,
 *
 *     sum = k0 + (k1 + w0) * (k2 + w1) + (k3 + w2) * (k4 + w3) + ...    (mod 2^64)
 *
 * The upper 33 bits of the sum are strongly universal: any two different keys have
 * independent, uniform hashes when the numbers are chosen at random. So no difference
 * between two keys, whatever it is, collides more often than one in the number of slots,
 * and who does not know the numbers cannot choose keys that collide.
 *
 * Sums of a sequence, such as of ports, are evenly spaced, and with some numbers fall into
 * few slots. A fixed one-to-one mixing of the upper 32 bits (the multipliers of lowbias32,
 * C. Wellons, 2018, public domain) scatters them and, being one-to-one, keeps the hash
 * strongly universal.
 */
#ifndef PIMXDP_ABI_FLOW_HASH_H
#define PIMXDP_ABI_FLOW_HASH_H

#include <pimxdp/flow.h>
#include <pimxdp/types.h>

/* Words of the two keys, and the largest number of random numbers that they need. */
#define PIM_FLOW4_WORDS (sizeof(struct pim_flow4_key) / 4)
#define PIM_FLOW6_WORDS (sizeof(struct pim_flow6_key) / 4)
#define PIM_FLOW_KEYS 11u
_Static_assert(1 + PIM_FLOW6_WORDS == PIM_FLOW_KEYS, "a number a word, and one to add");

/* The value of pim_flow_secret, which only the owner of the pins can open: random, chosen
 * at attach and kept over reloads. */
struct pim_flow_secret {
	__u64 keys[PIM_FLOW_KEYS];
};

/* Hashes the words of a key, an even number of them. The slot is in the upper bits. */
static inline __attribute__((always_inline)) __u32 pim_flow_hash(const volatile __u64 *keys,
								 const __u32 *words,
								 const unsigned int count)
{
	__u64 sum = keys[0];
	__u32 hash;

#pragma GCC unroll 5
	for (unsigned int word = 0; word < count; word += 2)
		sum += (keys[word + 1] + words[word]) * (keys[word + 2] + words[word + 1]);
	hash = sum >> 32;
	hash ^= hash >> 16;
	hash *= 0x7feb352dU;
	hash ^= hash >> 15;
	return hash * 0x846ca68bU;
}

#endif
