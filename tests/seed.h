/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The seed of random numbers, which PIM_SEED sets, and numbers made from it. Include it
 * after cmocka.h. */
#ifndef PIMXDP_TESTS_SEED_H
#define PIMXDP_TESTS_SEED_H

#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/splitmix64.h"

/* PIM_SEED from the environment, or a new seed. It is printed with the test's name. */
static inline uint64_t random_seed(const char *test)
{
	const char *given = getenv("PIM_SEED");
	uint64_t seed;

	if (given)
		seed = strtoull(given, NULL, 0);
	else
		assert_int_equal(getrandom(&seed, sizeof(seed), 0), sizeof(seed));
	print_message("# %s: PIM_SEED=%llu\n", test, (unsigned long long)seed);
	return seed;
}

/* The next number below the limit; the seed is the first state. */
static inline uint32_t random_from(uint64_t *state, uint32_t limit)
{
	return (uint32_t)((pim_splitmix64(state) >> 32) * limit >> 32);
}

#endif
