/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Compares the address engine with an LPM_TRIE of the same list. */
#include "bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <pimxdp/abi.h>

#include "image/addresses.h"

#include "bench_abi.h"
#include "say.h"

#include "lookup.skel.h"

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void fill_trie4(int map, const struct pim_claim *claims, size_t count)
{
	struct pim_bench_lpm4 *keys = bench_allocate(count, sizeof(*keys));
	__u32 *values = bench_allocate(count, sizeof(*values)), done = count;

	for (size_t i = 0; i < count; i++) {
		keys[i].length = claims[i].prefix.length;
		memcpy(&keys[i].address_be, claims[i].prefix.address, 4);
		values[i] = 1;
	}
	if (bpf_map_update_batch(map, keys, values, &done, NULL))
		bench_die("cannot fill the LPM_TRIE: %s", strerror(errno));
	free(keys);
	free(values);
}

static void fill_trie6(int map, const struct pim_claim *claims, size_t count)
{
	struct pim_bench_lpm6 *keys = bench_allocate(count, sizeof(*keys));
	__u32 *values = bench_allocate(count, sizeof(*values)), done = count;

	for (size_t i = 0; i < count; i++) {
		keys[i].length = claims[i].prefix.length;
		memcpy(keys[i].address_be, claims[i].prefix.address, 16);
		values[i] = 1;
	}
	if (bpf_map_update_batch(map, keys, values, &done, NULL))
		bench_die("cannot fill the LPM_TRIE: %s", strerror(errno));
	free(keys);
	free(values);
}

/* Half of the addresses are inside listed prefixes, half are anywhere. */
static void fill_addresses(struct lookup_bpf *skeleton, uint8_t family,
			   const struct pim_prefix *list, size_t count, uint64_t seed)
{
	for (uint32_t i = 0; i < PIM_BENCH_ADDRESSES; i++) {
		struct pim_prefix host;

		if (pim_splitmix64(&seed) & 1)
			host = bench_inside(&list[pim_splitmix64(&seed) % count], &seed);
		else
			host = bench_anywhere(family, &seed);
		if (family == PIM_IPV4)
			memcpy(&skeleton->bss->addresses4[i], host.address, 4);
		else
			memcpy(skeleton->bss->addresses6[i].bytes, host.address, 16);
	}
}

/* The sum of an engine's answers for all addresses, each of which is looked up once. */
static uint64_t answers(struct lookup_bpf *skeleton, const struct bpf_program *program)
{
	static const char frame[64];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = PIM_BENCH_ADDRESSES / PIM_BENCH_LOOPS);

	skeleton->bss->cursor = 0;
	skeleton->bss->answers = 0;
	if (bpf_prog_test_run_opts(bpf_program__fd(program), &options))
		bench_die("%s does not run: %s", bpf_program__name(program), strerror(errno));
	return *(volatile __u64 *)&skeleton->bss->answers;
}

/* How many of the addresses are listed; both engines must agree. */
static uint64_t compare_answers(struct lookup_bpf *skeleton, uint8_t family)
{
	uint64_t ours = answers(skeleton, family == PIM_IPV4 ? skeleton->progs.ours4_free :
							       skeleton->progs.ours6_free);
	uint64_t trie = answers(skeleton, family == PIM_IPV4 ? skeleton->progs.trie4_free :
							       skeleton->progs.trie6_free);

	if (ours != trie)
		bench_die("%llu addresses are listed in the image, %llu in the LPM_TRIE",
			  (unsigned long long)ours, (unsigned long long)trie);
	return ours;
}

static json_t *measure(struct lookup_bpf *skeleton, uint8_t family, bool chained,
		       const struct bench_effort *effort)
{
	/* clang-format off */
	const struct bpf_program *programs[2][2][3] = {
		{ { skeleton->progs.none4_free, skeleton->progs.ours4_free, skeleton->progs.trie4_free },
		  { skeleton->progs.none4_chained, skeleton->progs.ours4_chained,
		    skeleton->progs.trie4_chained } },
		{ { skeleton->progs.none6_free, skeleton->progs.ours6_free, skeleton->progs.trie6_free },
		  { skeleton->progs.none6_chained, skeleton->progs.ours6_chained,
		    skeleton->progs.trie6_chained } },
	};
	/* clang-format on */
	const struct bpf_program **three = programs[family == PIM_IPV6][chained];
	struct bench_subject subjects[3] = {
		{ .name = "loop", .program = bpf_program__fd(three[0]) },
		{ .name = "ours", .program = bpf_program__fd(three[1]) },
		{ .name = "LPM_TRIE", .program = bpf_program__fd(three[2]) },
	};
	static const char frame[64];

	bench_interleave(subjects, 3, effort, frame, sizeof(frame));
	/* clang-format off */
	return json_pack("{s:o, s:o, s:{s:o}}", "loop",
			 bench_summary(subjects[0].rounds_ns, NULL, PIM_BENCH_LOOPS, effort), "ours",
			 bench_summary(subjects[1].rounds_ns, subjects[0].rounds_ns, PIM_BENCH_LOOPS,
				       effort),
			 "peers", "LPM_TRIE",
			 bench_summary(subjects[2].rounds_ns, subjects[0].rounds_ns, PIM_BENCH_LOOPS,
				       effort));
	/* clang-format on */
}

