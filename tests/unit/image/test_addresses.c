/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The address image against naive matchers. A scan through all claims answers
 * for short lists, a hash table of exact prefixes, asked a length at a time, for
 * long ones; on short lists both must agree. Neither shares a line with the code
 * under test. PIM_SEED repeats a run.
 */
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <pimxdp/image.h>

#include "image/addresses.h"
#include "image/read.h"
#include "unit/random.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ---- addresses as numbers ---- */

/* An IPv4 address has the lower 32 bits. */
typedef unsigned __int128 wide;

static wide last_address(uint8_t family)
{
	return family == PIM_IPV4 ? 0xffffffff : ~(wide)0;
}

/* Addresses in a prefix, less one. */
static wide span(uint8_t family, unsigned int length)
{
	return length ? ((wide)1 << (pim_family_bits(family) - length)) - 1 : last_address(family);
}

static struct pim_prefix prefix_at(uint8_t family, wide value, unsigned int length)
{
	struct pim_prefix prefix = { .family = family, .length = (uint8_t)length };
	unsigned int bytes = pim_family_bits(family) / 8;

	value &= last_address(family) & ~span(family, length);
	for (unsigned int byte = bytes; byte--; value >>= 8)
		prefix.address[byte] = (uint8_t)value;
	return prefix;
}

static struct pim_prefix host_at(uint8_t family, wide value)
{
	return prefix_at(family, value, pim_family_bits(family));
}

static wide first_of(const struct pim_prefix *prefix)
{
	wide value = 0;

	for (unsigned int byte = 0; byte < pim_family_bits(prefix->family) / 8; byte++)
		value = value << 8 | prefix->address[byte];
	return value;
}

static wide last_of(const struct pim_prefix *prefix)
{
	return first_of(prefix) + span(prefix->family, prefix->length);
}

static struct pim_prefix prefix_of(const char *text)
{
	struct pim_error error = {};
	struct pim_prefix prefix;

	if (pim_prefix_parse(text, &prefix, &error))
		fail_msg("%s: %s", text, error.text);
	return prefix;
}

/* ---- random numbers ---- */

static wide random_wide(void)
{
	wide upper = random_number();

	return upper << 64 | random_number();
}

/* ---- lists ---- */

/* For table_words: as the compiler builds. */
#define AS_COMPILED SIZE_MAX

struct list {
	struct pim_claim *claims;
	size_t count, room;
	size_t table_words; /* tables alone until the image has so many */
	uint64_t seed; /* 0: not random */
};

static void add_claim(struct list *list, struct pim_prefix prefix, unsigned int roles,
		      unsigned int partner)
{
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 64;
		list->claims = realloc(list->claims, list->room * sizeof(*list->claims));
		assert_non_null(list->claims);
	}
	list->claims[list->count++] =
		(struct pim_claim){ prefix, (uint16_t)roles, (uint16_t)partner };
}

static void add(struct list *list, uint8_t family, wide value, unsigned int length,
		unsigned int roles, unsigned int partner)
{
	add_claim(list, prefix_at(family, value, length), roles, partner);
}

static void add_text(struct list *list, const char *text, unsigned int roles, unsigned int partner)
{
	add_claim(list, prefix_of(text), roles, partner);
}

static void free_list(struct list *list)
{
	free(list->claims);
	*list = (struct list){};
}

/* The build sorts its claims; a test keeps its own order. */
static void build(const struct list *list, struct pim_addresses *addresses)
{
	struct pim_claim *claims = calloc(list->count + 1, sizeof(*claims));

	assert_non_null(claims);
	if (list->count)
		memcpy(claims, list->claims, list->count * sizeof(*claims));
	if (list->table_words == AS_COMPILED)
		assert_int_equal(pim_addresses_build(claims, list->count, addresses), 0);
	else
		assert_int_equal(pim_addresses_build_within(claims, list->count, list->table_words,
							    addresses), 0);
	free(claims);
}

/* ---- the naive matchers ---- */

static struct pim_address_value scan(const struct list *list, uint8_t family, wide address)
{
	const uint64_t upper =
		family == PIM_IPV4 ? (uint64_t)address << 32 : (uint64_t)(address >> 64);
	struct pim_address_value value = {};
	int longest = -1;

	for (size_t at = 0; at < list->count; at++) {
		const struct pim_claim *claim = &list->claims[at];
		unsigned int length = claim->prefix.length;
		uint64_t start;

		if (claim->prefix.family != family)
			continue;
		memcpy(&start, claim->prefix.address, sizeof(start));
		start = be64toh(start);
		if (length < 64 ? length && (upper ^ start) >> (64 - length) :
				  upper != start || address < first_of(&claim->prefix) ||
					  address > last_of(&claim->prefix))
			continue;
		value.roles |= claim->roles;
		if (claim->partner && claim->prefix.length > longest) {
			longest = claim->prefix.length;
			value.partner = claim->partner;
		}
	}
	return value;
}

/* Every prefix of the list by its exact first address and length. */
struct exact {
	wide first;
	uint8_t family, length;
	bool used;
	uint16_t roles, partner;
};

struct matcher {
	struct exact *table;
	size_t mask;
	bool has_length[7][129]; /* by family */
};

static struct exact *find(const struct matcher *matcher, uint8_t family, wide first,
			  unsigned int length)
{
	uint64_t hash = ((uint64_t)(first >> 64) ^ length << 8 ^ family) * 0x9e3779b97f4a7c15ULL;
	struct exact *at;

	hash = (hash ^ hash >> 29 ^ (uint64_t)first) * 0xbf58476d1ce4e5b9ULL;
	for (size_t index = hash >> 32;; index++) {
		at = &matcher->table[index & matcher->mask];
		if (!at->used ||
		    (at->first == first && at->length == length && at->family == family))
			return at;
	}
}

static void matcher_make(const struct list *list, struct matcher *matcher)
{
	size_t size = 16;

	while (size < 2 * list->count)
		size *= 2;
	*matcher = (struct matcher){ .mask = size - 1 };
	matcher->table = calloc(size, sizeof(*matcher->table));
	assert_non_null(matcher->table);
	for (size_t at = 0; at < list->count; at++) {
		const struct pim_claim *claim = &list->claims[at];
		struct exact *exact = find(matcher, claim->prefix.family, first_of(&claim->prefix),
					   claim->prefix.length);

		exact->used = true;
		exact->first = first_of(&claim->prefix);
		exact->family = claim->prefix.family;
		exact->length = claim->prefix.length;
		exact->roles |= claim->roles;
		if (claim->partner)
			exact->partner = claim->partner;
		matcher->has_length[exact->family][exact->length] = true;
	}
}

static void matcher_free(struct matcher *matcher)
{
	free(matcher->table);
}

static struct pim_address_value match(const struct matcher *matcher, uint8_t family, wide address)
{
	struct pim_address_value value = {};

	for (unsigned int length = 0; length <= pim_family_bits(family); length++) {
		const struct exact *exact;

		if (!matcher->has_length[family][length])
			continue;
		exact = find(matcher, family, address & ~span(family, length), length);
		if (!exact->used)
			continue;
		value.roles |= exact->roles;
		if (exact->partner)
			value.partner = exact->partner;
	}
	return value;
}

/* ---- what must hold of any image ---- */

enum { LIST, BITMAP, TABLE, NODE_KINDS };

struct shape {
	const struct pim_addresses *addresses;
	unsigned char *covered; /* a byte a word: how many nodes have it */
	size_t nodes[NODE_KINDS][17]; /* by the byte of the address they look at */
	size_t longest; /* list, in ranges */
	size_t most_before; /* a node, of entries */
	size_t leaves_before; /* nodes: leaves that the palette does not have */
	bool last_key; /* a list that has a range for its last key */
	uint64_t seed;
};

#define invariant(shape, condition)                                                        \
	do {                                                                               \
		if (!(condition))                                                          \
			fail_msg("PIM_SEED=%llu: expected " #condition,                    \
				 (unsigned long long)(shape)->seed);                       \
	} while (0)

static void cover(struct shape *shape, size_t offset, size_t count)
{
	for (size_t at = offset; at < offset + count; at++)
		invariant(shape, !shape->covered[at]++);
}

/* The image's own form, read once more. */
static uint32_t id_bits_of(const struct pim_addresses *addresses)
{
	return addresses->words[PIM_PALETTE] <= 224 ? 8 : 16;
}

static uint32_t id_of(const uint32_t *ids, size_t at, uint32_t id_bits)
{
	return id_bits == 8 ? ((const uint8_t *)ids)[at] : ((const uint16_t *)ids)[at];
}

static void check_entry(struct shape *shape, uint32_t entry, wide path, unsigned int byte,
			unsigned int family_bytes);

/* Entries of a node by their ids; `keys` are the first of each, of those that end
 * with byte `end` of the address. */
static void check_ids(struct shape *shape, size_t offset, const uint32_t *ids, size_t count,
		      uint32_t id_bits, const uint32_t *keys, wide path, unsigned int end,
		      unsigned int family_bytes)
{
	const uint32_t *words = shape->addresses->words, largest = (1u << id_bits) - 1;
	uint32_t before = 0, last = 0;

	for (size_t at = 0; at < count; at++) {
		uint32_t id = ids[at], entry;

		if (id < words[PIM_PALETTE]) {
			entry = words[PIM_PALETTE + 1 + id];
			invariant(shape, entry & PIM_ENTRY_LEAF);
		} else {
			invariant(shape, id == largest - before); /* none left out, none twice */
			before++;
			entry = words[offset - before];
			shape->leaves_before += !!(entry & PIM_ENTRY_LEAF);
		}
		invariant(shape, !at || entry != last); /* else they were one */
		last = entry;
		check_entry(shape, entry, path | (wide)keys[at] << 8 * (family_bytes - end), end,
			    family_bytes);
	}
	cover(shape, offset - before, before);
	if (shape->most_before < before)
		shape->most_before = before;
}

