/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Addresses as numbers, and claims as ranges of them: what building and reading an
 * image stand on.
 */
#ifndef PIMXDP_IMAGE_RANGES_H
#define PIMXDP_IMAGE_RANGES_H

#include <stddef.h>
#include <stdint.h>

#include <pimxdp/types.h>

#include "image/claim.h"

/*
 * An address as a number of 128 bits, the first bit on top; IPv4 has the upper
 * 32. Comparing and cutting them needs no loops.
 */
typedef unsigned __int128 pim_number;

static inline pim_number pim_to_number(const uint8_t address[16])
{
	pim_number value = 0;

	for (int i = 0; i < 16; i++)
		value = value << 8 | address[i];
	return value;
}

/* The last address of a prefix that begins at `start`. IPv4's lower bits, which
 * no address has, are set too. */
static inline pim_number pim_last_of(pim_number start, unsigned int length)
{
	return length ? start | (((pim_number)1 << (128 - length)) - 1) : ~(pim_number)0;
}

/* A list's keys are numbers of so many bits, of groups of as many in an address. */
static inline unsigned int pim_list_bits(uint8_t family)
{
	return family == PIM_IPV4 ? 16 : 32;
}

/* Addresses from `start` to the next range's start. */
struct pim_range {
	pim_number start;
	__u32 leaf; /* of the image, see pim_address_leaf */
};

/* The list is owned. */
struct pim_ranges {
	struct pim_range *list;
	size_t count;
};

/* From claims of one family, sorted by prefix: ranges that cover all addresses, each
 * with another leaf than the one before. Returns 0 or -ENOMEM. */
int pim_ranges_make(const struct pim_claim *claims, size_t count, struct pim_ranges *ranges);

#endif
