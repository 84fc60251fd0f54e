/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The address image: an array of 32-bit words that gives the roles and the partner of any
 * address in a few loads. It is the value of the map pim_addresses.
 */
#ifndef PIMXDP_ABI_IMAGE_H
#define PIMXDP_ABI_IMAGE_H

#include <pimxdp/role.h>
#include <pimxdp/types.h>

/*
 * Words 0..255 are the table for the first byte of an IPv4 address, words 256..511 that
 * for the first byte of an IPv6 address. The palette follows: a word with the number of
 * its leaves, then the leaves. The rest is nodes; entries of a bitmap or list that the
 * palette does not have are stored directly before the node. An entry is one word:
 *
 *   leaf     PIM_ENTRY_LEAF | roles << PIM_ENTRY_ROLES_SHIFT | partner, a key in
 *            pim_partners (see pim_address_leaf)
 *   table    the offset, in words, of 256 entries, indexed by the next byte
 *   bitmap   PIM_ENTRY_BITMAP | offset of: eight bytes, the ranks; 256 bits in eight
 *            words; an id for each run of equal entries. Bit i % 32 of word i / 32 is
 *            set if a run begins at byte value i; bit 0 is always set. The rank of a
 *            word is the number of runs that begin in the words before it.
 *   list     PIM_ENTRY_LIST | offset of: a word with the number of ranges, then a word
 *            with the start of each, ascending. The range of a key is the last one
 *            whose start is not above the key.
 *            IPv4: the key is the last 16 bits of the address. A word is
 *            start << 16 | id, and ids always have 16 bits.
 *            IPv6: the key is the one of the address's four 32-bit words that has the
 *            next byte. A word is a start, and an id for each range follows the words.
 *
 * An id below the number of leaves is an index into the palette. The largest id means the
 * entry directly before the node, the next smaller one the entry before that, and so on.
 * Ids have 8 bits, or 16 if the palette has more than PIM_BYTE_LEAVES leaves.
 *
 * The first two bytes are always resolved by tables, and all bytes in a small policy. The
 * number of words is a power of two; unused words are 0. Words are in host byte order, and
 * so are keys: numbers whose most significant bit is the address's first.
 */
#define PIM_IMAGE_WORDS_MAX (1u << 27) /* 512 MiB: the most the verifier lets a program index */
#define PIM_LIST_MAX 64u	       /* ranges in a list */
#define PIM_ENTRY_LEAF (1u << 31)
#define PIM_ENTRY_LIST (1u << 30)
#define PIM_ENTRY_BITMAP (1u << 29)
#define PIM_ENTRY_PACKED (PIM_ENTRY_LIST | PIM_ENTRY_BITMAP)
#define PIM_ENTRY_OFFSET (PIM_ENTRY_BITMAP - 1) /* of an entry that is not a leaf */
#define PIM_ENTRY_ROLES_SHIFT 16		/* of a leaf */
#define PIM_ENTRY_PARTNER 0xffffu		/* of a leaf */
#define PIM_TABLE_WORDS 256u
#define PIM_ROOT4 0u
#define PIM_ROOT6 PIM_TABLE_WORDS
#define PIM_PALETTE (2 * PIM_TABLE_WORDS) /* the number of its leaves */
#define PIM_PALETTE_LEAVES (PIM_PALETTE + 1)
#define PIM_IMAGE_WORDS_MIN (2 * PIM_PALETTE) /* a power of two */

/* Leaves of a palette; any others are stored before the nodes that need them. */
#define PIM_LEAVES_MAX 32768u
/* Leaves of a palette with 8-bit ids: at least 32 ids are left for entries before a node. */
#define PIM_BYTE_LEAVES 224u

#define PIM_BITMAP_BITS 2u /* words before the bits: the ranks */
#define PIM_BITMAP_IDS 10u /* words before the ids */

/* The leaf of addresses with these roles (bits of enum pim_role) and this partner (a
 * key in pim_partners; 0: none). */
static inline __u32 pim_address_leaf(__u16 roles, __u16 partner)
{
	return PIM_ENTRY_LEAF | (__u32)roles << PIM_ENTRY_ROLES_SHIFT | partner;
}

/* The roles (bits of enum pim_role) and the partner (a key in pim_partners; 0: none) of a leaf. */
static inline __u32 pim_entry_roles(__u32 leaf)
{
	return leaf >> PIM_ENTRY_ROLES_SHIFT & ((1 << PIM_ROLES) - 1);
}

static inline __u32 pim_entry_partner(__u32 leaf)
{
	return leaf & PIM_ENTRY_PARTNER;
}
_Static_assert(PIM_ROLES <= 15, "a leaf has room for the roles, below PIM_ENTRY_LEAF");

/* Bits of an id, except in IPv4 lists, if the palette has `leaf_count` leaves. */
static inline __u32 pim_id_bits(__u32 leaf_count)
{
	return leaf_count <= PIM_BYTE_LEAVES ? 8 : 16;
}

/* An IPv6 address, aligned for 64-bit loads. */
struct pim_address6 {
	__u8 bytes[16]; /* network byte order */
} __attribute__((aligned(8)));

/* The first edge addresses of a family. The program compares them before it searches the
 * image, since most Edges have one or two. Unused places repeat the first. */
#define PIM_EDGES 4u
struct pim_edge4 {
	__be32 address_be;
	__u32 entry; /* the image's leaf for it */
};
struct pim_edge6 {
	__u64 address_be[2];
	__u64 entry;
};

/* Bytes of an entry of pim_policy, which holds the policy as the loader packed it
 * (loader/image/pack.h); the program does not read it. */
#define PIM_POLICY_CHUNK 4096u

#endif