static void check_list_node(struct shape *shape, size_t offset, wide path, unsigned int byte,
			    unsigned int family_bytes)
{
	const struct pim_addresses *addresses = shape->addresses;
	const uint32_t *node = addresses->words + offset, count = node[0];
	const bool ipv4 = family_bytes == 4;
	const unsigned int end = ipv4 ? 4 : byte / 4 * 4 + 4;
	const uint32_t id_bits = ipv4 ? 16 : id_bits_of(addresses);
	const uint32_t mask = ipv4 ? 0xffff : 0xffffffff;
	const uint32_t first = (uint32_t)(path >> 8 * (family_bytes - end)) & mask;
	const uint32_t last = first | (uint32_t)(((uint64_t)1 << 8 * (end - byte)) - 1);
	size_t words = ipv4 ? 1 + count : 1 + count + (count * id_bits + 31) / 32;
	uint32_t starts[PIM_LIST_MAX], ids[PIM_LIST_MAX];

	invariant(shape, count >= 2 && count <= PIM_LIST_MAX); /* what the program searches */
	invariant(shape, offset + words <= addresses->used_words);
	cover(shape, offset, words);
	shape->nodes[LIST][byte]++;
	if (shape->longest < count)
		shape->longest = count;
	for (size_t at = 0; at < count; at++) {
		starts[at] = ipv4 ? node[1 + at] >> 16 : node[1 + at];
		ids[at] = ipv4 ? node[1 + at] & 0xffff : id_of(node + 1 + count, at, id_bits);
		invariant(shape, at ? starts[at - 1] < starts[at] : starts[at] == first);
	}
	invariant(shape, starts[count - 1] <= last);
	shape->last_key |= starts[count - 1] == mask;
	for (size_t at = count; !ipv4 && at * id_bits % 32; at++) /* what fills up the word */
		invariant(shape, !id_of(node + 1 + count, at, id_bits));
	path &= ~((wide)mask << 8 * (family_bytes - end));
	check_ids(shape, offset, ids, count, id_bits, starts, path, end, family_bytes);
}

static void check_bitmap_node(struct shape *shape, size_t offset, wide path, unsigned int byte,
			      unsigned int family_bytes)
{
	const struct pim_addresses *addresses = shape->addresses;
	const uint32_t *node = addresses->words + offset, id_bits = id_bits_of(addresses);
	uint32_t starts[256], ids[256], count = 0, words;

	invariant(shape, offset + 10 <= addresses->used_words);
	for (uint32_t key = 0; key < 256; key++) {
		if (key % 32 == 0)
			invariant(shape, ((const uint8_t *)node)[key / 32] == count);
		if (node[2 + key / 32] >> key % 32 & 1)
			starts[count++] = key;
	}
	invariant(shape, count >= 2 && starts[0] == 0);
	words = 10 + (count * id_bits + 31) / 32;
	invariant(shape, offset + words <= addresses->used_words);
	invariant(shape, words < 256); /* else a table would be */
	cover(shape, offset, words);
	shape->nodes[BITMAP][byte]++;
	for (size_t at = 0; at < count; at++)
		ids[at] = id_of(node + 10, at, id_bits);
	for (size_t at = count; at * id_bits % 32; at++)
		invariant(shape, !id_of(node + 10, at, id_bits));
	check_ids(shape, offset, ids, count, id_bits, starts, path, byte + 1, family_bytes);
}

static void check_entry(struct shape *shape, uint32_t entry, wide path, unsigned int byte,
			unsigned int family_bytes)
{
	const struct pim_addresses *addresses = shape->addresses;
	size_t offset = entry & PIM_ENTRY_OFFSET;

	if (entry & PIM_ENTRY_LEAF) {
		/* No bits but those of roles that there are and of a partner. */
		invariant(shape, entry == pim_address_leaf(pim_entry_roles(entry),
							   pim_entry_partner(entry)));
		return;
	}
	invariant(shape, byte < family_bytes);
	invariant(shape, offset > PIM_PALETTE + addresses->words[PIM_PALETTE]);
	invariant(shape, offset < addresses->used_words);
	if (entry & PIM_ENTRY_PACKED) {
		invariant(shape, byte >= 2); /* the first two bytes are tables */
		invariant(shape, addresses->packed);
		invariant(shape, (entry & PIM_ENTRY_PACKED) != PIM_ENTRY_PACKED);
		if (entry & PIM_ENTRY_LIST)
			check_list_node(shape, offset, path, byte, family_bytes);
		else
			check_bitmap_node(shape, offset, path, byte, family_bytes);
		return;
	}
	invariant(shape, offset + PIM_TABLE_WORDS <= addresses->used_words);
	cover(shape, offset, PIM_TABLE_WORDS);
	shape->nodes[TABLE][byte]++;
	for (size_t at = 0; at < PIM_TABLE_WORDS; at++) {
		uint32_t next = addresses->words[offset + at];

		/* A node stands for one key. */
		invariant(shape, next & PIM_ENTRY_LEAF || !at ||
					 next != addresses->words[offset + at - 1]);
		check_entry(shape, next, path | (wide)at << 8 * (family_bytes - byte - 1), byte + 1,
			    family_bytes);
	}
}

/* Every leaf once. */
static void check_palette(struct shape *shape)
{
	const struct pim_addresses *addresses = shape->addresses;
	const uint32_t *leaves = addresses->words + PIM_PALETTE + 1;
	size_t count = addresses->words[PIM_PALETTE];

	invariant(shape, addresses->leaf_count == count);
	invariant(shape, count >= 1 && count <= PIM_LEAVES_MAX);
	cover(shape, PIM_PALETTE, 1 + count);
	for (size_t at = 0; at < count && at < 500; at++)
		for (size_t other = at + 1; other < count; other++)
			invariant(shape, leaves[at] != leaves[other]);
}

/* Every word that is used belongs to exactly one node; the rest is zero, and not
 * more than a power of two asks for. */
static struct shape check_shape(const struct pim_addresses *addresses, uint64_t seed)
{
	struct shape shape = { .addresses = addresses, .seed = seed };

	invariant(&shape, addresses->used_words > PIM_PALETTE);
	invariant(&shape, addresses->word_count >= addresses->used_words);
	invariant(&shape, !(addresses->word_count & (addresses->word_count - 1)));
	invariant(&shape, addresses->word_count == PIM_IMAGE_WORDS_MIN ||
				  addresses->word_count / 2 < addresses->used_words);
	for (size_t at = addresses->used_words; at < addresses->word_count; at++)
		invariant(&shape, !addresses->words[at]);
	shape.covered = calloc(addresses->used_words, 1);
	assert_non_null(shape.covered);
	cover(&shape, 0, PIM_PALETTE);
	check_palette(&shape);
	for (size_t at = 0; at < PIM_TABLE_WORDS; at++) {
		check_entry(&shape, addresses->words[PIM_ROOT4 + at], (wide)at << 24, 1, 4);
		check_entry(&shape, addresses->words[PIM_ROOT6 + at], (wide)at << 120, 1, 16);
	}
	for (int kind = LIST, packed = 0; kind <= TABLE; kind++) {
		for (size_t byte = 0; kind < TABLE && byte < COUNT(shape.nodes[kind]); byte++)
			packed += shape.nodes[kind][byte] != 0;
		invariant(&shape, kind < TABLE || addresses->packed == !!packed);
	}
	assert_int_equal(pim_addresses_check(addresses->words, addresses->used_words), 0);
	for (size_t at = 0; at < addresses->used_words; at++)
		invariant(&shape, shape.covered[at] == 1);
	free(shape.covered);
	shape.covered = NULL;
	return shape;
}

/* ---- probes ---- */

static size_t lookups;

/* A list with its image and its matcher. */
struct subject {
	struct list *list;
	struct matcher matcher;
	struct pim_addresses addresses;
	bool is_short; /* the scan is asked, too */
	size_t answers, partners, several; /* probes with a role, a partner, more roles than one */
};

static void subject_make(struct subject *subject, struct list *list)
{
	*subject = (struct subject){ .list = list, .is_short = list->count <= 200 };
	matcher_make(list, &subject->matcher);
	build(list, &subject->addresses);
}

static void subject_free(struct subject *subject)
{
	matcher_free(&subject->matcher);
	pim_addresses_free(&subject->addresses);
}

static void differ(const struct subject *subject, const char *what, uint8_t family, wide address,
		   struct pim_address_value found, struct pim_address_value expected)
{
	struct pim_prefix host = host_at(family, address);
	char text[PIM_PREFIX_TEXT];

	fail_msg("PIM_SEED=%llu: %zu claims: %s: %s has roles %#x, partner %u; expected %#x, %u",
		 (unsigned long long)subject->list->seed, subject->list->count, what,
		 pim_prefix_format(&host, false, text), found.roles, found.partner, expected.roles,
		 expected.partner);
}

static void probe(struct subject *subject, uint8_t family, wide address)
{
	struct pim_prefix host = host_at(family, address);
	struct pim_address_value found, expected;

	found = pim_addresses_look_up(subject->addresses.words, &host);
	expected = match(&subject->matcher, family, address);
	lookups++;
	if (found.roles != expected.roles || found.partner != expected.partner)
		differ(subject, "the image", family, address, found, expected);
	if (subject->is_short) {
		struct pim_address_value scanned = scan(subject->list, family, address);

		if (scanned.roles != expected.roles || scanned.partner != expected.partner)
			differ(subject, "the test's matcher", family, address, expected, scanned);
	}
	subject->answers += expected.roles != 0;
	subject->partners += expected.partner != 0;
	subject->several += (expected.roles & (expected.roles - 1)) != 0;
}

/* First and last, just outside either, and one within. */
static void probe_around(struct subject *subject, const struct pim_prefix *prefix)
{
	wide first = first_of(prefix), last = last_of(prefix), all = last_address(prefix->family);

	probe(subject, prefix->family, first);
	probe(subject, prefix->family, last);
	probe(subject, prefix->family, (first - 1) & all);
	probe(subject, prefix->family, (last + 1) & all);
	probe(subject, prefix->family, first + (last - first) / 2);
}

/* All boundaries, the ends, and what differs from them in a byte (a bit, for
 * the first of the list). */
static void probe_all(struct subject *subject)
{
	for (uint8_t family = PIM_IPV4; family <= PIM_IPV6; family += PIM_IPV6 - PIM_IPV4) {
		wide all = last_address(family);

		for (unsigned int byte = 0; byte < pim_family_bits(family) / 8; byte++)
			for (wide value = 0; value < 256; value += value == 3 ? 249 : 1) {
				probe(subject, family, value << 8 * byte);
				probe(subject, family, all ^ value << 8 * byte);
			}
	}
	for (size_t at = 0; at < subject->list->count; at++) {
		const struct pim_prefix *prefix = &subject->list->claims[at].prefix;
		wide first = first_of(prefix), last = last_of(prefix);

		probe_around(subject, prefix);
		if (at >= 20)
			continue;
		for (unsigned int bit = 0; bit < pim_family_bits(prefix->family); bit++) {
			probe(subject, prefix->family, first ^ (wide)1 << bit);
			probe(subject, prefix->family, last ^ (wide)1 << bit);
		}
	}
}

