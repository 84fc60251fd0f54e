/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A list with its image and its naive matcher: both must give the same answers, and
 * the lists that come out of the image must be those that went in. */
#ifndef PIMXDP_TESTS_IMAGE_SUBJECT_H
#define PIMXDP_TESTS_IMAGE_SUBJECT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pimxdp/image.h>
#include <pimxdp/role.h>

#include "image/addresses.h"
#include "image/read.h"
#include "policy/prefix.h"
#include "unit/image/matcher.h"
#include "unit/image/shape.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ---- probes ---- */

static size_t lookups;

/* A list with its image and its matcher. */
struct subject {
	struct list *list;
	struct matcher matcher;
	struct pim_addresses addresses;
	bool is_short;			   /* short enough to compare with the scan, too */
	size_t answers, partners, several; /* probes with a role, a partner, more roles than one */
};

static inline void subject_make(struct subject *subject, struct list *list)
{
	*subject = (struct subject){ .list = list, .is_short = list->count <= 200 };
	matcher_make(list, &subject->matcher);
	build(list, &subject->addresses);
}

static inline void subject_free(struct subject *subject)
{
	matcher_free(&subject->matcher);
	pim_addresses_free(&subject->addresses);
}

static inline void differ(const struct subject *subject, const char *what, uint8_t family,
			  wide address, struct pim_address_value found,
			  struct pim_address_value expected)
{
	struct pim_prefix host = host_at(family, address);
	char text[PIM_PREFIX_TEXT];

	fail_msg("PIM_SEED=%llu: %zu claims: %s: %s has roles %#x, partner %u; expected %#x, %u",
		 (unsigned long long)subject->list->seed, subject->list->count, what,
		 pim_prefix_format(&host, false, text), found.roles, found.partner, expected.roles,
		 expected.partner);
}

static inline void probe(struct subject *subject, uint8_t family, wide address)
{
	struct pim_prefix host = host_at(family, address);
	struct pim_address_value found, expected;

	found = pim_addresses_look_up(subject->addresses.words, &host);
	expected = match(&subject->matcher, family, address);
	lookups++;
	if (found.roles != expected.roles || found.partner != expected.partner)
		differ(subject, "the image", family, address, found, expected);
	if (subject->is_short) {
		struct pim_address_value scanned = scan(subject->list, family, address);

		if (scanned.roles != expected.roles || scanned.partner != expected.partner)
			differ(subject, "the test's matcher", family, address, expected, scanned);
	}
	subject->answers += expected.roles != 0;
	subject->partners += expected.partner != 0;
	subject->several += (expected.roles & (expected.roles - 1)) != 0;
}

/* The first and the last address, the ones just outside, and one inside. */
static inline void probe_around(struct subject *subject, const struct pim_prefix *prefix)
{
	wide first = first_of(prefix), last = last_of(prefix), all = last_address(prefix->family);

	probe(subject, prefix->family, first);
	probe(subject, prefix->family, last);
	probe(subject, prefix->family, (first - 1) & all);
	probe(subject, prefix->family, (last + 1) & all);
	probe(subject, prefix->family, first + (last - first) / 2);
}

/* All boundaries, both ends, and addresses that differ from them in one byte (in one bit,
 * for the first of the list). */
static inline void probe_all(struct subject *subject)
{
	for (uint8_t family = PIM_IPV4; family <= PIM_IPV6; family += PIM_IPV6 - PIM_IPV4) {
		wide all = last_address(family);

		for (unsigned int byte = 0; byte < pim_family_bits(family) / 8; byte++)
			for (wide value = 0; value < 256; value += value == 3 ? 249 : 1) {
				probe(subject, family, value << 8 * byte);
				probe(subject, family, all ^ value << 8 * byte);
			}
	}
	for (size_t at = 0; at < subject->list->count; at++) {
		const struct pim_prefix *prefix = &subject->list->claims[at].prefix;
		wide first = first_of(prefix), last = last_of(prefix);

		probe_around(subject, prefix);
		if (at >= 20)
			continue;
		for (unsigned int bit = 0; bit < pim_family_bits(prefix->family); bit++) {
			probe(subject, prefix->family, first ^ (wide)1 << bit);
			probe(subject, prefix->family, last ^ (wide)1 << bit);
		}
	}
}

