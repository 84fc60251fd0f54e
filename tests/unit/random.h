/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Random numbers from one state, for property tests. Include it after cmocka.h. */
#ifndef PIMXDP_TESTS_RANDOM_H
#define PIMXDP_TESTS_RANDOM_H

#include "seed.h"

static uint64_t random_state;

#define start_random() (random_state = random_seed(__func__))

static inline uint64_t random_number(void)
{
	return pim_splitmix64(&random_state);
}

static inline unsigned int random_below(unsigned int limit)
{
	return random_from(&random_state, limit);
}

#endif
