/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The address image: one array of 32-bit words that says, in a few loads, which
 * roles and which partner any address has. The value of the map pim_addresses.
 */
#ifndef PIMXDP_ABI_IMAGE_H
#define PIMXDP_ABI_IMAGE_H

#include <pimxdp/role.h>
#include <pimxdp/types.h>

/*
 * Words 0..255 are the table of the first byte of an IPv4 address, 256..511 that of
 * an IPv6 address. The palette follows: a word with the number of its leaves, then
 * the leaves. All else is nodes, with the entries that stand before them. An entry
 * is one word:
 *
 *   leaf     PIM_ENTRY_LEAF | roles << PIM_ENTRY_ROLES_SHIFT | partner, a key in
 *            pim_partners: pim_address_leaf makes one
 *   table    the offset, in words, of 256 entries for the next byte
 *   bitmap   PIM_ENTRY_BITMAP | offset: eight bytes, for each word of bits the number
 *            of runs that begin in the words before it; 256 bits in eight words, bit
 *            i % 32 of word i / 32 set where a run of equal entries begins, bit 0
 *            always; an id for each run
 *   list     PIM_ENTRY_LIST | offset: a word with the number of ranges, and their
 *            starts in order; the last that is not above the key is its range.
 *            IPv4: the key is the last 16 bits of the address, a word is
 *            start << 16 | id, and all ids have 16 bits. IPv6: the key is that of
 *            the address's four 32-bit words in which the next byte stands, a word
 *            is a start, and an id for each follows them.
 *
 * An id is a place in the palette or, counted from the largest id down, in the
 * entries that stand before the node, the first directly before it. Ids are bytes
 * unless the palette has more than PIM_BYTE_LEAVES.
 *
 * The first two bytes are always resolved by tables, and so is all of a small
 * policy. The number of words is a power of two, the unused ones are 0. Words are
 * in host byte order; so are keys, as numbers with the address's first bit on top.
 */
#define PIM_IMAGE_WORDS_MAX (1u << 27) /* 512 MiB: what the verifier lets a program index */
#define PIM_LIST_MAX 64u	       /* ranges in a list */
#define PIM_ENTRY_LEAF (1u << 31)
#define PIM_ENTRY_LIST (1u << 30)
#define PIM_ENTRY_BITMAP (1u << 29)
#define PIM_ENTRY_PACKED (PIM_ENTRY_LIST | PIM_ENTRY_BITMAP)
#define PIM_ENTRY_OFFSET (PIM_ENTRY_BITMAP - 1) /* of what is no leaf */
#define PIM_ENTRY_ROLES_SHIFT 16		/* of a leaf */
#define PIM_ENTRY_PARTNER 0xffffu		/* of a leaf */
#define PIM_TABLE_WORDS 256u
#define PIM_ROOT4 0u
#define PIM_ROOT6 PIM_TABLE_WORDS
#define PIM_PALETTE (2 * PIM_TABLE_WORDS) /* the number of its leaves */
#define PIM_PALETTE_LEAVES (PIM_PALETTE + 1)
#define PIM_IMAGE_WORDS_MIN (2 * PIM_PALETTE) /* a power of two */

/* What a policy has beyond these stands before the nodes. */
#define PIM_LEAVES_MAX 32768u
/* Leaves whose ids leave at least 32 of a byte for the entries before a node. */
#define PIM_BYTE_LEAVES 224u

#define PIM_BITMAP_BITS 2u /* words before the bits: the ranks */
#define PIM_BITMAP_IDS 10u /* words before the ids */

/* The leaf of addresses with these roles (bits of enum pim_role) and this partner (a
 * key in pim_partners; 0: none). */
static inline __u32 pim_address_leaf(__u16 roles, __u16 partner)
{
	return PIM_ENTRY_LEAF | (__u32)roles << PIM_ENTRY_ROLES_SHIFT | partner;
}

/* The roles and the partner of a leaf. */
static inline __u32 pim_entry_roles(__u32 leaf)
{
	return leaf >> PIM_ENTRY_ROLES_SHIFT & ((1 << PIM_ROLES) - 1);
}

static inline __u32 pim_entry_partner(__u32 leaf)
{
	return leaf & PIM_ENTRY_PARTNER;
}
_Static_assert(PIM_ROLES <= 15, "a leaf has room for the roles, below PIM_ENTRY_LEAF");

/* Bits of an id, of an image with so many leaves in its palette. */
static inline __u32 pim_id_bits(__u32 leaf_count)
{
	return leaf_count <= PIM_BYTE_LEAVES ? 8 : 16;
}

/* An IPv6 address, for loads of 64 bits. */
struct pim_address6 {
	__u8 bytes[16]; /* as in the packet */
} __attribute__((aligned(8)));

/* The first edge addresses of a family, which the program compares before it
 * asks the image: most have one or two. Unused places repeat the first. */
#define PIM_EDGES 4u
struct pim_edge4 {
	__be32 address_be;
	__u32 entry; /* the image's leaf for it */
};
struct pim_edge6 {
	__u64 address_be[2];
	__u64 entry;
};

#endif
