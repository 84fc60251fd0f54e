/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "addresses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * An address as a number of 128 bits, the first bit on top; IPv4 has the upper
 * 32. Comparing and cutting them needs no loops.
 */
typedef unsigned __int128 number;

static number to_number(const uint8_t address[16])
{
	number value = 0;

	for (int i = 0; i < 16; i++)
		value = value << 8 | address[i];
	return value;
}

static void from_number(number value, uint8_t address[16])
{
	for (int i = 15; i >= 0; i--, value >>= 8)
		address[i] = (uint8_t)value;
}

/* The last address of a prefix that begins at `start`. IPv4's lower bits, which
 * no address has, are set too. */
static number last_of(number start, unsigned int length)
{
	return length ? start | (((number)1 << (128 - length)) - 1) : ~(number)0;
}

/* ---- leaves ---- */

__u32 pim_address_leaf(uint16_t roles, uint16_t partner)
{
	return PIM_ENTRY_LEAF | (__u32)roles << PIM_ENTRY_ROLES_SHIFT | partner;
}

static struct pim_address_value leaf_value(__u32 entry)
{
	return (struct pim_address_value){
		.roles = (entry & ~PIM_ENTRY_LEAF) >> PIM_ENTRY_ROLES_SHIFT,
		.partner = entry & PIM_ENTRY_PARTNER,
	};
}

/* ---- claims to ranges ---- */

/* Addresses from `start` to the next range's start. */
struct range {
	number start;
	__u32 entry; /* a leaf */
};

struct ranges {
	struct range *list;
	size_t count;
};

static void emit(struct ranges *ranges, number start, __u32 entry)
{
	struct range *last = &ranges->list[ranges->count - 1];

	if (last->start == start) {
		last->entry = entry;
		if (ranges->count > 1 && last[-1].entry == entry)
			ranges->count--;
	} else if (last->entry != entry) {
		ranges->list[ranges->count++] = (struct range){ start, entry };
	}
}

/*
 * Sorted, a prefix comes after all that contain it; those that are open at any
 * point are a stack. Each says what it says itself and what those around it do,
 * so where one begins and where one ends a range begins.
 */
static int make_ranges(const struct pim_claim *claims, size_t count, struct ranges *ranges)
{
	struct {
		number last;
		uint16_t roles, partner;
	} open[131]; /* nothing, /0 .. /128, and one being made */
	size_t depth = 1;

	ranges->list = malloc((2 * count + 2) * sizeof(*ranges->list));
	if (!ranges->list)
		return -ENOMEM;
	open[0].last = ~(number)0;
	open[0].roles = open[0].partner = 0;
	ranges->list[0] = (struct range){ 0, pim_address_leaf(0, 0) };
	ranges->count = 1;
	for (size_t i = 0; i <= count; i++) {
		number start = i < count ? to_number(claims[i].prefix.address) : 0;

		/* Those that end before this one begins; at the end, all. */
		while (depth > 1 && (i == count || open[depth - 1].last < start)) {
			number behind = open[--depth].last + 1;

			if (behind) /* else it ends where all addresses end */
				emit(ranges, behind, pim_address_leaf(open[depth - 1].roles,
							  open[depth - 1].partner));
		}
		if (i == count)
			break;
		open[depth] = open[depth - 1];
		open[depth].last = last_of(start, claims[i].prefix.length);
		open[depth].roles |= claims[i].roles;
		if (claims[i].partner)
			open[depth].partner = claims[i].partner;
		emit(ranges, start, pim_address_leaf(open[depth].roles, open[depth].partner));
		/* The same prefix again stays one level. */
		if (depth > 1 && open[depth - 1].last == open[depth].last &&
		    i && !pim_prefix_compare(&claims[i - 1].prefix, &claims[i].prefix))
			open[depth - 1] = open[depth];
		else
			depth++;
	}
	return 0;
}

/* ---- ranges to words ---- */

/* More ranges than this in one list, and a table of 256 is smaller and faster. */
enum { WIDE_LIST_MAX = 128, NARROW_LIST_MAX = 40 };
/* A range makes at most two entries: its own, and one behind its part. */
_Static_assert(2 * WIDE_LIST_MAX <= PIM_LIST_MAX, "the program searches so many");

