/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Addresses as numbers, and claims as ranges of them: what building and reading an image
 * share.
 */
#ifndef PIMXDP_IMAGE_RANGES_H
#define PIMXDP_IMAGE_RANGES_H

#include <stddef.h>
#include <stdint.h>

#include <pimxdp/types.h>

#include "image/claim.h"

/*
 * An address as a 128-bit number whose most significant bit is the address's first. An
 * IPv4 address is the upper 32 bits. Such numbers are compared and masked without loops.
 */
typedef unsigned __int128 pim_number;

static inline pim_number pim_to_number(const uint8_t address[16])
{
	pim_number value = 0;

	for (int i = 0; i < 16; i++)
		value = value << 8 | address[i];
	return value;
}

/* The last address of the prefix of `length` bits that begins at `start`. The lower 96
 * bits, which IPv4 does not use, are set too. */
static inline pim_number pim_last_of(pim_number start, unsigned int length)
{
	return length ? start | (((pim_number)1 << (128 - length)) - 1) : ~(pim_number)0;
}

/* Bits of a key in a list. An address is divided into groups of this size; a key is one of them. */
static inline unsigned int pim_list_bits(uint8_t family)
{
	return family == PIM_IPV4 ? 16 : 32;
}

/* Addresses from `start` to the next range's start. */
struct pim_range {
	pim_number start;
	__u32 leaf; /* see pim_address_leaf */
};

/* Owns its list. */
struct pim_ranges {
	struct pim_range *list;
	size_t count;
};

/* Makes ranges from claims of one family, sorted with pim_prefix_compare. The ranges cover
 * all addresses, and each has a different leaf from the one before. Returns 0 or -ENOMEM;
 * the caller frees ranges->list. */
int pim_ranges_make(const struct pim_claim *claims, size_t count, struct pim_ranges *ranges);

#endif
