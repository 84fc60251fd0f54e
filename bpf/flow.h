/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Admitted packets by flow. */
#ifndef PIMXDP_BPF_FLOW_H
#define PIMXDP_BPF_FLOW_H

#include "maps.h"
#include "packet.h"

/* A flow may be seen by several CPUs (a driver that spreads by packet, skb
 * mode with RPS), so its sums are atomic. */
static __always_inline void pim_count_flow(void *map, const void *key,
					   const struct pim_packet *packet)
{
	__u64 now_ns = bpf_ktime_get_coarse_ns();
	struct pim_flow *flow = bpf_map_lookup_elem(map, key);

	if (!flow) {
		struct pim_flow fresh = { .first_ns = now_ns };

		/* Another CPU may have been first: then its entry stands. */
		bpf_map_update_elem(map, key, &fresh, BPF_NOEXIST);
		flow = bpf_map_lookup_elem(map, key);
		if (!flow)
			return;
	}
	__sync_fetch_and_add(&flow->packets, 1);
	__sync_fetch_and_add(&flow->bytes, packet->frame_bytes);
	flow->last_ns = now_ns;
	flow->rule = packet->rule;
	flow->partner = packet->source.partner;
	flow->tcp_flags |= packet->tcp_flags;
}

static __always_inline void pim_account_flow(const struct pim_packet *packet)
{
	if (packet->family == 4) {
		struct pim_flow4_key key = {
			.source_port_be = packet->source_port_be,
			.destination_port_be = packet->destination_port_be,
			.protocol = packet->protocol,
		};

		__builtin_memcpy(key.source, packet->source4.address, sizeof(key.source));
		__builtin_memcpy(key.destination, packet->destination4.address,
				 sizeof(key.destination));
		pim_count_flow(&pim_flows, &key, packet);
	} else {
		struct pim_flow6_key key = {
			.source_port_be = packet->source_port_be,
			.destination_port_be = packet->destination_port_be,
			.protocol = packet->protocol,
		};

		__builtin_memcpy(key.source, packet->source6.address, sizeof(key.source));
		__builtin_memcpy(key.destination, packet->destination6.address,
				 sizeof(key.destination));
		pim_count_flow(&pim_flows6, &key, packet);
	}
}

#endif
