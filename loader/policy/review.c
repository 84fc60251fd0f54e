/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "policy/review.h"

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

struct pim_tally pim_policy_tally(const struct pim_policy *policy, enum pim_role role,
				  uint16_t partner)
{
	struct pim_tally tally = {};

	for (size_t i = 0; i < policy->listed_count; i++) {
		const struct pim_listed *listed = &policy->listed[i];

		if (!(listed->roles & role) || (partner && listed->partner != partner))
			continue;
		if (listed->prefix.family == PIM_IPV4) {
			tally.prefixes4++;
			tally.all4 |= !listed->prefix.length;
		} else {
			tally.prefixes6++;
			tally.all6 |= !listed->prefix.length;
		}
	}
	return tally;
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
