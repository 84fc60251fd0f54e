/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the benchmark's BPF programs and pimbench share. */
#ifndef PIMXDP_BENCH_ABI_H
#define PIMXDP_BENCH_ABI_H

/* Addresses that a lookup benchmark cycles through: a power of two, and too many to stay in
 * a cache. */
#define PIM_BENCH_ADDRESSES (1U << 20)

/* Iterations in one run of a program, so that the cost of the run itself is negligible. */
#define PIM_BENCH_LOOPS 1024U

/* Entries of the LRU table that the flow table is compared with. */
#define PIM_BENCH_LRU 65536U

struct pim_bench_lpm4 {
	__u32 length; /* bits */
	__be32 address_be;
};
struct pim_bench_lpm6 {
	__u32 length;
	__be32 address_be[4];
};

/*
 * The frame generator of the rate rig. A frame has one of `kind_count` kinds: its source
 * address is the kind's base with random host bits, its ports are the kind's. If `flows`
 * is not 0 there are just that many flows, in random order; flow f is of kind
 * f % kind_count. If it is 0, every frame has a random kind and address. Addresses and
 * ports are in host byte order.
 */
#define PIM_RIG_KINDS 1024U
struct pim_rig_kind {
	__u32 source;
	__u32 host_mask;
	__u16 source_port; /* 0: random, 1,024 and above */
	__u16 destination_port;
	__u32 pad;
	__u64 frames; /* made so far; counted by the generator */
};
struct pim_rig {
	__u64 state; /* of the random number generator */
	__u64 flows;
	__u32 kind_count; /* a power of two if flows is not 0 */
	__u32 interface;  /* index of the interface to send on */
	struct pim_rig_kind kinds[PIM_RIG_KINDS];
};

#endif
