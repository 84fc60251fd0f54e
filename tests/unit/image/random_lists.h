/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Random and adversarial lists. */
#ifndef PIMXDP_TESTS_IMAGE_RANDOM_LISTS_H
#define PIMXDP_TESTS_IMAGE_RANDOM_LISTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pimxdp/role.h>

#include "policy/prefix.h"
#include "unit/image/lists.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Derived from the prefix, so that a prefix listed twice has one partner. */
static inline unsigned int partner_of(const struct pim_prefix *prefix)
{
	uint64_t hash = 0;

	for (unsigned int byte = 0; byte < 16; byte++)
		hash = (hash ^ prefix->address[byte]) * 0x100000001b3ULL;
	return 1 + (unsigned int)(((hash ^ prefix->length) * 0x9e3779b97f4a7c15ULL) >> 61);
}

static inline void add_dressed(struct list *list, uint8_t family, wide value, unsigned int length)
{
	struct pim_prefix prefix = prefix_at(family, value, length);
	unsigned int roles = 1u << random_below(PIM_ROLES);

	if (!random_below(8))
		roles |= 1u << random_below(PIM_ROLES);
	if (!random_below(3))
		roles |= PIM_ROLE_PARTNER;
	add_claim(list, prefix, roles, roles & PIM_ROLE_PARTNER ? partner_of(&prefix) : 0);
}

static inline uint8_t random_family(void)
{
	return random_below(2) ? PIM_IPV4 : PIM_IPV6;
}

/* The weight, out of a thousand, of each prefix length, roughly as in the Internet's
 * routing table. */
struct mix {
	unsigned int length, weight;
};
static const struct mix routes4[] = {
	{ 24, 600 }, { 23, 100 }, { 22, 110 }, { 21, 50 }, { 20, 45 }, { 19, 27 }, { 18, 16 },
	{ 17, 10 },  { 16, 30 },  { 15, 4 },   { 14, 3 },  { 12, 2 },  { 10, 2 },  { 8, 1 },
};
static const struct mix routes6[] = {
	{ 48, 460 }, { 32, 150 }, { 44, 90 }, { 40, 80 }, { 36, 60 }, { 46, 30 },
	{ 47, 25 },  { 45, 20 },  { 33, 20 }, { 29, 25 }, { 64, 25 }, { 56, 15 },
};

static inline unsigned int pick(const struct mix *mix)
{
	unsigned int number = random_below(1000);

	while (number >= mix->weight)
		number -= mix++->weight;
	return mix->length;
}

static inline void add_route4(struct list *list)
{
	/* Routes come in groups: a third have a neighbour. */
	if (list->count && !random_below(3)) {
		const struct pim_prefix *other =
			&list->claims[random_below((unsigned int)list->count)].prefix;

		if (other->family == PIM_IPV4 && other->length) {
			add_dressed(list, PIM_IPV4, (last_of(other) + 1) & 0xffffffff,
				    other->length);
			return;
		}
	}
	add_dressed(list, PIM_IPV4,
		    (random_wide() & 0x1fffffff) + 0x01000000u * (1 + random_below(190)),
		    pick(routes4));
}

static inline void add_route6(struct list *list)
{
	/* Under a few thousand allocations of 2000::/3. */
	wide allocation = (wide)(0x20000000u | (uint32_t)((random_below(4096) * 0x9e3779b1u) >> 3))
			  << 96;

	add_dressed(list, PIM_IPV6, allocation | (random_wide() & (((wide)1 << 96) - 1)),
		    pick(routes6));
}

enum kind {
	CLUSTERED,
	CHAINS,
	DENSE,
	EXTREMES,
	ROUTES,
	CORNERS,
	ADJACENT,
	HOSTS,
	EVERYTHING,
	LIST_KINDS,
};

/* A value at the boundary of a byte, or of two. */
static inline wide corner(unsigned int bits)
{
	static const unsigned int corners[] = { 0, 0, 1, 0x7f, 0x80, 0xfe, 0xff, 0xff };
	wide value = 0;

	for (unsigned int byte = 0; byte < bits / 8; byte++)
		value = value << 8 | corners[random_below(COUNT(corners))];
	return value;
}

