/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Merging an image that may be corrupt. */
#ifndef PIMXDP_TESTS_IMAGE_CORRUPT_H
#define PIMXDP_TESTS_IMAGE_CORRUPT_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/addresses.h"
#include "image/read.h"
#include "policy/prefix.h"

struct stop {
	size_t visits, at;
};

static inline int stop_visit(const struct pim_prefix *prefix, struct pim_address_value value,
			     void *context)
{
	struct stop *stop = context;

	assert_true(prefix->family == PIM_IPV4 || prefix->family == PIM_IPV6);
	assert_true(prefix->length <= pim_family_bits(prefix->family));
	assert_int_not_equal(value.roles, 0);
	return ++stop->visits == stop->at ? 77 : 0;
}

/* Merges in a buffer of exactly the image's size, so that the sanitizer catches any access
 * outside. After some prefixes the visit gives up. */
static inline int merge_exactly(const uint32_t *words, size_t count, enum pim_role role,
				size_t visits)
{
	uint32_t *exact = malloc(count * sizeof(*exact) + !count);
	struct stop stop = { .at = visits };
	int result;

	assert_non_null(exact);
	if (count)
		memcpy(exact, words, count * sizeof(*exact));
	result = pim_addresses_merge(exact, count, role, stop_visit, &stop);
	free(exact);
	assert_true(result == 0 || result == -EBADMSG || (result == 77 && stop.visits == visits));
	return result;
}

#endif
