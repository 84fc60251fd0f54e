/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "image/ranges.h"

#include <errno.h>
#include <stdlib.h>

#include <pimxdp/image.h>

static void emit(struct pim_ranges *ranges, pim_number start, __u32 leaf)
{
	struct pim_range *last = &ranges->list[ranges->count - 1];

	if (last->start == start) {
		last->leaf = leaf;
		if (ranges->count > 1 && last[-1].leaf == leaf)
			ranges->count--;
	} else if (last->leaf != leaf) {
		ranges->list[ranges->count++] = (struct pim_range){ start, leaf };
	}
}

/*
 * In sorted order a prefix comes after all prefixes that contain it, so the prefixes that
 * are open at any point form a stack. An address in a prefix has what it claims and what
 * those around it claim: a range begins where a prefix begins, and after one ends.
 */
int pim_ranges_make(const struct pim_claim *claims, size_t count, struct pim_ranges *ranges)
{
	struct {
		pim_number last;
		uint16_t roles, partner;
	} open[131]; /* no prefix, /0 to /128, and the one being added */
	size_t depth = 1;

	ranges->list = malloc((2 * count + 2) * sizeof(*ranges->list));
	if (!ranges->list)
		return -ENOMEM;
	open[0].last = ~(pim_number)0;
	open[0].roles = open[0].partner = 0;
	ranges->list[0] = (struct pim_range){ 0, pim_address_leaf(0, 0) };
	ranges->count = 1;
	for (size_t i = 0; i <= count; i++) {
		pim_number start = i < count ? pim_to_number(claims[i].prefix.address) : 0;

		/* Close the prefixes that end before this one begins; at the end, all of them. */
		while (depth > 1 && (i == count || open[depth - 1].last < start)) {
			pim_number after = open[--depth].last + 1;

			if (after) /* 0: at the end of the address space */
				emit(ranges, after,
				     pim_address_leaf(open[depth - 1].roles,
						      open[depth - 1].partner));
		}
		if (i == count)
			break;
		open[depth] = open[depth - 1];
		open[depth].last = pim_last_of(start, claims[i].prefix.length);
		open[depth].roles |= claims[i].roles;
		if (claims[i].partner)
			open[depth].partner = claims[i].partner;
		emit(ranges, start, pim_address_leaf(open[depth].roles, open[depth].partner));
		/* A repeated prefix shares the level of the one before. */
		if (depth > 1 && open[depth - 1].last == open[depth].last && i &&
		    !pim_prefix_compare(&claims[i - 1].prefix, &claims[i].prefix))
			open[depth - 1] = open[depth];
		else
			depth++;
	}
	return 0;
}
