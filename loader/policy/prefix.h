/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Addresses and prefixes: strict reading, exact printing. No allocation. */
#ifndef PIMXDP_PREFIX_H
#define PIMXDP_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum pim_family { PIM_IPV4 = 4, PIM_IPV6 = 6 };

/* A prefix whose host bits are zero. IPv4 stands in the first four bytes, the
 * other twelve are zero. */
struct pim_prefix {
	uint8_t address[16]; /* network order */
	uint8_t family;	     /* enum pim_family */
	uint8_t length;	     /* bits, 0..32 or 0..128 */
};

/* Bits of an address of the family: 32 or 128. */
unsigned int pim_family_bits(uint8_t family);

/* Reads "203.0.113.0/24", "2001:db8::/32" or an address alone (a host prefix).
 * Nothing may stand before or after it. Dotted quads without leading zeros
 * (inet_pton), RFC 4291 text for IPv6, no zone. Refused with a text that says
 * what was expected and found: anything else, host bits set (names the network
 * meant), an IPv4-mapped IPv6 prefix (names the IPv4 one: such sources are
 * martians). The text has no file or line; the caller puts them in front. */
int pim_prefix_parse(const char *text, struct pim_prefix *prefix, struct pim_error *error);

/* Enough for any prefix with its length, and the NUL. */
#define PIM_PREFIX_TEXT 64

/* Prints the prefix into text; the length is left out for a host unless
 * `always_length`. Returns text. */
char *pim_prefix_format(const struct pim_prefix *prefix, bool always_length,
			char text[PIM_PREFIX_TEXT]);

/* Whether `outer` contains `inner` (same family, at least as wide). */
bool pim_prefix_contains(const struct pim_prefix *outer, const struct pim_prefix *inner);

/* Orders by family, address, length: a containing prefix comes before what it
 * contains. Below, equal to, above zero like memcmp. */
int pim_prefix_compare(const struct pim_prefix *a, const struct pim_prefix *b);

#endif