static inline void probe_random(struct subject *subject, size_t count)
{
	const struct list *list = subject->list;

	while (count--) {
		const struct pim_prefix *prefix =
			&list->claims[random_below((unsigned int)list->count)].prefix;
		uint8_t family = prefix->family;
		wide all = last_address(family), first = first_of(prefix), last = last_of(prefix);

		switch (random_below(8)) {
		case 0:
			probe(subject, family, random_wide() & all);
			break;
		case 1:
			probe(subject, family, first);
			break;
		case 2:
			probe(subject, family, last);
			break;
		case 3:
			probe(subject, family, (first - 1) & all);
			break;
		case 4:
			probe(subject, family, (last + 1) & all);
			break;
		case 5: /* one bit away */
			probe(subject, family,
			      first ^ (wide)1 << random_below(pim_family_bits(family)));
			break;
		default: /* inside */
			probe(subject, family, first + (random_wide() & (last - first)));
		}
	}
}

/* ---- what a merge must give ---- */

struct merged {
	struct list lists[PIM_ROLES];
};

static inline void merged_free(struct merged *merged)
{
	for (unsigned int bit = 0; bit < PIM_ROLES; bit++)
		free_list(&merged->lists[bit]);
}

/* The fewest prefixes that cover `from` to `to`, by halving the space of all addresses. */
static inline void divide(struct list *list, uint8_t family, wide block, unsigned int length,
			  wide from, wide to, unsigned int role, unsigned int partner)
{
	wide last = block + span(family, length);

	if (last < from || block > to)
		return;
	if (block >= from && last <= to) {
		add(list, family, block, length, role, partner);
		return;
	}
	divide(list, family, block, length + 1, from, to, role, partner);
	divide(list, family, block + span(family, length + 1) + 1, length + 1, from, to, role,
	       partner);
}

