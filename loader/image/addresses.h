/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Builds the address image (pimxdp/image.h tells its form) from claims. Knows neither
 * configuration nor kernel; read.h has what is done with an image that is there.
 */
#ifndef PIMXDP_IMAGE_ADDRESSES_H
#define PIMXDP_IMAGE_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>

#include <pimxdp/types.h>

#include "image/claim.h"

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

#endif
