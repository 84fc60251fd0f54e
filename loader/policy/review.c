/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "policy/review.h"

#include <errno.h>
#include <stdlib.h>

#define BYTES(word) (word) >> 24, (word) >> 16 & 0xff, (word) >> 8 & 0xff, (word)&0xff

const struct pim_martian pim_martians[] = {
#define PIM_MARTIAN4(word, bits, title) \
	{ { .family = PIM_IPV4, .length = bits, .address = { BYTES(word) } }, title },
#define PIM_MARTIAN6(a, b, c, d, bits, title)                        \
	{ { .family = PIM_IPV6,                                      \
	    .length = bits,                                          \
	    .address = { BYTES(a), BYTES(b), BYTES(c), BYTES(d) } }, \
	  title },
#include <pimxdp/martians.def>
	{},
};

static void count(struct pim_tally *tally, const struct pim_prefix *prefix, uint32_t index)
{
	if (tally->prefixes4 + tally->prefixes6 < PIM_TALLY_FIRST)
		tally->first[tally->prefixes4 + tally->prefixes6] = index;
	if (prefix->family == PIM_IPV4) {
		tally->prefixes4++;
		tally->all4 |= !prefix->length;
	} else {
		tally->prefixes6++;
		tally->all6 |= !prefix->length;
	}
}

int pim_policy_tally(const struct pim_policy *policy, struct pim_tallies *tallies)
{
	*tallies = (struct pim_tallies){
		.partners = calloc(policy->partner_count + 1, sizeof(*tallies->partners)),
	};
	if (!tallies->partners)
		return -ENOMEM;
	for (uint32_t index = 0; index < policy->listed_count; index++) {
		const struct pim_listed *listed = &policy->listed[index];

		for (unsigned int bit = 0; bit < PIM_ROLES; bit++)
			if (listed->roles & (1u << bit))
				count(&tallies->roles[bit], &listed->prefix, index);
		if (listed->partner)
			count(&tallies->partners[listed->partner - 1], &listed->prefix, index);
	}
	return 0;
}

enum pim_fate pim_source_fate(const struct pim_prefix *address, uint16_t roles)
{
	for (const struct pim_martian *martian = pim_martians; martian->title; martian++)
		if (pim_prefix_contains(&martian->prefix, address))
			return PIM_FATE_MARTIAN;
	return roles & PIM_EDGE_ANY	 ? PIM_FATE_EDGE :
	       roles & PIM_ROLE_FAILSAFE ? PIM_FATE_FAILSAFE :
	       roles & PIM_ROLE_BLOCK	 ? PIM_FATE_BLOCKED :
	       roles & PIM_PEER_ANY	 ? PIM_FATE_ROWS :
					   PIM_FATE_NONE;
}