static inline int compare_wides(const void *a, const void *b)
{
	const wide *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

/* From the naive answers, asked at every place where they can change. */
static inline void expect_merged(const struct subject *subject, struct merged *merged)
{
	const struct list *list = subject->list;
	wide *starts = calloc(2 * list->count + 1, sizeof(*starts));
	struct pim_address_value *values = calloc(2 * list->count + 1, sizeof(*values));

	*merged = (struct merged){};
	assert_true(starts && values);
	for (uint8_t family = PIM_IPV4; family <= PIM_IPV6; family += PIM_IPV6 - PIM_IPV4) {
		size_t all = 1, count = 0;

		starts[0] = 0;
		for (size_t at = 0; at < list->count; at++) {
			const struct pim_prefix *prefix = &list->claims[at].prefix;

			if (prefix->family != family)
				continue;
			starts[all++] = first_of(prefix);
			if (last_of(prefix) != last_address(family))
				starts[all++] = last_of(prefix) + 1;
		}
		qsort(starts, all, sizeof(*starts), compare_wides);
		for (size_t at = 0; at < all; at++)
			if (!at || starts[at] != starts[count - 1])
				starts[count++] = starts[at];
		for (size_t at = 0; at < count; at++)
			values[at] = match(&subject->matcher, family, starts[at]);
		for (unsigned int bit = 0; bit < PIM_ROLES; bit++) {
			unsigned int role = 1u << bit;

			for (size_t at = 0, end; at < count; at = end) {
				uint16_t partner =
					role == PIM_ROLE_PARTNER ? values[at].partner : 0;

				end = at + 1;
				if (!(values[at].roles & role))
					continue;
				while (end < count && values[end].roles & role &&
				       (role != PIM_ROLE_PARTNER || values[end].partner == partner))
					end++;
				divide(&merged->lists[bit], family, 0, 0, starts[at],
				       end < count ? starts[end] - 1 : last_address(family), role,
				       partner);
			}
		}
	}
	free(starts);
	free(values);
}

struct comparison {
	const struct list *expected;
	size_t at;
	enum pim_role role;
	uint64_t seed;
};

static inline int compare_visit(const struct pim_prefix *prefix, struct pim_address_value value,
				void *context)
{
	struct comparison *comparison = context;
	const struct pim_claim *expected = comparison->at < comparison->expected->count ?
						   &comparison->expected->claims[comparison->at] :
						   NULL;
	char found[PIM_PREFIX_TEXT], wanted[PIM_PREFIX_TEXT];

	comparison->at++;
	if (!expected || memcmp(prefix->address, expected->prefix.address, 16) ||
	    prefix->family != expected->prefix.family ||
	    prefix->length != expected->prefix.length || value.roles != expected->roles ||
	    value.partner != expected->partner)
		fail_msg("PIM_SEED=%llu: role %#x: prefix %zu is %s (roles %#x, partner %u), "
			 "expected %s (partner %u)",
			 (unsigned long long)comparison->seed, comparison->role, comparison->at,
			 pim_prefix_format(prefix, true, found), value.roles, value.partner,
			 expected ? pim_prefix_format(&expected->prefix, true, wanted) : "none",
			 expected ? expected->partner : 0);
	return 0;
}

/* The lists read from the image are those that it was built from, merged, and an image of
 * them is the same. */
static inline void check_merge(const struct subject *subject)
{
	struct pim_addresses before, again;
	struct merged merged;
	struct list all = {};

	expect_merged(subject, &merged);
	for (unsigned int bit = 0; bit < PIM_ROLES; bit++) {
		struct comparison comparison = { &merged.lists[bit], 0, 1 << bit,
						 subject->list->seed };

		assert_int_equal(pim_addresses_merge(subject->addresses.words,
						     subject->addresses.word_count, 1 << bit,
						     compare_visit, &comparison),
				 0);
		assert_int_equal(comparison.at, comparison.expected->count);
		for (size_t at = 0; at < comparison.at; at++)
			add_claim(&all, comparison.expected->claims[at].prefix,
				  comparison.expected->claims[at].roles,
				  comparison.expected->claims[at].partner);
	}
	all.table_words = subject->list->table_words;
	build(&all, &again);
	before = subject->addresses;
	assert_int_equal(again.word_count, before.word_count);
	assert_int_equal(again.used_words, before.used_words);
	assert_memory_equal(again.words, before.words, again.word_count * sizeof(*again.words));
	assert_int_equal(again.range_count[0], subject->addresses.range_count[0]);
	assert_int_equal(again.range_count[1], subject->addresses.range_count[1]);
	pim_addresses_free(&again);
	free_list(&all);
	merged_free(&merged);
}

/* ---- everything ---- */

static inline struct shape check_once(struct list *list)
{
	struct subject subject;
	struct shape shape;

	subject_make(&subject, list);
	shape = check_shape(&subject.addresses, list->seed);
	probe_all(&subject);
	check_merge(&subject);
	subject_free(&subject);
	return shape;
}

/* Every check, for a short list: in an image as the compiler makes it, which has only
 * tables; with a list node wherever there can be one; and with some of both. Frees the
 * list; returns the shape of the image with list nodes. */
static inline struct shape check_list(struct list *list)
{
	struct shape shape;

	list->table_words = AS_COMPILED;
	shape = check_once(list);
	for (int kind = 0; kind < TABLE; kind++)
		for (size_t byte = 0; byte < COUNT(shape.nodes[kind]); byte++)
			assert_int_equal(shape.nodes[kind][byte], 0);
	list->table_words = PIM_PALETTE + 4 * PIM_TABLE_WORDS;
	check_once(list);
	list->table_words = 0;
	shape = check_once(list);
	free_list(list);
	return shape;
}

#endif
