/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Naive matchers: a scan through all claims for short lists, and for long ones a hash
 * table of exact prefixes, searched one length at a time. Neither shares any code with
 * what is tested.
 */
#ifndef PIMXDP_TESTS_IMAGE_MATCHER_H
#define PIMXDP_TESTS_IMAGE_MATCHER_H

#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/addresses.h"
#include "policy/prefix.h"
#include "unit/image/lists.h"

static inline struct pim_address_value scan(const struct list *list, uint8_t family, wide address)
{
	const uint64_t upper =
		family == PIM_IPV4 ? (uint64_t)address << 32 : (uint64_t)(address >> 64);
	struct pim_address_value value = {};
	int longest = -1;

	for (size_t at = 0; at < list->count; at++) {
		const struct pim_claim *claim = &list->claims[at];
		unsigned int length = claim->prefix.length;
		uint64_t start;

		if (claim->prefix.family != family)
			continue;
		memcpy(&start, claim->prefix.address, sizeof(start));
		start = be64toh(start);
		if (length < 64 ? length && (upper ^ start) >> (64 - length) :
				  upper != start || address < first_of(&claim->prefix) ||
					  address > last_of(&claim->prefix))
			continue;
		value.roles |= claim->roles;
		if (claim->partner && claim->prefix.length > longest) {
			longest = claim->prefix.length;
			value.partner = claim->partner;
		}
	}
	return value;
}

/* A prefix of the list, by its exact first address and length. */
struct exact {
	wide first;
	uint8_t family, length;
	bool used;
	uint16_t roles, partner;
};

struct matcher {
	struct exact *table;
	size_t mask;
	bool has_length[7][129]; /* by family */
};

static inline struct exact *find(const struct matcher *matcher, uint8_t family, wide first,
				 unsigned int length)
{
	uint64_t hash = ((uint64_t)(first >> 64) ^ length << 8 ^ family) * 0x9e3779b97f4a7c15ULL;
	struct exact *at;

	hash = (hash ^ hash >> 29 ^ (uint64_t)first) * 0xbf58476d1ce4e5b9ULL;
	for (size_t index = hash >> 32;; index++) {
		at = &matcher->table[index & matcher->mask];
		if (!at->used ||
		    (at->first == first && at->length == length && at->family == family))
			return at;
	}
}

static inline void matcher_make(const struct list *list, struct matcher *matcher)
{
	size_t size = 16;

	while (size < 2 * list->count)
		size *= 2;
	*matcher = (struct matcher){ .mask = size - 1 };
	matcher->table = calloc(size, sizeof(*matcher->table));
	assert_non_null(matcher->table);
	for (size_t at = 0; at < list->count; at++) {
		const struct pim_claim *claim = &list->claims[at];
		struct exact *exact = find(matcher, claim->prefix.family, first_of(&claim->prefix),
					   claim->prefix.length);

		exact->used = true;
		exact->first = first_of(&claim->prefix);
		exact->family = claim->prefix.family;
		exact->length = claim->prefix.length;
		exact->roles |= claim->roles;
		if (claim->partner)
			exact->partner = claim->partner;
		matcher->has_length[exact->family][exact->length] = true;
	}
}

static inline void matcher_free(struct matcher *matcher)
{
	free(matcher->table);
}

static inline struct pim_address_value match(const struct matcher *matcher, uint8_t family,
					     wide address)
{
	struct pim_address_value value = {};

	for (unsigned int length = 0; length <= pim_family_bits(family); length++) {
		const struct exact *exact;

		if (!matcher->has_length[family][length])
			continue;
		exact = find(matcher, family, address & ~span(family, length), length);
		if (!exact->used)
			continue;
		value.roles |= exact->roles;
		if (exact->partner)
			value.partner = exact->partner;
	}
	return value;
}

#endif
