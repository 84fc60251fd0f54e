/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Addresses as numbers, and lists of claims that images are built from. */
#ifndef PIMXDP_TESTS_IMAGE_LISTS_H
#define PIMXDP_TESTS_IMAGE_LISTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/addresses.h"
#include "policy/prefix.h"
#include "unit/policy/prefixes.h"
#include "unit/random.h"

/* ---- addresses as numbers ---- */

/* An IPv4 address is in the lower 32 bits. */
typedef unsigned __int128 wide;

static inline wide last_address(uint8_t family)
{
	return family == PIM_IPV4 ? 0xffffffff : ~(wide)0;
}

/* The number of addresses in a prefix, minus one. */
static inline wide span(uint8_t family, unsigned int length)
{
	return length ? ((wide)1 << (pim_family_bits(family) - length)) - 1 : last_address(family);
}

static inline struct pim_prefix prefix_at(uint8_t family, wide value, unsigned int length)
{
	struct pim_prefix prefix = { .family = family, .length = (uint8_t)length };
	unsigned int bytes = pim_family_bits(family) / 8;

	value &= last_address(family) & ~span(family, length);
	for (unsigned int byte = bytes; byte--; value >>= 8)
		prefix.address[byte] = (uint8_t)value;
	return prefix;
}

static inline struct pim_prefix host_at(uint8_t family, wide value)
{
	return prefix_at(family, value, pim_family_bits(family));
}

static inline wide first_of(const struct pim_prefix *prefix)
{
	wide value = 0;

	for (unsigned int byte = 0; byte < pim_family_bits(prefix->family) / 8; byte++)
		value = value << 8 | prefix->address[byte];
	return value;
}

static inline wide last_of(const struct pim_prefix *prefix)
{
	return first_of(prefix) + span(prefix->family, prefix->length);
}

static inline wide random_wide(void)
{
	wide upper = random_number();

	return upper << 64 | random_number();
}

/* ---- lists ---- */

/* For table_words: what the compiler uses. */
#define AS_COMPILED SIZE_MAX

struct list {
	struct pim_claim *claims;
	size_t count, room;
	size_t table_words; /* only tables, until the image has this many words */
	uint64_t seed;	    /* 0: not random */
};

static inline void add_claim(struct list *list, struct pim_prefix prefix, unsigned int roles,
			     unsigned int partner)
{
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 64;
		list->claims = realloc(list->claims, list->room * sizeof(*list->claims));
		assert_non_null(list->claims);
	}
	list->claims[list->count++] =
		(struct pim_claim){ prefix, (uint16_t)roles, (uint16_t)partner };
}

static inline void add(struct list *list, uint8_t family, wide value, unsigned int length,
		       unsigned int roles, unsigned int partner)
{
	add_claim(list, prefix_at(family, value, length), roles, partner);
}

static inline void add_text(struct list *list, const char *text, unsigned int roles,
			    unsigned int partner)
{
	add_claim(list, prefix_of(text), roles, partner);
}

static inline void free_list(struct list *list)
{
	free(list->claims);
	*list = (struct list){};
}

/* Building sorts the claims: the test keeps its own order by building from a copy. */
static inline void build(const struct list *list, struct pim_addresses *addresses)
{
	struct pim_claim *claims = calloc(list->count + 1, sizeof(*claims));

	assert_non_null(claims);
	if (list->count)
		memcpy(claims, list->claims, list->count * sizeof(*claims));
	if (list->table_words == AS_COMPILED)
		assert_int_equal(pim_addresses_build(claims, list->count, addresses), 0);
	else
		assert_int_equal(pim_addresses_build_within(claims, list->count, list->table_words,
							    addresses),
				 0);
	free(claims);
}

#endif
