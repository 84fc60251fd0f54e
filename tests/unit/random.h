/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Random numbers for tests of properties; behind cmocka.h. */
#ifndef PIMXDP_TESTS_RANDOM_H
#define PIMXDP_TESTS_RANDOM_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "base/splitmix64.h"

static uint64_t random_state;

static inline uint64_t random_number(void)
{
	return pim_splitmix64(&random_state);
}

static inline unsigned int random_below(unsigned int limit)
{
	return (unsigned int)((random_number() >> 32) * limit >> 32);
}

/* PIM_SEED repeats a run. */
static inline void start_random(void)
{
	const char *seed = getenv("PIM_SEED");

	random_state = seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL) << 20 ^ (uint64_t)clock();
	print_message("PIM_SEED=%llu\n", (unsigned long long)random_state);
}

#endif