_Static_assert(PIM_IMAGE_WORDS_MAX - 1 <= PIM_ENTRY_OFFSET, "an offset names every word");

struct builder {
	size_t table_words; /* while the image has fewer, tables alone are made */
	struct pim_addresses *addresses;
	size_t capacity;
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

static int build_entry(struct builder *builder, const struct range *first, size_t count,
		       number base, unsigned int bit, __u32 *entry);

/* How many of the ranges begin before `limit`; 0 stands for the end of all. */
static size_t begin_before(const struct range *first, size_t count, number limit)
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

/* The 256 parts of the space at `base`, for the 8 bits from `bit` on. The first
 * of the ranges covers the base. */
static int build_table(struct builder *builder, const struct range *first, size_t count,
		       number base, unsigned int bit, __u32 offset)
{
	for (unsigned int byte = 0; byte < PIM_TABLE_WORDS; byte++) {
		number begin = base | (number)byte << (120 - bit);
		number end = byte < 255 ? base | (number)(byte + 1) << (120 - bit) :
					  last_of(base, bit) + 1;
		size_t skip = begin_before(first, count, begin + 1) - 1, inside;
		__u32 entry = 0;
		int result;

		inside = begin_before(first + skip, count - skip, end);
		result = build_entry(builder, first + skip, inside, begin, bit + 8, &entry);
		if (result)
			return result;
		builder->addresses->words[offset + byte] = entry;
		first += skip;
		count -= skip;
	}
	return 0;
}

/* A sorted list for the `width` bits from `bit` on: a start wherever a range
 * begins, and one behind every part that has to be looked into further. */
static int build_list(struct builder *builder, const struct range *first, size_t count,
		      number base, unsigned int bit, unsigned int width, __u32 *entry)
{
	const unsigned int below = 128 - bit - width;
	const number part = (number)1 << below;
	uint16_t *starts = malloc(2 * (count + 1) * sizeof(*starts));
	__u32 *entries = malloc(2 * (count + 1) * sizeof(*entries)), offset = 0;
	size_t length = 0;
	int result = starts && entries ? 0 : -ENOMEM;

	for (size_t at = 0; !result && at < count;) {
		number begin = at ? first[at].start & ~(part - 1) : base;
		size_t inside = begin_before(first + at, count - at, begin + part);
		/* A part that a range enters in its middle begins with the range before. */
		size_t from = first[at].start > begin ? at - 1 : at;
		size_t number_of = inside + (at - from);
		uint16_t start = (uint16_t)(begin >> below & ((1u << width) - 1));
		number next;

		starts[length] = start;
		if (number_of == 1) {
			entries[length++] = first[from].entry;
		} else {
			result = build_entry(builder, first + from, number_of, begin, bit + width,
					     &entries[length++]);
			/* What holds behind the part, unless another begins right there:
			 * its last range. */
			next = begin + 2 * part;
			if (start < (1u << width) - 1 &&
			    !(at + inside < count &&
			      (next < begin || first[at + inside].start < next))) {
				starts[length] = start + 1;
				entries[length++] = first[at + inside - 1].entry;
			}
		}
		at += inside;
	}
	if (!result)
		result = reserve(builder, 1 + (length + 1) / 2 + length, &offset);
	if (!result) {
		__u32 *words = builder->addresses->words + offset;

		words[0] = length;
		memcpy(words + 1, starts, length * sizeof(*starts));
		memcpy(words + 1 + (length + 1) / 2, entries, length * sizeof(*entries));
		*entry = PIM_ENTRY_RANGES | (width == 16 ? PIM_ENTRY_WIDE : 0) | offset;
	}
	free(starts);
	free(entries);
	return result;
}

static int build_entry(struct builder *builder, const struct range *first, size_t count,
		       number base, unsigned int bit, __u32 *entry)
{
	bool lists;
	int result;

	if (count == 1) {
		*entry = first->entry;
		return 0;
	}
	/* The first two bytes are tables: nothing is faster, and there are few. So is
	 * all of a small policy. */
	lists = bit >= 16 && builder->addresses->used_words >= builder->table_words;
	if (lists && bit % 16 == 0 && count <= WIDE_LIST_MAX)
		return build_list(builder, first, count, base, bit, 16, entry);
	if (lists && bit % 16 == 8 && count <= NARROW_LIST_MAX)
		return build_list(builder, first, count, base, bit, 8, entry);
	result = reserve(builder, PIM_TABLE_WORDS, entry);
	return result ? result : build_table(builder, first, count, base, bit, *entry);
}

/* ---- build ---- */

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

static int build_family(struct builder *builder, const struct pim_claim *claims, size_t count,
			__u32 root, size_t *range_count)
{
	struct ranges ranges;
	int result = make_ranges(claims, count, &ranges);

	if (result)
		return result;
	*range_count = ranges.count;
	result = build_table(builder, ranges.list, ranges.count, 0, 0, root);
	free(ranges.list);
	return result;
}

int pim_addresses_build(struct pim_claim *claims, size_t count, struct pim_addresses *addresses)
{
	/* Tables are faster, lists are small: 4 MiB of tables a family for up to some
	 * thousand prefixes, 128 KiB in what is large already. */
	return pim_addresses_build_within(claims, count, count <= 16384 ? 1 << 20 : 1 << 15,
					  addresses);
}

int pim_addresses_build_within(struct pim_claim *claims, size_t count, size_t table_words,
			       struct pim_addresses *addresses)
{
	struct builder builder = { .addresses = addresses,
				   .table_words = table_words,
				   .capacity = PIM_ROOT_WORDS };
	size_t ipv4 = 0;
	__u32 roots;
	int result;

