/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "policy/shrink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/review.h"

/* A list of one policy: a partner's, or a file's. */
struct list {
	const char *name;
	size_t count;
};

static bool lost(size_t was, size_t now, unsigned int percent)
{
	return percent < PIM_SHRINK_ANY && was &&
	       (!now || (now < was && (was - now) * 100 > percent * was));
}

static size_t count_of(const struct pim_tally *tally)
{
	return tally->prefixes4 + tally->prefixes6;
}

static int role_shrunk(const struct pim_policy *before, const struct pim_policy *now,
		       unsigned int percent, struct pim_shrunk *shrunk)
{
	struct pim_tallies was = {}, is = {};
	int result = pim_policy_tally(before, &was);

	if (!result)
		result = pim_policy_tally(now, &is);
	for (unsigned int bit = 0; !result && bit < PIM_ROLES; bit++) {
		*shrunk =
			(struct pim_shrunk){ "role", pim_role_name(1u << bit),
					     count_of(&was.roles[bit]), count_of(&is.roles[bit]) };
		result = lost(shrunk->was, shrunk->now, percent);
	}
	free(was.partners);
	free(is.partners);
	return result;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct list *)a)->name, ((const struct list *)b)->name);
}

static struct list *partners_of(const struct pim_policy *policy, size_t *count)
{
	struct list *lists = calloc(policy->partner_count + 1, sizeof(*lists));

	*count = policy->partner_count;
	for (size_t i = 0; lists && i < policy->partner_count; i++)
		lists[i].name = policy->partners[i].name;
	for (size_t i = 0; lists && i < policy->listed_count; i++)
		if (policy->listed[i].partner)
			lists[policy->listed[i].partner - 1].count++;
	return lists;
}

/* Without the configuration itself: what is taken out of it was taken out by hand. */
static struct list *files_of(const struct pim_policy *policy, size_t *count)
{
	struct list *lists = calloc(policy->file_count + 1, sizeof(*lists));

	*count = policy->file_count;
	for (size_t i = 0; lists && i < policy->file_count; i++)
		lists[i].name = policy->files[i].path;
	for (size_t i = 0; lists && i < policy->listed_count; i++)
		if (policy->listed[i].origin.file)
			lists[policy->listed[i].origin.file].count++;
	return lists;
}

static int list_shrunk(const struct pim_policy *before, const struct pim_policy *now,
		       struct list *(*lists_of)(const struct pim_policy *policy, size_t *count),
		       const char *kind, unsigned int percent, struct pim_shrunk *shrunk)
{
	size_t count, now_count;
	struct list *lists = lists_of(before, &count), *now_lists = lists_of(now, &now_count);
	int result = lists && now_lists ? 0 : -ENOMEM;

	if (!result)
		qsort(now_lists, now_count, sizeof(*now_lists), by_name);
	for (size_t i = 0; !result && i < count; i++) {
		const struct list *same =
			bsearch(&lists[i], now_lists, now_count, sizeof(*now_lists), by_name);

		if (!same || !lost(lists[i].count, same->count, percent))
			continue;
		*shrunk = (struct pim_shrunk){ kind, lists[i].name, lists[i].count, same->count };
		result = 1;
	}
	free(lists);
	free(now_lists);
	return result;
}

int pim_policy_shrunk(const struct pim_policy *before, const struct pim_policy *now,
		      unsigned int percent, struct pim_shrunk *shrunk)
{
	int result = role_shrunk(before, now, percent, shrunk);

	if (!result)
		result = list_shrunk(before, now, partners_of, "partner", percent, shrunk);
	if (!result && now->listed_count < before->listed_count)
		result = list_shrunk(before, now, files_of, "file", percent, shrunk);
	return result;
}
