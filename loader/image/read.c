/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "image/read.h"

#include <errno.h>

#include <pimxdp/image.h>

#include "image/ranges.h"

static void from_number(pim_number value, uint8_t address[16])
{
	for (int i = 15; i >= 0; i--, value >>= 8)
		address[i] = (uint8_t)value;
}

static struct pim_address_value leaf_value(__u32 leaf)
{
	return (struct pim_address_value){
		.roles = pim_entry_roles(leaf),
		.partner = pim_entry_partner(leaf),
	};
}

/* ---- nodes ---- */

struct image {
	const __u32 *words;
	size_t word_count;
	uint8_t family;
	unsigned int id_bits;
};

/* The node that an entry leads to. */
struct node {
	const __u32 *words;
	__u32 kind;	    /* PIM_ENTRY_LIST, PIM_ENTRY_BITMAP, 0 for a table */
	unsigned int end;   /* the key ends before this bit of the address, */
	unsigned int width; /* and has this many bits */
	unsigned int shift; /* of the starts in a list's words */
	unsigned int id_bits;
};

/* The node of an entry, with bit `bit` of the address next. */
static struct node node_of(const struct image *image, __u32 entry, unsigned int bit)
{
	struct node node = {
		.words = image->words + (entry & PIM_ENTRY_OFFSET),
		.kind = entry & PIM_ENTRY_PACKED,
		.end = bit + 8,
		.width = 8,
		.id_bits = image->id_bits,
	};

	if (node.kind == PIM_ENTRY_LIST) {
		node.width = pim_list_bits(image->family);
		node.end = (bit / node.width + 1) * node.width;
		if (node.width == 16) /* a start and its id in one word */
			node.id_bits = node.shift = 16;
	}
	return node;
}

static __u32 key_of(const struct node *node, pim_number address)
{
	return (__u32)(address >> (128 - node->end)) & (__u32)(((__u64)1 << node->width) - 1);
}

/* How many runs of a bitmap begin at or before the byte. */
static unsigned int runs_until(const struct node *bitmap, unsigned int byte)
{
	__u32 bits = bitmap->words[PIM_BITMAP_BITS + byte / 32] << (31 - byte % 32);

	return ((const uint8_t *)bitmap->words)[byte / 32] + (unsigned int)__builtin_popcount(bits);
}

static __u32 start_at(const struct node *list, size_t at)
{
	return list->words[1 + at] >> list->shift;
}