	*addresses = (struct pim_addresses){};
	addresses->words = malloc(PIM_ROOT_WORDS * sizeof(*addresses->words));
	if (!addresses->words)
		return -ENOMEM;
	if (!sorted(claims, count))
		qsort(claims, count, sizeof(*claims), compare_claims);
	while (ipv4 < count && claims[ipv4].prefix.family == PIM_IPV4)
		ipv4++;
	result = reserve(&builder, PIM_ROOT_WORDS, &roots);
	if (!result)
		result = build_family(&builder, claims, ipv4, PIM_ROOT4,
				      &addresses->range_count[0]);
	builder.table_words = addresses->used_words + table_words;
	if (!result)
		result = build_family(&builder, claims + ipv4, count - ipv4, PIM_ROOT6,
				      &addresses->range_count[1]);
	if (result)
		return result;
	addresses->word_count = builder.capacity;
	memset(addresses->words + addresses->used_words, 0,
	       (addresses->word_count - addresses->used_words) * sizeof(__u32));
	return 0;
}

void pim_addresses_free(struct pim_addresses *addresses)
{
	free(addresses->words);
	*addresses = (struct pim_addresses){};
}

/* ---- look up ---- */

static const uint16_t *list_starts(const __u32 *list)
{
	return (const uint16_t *)(list + 1);
}

static const __u32 *list_entries(const __u32 *list)
{
	return list + 1 + (list[0] + 1) / 2;
}

struct pim_address_value pim_addresses_look_up(const __u32 *words, const struct pim_prefix *address)
{
	const uint8_t *bytes = address->address;
	__u32 entry = words[(address->family == PIM_IPV4 ? PIM_ROOT4 : PIM_ROOT6) + bytes[0]];

