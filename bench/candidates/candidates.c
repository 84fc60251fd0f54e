/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Candidates for the address engine: builds each from the same list, checks it against a
 * plain matcher, and times all of them in turn. Arguments: numbers of prefixes, instead of
 * the default ones.
 *
 * Times are medians of the rounds, less the time to draw the addresses. "ns" is for
 * lookups that may overlap; for "ns alone", each waits for the answer before.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pimxdp/abi.h>

#include "image/addresses.h"
#include "output/table.h"

#include "candidates.skel.h"
#include "random.h"

enum { CHECK_RUNS = 10, ROUNDS = 11, REPEAT = 128 };

static void need(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "candidates: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	need(memory, "memory");
	return memory;
}

/* ---- the list, and the leaf of each address ---- */

struct list {
	__u32 family;
	__u32 positions; /* as in random.h; a prefix may be at more than one */
	size_t count;
	struct listed *prefixes; /* sorted: start, then length */
	size_t range_count;
	__u64 *starts; /* of the ranges; the first is 0 */
	__u32 *entries;
};

static int compare_listed(const void *left, const void *right)
{
	const struct listed *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (int)a->length - (int)b->length;
}

static void draw_prefixes(struct list *list, size_t wanted)
{
	list->prefixes = allocate(wanted, sizeof(*list->prefixes));
	while (list->count < wanted) {
		size_t kept = 0;

		while (list->count < wanted)
			list->prefixes[list->count++] = listed(list->positions++, list->family);
		qsort(list->prefixes, wanted, sizeof(*list->prefixes), compare_listed);
		for (size_t i = 0; i < wanted; i++)
			if (!kept || compare_listed(&list->prefixes[kept - 1], &list->prefixes[i]))
				list->prefixes[kept++] = list->prefixes[i];
		list->count = kept;
	}
}

/* The reference: finds the longest listed prefix by trying each length. */
static __u32 plain_look_up(const struct list *list, __u64 address)
{
	for (__u32 length = 64;; length--) {
		struct listed key = { address & ~host_bits(length), length, 0 }, *found;

		found = bsearch(&key, list->prefixes, list->count, sizeof(key), compare_listed);
		if (found)
			return found->entry;
		if (!length)
			return pim_address_leaf(0, 0);
	}
}

static int compare_starts(const void *left, const void *right)
{
	__u64 a = *(const __u64 *)left, b = *(const __u64 *)right;

	return a < b ? -1 : a > b;
}

/* A range can begin only where a prefix begins or after one ends. */
static void make_ranges(struct list *list)
{
	size_t count = 1, points = 2 * list->count + 1;
	__u32 entry;

	list->starts = allocate(points, sizeof(*list->starts));
	list->entries = allocate(points, sizeof(*list->entries));
	for (size_t i = 0; i < list->count; i++) {
		list->starts[2 * i + 1] = list->prefixes[i].start;
		list->starts[2 * i + 2] =
			(list->prefixes[i].start | host_bits(list->prefixes[i].length)) + 1;
	}
	qsort(list->starts, points, sizeof(*list->starts), compare_starts);
	list->entries[0] = plain_look_up(list, 0);
	for (size_t i = 1; i < points; i++) {
		if (list->starts[i] == list->starts[i - 1])
			continue;
		entry = plain_look_up(list, list->starts[i]);
		if (entry == list->entries[count - 1])
			continue;
		list->starts[count] = list->starts[i];
		list->entries[count++] = entry;
	}
	list->range_count = count;
}

/* ---- images: 32-bit words; in a map, their number is a power of two ---- */

struct image {
	__u32 *words;
	size_t used;
};

static size_t whole(size_t used)
{
	size_t words = 2;

	while (words < used)
		words *= 2;
	return words;
}

static struct image new_image(size_t used)
{
	return (struct image){ allocate(whole(used), sizeof(__u32)), used };
}

/*
 * DXR: 65,537 words, with the index of the first range of each upper half of an address;
 * then the lower halves of all starts, 16 bits each, beginning with 0 in each upper half;
 * then an entry for each range.
 */
static struct image build_dxr(const struct list *list, struct candidates_bpf *skeleton)
{
	const size_t top = 65537, most = list->range_count + 65536;
	uint16_t *starts = allocate(most, sizeof(*starts));
	__u32 *entries = allocate(most, sizeof(*entries)), *at = allocate(top, sizeof(*at)),
	      count = 0;
	size_t range = 0, values;
	struct image image;

