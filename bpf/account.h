/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where every frame ends: it is counted once, under its outcome. */
#ifndef PIMXDP_BPF_ACCOUNT_H
#define PIMXDP_BPF_ACCOUNT_H

#include "flow.h"
#include "maps.h"
#include "packet.h"

/*
 * Entries are per CPU. Where softirqs do not preempt each other a plain add is exact. On
 * PREEMPT_RT a thread that handles packets can be preempted by another on the same CPU
 * (Documentation/core-api/real-time of the kernel; without CONFIG_PREEMPT_RT_NEEDS_BH_LOCK
 * local_bh_disable() only forbids to migrate), so there the adds are atomic. The verifier
 * removes the kind that is not used.
 */
#define PIM_COUNT(map, key, frame_bytes, atomic)                                         \
	({                                                                               \
		__u32 pim_key = (key);                                                   \
		typeof(*(map).value) *pim_entry = bpf_map_lookup_elem(&(map), &pim_key); \
		if (pim_entry) {                                                         \
			if (atomic) {                                                    \
				__sync_fetch_and_add(&pim_entry->packets, 1);            \
				__sync_fetch_and_add(&pim_entry->bytes, (frame_bytes));  \
			} else {                                                         \
				pim_entry->packets++;                                    \
				pim_entry->bytes += (frame_bytes);                       \
			}                                                                \
		}                                                                        \
	})

static __always_inline void pim_count(const struct pim_packet *packet, __u32 outcome,
				      const bool atomic)
{
	PIM_COUNT(pim_reasons, outcome, packet->frame_bytes, atomic);
	if (outcome == PIM_PASS_RULE) {
		PIM_COUNT(pim_rules, packet->rule, packet->frame_bytes, atomic);
		if (pim_entry_partner(packet->source))
			PIM_COUNT(pim_partners, pim_entry_partner(packet->source),
				  packet->frame_bytes, atomic);
	}
}

static __always_inline void pim_account(const struct pim_packet *packet, __u32 outcome)
{
	if (pim_preemptible) /* asked once: the load stays where the branch does not */
		pim_count(packet, outcome, true);
	else
		pim_count(packet, outcome, false);
	if (outcome == PIM_PASS_RULE) {
		if (packet->family == 4)
			pim_account_flow4(packet);
		else
			pim_account_flow6(packet);
	}
	if (pim_trace) {
		pim_decision.length_bytes = packet->frame_bytes;
		pim_decision.rule = packet->rule;
		pim_decision.partner = pim_entry_partner(packet->source);
		pim_decision.outcome = outcome;
		pim_decision.family = packet->family;
		pim_decision.protocol = packet->protocol;
		pim_decision.source_port_be = packet->source_port_be;
		pim_decision.destination_port_be = packet->destination_port_be;
		if (packet->family == 4) {
			__builtin_memcpy(pim_decision.source, &packet->source4_be, 4);
			__builtin_memcpy(pim_decision.destination, &packet->destination4_be, 4);
		} else {
			__builtin_memcpy(pim_decision.source, &packet->source6, 16);
			__builtin_memcpy(pim_decision.destination, &packet->destination6, 16);
		}
	}
}

#endif