static void probe_random(struct subject *subject, size_t count)
{
	const struct list *list = subject->list;

	while (count--) {
		const struct pim_prefix *prefix =
			&list->claims[random_below((unsigned int)list->count)].prefix;
		uint8_t family = prefix->family;
		wide all = last_address(family), first = first_of(prefix), last = last_of(prefix);

		switch (random_below(8)) {
		case 0:
			probe(subject, family, random_wide() & all);
			break;
		case 1:
			probe(subject, family, first);
			break;
		case 2:
			probe(subject, family, last);
			break;
		case 3:
			probe(subject, family, (first - 1) & all);
			break;
		case 4:
			probe(subject, family, (last + 1) & all);
			break;
		case 5: /* a neighbour in the bits */
			probe(subject, family,
			      first ^ (wide)1 << random_below(pim_family_bits(family)));
			break;
		default: /* within */
			probe(subject, family, first + (random_wide() & (last - first)));
		}
	}
}

/* ---- what a merge must give ---- */

struct merged {
	struct list lists[PIM_ROLES];
};

static void merged_free(struct merged *merged)
{
	for (unsigned int bit = 0; bit < PIM_ROLES; bit++)
		free_list(&merged->lists[bit]);
}

/* The fewest prefixes that are `from` to `to`, by halving all addresses. */
static void divide(struct list *list, uint8_t family, wide block, unsigned int length, wide from,
		   wide to, unsigned int role, unsigned int partner)
{
	wide last = block + span(family, length);

	if (last < from || block > to)
		return;
	if (block >= from && last <= to) {
		add(list, family, block, length, role, partner);
		return;
	}
	divide(list, family, block, length + 1, from, to, role, partner);
	divide(list, family, block + span(family, length + 1) + 1, length + 1, from, to, role,
	       partner);
}