	for (unsigned int at = 1; !(entry & PIM_ENTRY_LEAF);) {
		const __u32 *node = words + (entry & PIM_ENTRY_OFFSET);
		unsigned int key = bytes[at++];
		size_t low = 0, high;

		if (!(entry & PIM_ENTRY_RANGES)) {
			entry = node[key];
			continue;
		}
		if (entry & PIM_ENTRY_WIDE)
			key = key << 8 | bytes[at++];
		for (high = node[0]; high - low > 1;) {
			size_t middle = (low + high) / 2;

			if (list_starts(node)[middle] <= key)
				low = middle;
			else
				high = middle;
		}
		entry = list_entries(node)[low];
	}
	return leaf_value(entry);
}

/* ---- walk ---- */

struct walker {
	const __u32 *words;
	size_t word_count;
	size_t seen_words; /* a tree has no more than there are */
	unsigned int bits; /* of the family */
	uint8_t family;
	__u32 role;	   /* its bit in an entry */
	__u32 matters;	   /* the bits of an entry that part runs */
	__u32 entry;	   /* of the run that is open */
	number start;	   /* where it began */
	int (*visit)(const struct pim_prefix *prefix, struct pim_address_value value, void *context);
	void *context;
};

/* The open run ends before `end` (0: behind all addresses): as few prefixes as
 * cover it. */
static int close_run(struct walker *walker, number end)
{
	struct pim_address_value value = leaf_value(walker->entry);
	number start = walker->start;

	if (!value.roles)
		return 0;
	for (;;) {
		struct pim_prefix prefix = { .family = walker->family };
		unsigned int length = 0;
		int result;

		/* The largest block that begins at `start` and ends before `end`. */
		while (length < walker->bits &&
		       ((start & (last_of(0, length))) || (end && last_of(start, length) >= end)))
			length++;
		prefix.length = length;
		from_number(start, prefix.address);
		result = walker->visit(&prefix, value, walker->context);
		if (result)
			return result;
		start = last_of(start, length) + 1;
		if (start == end || !start)
			return 0;
	}
}

static int walk_entry(struct walker *walker, __u32 entry, number base, unsigned int bit)
{
	__u32 offset = entry & PIM_ENTRY_OFFSET;
	const __u32 *node = walker->words + offset;
	unsigned int width = entry & PIM_ENTRY_WIDE ? 16 : 8, count = PIM_TABLE_WORDS;
	int result = 0;

	if (entry & PIM_ENTRY_LEAF) {
		entry &= entry & walker->role ? walker->matters : PIM_ENTRY_LEAF;
		if (entry != walker->entry) {
			result = base ? close_run(walker, base) : 0;
			walker->entry = entry;
			walker->start = base;
		}
		return result;
	}
	if (entry & PIM_ENTRY_RANGES) {
		if (offset >= walker->word_count || node[0] > PIM_LIST_MAX ||
		    offset + 1 + (node[0] + 1) / 2 + node[0] > walker->word_count)
			return -EBADMSG;
		count = node[0];
	} else if (offset + count > walker->word_count) {
		return -EBADMSG;
	}
	walker->seen_words += count;
	if (bit + width > walker->bits || walker->seen_words > walker->word_count)
		return -EBADMSG;
	for (unsigned int i = 0; entry & PIM_ENTRY_RANGES && i < count; i++)
		if (list_starts(node)[i] >> width ||
		    (i ? list_starts(node)[i] <= list_starts(node)[i - 1] : list_starts(node)[i]))
			return -EBADMSG;
	for (unsigned int i = 0; !result && i < count; i++) {
		bool list = entry & PIM_ENTRY_RANGES;
		number key = list ? list_starts(node)[i] : i;

		result = walk_entry(walker, list ? list_entries(node)[i] : node[i],
				    base | key << (128 - bit - width), bit + width);
	}
	return result;
}

int pim_addresses_merge(const __u32 *words, size_t word_count, enum pim_role role,
			int (*visit)(const struct pim_prefix *prefix,
				     struct pim_address_value value, void *context),
			void *context)
{
	const struct {
		uint8_t family;
		__u32 root;
	} families[] = { { PIM_IPV4, PIM_ROOT4 }, { PIM_IPV6, PIM_ROOT6 } };
	int result = word_count < PIM_ROOT_WORDS ? -EBADMSG : 0;

	for (size_t i = 0; !result && i < 2; i++) {
		struct walker walker = {
			.words = words,
			.word_count = word_count,
			.bits = pim_family_bits(families[i].family),
			.family = families[i].family,
			.role = (__u32)role << PIM_ENTRY_ROLES_SHIFT,
			.matters = PIM_ENTRY_LEAF | (__u32)role << PIM_ENTRY_ROLES_SHIFT |
				   (role == PIM_ROLE_PARTNER ? PIM_ENTRY_PARTNER : 0),
			.entry = PIM_ENTRY_LEAF,
			.visit = visit,
			.context = context,
		};

		result = walk_entry(&walker, families[i].root, 0, 0);
		if (!result)
			result = close_run(&walker, 0);
	}
	return result;
}
