/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/prefix.h"
#include "say.h"

/* Shares per thousand, close to those in public routing tables. */
struct share {
	uint8_t length;
	uint16_t per_mille;
};
static const struct share shares4[] = {
	{ 16, 12 }, { 17, 8 },	 { 18, 12 }, { 19, 25 },  { 20, 45 },
	{ 21, 50 }, { 22, 110 }, { 23, 95 }, { 24, 583 }, { 32, 60 },
};
static const struct share shares6[] = {
	{ 32, 130 }, { 36, 30 }, { 40, 80 }, { 44, 90 }, { 46, 40 },
	{ 48, 480 }, { 52, 20 }, { 56, 60 }, { 64, 70 },
};

/* The blocks from which registries allocate IPv6 addresses. */
static const struct share6 {
	uint16_t start;
	uint8_t length;
} registries[] = {
	{ 0x2001, 16 }, { 0x2400, 12 }, { 0x2600, 12 },
	{ 0x2800, 12 }, { 0x2a00, 12 }, { 0x2c00, 12 },
};

static uint8_t pick_length(uint8_t family, uint64_t *state)
{
	const struct share *share = family == PIM_IPV4 ? shares4 : shares6;
	uint64_t at = pim_splitmix64(state) % 1000;

	for (; at >= share->per_mille; share++)
		at -= share->per_mille;
	return share->length;
}

static void fill(uint8_t address[16], uint64_t high, uint64_t low)
{
	for (int i = 0; i < 8; i++) {
		address[i] = high >> (56 - 8 * i);
		address[8 + i] = low >> (56 - 8 * i);
	}
}

static void clear_host(struct pim_prefix *prefix)
{
	for (int bit = prefix->length; bit < (int)pim_family_bits(prefix->family); bit++)
		prefix->address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

struct pim_prefix bench_inside(const struct pim_prefix *prefix, uint64_t *state)
{
	struct pim_prefix host = *prefix;
	uint8_t bits[16];

	host.length = pim_family_bits(prefix->family);
	fill(bits, pim_splitmix64(state), pim_splitmix64(state));
	for (int bit = prefix->length; bit < host.length; bit++)
		host.address[bit / 8] |= bits[bit / 8] & 0x80 >> bit % 8;
	return host;
}

static bool is_martian4(uint32_t address)
{
#define PIM_MARTIAN4(word, length, title)             \
	if (!((address ^ (word)) >> (32 - (length)))) \
		return true;
#include <pimxdp/martians.def>
	return false;
}

struct pim_prefix bench_anywhere(uint8_t family, uint64_t *state)
{
	struct pim_prefix host = { .family = family, .length = pim_family_bits(family) };
	uint64_t bits = pim_splitmix64(state);

	if (family == PIM_IPV4) {
		/* Unicast without martians, which never get as far as a lookup. */
		while (is_martian4(bits >> 32))
			bits = pim_splitmix64(state);
		fill(host.address, bits & 0xffffffff00000000ULL, 0);
	} else {
		const struct share6 *registry =
			&registries[pim_splitmix64(state) %
				    (sizeof(registries) / sizeof(*registries))];

		bits = (uint64_t)registry->start << 48 | bits >> registry->length;
		fill(host.address, bits, pim_splitmix64(state));
	}
	return host;
}

static int compare(const void *a, const void *b)
{
	return pim_prefix_compare(a, b);
}

struct pim_prefix *bench_list(uint8_t family, size_t count, uint64_t seed)
{
	/* An IPv6 list is drawn from an eighth as many /32 blocks as it has prefixes. */
	size_t made = 0, block_count = family == PIM_IPV6 ? 1 + count / 8 : 0;
	struct pim_prefix *list = bench_allocate(count, sizeof(*list));
	struct pim_prefix *blocks = bench_allocate(block_count + 1, sizeof(*blocks));
	uint64_t state = seed;

	for (size_t i = 0; i < block_count; i++) {
		blocks[i] = bench_anywhere(family, &state);
		blocks[i].length = 32;
		clear_host(&blocks[i]);
	}
	while (made < count) {
		size_t kept = 0;

		for (; made < count; made++) {
			list[made] =
				family == PIM_IPV6 ?
					bench_inside(&blocks[pim_splitmix64(&state) % block_count],
						     &state) :
					bench_anywhere(family, &state);
			list[made].length = pick_length(family, &state);
			clear_host(&list[made]);
			/* There may be too few blocks for the /32s, so take those from anywhere. */
			if (family == PIM_IPV6 && list[made].length == 32) {
				list[made] = bench_anywhere(family, &state);
				list[made].length = 32;
				clear_host(&list[made]);
			}
		}
		qsort(list, made, sizeof(*list), compare);
		for (size_t i = 0; i < made; i++)
			if (!kept || pim_prefix_compare(&list[kept - 1], &list[i]))
				list[kept++] = list[i];
		made = kept;
	}
	for (size_t i = count; i > 1; i--) {
		size_t other = pim_splitmix64(&state) % i;
		struct pim_prefix swapped = list[i - 1];

		list[i - 1] = list[other];
		list[other] = swapped;
	}
	free(blocks);
	return list;
}

struct pim_prefix *bench_read_list(const char *path, size_t *count)
{
	struct pim_prefix *list = NULL;
	struct pim_error error;
	FILE *file = fopen(path, "re");
	char line[128];

	if (!file)
		bench_die("%s: %s", path, strerror(errno));
	for (*count = 0; fgets(line, sizeof(line), file); ++*count) {
		line[strcspn(line, "\n")] = '\0';
		list = realloc(list, (*count + 1) * sizeof(*list));
		if (!list)
			bench_die("out of memory");
		if (pim_prefix_parse(line, &list[*count], &error))
			bench_die("%s: %s", path, error.text);
	}
	fclose(file);
	return list;
}
