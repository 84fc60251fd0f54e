/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/message.h"
#include "policy/review.h"

/* ---- the Edge ---- */

int pim_check_edge(struct pim_policy *policy, const struct pim_listed *edge,
		   struct pim_error *error)
{
	char found[PIM_PREFIX_TEXT], range[PIM_PREFIX_TEXT];

	for (const struct pim_martian *martian = pim_martians; martian->title; martian++) {
		bool inside = pim_prefix_contains(&martian->prefix, &edge->prefix);

		if (!inside && !pim_prefix_contains(&edge->prefix, &martian->prefix))
			continue;
		return pim_refuse_at(policy, edge->origin, error,
				     "expected an address that an Edge can have, found \"%s\", "
				     "which %s %s (%s)",
				     pim_prefix_format(&edge->prefix, false, found),
				     inside ? "is in" : "contains",
				     pim_prefix_format(&martian->prefix, true, range),
				     martian->title);
	}
	return 0;
}

/* ---- partners ---- */

static int compare_indices(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

struct named {
	const struct pim_partner *partner;
	uint32_t index;
};

static int compare_named(const void *left, const void *right)
{
	const struct named *a = left, *b = right;
	int order = strcmp(a->partner->name, b->partner->name);

	return order ? order : compare_indices(a->index, b->index);
}

static int check_names(struct pim_policy *policy, struct pim_error *error)
{
	struct named *sorted = malloc((policy->partner_count + 1) * sizeof(*sorted));
	char where[PIM_ORIGIN_TEXT];
	size_t first = 0; /* of those with the same name */
	int result = 0;

	if (!sorted)
		return pim_out_of_memory(error);
	for (uint32_t index = 0; index < policy->partner_count; index++)
		sorted[index] = (struct named){ &policy->partners[index], index };
	qsort(sorted, policy->partner_count, sizeof(*sorted), compare_named);
	for (size_t at = 1; at < policy->partner_count; at++) {
		const struct pim_partner *again = sorted[at].partner;

		if (strcmp(sorted[first].partner->name, again->name)) {
			first = at;
			continue;
		}
		result = pim_refuse_at(
			policy, again->origin, error,
			"expected a name no other partner has, found \"%s\" again, "
			"first at %s",
			again->name,
			pim_origin_format(policy, sorted[first].partner->origin, where));
	}
	free(sorted);
	return result;
}

/* A partner's prefix. */
struct owned {
	struct pim_prefix prefix;
	uint16_t partner;
	uint32_t index; /* in policy->listed */
};

static int compare_owned(const void *left, const void *right)
{
	const struct owned *a = left, *b = right;
	int order = pim_prefix_compare(&a->prefix, &b->prefix);

	return order ? order : compare_indices(a->index, b->index);
}

/* A hash of the prefix, of `bits` bits. */
static size_t bucket_of(const struct pim_prefix *prefix, unsigned int bits)
{
	const uint64_t odd = 0x9e3779b97f4a7c15; /* 2^64 divided by the golden ratio */
	uint64_t halves[2], hash;

	memcpy(halves, prefix->address, sizeof(halves));
	hash = (halves[0] ^ prefix->length) * odd;
	hash = (hash ^ hash >> 32 ^ halves[1]) * odd;
	return hash >> (64 - bits);
}

/* The partners' prefixes in hash buckets, each sorted, so that equal prefixes are next
 * to each other in the order read. There are about as many buckets as prefixes. For a
 * million prefixes this takes a tenth of the time of one sort; the worst case is
 * O(n log n). The caller frees the result; NULL when out of memory. */
static struct owned *sort_owned(const struct pim_policy *policy, size_t *count)
{
	struct owned *owned = malloc((policy->listed_count + 1) * sizeof(*owned));
	unsigned int bits = 1;
	uint32_t *ends;

	while (policy->listed_count >> bits)
		bits++;
	ends = calloc(((size_t)1 << bits) + 1, sizeof(*ends));
	if (!owned || !ends) {
		free(owned);
		free(ends);
		return NULL;
	}
	for (size_t index = 0; index < policy->listed_count; index++)
		if (policy->listed[index].partner)
			ends[bucket_of(&policy->listed[index].prefix, bits) + 1]++;
	for (size_t bucket = 0; bucket < (size_t)1 << bits; bucket++)
		ends[bucket + 1] += ends[bucket];
	*count = ends[(size_t)1 << bits];
	/* At first ends[bucket] is the start of the bucket; it moves to the end as it fills. */
	for (uint32_t index = 0; index < policy->listed_count; index++) {
		const struct pim_listed *listed = &policy->listed[index];

		if (listed->partner)
			owned[ends[bucket_of(&listed->prefix, bits)]++] =
				(struct owned){ listed->prefix, listed->partner, index };
	}
	for (size_t bucket = 0, start = 0; bucket < (size_t)1 << bits; bucket++) {
		if (ends[bucket] - start > 1)
			qsort(owned + start, ends[bucket] - start, sizeof(*owned), compare_owned);
		start = ends[bucket];
	}
	free(ends);
	return owned;
}

static int refuse_shared(struct pim_policy *policy, const struct owned *first,
			 const struct owned *again, struct pim_error *error)
{
	const struct pim_origin *there = &policy->listed[first->index].origin;
	char prefix[PIM_PREFIX_TEXT], where[PIM_ORIGIN_TEXT];

	return pim_refuse_at(policy, policy->listed[again->index].origin, error,
			     "expected a prefix under one partner only, found \"%s\" under \"%s\" "
			     "here and under \"%s\" at %s",
			     pim_prefix_format(&again->prefix, true, prefix),
			     policy->partners[again->partner - 1].name,
			     policy->partners[first->partner - 1].name,
			     pim_origin_format(policy, *there, where));
}

static int check_prefixes(struct pim_policy *policy, struct pim_error *error)
{
	struct owned *owned;
	size_t count, first = 0; /* of those with the same prefix */
	int result = 0;

	if (policy->partner_count < 2)
		return 0;
	owned = sort_owned(policy, &count);
	if (!owned)
		return pim_out_of_memory(error);
	for (size_t at = 1; at < count; at++) {
		if (pim_prefix_compare(&owned[first].prefix, &owned[at].prefix))
			first = at;
		else if (owned[first].partner != owned[at].partner)
			result = refuse_shared(policy, &owned[first], &owned[at], error);
	}
	free(owned);
	return result;
}

int pim_check_partners(struct pim_policy *policy, struct pim_error *error)
{
	int names = check_names(policy, error), prefixes;

	if (names == -ENOMEM)
		return names;
	prefixes = check_prefixes(policy, error);
	return prefixes ? prefixes : names;
}
