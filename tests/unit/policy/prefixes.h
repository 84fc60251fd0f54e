/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prefixes from text, and the plain definition of what a prefix contains. */
#ifndef PIMXDP_TESTS_POLICY_PREFIXES_H
#define PIMXDP_TESTS_POLICY_PREFIXES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/prefix.h"

static inline struct pim_prefix prefix_of(const char *text)
{
	struct pim_error error = {};
	struct pim_prefix prefix;

	if (pim_prefix_parse(text, &prefix, &error))
		fail_msg("%s: %s", text, error.text);
	return prefix;
}

static inline bool bit_of(const uint8_t address[16], unsigned int bit)
{
	return address[bit / 8] >> (7 - bit % 8) & 1;
}

/* Bit by bit. */
static inline bool contains_by_bits(const struct pim_prefix *outer, const struct pim_prefix *inner)
{
	if (outer->family != inner->family || outer->length > inner->length)
		return false;
	for (unsigned int bit = 0; bit < outer->length; bit++)
		if (bit_of(outer->address, bit) != bit_of(inner->address, bit))
			return false;
	return true;
}

#endif