static inline void add_random(struct list *list, enum kind kind, size_t count)
{
	wide base = random_wide(), other = random_wide();
	uint8_t family = random_family();
	unsigned int bits = pim_family_bits(family), length;
	wide value;

	while (list->count < count) {
		switch (kind) {
		case CLUSTERED: /* around two addresses, a few bits away */
			family = random_family();
			bits = pim_family_bits(family);
			value = random_below(2) ? base : other;
			for (unsigned int change = random_below(3); change; change--)
				value ^= (wide)1 << random_below(bits);
			add_dressed(list, family, value,
				    random_below(3) ? random_below(bits + 1) : bits);
			break;
		case CHAINS: /* down one path, with its siblings */
			family = random_family();
			bits = pim_family_bits(family);
			base = random_below(4) ? base ^ (random_wide() & 0xffffff) : random_wide();
			for (length = random_below(bits); length <= bits && list->count < count;
			     length += 1 + random_below(3)) {
				add_dressed(list, family, base, length);
				if (length && random_below(2))
					add_dressed(list, family, base ^ (wide)1 << (bits - length),
						    length);
			}
			break;
		case DENSE: /* a /16, or an IPv6 /32 and longer, filled */
			family = random_family();
			bits = pim_family_bits(family);
			value = random_wide();
			if (family == PIM_IPV4)
				value = ((base >> 16 & 0xffff) << 16) | (value & 0xffff);
			else if (random_below(2))
				value = (base & ~span(PIM_IPV6, 32)) | (value & span(PIM_IPV6, 32));
			else
				value = (base & ~span(PIM_IPV6, 104)) |
					(value & span(PIM_IPV6, 104));
			add_dressed(list, family, value,
				    family == PIM_IPV4 ? 20 + random_below(13) :
				    random_below(2)    ? 40 + random_below(25) :
							 104 + random_below(25));
			break;
		case EXTREMES: /* the first and the last addresses, all ones, all zeros */
			family = random_family();
			bits = pim_family_bits(family);
			value = random_below(2) ? 0 : ~(wide)0;
			if (random_below(2))
				value ^= (wide)1 << random_below(bits);
			add_dressed(list, family, value,
				    random_below(3) ? bits - random_below(5) :
						      random_below(bits + 1));
			break;
		case ROUTES:
			if (random_below(2))
				add_route4(list);
			else
				add_route6(list);
			break;
		case CORNERS:
			family = random_family();
			bits = pim_family_bits(family);
			value = corner(bits);
			length = random_below(bits + 1);
			/* The same upper bytes, so that many fall into one list. */
			if (random_below(4)) {
				unsigned int shared = bits / 8 * (1 + random_below(6)) & ~7u;

				value = (value & span(family, shared)) |
					(base & last_address(family) & ~span(family, shared));
				length = shared + random_below(bits - shared + 1);
			}
			if (!random_below(3))
				length = (length + 7) & ~7u;
			add_dressed(list, family, value, length);
			break;
		case ADJACENT: { /* runs of neighbours, some with the same roles */
			unsigned int roles = 1u << random_below(PIM_ROLES);

			family = random_family();
			bits = pim_family_bits(family);
			length = 1 + random_below(bits);
			value = random_wide() & last_address(family) & ~span(family, length);
			for (unsigned int run = 2 + random_below(40); run && list->count < count;
			     run--) {
				if (random_below(8))
					add(list, family, value, length, roles & ~PIM_ROLE_PARTNER,
					    0);
				else
					add_dressed(list, family, value, length);
				value = (value + span(family, length) + 1) & last_address(family);
			}
			break;
		}
		case HOSTS: /* in a few blocks of 256 and of 65536 */
			family = random_family();
			bits = pim_family_bits(family);
			value = (random_below(2) ? base : other) ^
				(random_wide() & (random_below(2) ? 0xff : 0xffff));
			value ^= (wide)random_below(4) << 20;
			add_dressed(list, family, value,
				    bits - (random_below(4) ? 0 : random_below(3)));
			break;
		default: /* anything at all */
			family = random_family();
			add_dressed(list, family, random_wide(),
				    random_below(pim_family_bits(family) + 1));
		}
	}
}

#endif