static int compare_wides(const void *a, const void *b)
{
	const wide *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

/* From the naive answers between all places where they can change. */
static void expect_merged(const struct subject *subject, struct merged *merged)
{
	const struct list *list = subject->list;
	wide *starts = calloc(2 * list->count + 1, sizeof(*starts));
	struct pim_address_value *values = calloc(2 * list->count + 1, sizeof(*values));

	*merged = (struct merged){};
	assert_true(starts && values);
	for (uint8_t family = PIM_IPV4; family <= PIM_IPV6; family += PIM_IPV6 - PIM_IPV4) {
		size_t all = 1, count = 0;

		starts[0] = 0;
		for (size_t at = 0; at < list->count; at++) {
			const struct pim_prefix *prefix = &list->claims[at].prefix;

			if (prefix->family != family)
				continue;
			starts[all++] = first_of(prefix);
			if (last_of(prefix) != last_address(family))
				starts[all++] = last_of(prefix) + 1;
		}
		qsort(starts, all, sizeof(*starts), compare_wides);
		for (size_t at = 0; at < all; at++)
			if (!at || starts[at] != starts[count - 1])
				starts[count++] = starts[at];
		for (size_t at = 0; at < count; at++)
			values[at] = match(&subject->matcher, family, starts[at]);
		for (unsigned int bit = 0; bit < PIM_ROLES; bit++) {
			unsigned int role = 1u << bit;

			for (size_t at = 0, end; at < count; at = end) {
				uint16_t partner =
					role == PIM_ROLE_PARTNER ? values[at].partner : 0;

				end = at + 1;
				if (!(values[at].roles & role))
					continue;
				while (end < count && values[end].roles & role &&
				       (role != PIM_ROLE_PARTNER || values[end].partner == partner))
					end++;
				divide(&merged->lists[bit], family, 0, 0, starts[at],
				       end < count ? starts[end] - 1 : last_address(family), role,
				       partner);
			}
		}
	}
	free(starts);
	free(values);
}

struct comparison {
	const struct list *expected;
	size_t at;
	enum pim_role role;
	uint64_t seed;
};

static int compare_visit(const struct pim_prefix *prefix, struct pim_address_value value,
			 void *context)
{
	struct comparison *comparison = context;
	const struct pim_claim *expected = comparison->at < comparison->expected->count ?
		&comparison->expected->claims[comparison->at] : NULL;
	char found[PIM_PREFIX_TEXT], wanted[PIM_PREFIX_TEXT];

	comparison->at++;
	if (!expected || memcmp(prefix->address, expected->prefix.address, 16) ||
	    prefix->family != expected->prefix.family ||
	    prefix->length != expected->prefix.length || value.roles != expected->roles ||
	    value.partner != expected->partner)
		fail_msg("PIM_SEED=%llu: role %#x: prefix %zu is %s (roles %#x, partner %u), "
			 "expected %s (partner %u)", (unsigned long long)comparison->seed,
			 comparison->role, comparison->at, pim_prefix_format(prefix, true, found),
			 value.roles, value.partner,
			 expected ? pim_prefix_format(&expected->prefix, true, wanted) : "none",
			 expected ? expected->partner : 0);
	return 0;
}

/* The lists that come out are those that went in, merged; and an image of them
 * is the same image. */
static void check_merge(const struct subject *subject)
{
	struct pim_addresses before, again;
	struct merged merged;
	struct list all = {};

	expect_merged(subject, &merged);
	for (unsigned int bit = 0; bit < PIM_ROLES; bit++) {
		struct comparison comparison = { &merged.lists[bit], 0, 1 << bit,
						 subject->list->seed };

		assert_int_equal(pim_addresses_merge(subject->addresses.words,
						     subject->addresses.word_count, 1 << bit,
						     compare_visit, &comparison), 0);
		assert_int_equal(comparison.at, comparison.expected->count);
		for (size_t at = 0; at < comparison.at; at++)
			add_claim(&all, comparison.expected->claims[at].prefix,
				  comparison.expected->claims[at].roles,
				  comparison.expected->claims[at].partner);
	}
	all.table_words = subject->list->table_words;
	build(&all, &again);
	before = subject->addresses;
	assert_int_equal(again.word_count, before.word_count);
	assert_int_equal(again.used_words, before.used_words);
	assert_memory_equal(again.words, before.words, again.word_count * sizeof(*again.words));
	assert_int_equal(again.range_count[0], subject->addresses.range_count[0]);
	assert_int_equal(again.range_count[1], subject->addresses.range_count[1]);
	pim_addresses_free(&again);
	free_list(&all);
	merged_free(&merged);
}

static struct shape check_once(struct list *list)
{
	struct subject subject;
	struct shape shape;

	subject_make(&subject, list);
	shape = check_shape(&subject.addresses, list->seed);
	probe_all(&subject);
	check_merge(&subject);
	subject_free(&subject);
	return shape;
}

/* Everything, on a list short enough for it: in an image as the compiler makes it,
 * which is tables alone; with a list wherever one can stand; and with some of
 * both. Frees the list; the shape is that with lists. */
static struct shape check_list(struct list *list)
{
	struct shape shape;

	list->table_words = AS_COMPILED;
	shape = check_once(list);
	for (int kind = 0; kind < TABLE; kind++)
		for (size_t byte = 0; byte < COUNT(shape.nodes[kind]); byte++)
			assert_int_equal(shape.nodes[kind][byte], 0);
	list->table_words = PIM_PALETTE + 4 * PIM_TABLE_WORDS;
	check_once(list);
	list->table_words = 0;
	shape = check_once(list);
	free_list(list);
	return shape;
}

/* ---- boundaries ---- */

#define LINES 12

/* Lists of "PREFIX ROLES PARTNER", checked at and around every boundary. */
static void answers_at_boundaries(void **state)
{
	static const struct line {
		const char *prefix; /* NULL ends */
		unsigned int roles, partner;
	} lists[][LINES] = {
		{ { NULL, 0, 0 } },
		{ { "0.0.0.0/0", PIM_ROLE_CLIENT, 0 } },
		{ { "::/0", PIM_ROLE_PARTNER, 1 } },
		{ { "0.0.0.0/0", PIM_ROLE_CLIENT, 0 }, { "::/0", PIM_ROLE_CLIENT, 0 } },
		{ { "0.0.0.0", PIM_ROLE_BLOCK, 0 }, { "::", PIM_ROLE_BLOCK, 0 } },
		{ { "255.255.255.255", PIM_ROLE_BLOCK, 0 },
		  { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PIM_ROLE_BLOCK, 0 } },
		{ { "0.0.0.0", PIM_ROLE_BLOCK, 0 },
		  { "255.255.255.255", PIM_ROLE_CLIENT, 0 },
		  { "0.0.0.0/0", PIM_ROLE_AV, 0 },
		  { "::", PIM_ROLE_BLOCK, 0 },
		  { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PIM_ROLE_CLIENT, 0 },
		  { "::/0", PIM_ROLE_AV, 0 } },
		/* Halves: adjacent, and all. */
		{ { "0.0.0.0/1", PIM_ROLE_CLIENT, 0 },
		  { "128.0.0.0/1", PIM_ROLE_CLIENT, 0 },
		  { "::/1", PIM_ROLE_CLIENT, 0 },
		  { "8000::/1", PIM_ROLE_CLIENT, 0 } },
		{ { "0.0.0.0/1", PIM_ROLE_PARTNER, 1 },
		  { "128.0.0.0/1", PIM_ROLE_PARTNER, 2 },
		  { "::/1", PIM_ROLE_PARTNER, 2 },
		  { "8000::/1", PIM_ROLE_PARTNER, 1 } },
		/* Neighbours that merge across a /8, a /16, a /24; and one that does not. */
		{ { "9.255.255.255", PIM_ROLE_CLIENT, 0 },
		  { "10.0.0.0", PIM_ROLE_CLIENT, 0 },
		  { "10.0.255.255", PIM_ROLE_CLIENT, 0 },
		  { "10.1.0.0", PIM_ROLE_CLIENT, 0 },
		  { "10.1.0.255", PIM_ROLE_CLIENT, 0 },
		  { "10.1.1.0", PIM_ROLE_CLIENT, 0 },
		  { "10.1.2.255", PIM_ROLE_CLIENT, 0 },
		  { "10.1.3.1", PIM_ROLE_CLIENT, 0 } },
		{ { "10.0.0.0/25", PIM_ROLE_CLIENT, 0 },
		  { "10.0.0.128/26", PIM_ROLE_CLIENT, 0 },
		  { "10.0.0.192/27", PIM_ROLE_CLIENT, 0 },
		  { "10.0.0.224/28", PIM_ROLE_CLIENT, 0 },
		  { "10.0.0.240/28", PIM_ROLE_CLIENT, 0 },
		  { "10.0.1.0/24", PIM_ROLE_CLIENT, 0 },
		  { "10.0.2.0/24", PIM_ROLE_CLIENT, 0 } },
		/* A hole, a hole in the filling, and the filling of a hole. */
		{ { "10.0.0.0/8", PIM_ROLE_PARTNER, 1 },
		  { "10.128.0.0/9", PIM_ROLE_PARTNER, 2 },
		  { "10.192.0.0/10", PIM_ROLE_PARTNER, 1 },
		  { "10.192.0.1", PIM_ROLE_PARTNER, 2 },
		  { "10.0.0.0/9", PIM_ROLE_PARTNER, 2 } },
		/* The same prefix in several claims. */
		{ { "192.0.2.0/24", PIM_ROLE_CLIENT, 0 },
		  { "192.0.2.0/24", PIM_ROLE_PARTNER, 3 },
		  { "192.0.2.0/24", PIM_ROLE_BLOCK, 0 },
		  { "192.0.2.0/24", PIM_ROLE_PARTNER, 3 },
		  { "192.0.2.0/25", PIM_ROLE_AV, 0 },
		  { "192.0.2.0/25", PIM_ROLE_AV, 0 },
		  { "2001:db8::/32", PIM_ROLE_CLIENT, 0 },
		  { "2001:db8::/32", PIM_ROLE_PARTNER, 4 },
		  { "2001:db8::/32", PIM_ROLE_FAILSAFE, 0 } },
		/* The longest prefix has no partner: the one around it is charged. */
		{ { "192.0.2.0/24", PIM_ROLE_PARTNER, 1 },
		  { "192.0.2.0/25", PIM_ROLE_PARTNER, 2 },
		  { "192.0.2.0/26", PIM_ROLE_CLIENT, 0 },
		  { "192.0.2.0", PIM_ROLE_BLOCK, 0 },
		  { "192.0.2.64", PIM_ROLE_PARTNER, 65535 },
		  { "2001:db8::/32", PIM_ROLE_PARTNER, 5 },
		  { "2001:db8::/127", PIM_ROLE_BLOCK, 0 },
		  { "2001:db8::1", PIM_ROLE_PARTNER, 6 } },
		/* Every role there is. */
		{ { "10.0.0.0/8", (1 << PIM_ROLES) - 1, 65535 },
		  { "10.0.0.1", PIM_ROLE_ACCESS, 0 },
		  { "fc00::/7", (1 << PIM_ROLES) - 1, 65535 } },
		/* The families' first bytes are alike. */
		{ { "32.1.13.184", PIM_ROLE_CLIENT, 0 }, { "2001:db8::/32", PIM_ROLE_BLOCK, 0 } },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(lists); at++) {
		struct list forward = {}, backward = {};
		size_t count = 0;

		while (count < LINES && lists[at][count].prefix)
			count++;
		for (size_t line = 0; line < count; line++) {
			const struct line *one = &lists[at][line],
					  *other = &lists[at][count - 1 - line];

			add_text(&forward, one->prefix, one->roles, one->partner);
			add_text(&backward, other->prefix, other->roles, other->partner);
		}
		check_list(&forward);
		check_list(&backward);
	}
}

/* No claim, no node behind the palette: what ten prefixes do not need, they do not
 * pay for. */
static void makes_small_images_of_small_lists(void **state)
{
	struct pim_addresses addresses;
	struct list list = { .table_words = AS_COMPILED };

	(void)state;
	build(&list, &addresses);
	assert_int_equal(addresses.word_count, PIM_IMAGE_WORDS_MIN);
	assert_int_equal(addresses.used_words, PIM_PALETTE + 2);
	assert_false(addresses.packed);
	assert_int_equal(addresses.range_count[0], 1);
	assert_int_equal(addresses.range_count[1], 1);
	for (size_t at = 0; at < addresses.used_words; at++)
		assert_int_equal(addresses.words[at], at == PIM_PALETTE ? 1 : PIM_ENTRY_LEAF);
	pim_addresses_free(&addresses);
	pim_addresses_free(&addresses);
	add_text(&list, "0.0.0.0/0", PIM_ROLE_CLIENT, 0);
	add_text(&list, "10.0.0.0/8", PIM_ROLE_CLIENT, 0); /* says nothing new */
	add_text(&list, "ff00::/8", PIM_ROLE_CLIENT, 0);
	build(&list, &addresses);
	assert_int_equal(addresses.used_words, PIM_PALETTE + 3); /* nothing, and client */
	assert_int_equal(addresses.range_count[0], 1);
	assert_int_equal(addresses.range_count[1], 2);
	pim_addresses_free(&addresses);
	free_list(&list);

	list.table_words = AS_COMPILED;
	for (unsigned int at = 0; at < 10; at++)
		add(&list, at % 2 ? PIM_IPV4 : PIM_IPV6, random_wide(), at % 2 ? 24 : 48,
		    PIM_ROLE_CLIENT, 0);
	build(&list, &addresses);
	assert_true(addresses.word_count * sizeof(*addresses.words) <= 65536);
	pim_addresses_free(&addresses);
	free_list(&list);
}

/* All lengths along one path, to the deepest stack that there is; duplicates of
 * the deepest, or of all; beside each its sibling. */
static void nests_to_the_bottom(void **state)
{
	(void)state;
	start_random();
	for (unsigned int round = 0; round < 24; round++) {
		struct list list = {};
		bool siblings = round % 2, all_twice = round / 2 % 2;

		for (uint8_t family = PIM_IPV4; family <= PIM_IPV6; family += PIM_IPV6 - PIM_IPV4) {
			wide path = round < 8 ? ~(wide)0 : round < 16 ? 0 : random_wide();
			unsigned int bits = pim_family_bits(family);

			for (unsigned int length = 0; length <= bits; length++) {
				unsigned int partner = 1 + length % 2;

				add(&list, family, path, length, PIM_ROLE_PARTNER, partner);
				if (all_twice || length == bits)
					for (unsigned int times = 0; times < 4; times++)
						add(&list, family, path, length,
						    1u << times % PIM_ROLES, 0);
				if (siblings && length)
					add(&list, family, path ^ (wide)1 << (bits - length),
					    length, PIM_ROLE_BLOCK, 0);
			}
		}
		check_list(&list);
	}
}

/* A partner may stand without the role, and one role of a prefix without it. */
static void charges_a_partner_without_its_role(void **state)
{
	struct list list = {};
	struct subject subject;

	(void)state;
	add_text(&list, "10.0.0.0/8", PIM_ROLE_CLIENT, 1);
	add_text(&list, "10.1.0.0/16", PIM_ROLE_PARTNER, 0);
	add_text(&list, "10.1.1.0/24", PIM_ROLE_CLIENT, 2);
	add_text(&list, "10.2.0.0/16", 0, 3);
	subject_make(&subject, &list);
	check_shape(&subject.addresses, 0);
	probe_all(&subject);
	subject_free(&subject);
	free_list(&list);
}

/* ---- every kind of node ---- */

/* `hosts` hosts that do not touch, 2 * hosts + 1 ranges or one less, in the
 * block of `block_bytes` bytes of a path; the spread tells how far apart. */
static void add_hosts(struct list *list, uint8_t family, wide path, unsigned int block_bytes,
		      unsigned int hosts, bool to_the_end, unsigned int spread)
{
	unsigned int bits = pim_family_bits(family);
	wide block = path & ~span(family, 8 * block_bytes),
	     last = block + span(family, 8 * block_bytes);

	for (unsigned int at = 0; at < hosts; at++) {
		wide place = (wide)(2 * at + 1) << spread;

		add(list, family, at == hosts - 1 && to_the_end ? last : block + place, bits,
		    1u << at % PIM_ROLES, 0);
	}
}

/* What the image has for byte `byte` of addresses that begin like the path. */
static uint32_t entry_at(const struct list *list, uint8_t family, wide path, unsigned int byte)
{
	const struct pim_prefix host = host_at(family, path);
	struct pim_addresses addresses;
	unsigned int at = 1;
	uint32_t entry;

	build(list, &addresses);
	entry = addresses.words[(family == PIM_IPV4 ? PIM_ROOT4 : PIM_ROOT6) + host.address[0]];
	while (at < byte) {
		const uint32_t *node = addresses.words + (entry & PIM_ENTRY_OFFSET);
		const uint32_t id_bits = id_bits_of(&addresses);
		unsigned int key = host.address[at++], run = 0;
		uint32_t id;

		assert_false(entry & (PIM_ENTRY_LEAF | PIM_ENTRY_LIST));
		if (!(entry & PIM_ENTRY_BITMAP)) {
			entry = node[key];
			continue;
		}
		for (unsigned int earlier = 1; earlier <= key; earlier++)
			run += node[2 + earlier / 32] >> earlier % 32 & 1;
		id = id_of(node + 10, run, id_bits);
		entry = id < addresses.words[PIM_PALETTE] ?
			addresses.words[PIM_PALETTE + 1 + id] : *(node - (1u << id_bits) + id);
	}
	assert_int_equal(at, byte);
	pim_addresses_free(&addresses);
	return entry;
}

/* A list up to some number of ranges, a bitmap above it, a table above that: two
 * changes, found by going through all numbers. Each is checked in full. */
static void changes_node_with_the_ranges(void **state)
{
	static const struct {
		uint8_t family;
		unsigned int bytes; /* that the block's address has */
		bool apart;	    /* in bytes that are not next to each other */
	} cases[] = {
		{ PIM_IPV4, 2, true },	{ PIM_IPV4, 2, false },	 { PIM_IPV4, 3, true },
		{ PIM_IPV6, 2, true },	{ PIM_IPV6, 3, true },	 { PIM_IPV6, 4, true },
		{ PIM_IPV6, 4, false }, { PIM_IPV6, 7, true },	 { PIM_IPV6, 12, true },
		{ PIM_IPV6, 14, true }, { PIM_IPV6, 15, true },
	};

	(void)state;
	start_random();
	for (size_t at = 0; at < COUNT(cases); at++) {
		unsigned int bytes = cases[at].bytes, bits = pim_family_bits(cases[at].family);
		unsigned int rest = bits - 8 * bytes, most = cases[at].apart ? 250 : 150, last = 0;
		size_t nodes[NODE_KINDS] = {};
		wide path = 0;

		for (unsigned int byte = 0; byte < 16; byte++)
			path = path << 8 | (100 + random_below(100));
		if (cases[at].family == PIM_IPV4)
			path &= 0xffffffff;
		for (unsigned int ranges = 2; ranges <= most; ranges += 1 + (ranges > 90)) {
			struct list list = {};
			uint32_t entry;
			unsigned int kind;

			/* Tables on the way: above bytes there are more ranges than lists have. */
			for (unsigned int byte = 2; byte < bytes; byte++)
				add_hosts(&list, cases[at].family,
					  path & ~span(cases[at].family, 8 * byte), byte, 126, false,
					  bits - 8 * byte - 8);
			for (size_t claim = 0; claim < list.count; claim++)
				if (first_of(&list.claims[claim].prefix) >> rest == path >> rest)
					list.claims[claim].prefix = list.claims[0].prefix;
			/* The odd ones end where the block does. */
			add_hosts(&list, cases[at].family, path, bytes, ranges / 2, ranges % 2 == 0,
				  rest - 8 - (cases[at].apart ? 0 : 6));
			if (ranges % 8 == 2 || ranges < 20)
				check_once(&list);
			entry = entry_at(&list, cases[at].family, path, bytes);
			assert_false(entry & PIM_ENTRY_LEAF);
			kind = entry & PIM_ENTRY_LIST ? LIST : entry & PIM_ENTRY_BITMAP ? BITMAP : TABLE;
			assert_true(kind >= last); /* never a smaller one again */
			last = kind;
			nodes[kind]++;
			free_list(&list);
		}
		assert_true(nodes[LIST] >= 7);
		assert_true(nodes[BITMAP] > 10);
		assert_true(nodes[TABLE] > 10 || !cases[at].apart);
	}
}

/* Parts of a list that are looked into further: one in the other's neighbour,
 * entered and left in their middle, at the end of the space, in its last key. */
static void looks_into_parts_of_lists(void **state)
{
	static const char *const lists[][LINES] = {
		/* A part alone, first, last, next to last, both. */
		{ "2001:db8:1::/48" },
		{ "2001:0:1::/48" },
		{ "2001:ffff:1::/48" },
		{ "2001:ffff:ffff::/48" },
		{ "2001:fffe:1::/48" },
		{ "2001:fffe:1::/48", "2001:ffff:1::/48" },
		{ "2001:0:1::/48", "2001:ffff:ffff::/48" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127" },
		{ "ffff:fffe:ffff:ffff:ffff:ffff:ffff:ffff",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe" },
		{ "ffff:ffff:ffff::/48", "ffff:ffff:fffe:ffff::/64" },
		/* Side by side, with and without something in common. */
		{ "2001:db8:1::/48", "2001:db9:1::/48" },
		{ "2001:db8:1::/48", "2001:db9:1::/48", "2001:dba:1::/48" },
		{ "2001:db8:1::/48", "2001:dba:1::/48" },
		{ "2001:db8:ffff::/48", "2001:db9::/48" }, /* one range over the border */
		{ "2001:db8:ffff::/48", "2001:db9::/32" },
		{ "2001:db8:ffff::/48", "2001:db9::/32", "2001:dba::/48" },
		{ "2001:db8:ffff::/48", "2001:db9::/33" },
		{ "2001:db8::/32", "2001:db9::/48" },
		{ "2001:db8:8000::/33", "2001:db9::/32", "2001:dba::/31", "2001:dbc::/48" },
		{ "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::" },
		{ "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::/32", "2001:dba::" },
		{ "2001:fffe:8000::/33", "2001:ffff::/33" },
		{ "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::" },
		{ "2001:ffff:8000::/33", "2002::/33" },
		/* Deep: the same, a list further down. */
		{ "2001:db8:0:1::/64", "2001:db8:0:ffff:8000::/65", "2001:db8:1::/65" },
		{ "2001:db8:ffff:ffff:ffff::/80", "2001:db9:0:0:1::/80" },
		{ "2001:db8::ffff:ffff", "2001:db8::1:0:0:0", "2001:db8::1:0:0" },
		{ "2001:db8:0:0:0:0:ffff:ffff", "2001:db8:0:0:0:1::/96", "2001:db8::ffff:0:0/96" },
		{ "10.1.255.255", "10.2.0.0", "10.1.0.0" },
		{ "10.1.255.254/31", "10.2.0.0/31" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(lists); at++) {
		/* One role; two, in turn; two partners; all that inside of something. */
		for (unsigned int dress = 0; dress < 8; dress++) {
			struct list list = {};

			if (dress & 4) {
				add_text(&list, "::/0", PIM_ROLE_CLIENT, 0);
				add_text(&list, "2001::/16", PIM_ROLE_MESSENGER, 0);
				add_text(&list, "0.0.0.0/0", PIM_ROLE_BLOCK, 0);
			}
			for (unsigned int line = 0; line < LINES && lists[at][line]; line++) {
				bool odd = line % 2;

				switch (dress & 3) {
				case 0:
					add_text(&list, lists[at][line], PIM_ROLE_BLOCK, 0);
					break;
				case 1:
					add_text(&list, lists[at][line],
						 odd ? PIM_ROLE_AV : PIM_ROLE_CLIENT, 0);
					break;
				case 2:
					add_text(&list, lists[at][line], PIM_ROLE_PARTNER, 1 + odd);
					break;
				case 3:
					add_text(&list, lists[at][line], PIM_ROLE_PARTNER, 7);
					add_text(&list, lists[at][line],
						 odd ? PIM_ROLE_FAILSAFE : PIM_ROLE_PARTNER, 0);
				}
			}
			check_list(&list);
		}
	}
}

/* The longest list that there can be, and what has more ranges; of leaves, and of
 * parts that are looked into further. */
static void stays_within_the_longest_list(void **state)
{
	size_t longest = 0;

	(void)state;
	for (unsigned int hosts = 20; hosts < 40; hosts++) {
		for (unsigned int kind = 0; kind < 6; kind++) {
			const wide part = (wide)1 << (kind % 2 ? 64 : 0);
			const wide base = ((wide)0x20010db8 << 96) + (kind % 2 ? 0 : (wide)7 << 32);
			struct list list = {};
			struct shape shape;

			for (unsigned int at = 0; at < hosts; at++)
				add(&list, PIM_IPV6,
				    base + (3 * at + 1) * part + (kind / 2 == 1 ? part / 2 : 0),
				    kind % 2 ? 64 + (kind / 2 != 0) : 128,
				    at % 2 ? PIM_ROLE_CLIENT : PIM_ROLE_BLOCK, 0);
			if (kind / 2 == 2)
				add(&list, PIM_IPV6, base + 0xffffffff * part, kind % 2 ? 64 : 128,
				    PIM_ROLE_CLIENT, 0);
			shape = check_once(&list);
			if (longest < shape.longest)
				longest = shape.longest;
			free_list(&list);
		}
	}
	assert_int_equal(longest, PIM_LIST_MAX);
}

/* More leaves than ids of a byte name, and more than the palette has. */
static void names_more_leaves_than_ids(void **state)
{
	static const struct {
		unsigned int leaves;
		bool outside; /* the palette */
	} cases[] = { { 200, false }, { 223, false }, { 224, false }, { 225, false },
		      { 300, false }, { PIM_LEAVES_MAX - 1, false }, { PIM_LEAVES_MAX, false },
		      { PIM_LEAVES_MAX + 1, true }, { 60000, true } };

	(void)state;
	start_random();
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct list list = { .seed = random_state };
		struct subject subject;
		struct shape shape;

		/* With what is said of all others. */
		for (unsigned int leaf = 1; leaf < cases[at].leaves; leaf++) {
			wide place = (wide)(leaf % 251) << 8 | (wide)(leaf / 251) << 17;

			add(&list, leaf % 2 ? PIM_IPV4 : PIM_IPV6,
			    leaf % 2 ? 0x0a000000 + place : ((wide)0x20010db8 << 96) + (place << 64),
			    leaf % 2 ? 24 + leaf % 9 : 56 + leaf % 9, PIM_ROLE_PARTNER, leaf);
		}
		subject_make(&subject, &list);
		shape = check_shape(&subject.addresses, list.seed);
		assert_int_equal(subject.addresses.leaf_count,
				 cases[at].outside ? PIM_LEAVES_MAX : cases[at].leaves);
		assert_int_equal(shape.leaves_before != 0, cases[at].outside);
		for (size_t claim = 0; claim < list.count; claim += 1 + list.count / 3000)
			probe_around(&subject, &list.claims[claim].prefix);
		probe_random(&subject, 20000);
		if (list.count < 500)
			check_merge(&subject);
		subject_free(&subject);
		free_list(&list);
	}
}

/* More entries before a node than an id of a byte can name: a table. */
static void makes_tables_where_ids_end(void **state)
{
	(void)state;
	start_random();
	for (unsigned int partners = 100; partners <= 224; partners += 31) {
		const size_t room = 256 - partners;
		size_t most = 0;

		for (unsigned int parts = 20; parts < 200; parts += 6) {
			struct list list = { .seed = random_state };
			struct shape shape;

			for (unsigned int leaf = 1; leaf < partners; leaf++)
				add(&list, PIM_IPV4, (wide)leaf << 8, 24, PIM_ROLE_PARTNER, leaf);
			for (unsigned int part = 0; part < parts; part++)
				add(&list, PIM_IPV6,
				    ((wide)0x20010db8 << 96) + ((wide)(part * 256 / parts) << 72) + 1, 128,
				    PIM_ROLE_PARTNER, 1);
			shape = check_once(&list);
			if (most < shape.most_before)
				most = shape.most_before;
			free_list(&list);
		}
		/* Of a hundred parts and what is between them a table is made anyway. */
		assert_in_range(most, (room < 98 ? room : 98) - 12, room);
	}
}

/* A list with a range for its last key: word 0xffff, or 0xffffffff. */
static void uses_the_last_key_of_a_list(void **state)
{
	static const char *const hosts[] = { "10.1.255.255", "2001:db8:ffff:ffff::/64",
					     "2001:db8::ffff:ffff",
					     "2001:db8::ffff:ffff:0:0/96" };

	(void)state;
	for (size_t at = 0; at < COUNT(hosts); at++) {
		struct list list = {};
		struct shape shape;

		add_text(&list, hosts[at], PIM_ROLE_CLIENT, 0);
		shape = check_list(&list);
		assert_true(shape.last_key);
	}
}

/* ---- random and adversarial lists ---- */

/* Its own for each prefix, so that a prefix listed twice has one. */
static unsigned int partner_of(const struct pim_prefix *prefix)
{
	uint64_t hash = 0;

	for (unsigned int byte = 0; byte < 16; byte++)
		hash = (hash ^ prefix->address[byte]) * 0x100000001b3ULL;
	return 1 + (unsigned int)(((hash ^ prefix->length) * 0x9e3779b97f4a7c15ULL) >> 61);
}

static void add_dressed(struct list *list, uint8_t family, wide value, unsigned int length)
{
	struct pim_prefix prefix = prefix_at(family, value, length);
	unsigned int roles = 1u << random_below(PIM_ROLES);

	if (!random_below(8))
		roles |= 1u << random_below(PIM_ROLES);
	if (!random_below(3))
		roles |= PIM_ROLE_PARTNER;
	add_claim(list, prefix, roles, roles & PIM_ROLE_PARTNER ? partner_of(&prefix) : 0);
}

static uint8_t random_family(void)
{
	return random_below(2) ? PIM_IPV4 : PIM_IPV6;
}

/* Weights in parts of a thousand, of the lengths that routes of the Internet
 * have, roughly. */
struct mix {
	unsigned int length, weight;
};
static const struct mix routes4[] = {
	{ 24, 600 }, { 23, 100 }, { 22, 110 }, { 21, 50 }, { 20, 45 }, { 19, 27 }, { 18, 16 },
	{ 17, 10 },  { 16, 30 },  { 15, 4 },   { 14, 3 },  { 12, 2 },  { 10, 2 },  { 8, 1 },
};
static const struct mix routes6[] = {
	{ 48, 460 }, { 32, 150 }, { 44, 90 }, { 40, 80 }, { 36, 60 }, { 46, 30 }, { 47, 25 },
	{ 45, 20 },  { 33, 20 },  { 29, 25 }, { 64, 25 }, { 56, 15 },
};

static unsigned int pick(const struct mix *mix)
{
	unsigned int number = random_below(1000);

	while (number >= mix->weight)
		number -= mix++->weight;
	return mix->length;
}

static void add_route4(struct list *list)
{
	/* Routes stand together: a third have a neighbour. */
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

static void add_route6(struct list *list)
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

/* A value that stands at the corner of a byte, or of two. */
static wide corner(unsigned int bits)
{
	static const unsigned int corners[] = { 0, 0, 1, 0x7f, 0x80, 0xfe, 0xff, 0xff };
	wide value = 0;

	for (unsigned int byte = 0; byte < bits / 8; byte++)
		value = value << 8 | corners[random_below(COUNT(corners))];
	return value;
}

static void add_random(struct list *list, enum kind kind, size_t count)
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
		case CHAINS: /* down a path, with what stands beside it */
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
		case DENSE: /* a /16, or a /32 of IPv6 and what is below, filled */
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
				    family == PIM_IPV4 ? 20 + random_below(13)
				    : random_below(2)  ? 40 + random_below(25)
						       : 104 + random_below(25));
			break;
		case EXTREMES: /* the first and the last addresses, all ones, all zeros */
			family = random_family();
			bits = pim_family_bits(family);
			value = random_below(2) ? 0 : ~(wide)0;
			if (random_below(2))
				value ^= (wide)1 << random_below(bits);
			add_dressed(list, family, value,
				    random_below(3) ? bits - random_below(5)
						    : random_below(bits + 1));
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
			/* The upper bytes alike, so that much falls into one list. */
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
		case ADJACENT: { /* runs of neighbours, some of them alike */
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

/* What a family of random lists has to reach. */
struct reached {
	size_t answers, partners, several;
	size_t nodes[NODE_KINDS];
};

/* The seed names the kind as well, so that it repeats the round. */
static void check_random(uint64_t seed, size_t count, size_t probes, struct reached *reached)
{
	struct list list = { .seed = seed };
	struct subject subject;
	struct shape shape;

	random_state = seed;
	add_random(&list, (enum kind)(seed % LIST_KINDS), count);
	switch (seed / LIST_KINDS % 4) {
	case 0:
		list.table_words = AS_COMPILED;
		break;
	case 1:
		list.table_words = (size_t)1 << random_below(20);
	}
	subject_make(&subject, &list);
	shape = check_shape(&subject.addresses, seed);
	if (list.count <= 120)
		probe_all(&subject);
	probe_random(&subject, probes);
	if (list.count <= 1500)
		check_merge(&subject);
	for (int kind = 0; kind < NODE_KINDS; kind++)
		for (size_t byte = 0; byte < COUNT(shape.nodes[kind]); byte++)
			reached->nodes[kind] += shape.nodes[kind][byte];
	reached->answers += subject.answers;
	reached->partners += subject.partners;
	reached->several += subject.several;
	subject_free(&subject);
	free_list(&list);
}

static void answers_as_naive_matchers(void **state)
{
	static const struct {
		unsigned int rounds, least, most;
		size_t probes;
	} series[] = {
		{ 90 * LIST_KINDS, 1, 60, 300 },
		{ 12 * LIST_KINDS, 60, 1500, 20000 },
		{ 3 * LIST_KINDS, 2000, 12000, 120000 },
		{ LIST_KINDS, 11000, 12000, 120000 }, /* long, whatever the seed */
	};
	struct reached reached[LIST_KINDS] = {};

	(void)state;
	start_random();
	for (size_t at = 0; at < COUNT(series); at++) {
		for (unsigned int round = 0; round < series[at].rounds; round++) {
			uint64_t seed = random_state, next = seed + round + 1;
			unsigned int room = series[at].most - series[at].least;

			/* The first round has the seed that was given. */
			if (round || at)
				seed = seed - seed % LIST_KINDS + round % LIST_KINDS;
			check_random(seed, series[at].least + seed / LIST_KINDS / 4 % room,
				     series[at].probes, &reached[seed % LIST_KINDS]);
			random_state = next;
			random_state = random_number();
		}
	}
	/* The generators must reach what they are for. */
	for (int kind = 0; kind < LIST_KINDS; kind++) {
		assert_true(reached[kind].answers > 50000);
		assert_true(reached[kind].partners > 10000);
		assert_true(reached[kind].several > 10000);
		assert_true(reached[kind].nodes[LIST] > 0);
		assert_true(reached[kind].nodes[TABLE] > 0);
	}
	assert_true(reached[DENSE].nodes[BITMAP] > 100);
	assert_true(reached[HOSTS].nodes[BITMAP] > 100);
	assert_true(reached[CORNERS].nodes[BITMAP] > 10);
}

/* 300,000 prefixes, half of either family. */
static void answers_for_long_lists(void **state)
{
	const size_t count = 300000;
	struct subject subject;
	struct shape shape;
	struct list list;

	(void)state;
	start_random();
	list = (struct list){ .seed = random_state, .table_words = AS_COMPILED };
	while (list.count < count / 2)
		add_route4(&list);
	while (list.count < count)
		add_route6(&list);
	subject_make(&subject, &list);
	shape = check_shape(&subject.addresses, list.seed);
	assert_true(shape.nodes[LIST][2] + shape.nodes[LIST][3] + shape.nodes[LIST][4] > 10000);
	assert_true(shape.nodes[BITMAP][2] + shape.nodes[BITMAP][3] > 1000);
	for (size_t at = 0; at < count; at += 2)
		probe_around(&subject, &list.claims[at].prefix);
	probe_random(&subject, 1500000);
	assert_true(subject.answers > 1000000);
	assert_true(subject.partners > 300000);
	check_merge(&subject);
	subject_free(&subject);
	free_list(&list);
}

/* The order of the claims, and their number of times, mean nothing. */
static void builds_the_same_from_any_order(void **state)
{
	(void)state;
	start_random();
	for (unsigned int round = 0; round < 40; round++) {
		struct pim_addresses first, second;
		struct list list = {};

		add_random(&list, (enum kind)(round % LIST_KINDS), 1 + random_below(400));
		build(&list, &first);
		for (size_t at = list.count - 1; at; at--) {
			size_t other = random_below((unsigned int)at + 1);
			struct pim_claim claim = list.claims[at];

			list.claims[at] = list.claims[other];
			list.claims[other] = claim;
		}
		for (unsigned int twice = random_below(20); twice; twice--) {
			struct pim_claim claim =
				list.claims[random_below((unsigned int)list.count)];

			add_claim(&list, claim.prefix, claim.roles, claim.partner);
		}
		build(&list, &second);
		assert_int_equal(second.used_words, first.used_words);
		assert_int_equal(second.word_count, first.word_count);
		assert_memory_equal(second.words, first.words,
				    first.word_count * sizeof(*first.words));
		pim_addresses_free(&first);
		pim_addresses_free(&second);
		free_list(&list);
	}
}

/* A list said twice, or in smaller prefixes that merge, is laid out as it was. */
static void lays_out_by_ranges_alone(void **state)
{
	struct pim_addresses once, again;
	struct list list = { .table_words = AS_COMPILED };
	size_t count;

	(void)state;
	for (unsigned int at = 0; at < 12000; at++)
		add(&list, at % 2 ? PIM_IPV4 : PIM_IPV6,
		    at % 2 ? 0x0a000000 + (wide)at * 0x340 :
			     ((wide)0x20010db8 << 96) + ((wide)at * 0x340 << 64),
		    at % 2 ? 26 : 58, PIM_ROLE_CLIENT, 0);
	count = list.count;
	build(&list, &once);
	for (size_t at = 0; at < count; at++)
		for (unsigned int half = 0; half < 2; half++) {
			struct pim_prefix prefix = list.claims[at].prefix;
			unsigned int length = prefix.length + 1u;

			add(&list, prefix.family,
			    first_of(&prefix) + half * (span(prefix.family, length) + 1), length,
			    PIM_ROLE_CLIENT, 0);
		}
	build(&list, &again);
	assert_true(list.count > 32768);
	assert_int_equal(again.used_words, once.used_words);
	assert_memory_equal(again.words, once.words, once.word_count * sizeof(*once.words));
	pim_addresses_free(&once);
	pim_addresses_free(&again);
	free_list(&list);
}

static void looked_up_often_enough(void **state)
{
	(void)state;
	print_message("%zu lookups\n", lookups);
	assert_true(lookups >= 10000000);
}

/* ---- visits ---- */

struct stop {
	size_t visits, at;
};

static int stop_visit(const struct pim_prefix *prefix, struct pim_address_value value,
		      void *context)
{
	struct stop *stop = context;

	assert_true(prefix->family == PIM_IPV4 || prefix->family == PIM_IPV6);
	assert_true(prefix->length <= pim_family_bits(prefix->family));
	assert_int_not_equal(value.roles, 0);
	return ++stop->visits == stop->at ? 77 : 0;
}

static void stops_when_told_to(void **state)
{
	struct pim_addresses addresses;
	struct list list = {};

	(void)state;
	for (unsigned int at = 0; at < 50; at++) {
		add(&list, PIM_IPV4, (wide)(2 * at + 1) << 16, 16, PIM_ROLE_CLIENT, 0);
		add(&list, PIM_IPV6, (wide)(2 * at + 1) << 80, 48, PIM_ROLE_CLIENT, 0);
	}
	build(&list, &addresses);
	for (size_t at = 1; at <= 101; at++) {
		struct stop stop = { .at = at };
		int result = pim_addresses_merge(addresses.words, addresses.word_count,
						 PIM_ROLE_CLIENT, stop_visit, &stop);

		assert_int_equal(result, at <= 100 ? 77 : 0);
		assert_int_equal(stop.visits, at <= 100 ? at : 100);
	}
	pim_addresses_free(&addresses);
	free_list(&list);
}

/* ---- corrupt images ---- */

/* In a buffer of exactly its size, where any step outside is seen. Some prefixes
 * are taken, then the visit gives up. */
static int merge_exactly(const uint32_t *words, size_t count, enum pim_role role, size_t visits)
{
	uint32_t *exact = malloc(count * sizeof(*exact) + !count);
	struct stop stop = { .at = visits };
	int result;

	assert_non_null(exact);
	if (count)
		memcpy(exact, words, count * sizeof(*exact));
	result = pim_addresses_merge(exact, count, role, stop_visit, &stop);
	free(exact);
	assert_true(result == 0 || result == -EBADMSG || (result == 77 && stop.visits == visits));
	return result;
}

static void refuses_images_that_are_too_short(void **state)
{
	struct pim_addresses addresses;
	struct list list = {};
	size_t refused = 0;

	(void)state;
	for (unsigned int at = 0; at < 300; at++)
		add(&list, at % 2 ? PIM_IPV4 : PIM_IPV6,
		    ((wide)0x20010db8 << 96) + ((wide)at << 70) + 0x0a010000 + 31 * at,
		    at % 2 ? 32 : 64, PIM_ROLE_CLIENT, 0);
	list.table_words = 3000; /* tables, and lists behind them */
	build(&list, &addresses);
	for (size_t count = 0; count <= addresses.word_count; count++) {
		int result = merge_exactly(addresses.words, count, PIM_ROLE_CLIENT, 100000);

		/* The last node may be any; a word of it is missing. */
		assert_int_equal(result, count < addresses.used_words ? -EBADMSG : 0);
		refused += result == -EBADMSG;
	}
	assert_true(refused > PIM_PALETTE);
	pim_addresses_free(&addresses);
	free_list(&list);
}

/* One entry that leads to a node which begins in the image and ends behind it, or
 * deeper than addresses go; every other word is a leaf without a role. */
static void refuses_nodes_that_do_not_fit(void **state)
{
	enum { NODE = PIM_PALETTE + 2 }; /* behind a palette of one leaf */
	static const struct {
		uint32_t flags;
		size_t words; /* of the node that are there */
		uint32_t first; /* of the node: a list's length, a bitmap's ranks */
		int result[2]; /* IPv4, IPv6 */
	} nodes[] = {
		{ 0, PIM_TABLE_WORDS, PIM_ENTRY_LEAF, { 0, 0 } },
		{ 0, PIM_TABLE_WORDS - 1, PIM_ENTRY_LEAF, { -EBADMSG, -EBADMSG } },
		{ 0, 1, PIM_ENTRY_LEAF, { -EBADMSG, -EBADMSG } },
		{ 0, 0, 0, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_LIST, 3, 1, { 0, 0 } },
		{ PIM_ENTRY_LIST, 2, 1, { 0, -EBADMSG } }, /* its id */
		{ PIM_ENTRY_LIST, 1, 1, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_LIST, 0, 0, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_LIST, 3, 0, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_LIST, 3, 3, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_LIST, 3, 65536, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_LIST, 3, 65537, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_LIST, 3, 0xffffffff, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_BITMAP, 11, 0, { 0, 0 } },
		{ PIM_ENTRY_BITMAP, 10, 0, { -EBADMSG, -EBADMSG } }, /* its id */
		{ PIM_ENTRY_BITMAP, 9, 0, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_BITMAP, 1, 0, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_BITMAP, 0, 0, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_BITMAP, 11, 1, { -EBADMSG, -EBADMSG } },
		{ PIM_ENTRY_PACKED, 11, 1, { -EBADMSG, -EBADMSG } },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(nodes); at++) {
		for (uint32_t root = PIM_ROOT4; root <= PIM_ROOT6; root += PIM_ROOT6) {
			uint32_t words[NODE + PIM_TABLE_WORDS] = {};
			const int expected = nodes[at].result[root == PIM_ROOT6];

			for (size_t word = 0; word < COUNT(words); word++)
				if (word < NODE || !nodes[at].flags)
					words[word] = PIM_ENTRY_LEAF;
			words[PIM_PALETTE] = 1;
			words[root] = nodes[at].flags | NODE;
			words[NODE] = nodes[at].first;
			if (nodes[at].flags & PIM_ENTRY_BITMAP) {
				memset(&words[NODE], 1, 8);
				((uint8_t *)&words[NODE])[0] = (uint8_t)nodes[at].first;
				words[NODE + 2] = 1;
			}
			assert_int_equal(merge_exactly(words, NODE + nodes[at].words,
						       PIM_ROLE_CLIENT, 1), expected);
			words[root] = nodes[at].flags | PIM_ENTRY_OFFSET;
			assert_int_equal(merge_exactly(words, NODE + nodes[at].words,
						       PIM_ROLE_CLIENT, 1), -EBADMSG);
		}
	}
	/* A chain of tables to the last byte, and at each byte a node in its place. */
	for (unsigned int bytes = 4; bytes <= 16; bytes += 12) {
		static const uint32_t kinds[] = { 0, PIM_ENTRY_LIST, PIM_ENTRY_BITMAP };
		const uint32_t node = NODE + (bytes - 1) * PIM_TABLE_WORDS;
		const size_t count = node + PIM_TABLE_WORDS;
		const unsigned int group = bytes == 4 ? 2 : 4; /* of a list's keys */
		uint32_t *words = malloc(count * sizeof(*words));

		assert_non_null(words);
		for (size_t word = 0; word < count; word++)
			words[word] = PIM_ENTRY_LEAF;
		words[PIM_PALETTE] = 1;
		for (unsigned int byte = 0, table = bytes == 4 ? PIM_ROOT4 : PIM_ROOT6;
		     byte < bytes; byte++) {
			uint32_t *entry = &words[table + 200];

			for (size_t kind = 0; kind < COUNT(kinds); kind++) {
				/* One range: its key is what was gone through, and its id. */
				for (size_t word = node; word < count; word++)
					words[word] = kinds[kind] ? 0 : PIM_ENTRY_LEAF;
				if (kinds[kind] == PIM_ENTRY_LIST) {
					words[node] = 1;
					for (unsigned int at = (byte + 1) / group * group; at <= byte; at++)
						words[node + 1] |= 200u << (24 - 8 * (at % group));
				} else if (kinds[kind]) {
					memset(&words[node], 1, 8);
					((uint8_t *)&words[node])[0] = 0;
					words[node + 2] = 1;
				}
				*entry = kinds[kind] | node;
				assert_int_equal(merge_exactly(words, count, PIM_ROLE_CLIENT, 1),
						 byte + 1 < bytes ? 0 : -EBADMSG);
			}
			table = NODE + byte * PIM_TABLE_WORDS;
			*entry = table;
		}
		free(words);
	}
}

/* In figures: images outlive the loader that made them. */
static void keeps_the_layout_of_leaves(void **state)
{
	static const struct {
		uint16_t roles, partner;
		uint32_t leaf;
	} cases[] = {
		{ 0, 0, 0x80000000 },
		{ 1, 0, 0x80010000 },
		{ 0, 0xffff, 0x8000ffff },
		{ 0x7f, 0x1234, 0x807f1234 },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		assert_int_equal(pim_address_leaf(cases[at].roles, cases[at].partner), cases[at].leaf);
		assert_int_equal(pim_entry_roles(cases[at].leaf), cases[at].roles);
		assert_int_equal(pim_entry_partner(cases[at].leaf), cases[at].partner);
	}
}

/* Roots of leaves but for one, which leads to a table whose only other entry is
 * the node, after 16 words; a palette of two, the second with a role. */
enum { CORRUPT_TABLE = PIM_PALETTE + 3, CORRUPT_NODE = CORRUPT_TABLE + 256 + 16,
       CORRUPT_WORDS = CORRUPT_NODE + 3 * PIM_LIST_MAX };

static void corrupt_start(uint32_t words[CORRUPT_WORDS], uint32_t root, uint32_t kind)
{
	memset(words, 0, CORRUPT_WORDS * sizeof(*words));
	for (size_t word = 0; word < CORRUPT_NODE; word++)
		words[word] = PIM_ENTRY_LEAF;
	words[PIM_PALETTE] = 2;
	words[PIM_PALETTE + 2] = pim_address_leaf(PIM_ROLE_CLIENT, 0);
	words[root + 0x20] = CORRUPT_TABLE;
	words[CORRUPT_TABLE + 1] = kind | CORRUPT_NODE;
}

/* In order and inside, but longer than the program searches through. */
static void refuses_lists_that_are_too_long(void **state)
{
	(void)state;
	for (uint32_t root = PIM_ROOT4; root <= PIM_ROOT6; root += PIM_ROOT6) {
		for (uint32_t length = PIM_LIST_MAX - 1; length <= PIM_LIST_MAX + 1; length++) {
			uint32_t words[CORRUPT_WORDS];

			corrupt_start(words, root, PIM_ENTRY_LIST);
			words[CORRUPT_NODE] = length;
			for (uint32_t at = 0; at < length; at++)
				words[CORRUPT_NODE + 1 + at] =
					root ? 0x20010000 + 3 * at : (3 * at) << 16;
			assert_int_equal(merge_exactly(words, CORRUPT_WORDS, PIM_ROLE_CLIENT, 1),
					 length <= PIM_LIST_MAX ? 0 : -EBADMSG);
		}
	}
}

/* Ranks that are not those of the bits, a first byte without a run. */
static void refuses_bitmaps_that_disagree(void **state)
{
	uint32_t words[CORRUPT_WORDS];

	(void)state;
	for (unsigned int change = 0; change < 18; change++) {
		uint8_t *ranks = (uint8_t *)&words[CORRUPT_NODE];
		bool refused = change > 0 && change < 17;

		corrupt_start(words, PIM_ROOT6, PIM_ENTRY_BITMAP);
		for (unsigned int word = 0; word < 8; word++) {
			words[CORRUPT_NODE + 2 + word] = 0x00010001;
			ranks[word] = (uint8_t)(2 * word);
		}
		for (unsigned int run = 0; run < 16; run++)
			((uint8_t *)&words[CORRUPT_NODE + 10])[run] = run % 2;
		if (change && change < 9)
			ranks[change - 1]++;
		else if (change >= 9 && change < 16) /* a run more, which the next ranks lack */
			words[CORRUPT_NODE + 2 + change - 9] |= 1u << 31;
		else if (change == 16)
			words[CORRUPT_NODE + 2] ^= 3;
		else if (change == 17) /* in the last word there is no rank behind */
			words[CORRUPT_NODE + 9] |= 1u << 31;
		assert_int_equal(merge_exactly(words, CORRUPT_WORDS, PIM_ROLE_CLIENT, 1000),
				 refused ? -EBADMSG : 0);
	}
}

/* Ids of the palette, of entries before the node, and of one before all words. */
static void refuses_ids_that_name_nothing(void **state)
{
	static const struct {
		uint32_t id;
		int result; /* 77: the client was visited */
	} cases[] = {
		{ 0, 0 }, { 1, 77 }, { 2, -EBADMSG }, { 0x8000, -EBADMSG },
		{ 0xffff, 0 }, { 0xffff - 15, 0 }, { 0xffff - 3, 77 },
		{ 0xffff - CORRUPT_NODE, -EBADMSG }, { 0xffff - CORRUPT_NODE + 1, 0 },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		uint32_t words[CORRUPT_WORDS];

		corrupt_start(words, PIM_ROOT4, PIM_ENTRY_LIST);
		words[CORRUPT_NODE] = 1;
		words[CORRUPT_NODE + 1] = cases[at].id;
		words[CORRUPT_NODE - 4] = words[PIM_PALETTE + 2];
		assert_int_equal(merge_exactly(words, CORRUPT_WORDS, PIM_ROLE_CLIENT, 1),
				 cases[at].result);
	}
}

/* More leaves than there are words, or than a palette has; an entry that is none. */
static void refuses_palettes_that_do_not_fit(void **state)
{
	static const struct {
		uint32_t count;
		int result;
	} cases[] = {
		{ 0, 0 }, { 2, 0 }, { CORRUPT_WORDS - PIM_PALETTE - 1, -EBADMSG },
		{ CORRUPT_WORDS, -EBADMSG }, { PIM_LEAVES_MAX + 1, -EBADMSG }, { ~0u, -EBADMSG },
	};
	uint32_t words[CORRUPT_WORDS], many[PIM_PALETTE + 2 + PIM_LEAVES_MAX + 1];

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		corrupt_start(words, PIM_ROOT4, 0);
		words[0x20] = PIM_ENTRY_LEAF;
		words[PIM_PALETTE] = cases[at].count;
		assert_int_equal(merge_exactly(words, CORRUPT_WORDS, PIM_ROLE_CLIENT, 1),
				 cases[at].result);
	}
	for (size_t word = 0; word < COUNT(many); word++)
		many[word] = PIM_ENTRY_LEAF;
	for (uint32_t count = PIM_LEAVES_MAX; count <= PIM_LEAVES_MAX + 1; count++) {
		many[PIM_PALETTE] = count;
		assert_int_equal(merge_exactly(many, COUNT(many), PIM_ROLE_CLIENT, 1),
				 count <= PIM_LEAVES_MAX ? 0 : -EBADMSG);
	}
}

static void stays_inside_of_random_words(void **state)
{
	size_t walked = 0, refused = 0;

	(void)state;
	start_random();
	for (unsigned int round = 0; round < 3000; round++) {
		size_t count = PIM_PALETTE + random_below(round % 3 ? 3000 : 10);
		uint32_t *words = calloc(count, sizeof(*words));
		unsigned int manner = random_below(4);
		int result;

		assert_non_null(words);
		for (size_t at = 0; at < count; at++) {
			uint32_t word = (uint32_t)random_number();

			if (manner &&
			    !(word & PIM_ENTRY_LEAF)) /* offsets near the end, or inside */
				word = (word & ~PIM_ENTRY_OFFSET) |
				       (manner == 1 ? count - 1 - random_below(300) :
						      random_below((unsigned int)count));
			if (manner == 3 && at >= PIM_PALETTE &&
			    random_below(3)) /* a list's length */
				word = random_below(random_below(2) ? 40 : 70000);
			if (at == PIM_PALETTE && random_below(8))
				word = random_below(4); /* leaves */
			else if (at > PIM_PALETTE && at < PIM_PALETTE + 4 && random_below(64))
				word |= PIM_ENTRY_LEAF;
			if (at < PIM_PALETTE && random_below(200)) /* most go far in the roots */
				word |= PIM_ENTRY_LEAF;
			words[at] = word;
		}
		result = merge_exactly(words, count, 1u << random_below(PIM_ROLES), 2000);
		refused += result == -EBADMSG;
		walked += result != -EBADMSG;
		free(words);
	}
	assert_true(walked > 100);
	assert_true(refused > 1000);
}

/* An image as built, in which few words are others. */
static void stays_inside_of_changed_images(void **state)
{
	size_t refused = 0, taken = 0;

	(void)state;
	start_random();
	for (unsigned int round = 0; round < 300; round++) {
		struct pim_addresses addresses;
		struct list list = {};
		uint32_t *words;

		add_random(&list, (enum kind)(round % LIST_KINDS), 1 + random_below(200));
		list.table_words = random_below(2) ? 0 : 1u << random_below(16);
		build(&list, &addresses);
		words = malloc(addresses.used_words * sizeof(*words));
		assert_non_null(words);
		for (unsigned int change = 0; change < 20; change++) {
			size_t at = random_below((unsigned int)addresses.used_words);
			int result;

			memcpy(words, addresses.words, addresses.used_words * sizeof(*words));
			switch (random_below(4)) {
			case 0:
				words[at] ^= 1u << random_below(32);
				break;
			case 1:
				words[at] = (uint32_t)random_number();
				break;
			case 2:
				words[at] = words[random_below((unsigned int)addresses.used_words)];
				break;
			default: /* to a node at the very end */
				words[at] =
					(words[at] & ~PIM_ENTRY_OFFSET & ~PIM_ENTRY_LEAF) |
					((uint32_t)addresses.used_words - 1 - random_below(260));
			}
			result = merge_exactly(words, addresses.used_words,
					       1u << random_below(PIM_ROLES), 5000);
			refused += result == -EBADMSG;
			taken += result == 0;
		}
		free(words);
		pim_addresses_free(&addresses);
		free_list(&list);
	}
	assert_true(refused > 100 && taken > 100);
}

static int take_visit(const struct pim_prefix *prefix, struct pim_address_value value,
		      void *context)
{
	(void)prefix;
	(void)value;
	(void)context;
	return 0;
}

/* In a child, which is ended after so many seconds of its own work: a machine that
 * has no time for it ends nothing. */
static int merge_in_time(const uint32_t *words, size_t count)
{
	static const struct itimerval most = { .it_value = { .tv_sec = 5 } };
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		setitimer(ITIMER_PROF, &most, NULL);
		_exit(-pim_addresses_merge(words, count, PIM_ROLE_CLIENT, take_visit, NULL) & 0xff);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		fail_msg("the merge of %zu words came to no end", count);
	return -WEXITSTATUS(status);
}

/* Sixteen tables, each of whose entries leads to the next: read as a tree, as
 * many leaves as addresses. */
static void comes_to_an_end_on_shared_nodes(void **state)
{
	const uint32_t tables = PIM_PALETTE + 1;
	uint32_t words[PIM_PALETTE + 1 + 15 * PIM_TABLE_WORDS];

	(void)state;
	for (size_t at = 0; at < COUNT(words); at++)
		words[at] = PIM_ENTRY_LEAF;
	words[PIM_PALETTE] = 0;
	for (uint32_t table = 0; table < 15; table++)
		for (size_t at = 0; at < PIM_TABLE_WORDS; at++)
			words[(table ? tables + (table - 1) * PIM_TABLE_WORDS : PIM_ROOT6) + at] =
				tables + table * PIM_TABLE_WORDS;
	assert_int_equal(merge_in_time(words, COUNT(words)), -EBADMSG);
}

/* Lists out of order, or outside of what they are for: no run ends before it began. */
static void refuses_lists_out_of_order(void **state)
{
	static const struct {
		uint32_t starts[4]; /* of the addresses' last two bytes, or four */
		uint32_t root;
		int result;
	} lists[] = {
		{ { 0, 200, 300, 400 }, PIM_ROOT4, 0 },
		{ { 0, 300, 200, 400 }, PIM_ROOT4, -EBADMSG },
		{ { 0, 200, 200, 400 }, PIM_ROOT4, -EBADMSG },
		{ { 5, 200, 300, 400 }, PIM_ROOT4, -EBADMSG },
		{ { 0, 65535, 1, 2 }, PIM_ROOT4, -EBADMSG },
		{ { 0x20010000, 0x20010200, 0x20010300, 0x2001ffff }, PIM_ROOT6, 0 },
		{ { 0x20010000, 0x20010300, 0x20010200, 0x2001ffff }, PIM_ROOT6, -EBADMSG },
		{ { 0x20010000, 0x20010200, 0x20010200, 0x2001ffff }, PIM_ROOT6, -EBADMSG },
		{ { 0x20010001, 0x20010200, 0x20010300, 0x2001ffff }, PIM_ROOT6, -EBADMSG },
		{ { 0x20000000, 0x20010200, 0x20010300, 0x2001ffff }, PIM_ROOT6, -EBADMSG },
		{ { 0x20010000, 0x20010200, 0x20010300, 0x20020000 }, PIM_ROOT6, -EBADMSG },
		{ { 0x20010000, 0x20010200, 0x20010300, 0xffffffff }, PIM_ROOT6, -EBADMSG },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(lists); at++) {
		uint32_t words[CORRUPT_WORDS];

		corrupt_start(words, lists[at].root, PIM_ENTRY_LIST);
		words[CORRUPT_NODE] = 4;
		for (uint32_t entry = 0; entry < 4; entry++) {
			words[CORRUPT_NODE + 1 + entry] = lists[at].root ?
				lists[at].starts[entry] : lists[at].starts[entry] << 16 | entry % 2;
			((uint8_t *)&words[CORRUPT_NODE + 5])[entry] = entry % 2;
		}
		assert_int_equal(merge_in_time(words, COUNT(words)), lists[at].result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_layout_of_leaves),
		cmocka_unit_test(answers_at_boundaries),
		cmocka_unit_test(makes_small_images_of_small_lists),
		cmocka_unit_test(nests_to_the_bottom),
		cmocka_unit_test(charges_a_partner_without_its_role),
		cmocka_unit_test(changes_node_with_the_ranges),
		cmocka_unit_test(looks_into_parts_of_lists),
		cmocka_unit_test(stays_within_the_longest_list),
		cmocka_unit_test(names_more_leaves_than_ids),
		cmocka_unit_test(makes_tables_where_ids_end),
		cmocka_unit_test(uses_the_last_key_of_a_list),
		cmocka_unit_test(answers_as_naive_matchers),
		cmocka_unit_test(answers_for_long_lists),
		cmocka_unit_test(builds_the_same_from_any_order),
		cmocka_unit_test(lays_out_by_ranges_alone),
		cmocka_unit_test(looked_up_often_enough), /* behind those that do */
		cmocka_unit_test(stops_when_told_to),
		cmocka_unit_test(refuses_images_that_are_too_short),
		cmocka_unit_test(refuses_nodes_that_do_not_fit),
		cmocka_unit_test(refuses_lists_that_are_too_long),
		cmocka_unit_test(refuses_bitmaps_that_disagree),
		cmocka_unit_test(refuses_ids_that_name_nothing),
		cmocka_unit_test(refuses_palettes_that_do_not_fit),
		cmocka_unit_test(stays_inside_of_random_words),
		cmocka_unit_test(stays_inside_of_changed_images),
		cmocka_unit_test(comes_to_an_end_on_shared_nodes),
		cmocka_unit_test(refuses_lists_out_of_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
