/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the benchmark's BPF programs and pimbench share. */
#ifndef PIMXDP_BENCH_ABI_H
#define PIMXDP_BENCH_ABI_H

/* Addresses that one lookup benchmark goes through, again and again; a power of
 * two, and enough that no cache learns them. */
#define PIM_BENCH_ADDRESSES (1U << 20)

/* Loops of one run of a program, so that the run's own cost vanishes. */
#define PIM_BENCH_LOOPS 1024U

/* Entries of the LRU table that flows are compared with. */
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
 * The generator of the rate rig. A frame has one of `kind_count` kinds; its
 * source address is the kind's base with random host bits, its ports are the
 * kind's. With `flows` there are just that many different frames, in random
 * order, flow f of kind f % kind_count; with 0, every frame is of a kind and an
 * address at random. Addresses and ports in host order.
 */
#define PIM_RIG_KINDS 1024U
struct pim_rig_kind {
	__u32 source;
	__u32 host_mask;
	__u16 source_port; /* 0: at random, 1,024 and above */
	__u16 destination_port;
	__u32 pad;
	__u64 frames; /* made so far; counted by the generator */
};
struct pim_rig {
	__u64 state; /* of the random numbers */
	__u64 flows;
	__u32 kind_count; /* a power of two where flows is not 0 */
	__u32 interface;  /* index of where frames go */
	struct pim_rig_kind kinds[PIM_RIG_KINDS];
};

#endif
