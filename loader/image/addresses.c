/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "image/addresses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pimxdp/image.h>

#include "image/ranges.h"

/* ---- words ---- */

_Static_assert(PIM_IMAGE_WORDS_MAX - 1 <= PIM_ENTRY_OFFSET, "an offset names every word");

struct builder {
	struct pim_addresses *addresses;
	size_t capacity;
	size_t table_words; /* while the image has fewer words, only tables are made */
	unsigned int list_bits;
	struct leaf_place {
		__u32 leaf; /* 0: free */
		__u32 id;
	} * leaves;	  /* the palette as a hash table */
	size_t leaf_room; /* places in it; a power of two */
};

static int reserve(struct builder *builder, size_t words, __u32 *offset)
{
	struct pim_addresses *addresses = builder->addresses;

	if (addresses->used_words + words > PIM_IMAGE_WORDS_MAX)
		return -E2BIG;
	while (addresses->used_words + words > builder->capacity) {
		__u32 *grown = realloc(addresses->words, 2 * builder->capacity * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		builder->capacity *= 2;
		addresses->words = grown;
	}
	*offset = addresses->used_words;
	memset(addresses->words + *offset, 0, words * sizeof(__u32));
	addresses->used_words += words;
	return 0;
}

/* ---- the palette ---- */

/* The place of the leaf in the hash table; a free one if it is not in there. */
static struct leaf_place *place_of(const struct builder *builder, __u32 leaf)
{
	size_t at = (__u64)leaf * 0x9e3779b97f4a7c15ULL >> 32;

	for (;; at++) {
		struct leaf_place *place = &builder->leaves[at & (builder->leaf_room - 1)];

		if (!place->leaf || place->leaf == leaf)
			return place;
	}
}

static int widen_leaves(struct builder *builder)
{
	struct leaf_place *old = builder->leaves;
	size_t old_room = builder->leaf_room;

	builder->leaf_room = old_room ? 2 * old_room : 64;
	builder->leaves = calloc(builder->leaf_room, sizeof(*builder->leaves));
	if (!builder->leaves) {
		builder->leaves = old;
		builder->leaf_room = old_room;
		return -ENOMEM;
	}
	for (size_t i = 0; i < old_room; i++)
		if (old[i].leaf)
			*place_of(builder, old[i].leaf) = old[i];
	free(old);
	return 0;
}

static int build_palette(struct builder *builder, const struct pim_ranges ranges[2])
{
	struct pim_addresses *addresses = builder->addresses;
	__u32 count = 0, offset;
	int result = reserve(builder, 1, &offset);

	for (size_t i = 0; !result && i < ranges[0].count + ranges[1].count; i++) {
		const struct pim_range *range = i < ranges[0].count ?
							&ranges[0].list[i] :
							&ranges[1].list[i - ranges[0].count];
		struct leaf_place *place;

		if (count == PIM_LEAVES_MAX)
			break;
		if (2 * (size_t)count >= builder->leaf_room)
			result = widen_leaves(builder);
		if (result)
			break;
		place = place_of(builder, range->leaf);
		if (place->leaf)
			continue;
		*place = (struct leaf_place){ range->leaf, count++ };
		result = reserve(builder, 1, &offset);
		if (!result)
			addresses->words[offset] = range->leaf;
	}
	addresses->words[PIM_PALETTE] = addresses->leaf_count = count;
	return result;
}

/* ---- ranges to runs ---- */

/* The addresses that share their first `bit` bits with `base`, and the ranges that overlap
 * them. The first of these covers `base`. */
struct space {
	const struct pim_range *first;
	size_t count;
	pim_number base;
	unsigned int bit;
};

/* Adjacent parts of a space that have the same entry: the leaf of the range that covers
 * them or, for several ranges, a node; those are all in the same part. */
struct run {
	const struct pim_range *first;
	__u32 count;
	__u32 start; /* of the first part, see split */
};

/* How many of the ranges begin before `limit`; 0 means the end of the address space. */
static size_t begin_before(const struct pim_range *first, size_t count, pim_number limit)
{
	size_t low = 0, high = count;

	if (!limit)
		return count;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (first[middle].start < limit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Splits a space into runs of parts; the addresses of a part share their first `end` bits,
 * of which the last `width` are its start. Returns the number of runs. Writes at most
 * `most`, and returns `most` + 1 if there are more. */
static size_t split(const struct space *space, unsigned int end, unsigned int width, size_t most,
		    struct run *runs)
{
	const unsigned int below = 128 - end;
	const pim_number part = (pim_number)1 << below;
	const pim_number last = pim_last_of(space->base, space->bit);
	const __u32 mask = (__u32)(((__u64)1 << width) - 1);
	const struct pim_range *first = space->first;
	size_t length = 0;

	for (size_t at = 0, next; at < space->count; at = next) {
		pim_number begin = at ? first[at].start & ~(part - 1) : space->base;
		pim_number after = begin + part; /* 0 at the end of the address space */
		/* The start of a part that a range begins inside of is in the range before. */
		size_t from = first[at].start > begin ? at - 1 : at;

		next = at + 1;
		if (next < space->count && (!after || first[next].start < after))
			next += begin_before(first + next, space->count - next, after);
		if (length == most)
			return most + 1;
		runs[length++] = (struct run){ first + from, next - from, begin >> below & mask };
		/* The last range of a part with a node goes on in the next part, unless
		 * another begins in that part or the space ends. */
		if (next - from == 1 || after - 1 == last ||
		    (next < space->count && (first[next].start & ~(part - 1)) == after))
			continue;
		if (length == most)
			return most + 1;
		runs[length++] = (struct run){ first + next - 1, 1, after >> below & mask };
	}
	return length;
}

/* ---- runs to nodes ---- */

/* The most runs that make a list, by how many bytes of its key are left. A list is small,
 * but has to be searched; more runs make a bitmap of the next byte. */
static const size_t list_most[] = { 0, 8, 8, 16, PIM_LIST_MAX };

/* With more runs than this, a table is faster and hardly larger. */
enum { BITMAP_MOST = 200 };

/* The ids of a node's runs, and the entries that are stored before the node. */
struct node {
	__u32 ids[PIM_TABLE_WORDS];
	__u32 before[PIM_TABLE_WORDS]; /* the first goes directly before the node */
	__u32 before_count;
};

static int build_entry(struct builder *builder, const struct space *space, __u32 *entry);

static int build_run(struct builder *builder, const struct space *space, const struct run *run,
		     unsigned int end, unsigned int width, __u32 *entry)
{
	const pim_number group = ((((pim_number)1 << width) - 1)) << (128 - end);
	const struct space inside = {
		.first = run->first,
		.count = run->count,
		.base = (space->base & ~group) | (pim_number)run->start << (128 - end),
		.bit = end,
	};

	return build_entry(builder, &inside, entry);
}

static size_t count_nodes(const struct run *runs, size_t count)
{
	size_t nodes = 0;

	for (size_t i = 0; i < count; i++)
		nodes += runs[i].count > 1;
	return nodes;
}

/* Whether ids can name that many nodes. Leaves outside the palette need not be counted:
 * there are some only if the palette is full, and then 16-bit ids are enough for all. */
static bool can_name(const struct builder *builder, size_t nodes)
{
	const __u32 leaf_count = builder->addresses->leaf_count;

	return nodes <= (1u << pim_id_bits(leaf_count)) - leaf_count;
}
_Static_assert(PIM_LEAVES_MAX + PIM_TABLE_WORDS <= 1 << 16, "an id for each entry before a node");

static int build_ids(struct builder *builder, const struct space *space, const struct run *runs,
		     size_t count, unsigned int end, unsigned int width, unsigned int id_bits,
		     struct node *node)
{
	node->before_count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct leaf_place *place;
		__u32 entry = 0;
		int result = build_run(builder, space, &runs[i], end, width, &entry);

		if (result)
			return result;
		place = entry & PIM_ENTRY_LEAF ? place_of(builder, entry) : NULL;
		if (place && place->leaf) {
			node->ids[i] = place->id;
		} else {
			node->before[node->before_count++] = entry;
			node->ids[i] = (1u << id_bits) - node->before_count;
		}
	}
	return 0;
}

/* Reserves `words` words for a node, and writes the entries that go before it. */
static int place_node(struct builder *builder, const struct node *node, size_t words, __u32 *offset)
{
	int result = reserve(builder, node->before_count + words, offset);

	if (result)
		return result;
	*offset += node->before_count;
	for (__u32 i = 0; i < node->before_count; i++)
		builder->addresses->words[*offset - 1 - i] = node->before[i];
	builder->addresses->packed = true;
	return 0;
}

static size_t words_of_ids(size_t count, unsigned int id_bits)
{
	return (count * id_bits + 31) / 32;
}

static void write_ids(__u32 *words, const struct node *node, size_t count, unsigned int id_bits)
{
	for (size_t i = 0; i < count; i++) {
		if (id_bits == 8)
			((uint8_t *)words)[i] = (uint8_t)node->ids[i];
		else
			((uint16_t *)words)[i] = (uint16_t)node->ids[i];
	}
}

static int build_list(struct builder *builder, const struct space *space, const struct run *runs,
		      size_t count, unsigned int end, __u32 *entry)
{
	const bool joined = builder->list_bits == 16; /* a start and its id in one word */
	const unsigned int id_bits = joined ? 16 : pim_id_bits(builder->addresses->leaf_count);
	struct node node;
	__u32 offset, *words;
	int result =
		build_ids(builder, space, runs, count, end, builder->list_bits, id_bits, &node);

	if (!result)
		result = place_node(builder, &node,
				    1 + count + (joined ? 0 : words_of_ids(count, id_bits)),
				    &offset);
	if (result)
		return result;
	words = builder->addresses->words + offset;
	words[0] = count;
	for (size_t i = 0; i < count; i++)
		words[1 + i] = joined ? runs[i].start << 16 | node.ids[i] : runs[i].start;
	if (!joined)
		write_ids(words + 1 + count, &node, count, id_bits);
	*entry = PIM_ENTRY_LIST | offset;
	return 0;
}

static int build_bitmap(struct builder *builder, const struct space *space, const struct run *runs,
			size_t count, __u32 *entry)
{
	const unsigned int id_bits = pim_id_bits(builder->addresses->leaf_count);
	struct node node;
	__u32 offset, *words;
	int result = build_ids(builder, space, runs, count, space->bit + 8, 8, id_bits, &node);

	if (!result)
		result = place_node(builder, &node, PIM_BITMAP_IDS + words_of_ids(count, id_bits),
				    &offset);
	if (result)
		return result;
	words = builder->addresses->words + offset;
	for (size_t i = 0; i < count; i++) {
		words[PIM_BITMAP_BITS + runs[i].start / 32] |= 1u << runs[i].start % 32;
		for (__u32 later = runs[i].start / 32 + 1; later < 8; later++)
			((uint8_t *)words)[later]++;
	}
	write_ids(words + PIM_BITMAP_IDS, &node, count, id_bits);
	*entry = PIM_ENTRY_BITMAP | offset;
	return 0;
}

static int build_table(struct builder *builder, const struct space *space, const struct run *runs,
		       size_t count, __u32 offset)
{
	for (size_t i = 0; i < count; i++) {
		const __u32 end = i + 1 < count ? runs[i + 1].start : PIM_TABLE_WORDS;
		__u32 entry = 0;
		int result = build_run(builder, space, &runs[i], space->bit + 8, 8, &entry);

		if (result)
			return result;
		for (__u32 byte = runs[i].start; byte < end; byte++)
			builder->addresses->words[offset + byte] = entry;
	}
	return 0;
}

static int build_entry(struct builder *builder, const struct space *space, __u32 *entry)
{
	struct run runs[PIM_TABLE_WORDS];
	bool packed;
	size_t count;
	int result;

	if (space->count == 1) {
		*entry = space->first->leaf;
		return 0;
	}
	/* The first two bytes always have tables: nothing is faster, and there are few. A
	 * small policy has only tables. */
	packed = space->bit >= 16 && builder->addresses->used_words >= builder->table_words;
	if (packed) {
		const unsigned int end = (space->bit / builder->list_bits + 1) * builder->list_bits;
		const size_t most = list_most[(end - space->bit) / 8];

		count = split(space, end, builder->list_bits, most, runs);
		if (count <= most && can_name(builder, count_nodes(runs, count)))
			return build_list(builder, space, runs, count, end, entry);
	}
	count = split(space, space->bit + 8, 8, PIM_TABLE_WORDS, runs);
	if (packed && count <= BITMAP_MOST && can_name(builder, count_nodes(runs, count)))
		return build_bitmap(builder, space, runs, count, entry);
	result = reserve(builder, PIM_TABLE_WORDS, entry);
	return result ? result : build_table(builder, space, runs, count, *entry);
}

/* ---- build ---- */

/* Words of a family for which only tables are made. Tables are faster, the other nodes
 * smaller: 4 MiB for up to some thousand prefixes, 128 KiB in an image that is large
 * anyway. It depends on the ranges, so that lists with the same meaning give the same
 * image. */
static size_t table_budget(size_t range_count)
{
	return range_count <= 32768 ? 1 << 20 : 1 << 15;
}

static int compare_claims(const void *a, const void *b)
{
	return pim_prefix_compare(&((const struct pim_claim *)a)->prefix,
				  &((const struct pim_claim *)b)->prefix);
}

static bool sorted(const struct pim_claim *claims, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (compare_claims(&claims[i - 1], &claims[i]) > 0)
			return false;
	return true;
}

static int build_image(struct builder *builder, const struct pim_ranges ranges[2],
		       const size_t *table_words)
{
	static const uint8_t families[2] = { PIM_IPV4, PIM_IPV6 };
	static const __u32 roots[2] = { PIM_ROOT4, PIM_ROOT6 };
	struct pim_addresses *addresses = builder->addresses;
	__u32 offset;
	int result = reserve(builder, PIM_PALETTE, &offset);

	if (!result)
		result = build_palette(builder, ranges);
	for (size_t i = 0; !result && i < 2; i++) {
		const struct space all = { .first = ranges[i].list, .count = ranges[i].count };
		struct run runs[PIM_TABLE_WORDS];
		size_t count = split(&all, 8, 8, PIM_TABLE_WORDS, runs);

		addresses->range_count[i] = ranges[i].count;
		builder->list_bits = pim_list_bits(families[i]);
		builder->table_words = (i ? addresses->used_words : 0) +
				       (table_words ? *table_words : table_budget(ranges[i].count));
		result = build_table(builder, &all, runs, count, roots[i]);
	}
	return result;
}

static int build(struct pim_claim *claims, size_t count, const size_t *table_words,
		 struct pim_addresses *addresses)
{
	struct builder builder = { .addresses = addresses, .capacity = PIM_IMAGE_WORDS_MIN };
	struct pim_ranges ranges[2] = {};
	size_t ipv4 = 0;
	int result;

	*addresses = (struct pim_addresses){};
	addresses->words = malloc(builder.capacity * sizeof(*addresses->words));
	if (!addresses->words)
		return -ENOMEM;
	if (!sorted(claims, count))
		qsort(claims, count, sizeof(*claims), compare_claims);
	while (ipv4 < count && claims[ipv4].prefix.family == PIM_IPV4)
		ipv4++;
	result = pim_ranges_make(claims, ipv4, &ranges[0]);
	if (!result)
		result = pim_ranges_make(claims + ipv4, count - ipv4, &ranges[1]);
	if (!result)
		result = build_image(&builder, ranges, table_words);
	free(ranges[0].list);
	free(ranges[1].list);
	free(builder.leaves);
	if (result)
		return result;
	addresses->word_count = builder.capacity;
	memset(addresses->words + addresses->used_words, 0,
	       (addresses->word_count - addresses->used_words) * sizeof(__u32));
	return 0;
}

int pim_addresses_build(struct pim_claim *claims, size_t count, struct pim_addresses *addresses)
{
	return build(claims, count, NULL, addresses);
}

int pim_addresses_build_within(struct pim_claim *claims, size_t count, size_t table_words,
			       struct pim_addresses *addresses)
{
	return build(claims, count, &table_words, addresses);
}

void pim_addresses_free(struct pim_addresses *addresses)
{
	free(addresses->words);
	*addresses = (struct pim_addresses){};
}
