/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counts admitted packets by flow (pimxdp/flow.h describes the tables). */
#ifndef PIMXDP_BPF_FLOW_H
#define PIMXDP_BPF_FLOW_H

#include <pimxdp/flow.h>
#include <pimxdp/flow_hash.h>
#include <pimxdp/image.h>

#include "maps.h"
#include "packet.h"

/* Index of a slot in a table: this CPU's part, and the slot in it that the hash selects. */
static __always_inline __u32 pim_slot(__u32 hash, __u32 slots, __u32 shift)
{
	return bpf_get_smp_processor_id() * slots + (hash >> (shift & 31));
}

/* Counts the packet in a slot. Unless `known`, its flow takes the slot over and evicts the
 * flow that held it, if any. Only this CPU writes the slot: plain adds are exact, but where
 * packets preempt each other (account.h), since a slot is more than counters. */
static __always_inline void pim_count_flow(struct pim_slot *flow, bool known,
					   const struct pim_packet *packet)
{
	__u64 now_ticks = bpf_jiffies64(); /* a load; reading a clock would be a call */
	const __u32 zero = 0;

	if (!known) {
		struct pim_flow_state *state = bpf_map_lookup_elem(&pim_flow_state, &zero);

		if (state) {
			state->inserts++;
			state->ticks = now_ticks;
			state->ns = bpf_ktime_get_coarse_ns();
			if (flow->packets) {
				state->evictions++;
				state->evicted_packets += flow->packets;
				state->evicted_bytes += flow->bytes;
			}
		}
		flow->packets = 0;
		flow->bytes = 0;
		flow->first_ticks = now_ticks;
		flow->tcp_flags = 0;
	}
	flow->packets++;
	flow->bytes += packet->frame_bytes;
	flow->last_ticks = now_ticks;
	flow->rule = packet->rule;
	flow->partner = pim_entry_partner(packet->source);
	flow->tcp_flags |= packet->tcp_flags;
}

static __always_inline void pim_account_flow4(const struct pim_packet *packet)
{
	const __u32 words[PIM_FLOW4_WORDS] = {
		packet->source4_be,
		packet->destination4_be,
		(__u32)packet->destination_port_be << 16 | packet->source_port_be,
		packet->protocol,
	};
	__u32 index = pim_slot(pim_flow_hash(pim_flow_keys, words, PIM_FLOW4_WORDS),
			       pim_slots4_per_cpu, pim_slots4_shift);
	struct pim_slot4 *slot = bpf_map_lookup_elem(&pim_slots4, &index);
	struct pim_flow4_key key = {
		.source_port_be = packet->source_port_be,
		.destination_port_be = packet->destination_port_be,
		.protocol = packet->protocol,
	};
	const __u64 *wanted = (const __u64 *)&key;
	__u64 *held;
	bool known;

	if (!slot)
		return; /* never NULL: the table has a part for every CPU */
	__builtin_memcpy(key.source, &packet->source4_be, sizeof(key.source));
	__builtin_memcpy(key.destination, &packet->destination4_be, sizeof(key.destination));
	held = (__u64 *)&slot->key;
	known = slot->slot.packets && !((held[0] ^ wanted[0]) | (held[1] ^ wanted[1]));
	pim_count_flow(&slot->slot, known, packet);
	if (!known) {
		held[0] = wanted[0];
		held[1] = wanted[1];
	}
}

static __always_inline void pim_account_flow6(const struct pim_packet *packet)
{
	struct pim_flow6_key key = {
		.source_port_be = packet->source_port_be,
		.destination_port_be = packet->destination_port_be,
		.protocol = packet->protocol,
	};
	const __u64 *wanted = (const __u64 *)&key;
	/* Loaded from the stack word by word: to take them out of 64 bits takes longer. */
	const volatile __be32 *source = (const volatile __be32 *)&packet->source6;
	const volatile __be32 *destination = (const volatile __be32 *)&packet->destination6;
	const __u32 words[PIM_FLOW6_WORDS] = {
		source[0],
		source[1],
		source[2],
		source[3],
		destination[0],
		destination[1],
		destination[2],
		destination[3],
		(__u32)packet->destination_port_be << 16 | packet->source_port_be,
		packet->protocol,
	};
	__u64 differs = 0, *held;
	struct pim_slot6 *slot;
	__u32 index;
	bool known;

	__builtin_memcpy(key.source, &packet->source6, sizeof(key.source));
	__builtin_memcpy(key.destination, &packet->destination6, sizeof(key.destination));
	index = pim_slot(pim_flow_hash(pim_flow_keys, words, PIM_FLOW6_WORDS), pim_slots6_per_cpu,
			 pim_slots6_shift);
	slot = bpf_map_lookup_elem(&pim_slots6, &index);
	if (!slot)
		return; /* never NULL: the table has a part for every CPU */
	held = (__u64 *)&slot->key;
	for (int word = 0; word < (int)PIM_FLOW6_WORDS / 2; word++)
		differs |= held[word] ^ wanted[word];
	known = slot->slot.packets && !differs;
	pim_count_flow(&slot->slot, known, packet);
	if (!known)
		for (int word = 0; word < (int)PIM_FLOW6_WORDS / 2; word++)
			held[word] = wanted[word];
}

#endif
