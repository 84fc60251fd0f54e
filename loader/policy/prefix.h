/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* IP addresses and prefixes: strict parsing, and printing. Nothing here allocates. */
#ifndef PIMXDP_POLICY_PREFIX_H
#define PIMXDP_POLICY_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum pim_family { PIM_IPV4 = 4, PIM_IPV6 = 6 };

/* A prefix whose host bits are zero. An IPv4 address is in the first four bytes, and the
 * other twelve are zero. */
struct pim_prefix {
	uint8_t address[16]; /* network byte order */
	uint8_t family;	     /* enum pim_family */
	uint8_t length;	     /* bits, 0..32 or 0..128 */
};

/* Length of an address of the family in bits: 32 or 128. */
unsigned int pim_family_bits(uint8_t family);

/* Parses "203.0.113.0/24", "2001:db8::/32" or an address alone (a host prefix), with
 * nothing before or after it: dotted quads without leading zeros for IPv4, RFC 4291
 * text without a zone for IPv6. Refuses anything else, prefixes with host bits set (the
 * message names the network meant) and IPv4-mapped IPv6 prefixes, which are martians
 * (the message names the IPv4 prefix). Returns 0 or -EINVAL; the message has no file or
 * line, so the caller puts them in front. */
int pim_prefix_parse(const char *text, struct pim_prefix *prefix, struct pim_error *error);

/* Enough for any prefix with its length, and the NUL. */
#define PIM_PREFIX_TEXT 64

/* Writes the prefix into text, without the length if it is a host prefix, unless
 * `always_length`. Returns text. */
char *pim_prefix_format(const struct pim_prefix *prefix, bool always_length,
			char text[PIM_PREFIX_TEXT]);

/* Whether `outer` contains `inner` (same family, at least as wide). */
bool pim_prefix_contains(const struct pim_prefix *outer, const struct pim_prefix *inner);

/* Orders by family, address, length, so that a prefix comes before those it
 * contains. Returns a value below, equal to or above zero, as memcmp() does. */
int pim_prefix_compare(const struct pim_prefix *a, const struct pim_prefix *b);

#endif
