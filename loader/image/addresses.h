/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Builds the address image (described in pimxdp/image.h) from claims, without knowledge of
 * configuration or kernel. read.h reads an image.
 */
#ifndef PIMXDP_IMAGE_ADDRESSES_H
#define PIMXDP_IMAGE_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>

#include <pimxdp/types.h>

#include "image/claim.h"

/* Owns its words; their number is a power of two. */
struct pim_addresses {
	__u32 *words;
	size_t word_count; /* allocated, and in the map's value */
	size_t used_words;
	size_t range_count[2]; /* IPv4, IPv6: see struct pim_ranges */
	__u32 leaf_count;      /* in the palette */
	bool packed;	       /* there are nodes other than tables */
};

/* An address gets the roles of all prefixes that contain it, and the partner of the longest
 * of them that has one. Sorts the claims in place. Returns 0, -ENOMEM, or -E2BIG if the
 * image would exceed PIM_IMAGE_WORDS_MAX. Whatever the result, the caller frees *addresses
 * with pim_addresses_free. */
int pim_addresses_build(struct pim_claim *claims, size_t count, struct pim_addresses *addresses);
/* The same, using only tables until each family has `table_words` words. For tests. */
int pim_addresses_build_within(struct pim_claim *claims, size_t count, size_t table_words,
			       struct pim_addresses *addresses);
void pim_addresses_free(struct pim_addresses *addresses);

#endif