	for (__u64 half = 0; half < 65536; half++) {
		at[half] = count;
		if (range == list->range_count || list->starts[range] != half << 48) {
			starts[count] = 0;
			entries[count++] = list->entries[range - 1];
		}
		for (; range < list->range_count && list->starts[range] >> 48 == half; range++) {
			starts[count] = (uint16_t)(list->starts[range] >> 32);
			entries[count++] = list->entries[range];
		}
	}
	at[65536] = count;
	values = top + (count + 1) / 2;
	image = new_image(values + count);
	memcpy(image.words, at, top * sizeof(*at));
	memcpy(image.words + top, starts, count * sizeof(*starts));
	memcpy(image.words + values, entries, count * sizeof(*entries));
	*(__u32 *)&skeleton->rodata->dxr_mask = whole(image.used) - 1;
	*(__u32 *)&skeleton->rodata->dxr_starts = 2 * top;
	*(__u32 *)&skeleton->rodata->dxr_values = values;
	free(starts);
	free(entries);
	free(at);
	return image;
}

/*
 * k-ary: each node is a cache line of sorted keys, and child i of node n is node
 * (keys + 1) * n + 1 + i. After the nodes there is an entry for each key. Places left over
 * at the end have the highest key and the entry of the last range.
 */
static void fill_kary(const struct list *list, struct image *image, size_t nodes, size_t node,
		      size_t *range)
{
	const size_t keys = list->family == 4 ? 16 : 8;

	for (size_t i = 0; i <= keys && node < nodes; i++) {
		size_t place = node * keys + i;
		bool left;

		fill_kary(list, image, nodes, (keys + 1) * node + 1 + i, range);
		if (i == keys)
			break;
		left = *range < list->range_count;
		if (list->family == 4)
			image->words[place] = left ? list->starts[*range] >> 32 : ~0u;
		else
			((__u64 *)image->words)[place] = left ? list->starts[*range] : ~0ull;
		image->words[nodes * 16 + place] = list->entries[left ? (*range)++ : *range - 1];
	}
}

static struct image build_kary(const struct list *list, struct candidates_bpf *skeleton)
{
	const size_t keys = list->family == 4 ? 16 : 8;
	size_t nodes = (list->range_count + keys - 1) / keys, range = 0;
	struct image image = new_image(nodes * 16 + nodes * keys);

	fill_kary(list, &image, nodes, 0, &range);
	*(__u32 *)&skeleton->rodata->kary_mask = whole(image.used) - 1;
	*(__u32 *)&skeleton->rodata->kary_nodes = nodes;
	*(__u32 *)&skeleton->rodata->kary_values = nodes * 16;
	return image;
}

/* Trie: tables of 256 words, one level for each byte. A word is a leaf, or the offset of the next
 * table. */
static __u32 fill_trie(const struct list *list, struct image *image, size_t *range, __u64 base,
		       unsigned int bit)
{
	__u32 table = image->used;

	image->used += 256;
	if (whole(image->used) > whole(table)) {
		image->words = realloc(image->words, whole(image->used) * sizeof(__u32));
		need(image->words, "memory");
	}
	for (__u64 byte = 0; byte < 256; byte++) {
		__u64 begin = base | byte << (56 - bit), last = begin | host_bits(bit + 8);
		__u32 entry;

		/* *range: the last range that does not begin after `begin` */
		while (*range + 1 < list->range_count && list->starts[*range + 1] <= begin)
			++*range;
		if (*range + 1 < list->range_count && list->starts[*range + 1] <= last)
			entry = fill_trie(list, image, range, begin, bit + 8);
		else
			entry = list->entries[*range];
		image->words[table + byte] = entry;
	}
	return table;
}

static struct image build_trie(const struct list *list, struct candidates_bpf *skeleton)
{
	struct image image = new_image(0);
	size_t range = 0;

	fill_trie(list, &image, &range, 0, 0);
	*(__u32 *)&skeleton->rodata->trie_mask = whole(image.used) - 1;
	return image;
}

static struct image build_ours(const struct list *list, struct candidates_bpf *skeleton)
{
	struct pim_claim *claims = allocate(list->count, sizeof(*claims));
	struct pim_addresses addresses;

	for (size_t i = 0; i < list->count; i++) {
		const struct listed *listed = &list->prefixes[i];
		__u64 start = __builtin_bswap64(listed->start);

		claims[i].prefix.family = list->family == 4 ? PIM_IPV4 : PIM_IPV6;
		claims[i].prefix.length = listed->length;
		memcpy(claims[i].prefix.address, &start, sizeof(start));
		claims[i].roles = pim_entry_roles(listed->entry);
		claims[i].partner = pim_entry_partner(listed->entry);
	}
	need(!pim_addresses_build(claims, list->count, &addresses), "our image");
	free(claims);
	need(addresses.word_count == whole(addresses.used_words), "our image's size");
	*(__u32 *)&skeleton->rodata->pim_image_word_mask = addresses.word_count - 1;
	*(__u8 *)&skeleton->rodata->pim_image_packed = addresses.packed;
	*(__u32 *)&skeleton->rodata->pim_leaf_count = addresses.leaf_count;
	return (struct image){ addresses.words, addresses.used_words };
}

