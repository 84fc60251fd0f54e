/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Address lookups in a loop: the filter's own engine, an LPM_TRIE with the same list, and
 * none, which gives the cost of the loop.
 *
 * In the `chained` programs each address depends on the answer before, which gives the
 * latency of a lookup. In the `free` ones the CPU can overlap lookups, as it can between
 * packets.
 */
#include "../bpf/address.h"
#include "../bpf/packet.h"

#include "bench_abi.h"

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct pim_bench_lpm4);
	__type(value, __u32);
} lpm4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct pim_bench_lpm6);
	__type(value, __u32);
} lpm6 SEC(".maps");

/* Filled by user space, in network byte order. */
__be32 addresses4[PIM_BENCH_ADDRESSES];
struct pim_address6 addresses6[PIM_BENCH_ADDRESSES];

__u64 answers; /* how many addresses were listed: the engines must agree */
__u32 cursor;
__u32 nothing; /* always 0, but neither the compiler nor the verifier knows */

struct walk {
	const __u32 *image;
	__u64 sum;
	__u32 at;
	__u32 last;
};

static __always_inline __u32 next(struct walk *walk, const bool chained)
{
	__u32 at = walk->at;

	walk->at = at + 1;
	if (chained)
		at += walk->last & nothing;
	return at & (PIM_BENCH_ADDRESSES - 1);
}

static __always_inline long answer(struct walk *walk, __u32 value)
{
	walk->last = value;
	walk->sum += value;
	return 0;
}

static __always_inline long none4(struct walk *walk, __u32 at)
{
	return answer(walk, addresses4[at]);
}

static __always_inline long none6(struct walk *walk, __u32 at)
{
	const __u32 *words = (const __u32 *)&addresses6[at];

	return answer(walk, words[0] ^ words[1] ^ words[2] ^ words[3]);
}

static __always_inline long ours4(struct walk *walk, __u32 at)
{
	return answer(walk,
		      !!pim_entry_roles(pim_look_up4(walk->image, bpf_ntohl(addresses4[at]))));
}

static __always_inline long ours6(struct walk *walk, __u32 at)
{
	return answer(walk, !!pim_entry_roles(pim_look_up6(walk->image, &addresses6[at])));
}

static __always_inline long trie4(struct walk *walk, __u32 at)
{
	struct pim_bench_lpm4 key = { .length = 32, .address_be = addresses4[at] };
	__u32 *value = bpf_map_lookup_elem(&lpm4, &key);

	return answer(walk, value ? *value : 0);
}

static __always_inline long trie6(struct walk *walk, __u32 at)
{
	struct pim_bench_lpm6 key = { .length = 128 };
	__u32 *value;

	__builtin_memcpy(key.address_be, &addresses6[at], sizeof(key.address_be));
	value = bpf_map_lookup_elem(&lpm6, &key);
	return answer(walk, value ? *value : 0);
}

#define PROGRAM(engine, order, chained)                                            \
	static long engine##_##order##_step(__u32 index __attribute__((unused)),   \
					    struct walk *walk)                     \
	{                                                                          \
		return engine(walk, next(walk, chained));                          \
	}                                                                          \
	SEC("xdp")                                                                 \
	int engine##_##order(struct xdp_md *context __attribute__((unused)))       \
	{                                                                          \
		struct walk walk = { .image = pim_address_image(), .at = cursor }; \
                                                                                   \
		if (!walk.image)                                                   \
			return XDP_ABORTED;                                        \
		bpf_loop(PIM_BENCH_LOOPS, engine##_##order##_step, &walk, 0);      \
		cursor = walk.at;                                                  \
		answers += walk.sum;                                               \
		return XDP_DROP;                                                   \
	}

PROGRAM(none4, chained, true)
PROGRAM(none4, free, false)
PROGRAM(none6, chained, true)
PROGRAM(none6, free, false)
PROGRAM(ours4, chained, true)
PROGRAM(ours4, free, false)
PROGRAM(ours6, chained, true)
PROGRAM(ours6, free, false)
PROGRAM(trie4, chained, true)
PROGRAM(trie4, free, false)
PROGRAM(trie6, chained, true)
PROGRAM(trie6, free, false)

/* A filter as it is often written, with one LPM_TRIE of sources. It looks them up, and
 * then drops listed and other sources alike, since it has no service to admit. */
SEC("xdp")
int trie_filter(struct xdp_md *context)
{
	const __u8 *data = (void *)(long)context->data;
	struct pim_bench_lpm4 key = { .length = 32 };

	if (data + 34 > (const __u8 *)(long)context->data_end ||
	    *(const __be16 *)(data + 12) != bpf_htons(0x0800))
		return XDP_PASS;
	key.address_be = *(const __be32 *)(data + 26);
	answers += !!bpf_map_lookup_elem(&lpm4, &key);
	return XDP_DROP;
}

char pim_license[] SEC("license") = "Dual BSD/GPL";