static json_t *measure_list(uint8_t family, size_t count, const struct bench_effort *effort)
{
	struct pim_prefix *list = bench_list(family, count, 40 + family);
	struct pim_claim *claims = bench_allocate(count, sizeof(*claims));
	struct pim_addresses addresses = {};
	struct lookup_bpf *skeleton = lookup_bpf__open();
	struct bpf_map *trie;
	json_t *one, *chained;
	double build_s, trie_s;
	const uint32_t zero = 0;
	uint64_t listed;

	if (!skeleton)
		bench_die("the lookup programs do not open: %s", strerror(errno));
	for (size_t i = 0; i < count; i++)
		claims[i] = (struct pim_claim){ .prefix = list[i], .roles = PIM_ROLE_BLOCK };
	trie = family == PIM_IPV4 ? skeleton->maps.lpm4 : skeleton->maps.lpm6;
	bpf_map__set_max_entries(trie, count);
	build_s = now_s();
	if (pim_addresses_build(claims, count, &addresses))
		bench_die("the address image of %zu prefixes cannot be built", count);
	build_s = now_s() - build_s;
	*(uint32_t *)&skeleton->rodata->pim_image_word_mask = addresses.word_count - 1;
	*(__u8 *)&skeleton->rodata->pim_image_packed = addresses.packed;
	*(uint32_t *)&skeleton->rodata->pim_leaf_count = addresses.leaf_count;
	bpf_map__set_value_size(skeleton->maps.pim_addresses,
				addresses.word_count * sizeof(*addresses.words));
	if (lookup_bpf__load(skeleton) ||
	    bpf_map_update_elem(bpf_map__fd(skeleton->maps.pim_addresses), &zero, addresses.words,
				BPF_ANY))
		bench_die("the lookup programs do not load: %s", strerror(errno));
	trie_s = now_s();
	if (family == PIM_IPV4)
		fill_trie4(bpf_map__fd(trie), claims, count);
	else
		fill_trie6(bpf_map__fd(trie), claims, count);
	trie_s = now_s() - trie_s;
	fill_addresses(skeleton, family, list, count, 11);
	listed = compare_answers(skeleton, family);
	one = measure(skeleton, family, false, effort);
	chained = measure(skeleton, family, true, effort);
	json_object_set_new(one, "family", json_integer(family));
	json_object_set_new(one, "prefixes", json_integer(count));
	json_object_set_new(one, "ranges", json_integer(addresses.range_count[family == PIM_IPV6]));
	json_object_set_new(one, "image_bytes", json_integer(addresses.word_count * sizeof(__u32)));
	json_object_set_new(one, "build_s", json_real(build_s));
	json_object_set_new(one, "trie_fill_s", json_real(trie_s));
	json_object_set_new(one, "listed_share", json_real((double)listed / PIM_BENCH_ADDRESSES));
	json_object_set_new(one, "chained", chained);
	lookup_bpf__destroy(skeleton);
	pim_addresses_free(&addresses);
	free(claims);
	free(list);
	return one;
}

json_t *bench_lookup(int count, char **arguments, const struct bench_effort *effort)
{
	json_t *rows = json_array();

	(void)arguments;
	if (count)
		bench_die("lookup: expected no arguments");
	for (uint8_t family = 4; family <= 6; family += 2)
		for (size_t size = 10; size <= effort->largest; size *= size == 10 ? 100 : 10) {
			bench_waiting("lookup: %zu prefixes, IPv%u", size, family);
			json_array_append_new(rows, measure_list(family, size, effort));
		}
	return rows;
}