/* ---- maps of prefixes ---- */

static void fill_prefixes(const struct list *list, const struct bpf_map *map)
{
	const size_t key_size = bpf_map__key_size(map);
	__u8 *keys = allocate(list->count, key_size), *key = keys;
	__u32 *values = allocate(list->count, sizeof(*values)), count = list->count;

	for (size_t i = 0; i < list->count; i++, key += key_size) {
		const struct listed *listed = &list->prefixes[i];
		__u64 start = __builtin_bswap64(listed->start), length = listed->length;

		if (bpf_map__type(map) == BPF_MAP_TYPE_LPM_TRIE) {
			memcpy(key, &listed->length, 4);
			memcpy(key + 4, &start, list->family == 4 ? 4 : 8);
		} else {
			memcpy(key, &listed->start, 8);
			memcpy(key + 8, &length, 8);
		}
		values[i] = listed->entry;
	}
	need(!bpf_map_update_batch(bpf_map__fd(map), keys, values, &count, NULL),
	     bpf_map__name(map));
	free(keys);
	free(values);
}

static void set_lengths(const struct list *list, struct candidates_bpf *skeleton)
{
	__u32 *lengths = (__u32 *)skeleton->rodata->lengths, count = 0;
	bool used[65] = {};

	for (size_t i = 0; i < list->count; i++)
		used[list->prefixes[i].length] = true;
	for (int length = 64; length > 0; length--)
		if (used[length])
			lengths[count++] = length;
	*(__u32 *)&skeleton->rodata->length_count = count;
}

/* ---- the runs ---- */

static const struct {
	__u32 family;
	const char *program, *map, *title;
	struct image (*build)(const struct list *list, struct candidates_bpf *skeleton);
} candidates[] = {
	/* The times of a family's first are subtracted from those of the others. */
	{ 4, "nothing4", NULL, NULL, NULL },
	{ 4, "lpm4", "lpm4_map", "LPM_TRIE", NULL },
	{ 4, "dxr4", "dxr_image", "DXR, 2^16 top", build_dxr },
	{ 4, "kary4", "kary_image", "k-ary, 16 keys", build_kary },
	{ 4, "trie4", "trie_image", "trie, 4 x 8 bits", build_trie },
	{ 4, "ours4", "pim_addresses", "ours", build_ours },
	{ 6, "nothing6", NULL, NULL, NULL },
	{ 6, "lpm6", "lpm6_map", "LPM_TRIE", NULL },
	{ 6, "kary6", "kary_image", "k-ary, 8 keys of /64", build_kary },
	{ 6, "probe6", "probe6_map", "HASH a length, /64", NULL },
	{ 6, "ours6", "pim_addresses", "ours", build_ours },
};
enum { CANDIDATE_COUNT = sizeof(candidates) / sizeof(*candidates) };

/* Nanoseconds per lookup. */
static double run(const struct bpf_program *program, int repeat)
{
	__u8 frame[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = repeat);

	need(!bpf_prog_test_run_opts(bpf_program__fd(program), &options), "test run");
	return (double)options.duration / CANDIDATE_BATCH; /* of one repeat */
}

static void check(const struct list *list, struct candidates_bpf *skeleton,
		  const struct bpf_program *program)
{
	__u64 state = CANDIDATE_SEED;

	skeleton->data->state = state;
	for (int i = 0; i < CHECK_RUNS * CANDIDATE_BATCH; i++) {
		const __u64 address = next_address(&state, list->positions, list->family);
		const __u32 answer = plain_look_up(list, address);

		if (i % CANDIDATE_BATCH == 0)
			run(program, 1);
		if (skeleton->bss->answers[i % CANDIDATE_BATCH] == answer)
			continue;
		fprintf(stderr, "candidates: %s, %zu prefixes: %016llx is %08x, not %08x\n",
			bpf_program__name(program), list->count, (unsigned long long)address,
			answer, skeleton->bss->answers[i % CANDIDATE_BATCH]);
		exit(1);
	}
}

/* The memory that the map takes, as the kernel reports it. */
static double map_bytes(const struct bpf_map *map)
{
	char path[64], line[128];
	double bytes = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", bpf_map__fd(map));
	file = fopen(path, "r");
	need(file, path);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, "memlock:", 8))
			bytes = strtod(line + 8, NULL);
	fclose(file);
	return bytes;
}

