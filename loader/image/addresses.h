/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The address image (abi.h tells its form): built from listed prefixes, looked
 * up, and walked back into prefixes. Knows neither configuration nor kernel.
 */
#ifndef PIMXDP_ADDRESSES_H
#define PIMXDP_ADDRESSES_H

#include <linux/types.h>

#include <pimxdp/abi.h>

#include "policy/prefix.h"

/* A prefix and what it says of every address in it. */
struct pim_claim {
	struct pim_prefix prefix;
	uint16_t roles;
	uint16_t partner; /* key in pim_partners; 0: none */
};

/* Words are owned; their number is a power of two. */
struct pim_addresses {
	__u32 *words;
	size_t word_count; /* as allocated, and as the map's value */
	size_t used_words;
	size_t range_count[2]; /* IPv4, IPv6: of equal neighbouring addresses */
	__u32 leaf_count;      /* of the palette */
	bool packed;	       /* there are nodes other than tables */
};

/* An address gets the roles of all prefixes that contain it, and the partner of
 * the longest that has one. The claims are sorted in place. Returns 0, -ENOMEM,
 * or -E2BIG when the image would pass what its offsets can name. The caller
 * frees the addresses whatever the result. */
int pim_addresses_build(struct pim_claim *claims, size_t count, struct pim_addresses *addresses);
/* The same, with tables alone until each family has `table_words` words. */
int pim_addresses_build_within(struct pim_claim *claims, size_t count, size_t table_words,
			       struct pim_addresses *addresses);
void pim_addresses_free(struct pim_addresses *addresses);

/* What the image says of an address (a host prefix): the program's answer. */
struct pim_address_value {
	uint16_t roles;
	uint16_t partner;
};
struct pim_address_value pim_addresses_look_up(const __u32 *words, const struct pim_prefix *address);

/* Calls `visit` for every run of addresses that have the role, in order, as the
 * fewest prefixes that cover it. Other roles do not part a run; for the partner
 * role the partner charged does. A visit that returns other than 0 ends the
 * walk, which returns that. The image is checked while it is walked: -EBADMSG
 * for one that is no tree, or leads outside `word_count`. */
int pim_addresses_merge(const __u32 *words, size_t word_count, enum pim_role role,
			int (*visit)(const struct pim_prefix *prefix,
				     struct pim_address_value value, void *context),
			void *context);

/* Whether an image that came from elsewhere can be looked up in: 0 or -EBADMSG. */
int pim_addresses_check(const __u32 *words, size_t word_count);

#endif
