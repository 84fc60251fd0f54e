/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Flow accounting in a loop, for packets of random flows: the filter's own table, a BPF
 * LRU table, and none, which gives the cost of the loop.
 */
#include "../bpf/flow.h"

#include "bench_abi.h"

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, PIM_BENCH_LRU);
	__type(key, struct pim_flow4_key);
	__type(value, struct pim_slot);
} lru SEC(".maps");

__u64 flows = 1;
__u64 state;

struct walk {
	__u64 state, flows, sum;
};

/* Makes a packet of a random flow; each flow has its own source and port. */
static __always_inline void make(struct walk *walk, struct pim_packet *packet)
{
	__u64 flow;

	walk->state = walk->state * 6364136223846793005ULL + 1442695040888963407ULL;
	flow = (walk->state >> 32) * walk->flows >> 32;
	flow *= 0x9e3779b97f4a7c15ULL;
	packet->frame_bytes = 60;
	packet->source4_be = flow >> 32;
	packet->source_port_be = flow >> 16;
	packet->destination4_be = 0x0a0a0a0a;
	packet->destination_port_be = 0x1234;
	packet->protocol = 6;
	packet->tcp_flags = 0x10;
	packet->rule = 1;
	packet->source = pim_address_leaf(PIM_ROLE_CLIENT, 2);
}

static long none_step(__u32 index __attribute__((unused)), struct walk *walk)
{
	struct pim_packet packet;

	make(walk, &packet);
	walk->sum += packet.source4_be ^ packet.source_port_be;
	return 0;
}

static long ours_step(__u32 index __attribute__((unused)), struct walk *walk)
{
	struct pim_packet packet;

	make(walk, &packet);
	pim_account_flow4(&packet);
	return 0;
}

static long lru_step(__u32 index __attribute__((unused)), struct walk *walk)
{
	__u64 now_ticks = bpf_jiffies64();
	struct pim_flow4_key key = {};
	struct pim_slot *flow, new = {};
	struct pim_packet packet;

	make(walk, &packet);
	__builtin_memcpy(key.source, &packet.source4_be, sizeof(key.source));
	__builtin_memcpy(key.destination, &packet.destination4_be, sizeof(key.destination));
	key.source_port_be = packet.source_port_be;
	key.destination_port_be = packet.destination_port_be;
	key.protocol = packet.protocol;
	flow = bpf_map_lookup_elem(&lru, &key);
	if (flow) {
		flow->packets++;
		flow->bytes += packet.frame_bytes;
		flow->last_ticks = now_ticks;
		flow->tcp_flags |= packet.tcp_flags;
		return 0;
	}
	new.packets = 1;
	new.bytes = packet.frame_bytes;
	new.first_ticks = new.last_ticks = now_ticks;
	new.rule = packet.rule;
	new.partner = pim_entry_partner(packet.source);
	new.tcp_flags = packet.tcp_flags;
	bpf_map_update_elem(&lru, &key, &new, BPF_ANY);
	return 0;
}

#define PROGRAM(table)                                                    \
	SEC("xdp")                                                        \
	int table##_flows(struct xdp_md *context __attribute__((unused))) \
	{                                                                 \
		struct walk walk = { .state = state, .flows = flows };    \
                                                                          \
		bpf_loop(PIM_BENCH_LOOPS, table##_step, &walk, 0);        \
		state = walk.state + (walk.sum & 1);                      \
		return XDP_DROP;                                          \
	}

PROGRAM(none)
PROGRAM(ours)
PROGRAM(lru)

char pim_license[] SEC("license") = "Dual BSD/GPL";