static int compare_times(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

static void measure(struct pim_table *table, __u32 family, size_t count)
{
	struct list list = { .family = family };
	struct candidates_bpf *skeleton = candidates_bpf__open();
	struct image images[CANDIDATE_COUNT] = {};
	double times[CANDIDATE_COUNT][2][ROUNDS], nothing[2] = {};
	const __u32 zero = 0;

	need(skeleton, "open");
	draw_prefixes(&list, count);
	make_ranges(&list);
	set_lengths(&list, skeleton);
	*(__u32 *)&skeleton->rodata->positions = list.positions;
	for (int i = 0; i < CANDIDATE_COUNT; i++) {
		struct bpf_map *map =
			candidates[i].map ?
				bpf_object__find_map_by_name(skeleton->obj, candidates[i].map) :
				NULL;

		if (candidates[i].family != family) {
			bpf_program__set_autoload(bpf_object__find_program_by_name(
							  skeleton->obj, candidates[i].program),
						  false);
		} else if (candidates[i].build) {
			images[i] = candidates[i].build(&list, skeleton);
			bpf_map__set_value_size(map, whole(images[i].used) * sizeof(__u32));
		} else if (map) {
			bpf_map__set_max_entries(map, count);
		}
	}
	need(!candidates_bpf__load(skeleton), "load");
	for (int i = 0; i < CANDIDATE_COUNT; i++) {
		const struct bpf_map *map;

		if (candidates[i].family != family || !candidates[i].map)
			continue;
		map = bpf_object__find_map_by_name(skeleton->obj, candidates[i].map);
		if (candidates[i].build)
			need(!bpf_map_update_elem(bpf_map__fd(map), &zero, images[i].words,
						  BPF_ANY),
			     "image");
		else
			fill_prefixes(&list, map);
		check(&list, skeleton,
		      bpf_object__find_program_by_name(skeleton->obj, candidates[i].program));
	}
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < CANDIDATE_COUNT; i++) {
			const struct bpf_program *program = bpf_object__find_program_by_name(
				skeleton->obj, candidates[i].program);

			if (candidates[i].family != family)
				continue;
			run(program, REPEAT); /* fills the caches with what this program needs */
			for (int chained = 0; chained < 2; chained++) {
				skeleton->bss->chained = chained;
				times[i][chained][round] = run(program, REPEAT);
				if (!candidates[i].map)
					nothing[chained] = times[i][chained][round];
				times[i][chained][round] -= nothing[chained];
			}
		}
	}
	for (int i = 0; i < CANDIDATE_COUNT; i++) {
		double used;

		if (candidates[i].family != family || !candidates[i].map)
			continue;
		used = map_bytes(bpf_object__find_map_by_name(skeleton->obj, candidates[i].map));
		pim_table_cell(table, "IPv%u", family);
		pim_table_number(table, count);
		pim_table_number(table, list.range_count);
		pim_table_cell(table, "%s", candidates[i].title);
		for (int chained = 0; chained < 2; chained++) {
			double *sorted = times[i][chained];

			qsort(sorted, ROUNDS, sizeof(*sorted), compare_times);
			pim_table_cell(table, "%.1f", sorted[ROUNDS / 2]);
			pim_table_cell(table, "%.1f..%.1f", sorted[0], sorted[ROUNDS - 1]);
		}
		pim_table_cell(table, "%.2f",
			       (images[i].words ? images[i].used * 4.0 : used) / 1e6);
		pim_table_cell(table, "%.2f", used / 1e6);
		free(images[i].words);
	}
	candidates_bpf__destroy(skeleton);
	free(list.prefixes);
	free(list.starts);
	free(list.entries);
}

int main(int argc, char **argv)
{
	static const struct pim_column columns[] = {
		{ "family", PIM_LEFT },
		{ "prefixes", PIM_RIGHT },
		{ "ranges", PIM_RIGHT },
		{ "candidate", PIM_LEFT },
		{ "ns", PIM_RIGHT },
		{ "min..max", PIM_RIGHT },
		{ "ns alone", PIM_RIGHT },
		{ "min..max", PIM_RIGHT },
		{ "MB used", PIM_RIGHT },
		{ "MB of map", PIM_RIGHT },
		{},
	};
	static char *counts[] = { NULL, "10", "1000", "10000", "100000", "1000000", NULL };
	char **count = argc > 1 ? argv : counts;
	struct pim_table *table = pim_table_new(columns);

	for (__u32 family = 4; family <= 6; family += 2)
		for (int i = 1; count[i]; i++)
			measure(table, family, strtoul(count[i], NULL, 10));
	pim_table_print(table, stdout, 0);
	return 0;
}
