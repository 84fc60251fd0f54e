/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* SplitMix64 (Steele, Lea and Flood, 2014): a pseudo-random sequence that depends on the
 * seed alone. Not cryptographic: one number gives away the state. */
#ifndef PIMXDP_BASE_SPLITMIX64_H
#define PIMXDP_BASE_SPLITMIX64_H

#include <stdint.h>

/* Returns the next number and advances *state, which starts as the seed. */
static inline uint64_t pim_splitmix64(uint64_t *state)
{
	uint64_t number = *state += 0x9e3779b97f4a7c15ULL;

	number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9ULL;
	number = (number ^ number >> 27) * 0x94d049bb133111ebULL;
	return number ^ number >> 31;
}

#endif
