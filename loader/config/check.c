/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "config/keys.h"
#include "config/message.h"
#include "policy/review.h"

/* ---- the Edge ---- */

int pim_check_edge(const struct pim_policy *policy, const struct pim_listed *edge,
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

static int check_names(const struct pim_policy *policy, struct pim_error *error)
{
	struct named *sorted = malloc((policy->partner_count + 1) * sizeof(*sorted));
	const struct named *first = NULL, *again = NULL;
	char where[PIM_ORIGIN_TEXT];
	int result = 0;

	if (!sorted)
		return pim_out_of_memory(error);
	for (uint32_t index = 0; index < policy->partner_count; index++)
		sorted[index] = (struct named){ &policy->partners[index], index };
	qsort(sorted, policy->partner_count, sizeof(*sorted), compare_named);
	for (size_t at = 1; at < policy->partner_count; at++) {
		if (strcmp(sorted[at - 1].partner->name, sorted[at].partner->name))
			continue;
		if (again && again->index < sorted[at].index)
			continue;
		first = &sorted[at - 1];
		again = &sorted[at];
	}
	if (again)
		result = pim_refuse_at(policy, again->partner->origin, error,
				       "expected a name no other partner has, found \"%s\" again, "
				       "first at %s",
				       again->partner->name,
				       pim_origin_format(policy, first->partner->origin, where));
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

static int refuse_shared(const struct pim_policy *policy, const struct owned *first,
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

static int check_prefixes(const struct pim_policy *policy, struct pim_error *error)
{
	const struct owned *first = NULL, *again = NULL;
	struct owned *owned;
	size_t count;
	int result = 0;

	if (policy->partner_count < 2)
		return 0;
	owned = sort_owned(policy, &count);
	if (!owned)
		return pim_out_of_memory(error);
	for (size_t at = 1; at < count; at++) {
		const struct owned *before = &owned[at - 1], *here = &owned[at];

		if (before->partner == here->partner ||
		    pim_prefix_compare(&before->prefix, &here->prefix))
			continue;
		if (again && again->index < here->index)
			continue;
		first = before;
		again = here;
	}
	if (again)
		result = refuse_shared(policy, first, again, error);
	free(owned);
	return result;
}

int pim_check_partners(const struct pim_policy *policy, struct pim_error *error)
{
	int result = check_names(policy, error);

	return result ? result : check_prefixes(policy, error);
}

/* ---- warnings ---- */

/* A failsafe prefix shorter than this covers too much of the Internet to belong to one
 * administrator. */
#define FAILSAFE_BITS 8

static int warn_of_empty_partners(struct pim_policy *policy, struct pim_error *error)
{
	bool *listed = calloc(policy->partner_count + 1, sizeof(*listed));
	int result = 0;

	if (!listed)
		return pim_out_of_memory(error);
	for (size_t at = 0; at < policy->listed_count; at++)
		listed[policy->listed[at].partner] = true;
	for (size_t at = 0; at < policy->partner_count && !result; at++) {
		const struct pim_partner *partner = &policy->partners[at];

		if (!listed[at + 1])
			result = pim_warn_at(policy, partner->origin, error,
					     "partner \"%s\" has no addresses, so nothing is "
					     "admitted from it",
					     partner->name);
	}
	free(listed);
	return result;
}

static int warn_of_wide_failsafe(struct pim_policy *policy, const struct pim_listed *listed,
				 struct pim_error *error)
{
	char prefix[PIM_PREFIX_TEXT];

	return pim_warn_at(policy, listed->origin, error,
			   "failsafe \"%s\" is wider than /%d: all of it passes, whatever the rows "
			   "say",
			   pim_prefix_format(&listed->prefix, true, prefix), FAILSAFE_BITS);
}

static int warn_of_open_stun(struct pim_policy *policy, const struct pim_listed *listed,
			     struct pim_error *error)
{
	const struct pim_option_name *shape =
		&pim_option_names[offsetof(struct pim_options, stun_shape)];
	enum pim_role role = listed->roles & PIM_ROLE_CLIENT ? PIM_ROLE_CLIENT : PIM_ROLE_MESSENGER;
	char prefix[PIM_PREFIX_TEXT];

	return pim_warn_at(policy, listed->origin, error,
			   "\"%s\" gives everyone the role %s while %s is \"%s\": where the ports "
			   "match, UDP with any payload is admitted from anywhere",
			   pim_prefix_format(&listed->prefix, true, prefix), pim_role_name(role),
			   shape->name, shape->values[PIM_STUN_SHAPE_OFF]);
}

static int warn_of_prefix(struct pim_policy *policy, const struct pim_listed *listed,
			  struct pim_error *error)
{
	if ((listed->roles & PIM_ROLE_FAILSAFE) && listed->prefix.length < FAILSAFE_BITS)
		return warn_of_wide_failsafe(policy, listed, error);
	if ((listed->roles & (PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER)) &&
	    listed->prefix.length == 0 && policy->options.stun_shape == PIM_STUN_SHAPE_OFF)
		return warn_of_open_stun(policy, listed, error);
	return 0;
}

/* Warns of enabled rows whose peer role has no addresses. */
static int warn_of_idle_rows(struct pim_policy *policy, enum pim_role role, struct pim_error *error)
{
	const char *names[PIM_ROWS_MAX + 1];
	char list[PIM_NAME_LIST];
	size_t count = 0;

	for (size_t row = 0; row < policy->row_count; row++)
		if (policy->rows[row].enabled && policy->rows[row].peer_role == role)
			names[count++] = policy->rows[row].name;
	names[count] = NULL;
	if (!count)
		return 0;
	return pim_warn_at(policy, (struct pim_origin){}, error,
			   "no address has the role %s, so nobody can use %s: list some, or name "
			   "what is not wanted in %s",
			   pim_role_name(role), pim_name_list(names, list), PIM_KEY_DISABLE);
}

int pim_check_warn(struct pim_policy *policy, struct pim_error *error)
{
	unsigned int roles = 0;
	bool enabled = false;
	int result = warn_of_empty_partners(policy, error);

	for (size_t at = 0; at < policy->listed_count && !result; at++) {
		roles |= policy->listed[at].roles;
		result = warn_of_prefix(policy, &policy->listed[at], error);
	}
	for (size_t row = 0; row < policy->row_count; row++)
		enabled |= policy->rows[row].enabled;
	if (!enabled && !result)
		result = pim_warn_at(policy, (struct pim_origin){}, error,
				     "every row is disabled, so nothing but ICMP and failsafe "
				     "addresses reaches the Edge");
	for (unsigned int bit = 0; bit < PIM_ROLES && !result; bit++)
		if ((PIM_PEER_ANY & ~roles) & (1u << bit))
			result = warn_of_idle_rows(policy, (enum pim_role)(1u << bit), error);
	return result;
}