/* The index of the key's entry among the node's. */
static size_t find(const struct node *node, __u32 key)
{
	size_t low = 0, high;

	if (!node->kind)
		return key;
	if (node->kind == PIM_ENTRY_BITMAP)
		return runs_until(node, key) - 1;
	for (high = node->words[0]; high - low > 1;) {
		size_t middle = (low + high) / 2;

		if (start_at(node, middle) <= key)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static __u32 id_at(const struct node *node, size_t at)
{
	const __u32 *ids = node->words + PIM_BITMAP_IDS;

	if (node->shift)
		return node->words[1 + at] & 0xffff;
	if (node->kind == PIM_ENTRY_LIST)
		ids = node->words + 1 + node->words[0];
	return node->id_bits == 8 ? ((const uint8_t *)ids)[at] : ((const uint16_t *)ids)[at];
}

/* The offset of an entry, in words; in an invalid image it may be outside. */
static size_t place_at(const struct image *image, const struct node *node, size_t at)
{
	const size_t offset = (size_t)(node->words - image->words);
	__u32 id;

	if (!node->kind)
		return offset + at;
	id = id_at(node, at);
	return id < image->words[PIM_PALETTE] ? PIM_PALETTE_LEAVES + id :
						offset - (1u << node->id_bits) + id;
}

static __u32 root_of(uint8_t family)
{
	return family == PIM_IPV4 ? PIM_ROOT4 : PIM_ROOT6;
}

static struct image image_of(const __u32 *words, size_t word_count, uint8_t family)
{
	return (struct image){ words, word_count, family, pim_id_bits(words[PIM_PALETTE]) };
}

struct pim_address_value pim_addresses_look_up(const __u32 *words, const struct pim_prefix *address)
{
	const struct image image = image_of(words, SIZE_MAX, address->family);
	const pim_number number = pim_to_number(address->address);
	__u32 entry = root_of(address->family);

	for (unsigned int bit = 0; !(entry & PIM_ENTRY_LEAF);) {
		const struct node node = node_of(&image, entry, bit);

		entry = words[place_at(&image, &node, find(&node, key_of(&node, number)))];
		bit = node.end;
	}
	return leaf_value(entry);
}

/* ---- checks, for images from elsewhere ---- */

/* The node's size in words; 0 if it is not valid, or not all of it is in the image. */
static size_t node_words(const struct image *image, const struct node *node)
{
	const size_t offset = (size_t)(node->words - image->words);
	size_t count, words = PIM_TABLE_WORDS;

	if (node->kind == PIM_ENTRY_PACKED || offset >= image->word_count)
		return 0;
	if (node->kind == PIM_ENTRY_LIST) {
		count = node->words[0];
		if (!count || count > PIM_LIST_MAX)
			return 0;
		words = 1 + count + (node->shift ? 0 : (count * node->id_bits + 31) / 32);
	} else if (node->kind == PIM_ENTRY_BITMAP) {
		if (offset + PIM_BITMAP_IDS > image->word_count)
			return 0;
		count = runs_until(node, 255);
		words = PIM_BITMAP_IDS + (count * node->id_bits + 31) / 32;
	}
	return offset + words <= image->word_count ? words : 0;
}

/* Whether the starts ascend from the key of `base` and stay in the node's space. */
static bool list_in_order(const struct node *node, pim_number base, unsigned int bit)
{
	const __u32 last = key_of(node, pim_last_of(base, bit));

	if (start_at(node, 0) != key_of(node, base))
		return false;
	for (size_t at = 1; at < node->words[0]; at++)
		if (start_at(node, at) <= start_at(node, at - 1))
			return false;
	return start_at(node, node->words[0] - 1) <= last;
}

static bool ranks_agree(const struct node *node)
{
	unsigned int rank = 0;

	for (unsigned int word = 0; word < 8; word++) {
		if (((const uint8_t *)node->words)[word] != rank)
			return false;
		rank += (unsigned int)__builtin_popcount(node->words[PIM_BITMAP_BITS + word]);
	}
	return node->words[PIM_BITMAP_BITS] & 1;
}

static bool palette_fits(const __u32 *words, size_t word_count)
{
	if (word_count < PIM_PALETTE_LEAVES || words[PIM_PALETTE] > PIM_LEAVES_MAX ||
	    PIM_PALETTE_LEAVES + words[PIM_PALETTE] > word_count)
		return false;
	for (size_t i = 0; i < words[PIM_PALETTE]; i++)
		if (!(words[PIM_PALETTE_LEAVES + i] & PIM_ENTRY_LEAF))
			return false;
	return true;
}

/* ---- walk ---- */

struct walker {
	struct image image;
	size_t seen_words; /* in a tree, no more than there are */
	unsigned int bits; /* of the family */
	enum pim_role role;
	__u32 matters;	  /* the bits of a leaf that separate runs */
	__u32 leaf;	  /* of the open run */
	pim_number start; /* where it began */
	int (*visit)(const struct pim_prefix *prefix, struct pim_address_value value,
		     void *context);
	void *context;
};

/* Ends the open run before `end` (0: at the end of the address space), and visits the
 * fewest prefixes that cover it. */
static int close_run(struct walker *walker, pim_number end)
{
	struct pim_address_value value = leaf_value(walker->leaf);
	pim_number start = walker->start;

	if (!value.roles)
		return 0;
	for (;;) {
		struct pim_prefix prefix = { .family = walker->image.family };
		unsigned int length = 0;
		int result;

		/* The largest block that begins at `start` and ends before `end`. */
		while (length < walker->bits && ((start & (pim_last_of(0, length))) ||
						 (end && pim_last_of(start, length) >= end)))
			length++;
		prefix.length = length;
		from_number(start, prefix.address);
		result = walker->visit(&prefix, value, walker->context);
		if (result)
			return result;
		start = pim_last_of(start, length) + 1;
		if (start == end || !start)
			return 0;
	}
}

static int walk_leaf(struct walker *walker, __u32 leaf, pim_number base)
{
	int result = 0;

	leaf &= pim_entry_roles(leaf) & walker->role ? walker->matters : PIM_ENTRY_LEAF;
	if (leaf != walker->leaf) {
		result = base ? close_run(walker, base) : 0;
		walker->leaf = leaf;
		walker->start = base;
	}
	return result;
}

static int walk_entry(struct walker *walker, __u32 entry, pim_number base, unsigned int bit)
{
	const struct image *image = &walker->image;
	struct node node;
	size_t words, count = PIM_TABLE_WORDS, at = 0;
	int result = 0;

	if (entry & PIM_ENTRY_LEAF)
		return walk_leaf(walker, entry, base);
	node = node_of(image, entry, bit);
	words = node_words(image, &node);
	walker->seen_words += words;
	if (!words || node.end > walker->bits || walker->seen_words > image->word_count)
		return -EBADMSG;
	if (node.kind == PIM_ENTRY_LIST) {
		if (!list_in_order(&node, base, bit))
			return -EBADMSG;
		count = node.words[0];
		base &= ~(pim_last_of(0, node.end - node.width) - pim_last_of(0, node.end));
	} else if (node.kind == PIM_ENTRY_BITMAP && !ranks_agree(&node)) {
		return -EBADMSG;
	}
	for (size_t i = 0; !result && i < count; i++) {
		const pim_number key = node.kind == PIM_ENTRY_LIST ? start_at(&node, i) : i;
		size_t place;

		if (node.kind == PIM_ENTRY_BITMAP &&
		    !(node.words[PIM_BITMAP_BITS + i / 32] >> i % 32 & 1))
			continue;
		place = place_at(image, &node, at++);
		if (place >= image->word_count)
			return -EBADMSG;
		result = walk_entry(walker, image->words[place], base | key << (128 - node.end),
				    node.end);
	}
	return result;
}

int pim_addresses_merge(const __u32 *words, size_t word_count, enum pim_role role,
			int (*visit)(const struct pim_prefix *prefix,
				     struct pim_address_value value, void *context),
			void *context)
{
	static const uint8_t families[] = { PIM_IPV4, PIM_IPV6 };
	int result = palette_fits(words, word_count) ? 0 : -EBADMSG;

	for (size_t i = 0; !result && i < 2; i++) {
		struct walker walker = {
			.image = image_of(words, word_count, families[i]),
			.bits = pim_family_bits(families[i]),
			.role = role,
			.matters = pim_address_leaf(
				role, role == PIM_ROLE_PARTNER ? PIM_ENTRY_PARTNER : 0),
			.leaf = pim_address_leaf(0, 0),
			.visit = visit,
			.context = context,
		};

		result = walk_entry(&walker, root_of(families[i]), 0, 0);
		if (!result)
			result = close_run(&walker, 0);
	}
	return result;
}

int pim_addresses_check(const __u32 *words, size_t word_count)
{
	return pim_addresses_merge(words, word_count, 0, NULL, NULL);
}
