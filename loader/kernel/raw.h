/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What was read from a filter's maps: counters summed over CPUs, and flows. */
#ifndef PIMXDP_KERNEL_RAW_H
#define PIMXDP_KERNEL_RAW_H

#include <stddef.h>
#include <stdint.h>

#include <pimxdp/abi.h>

struct pim_raw_flow {
	uint8_t family; /* enum pim_family; IPv4 addresses are in the first four bytes */
	struct pim_flow6_key key;
	uint64_t packets;
	uint64_t bytes;
	uint64_t first_ns, last_ns; /* CLOCK_MONOTONIC, with the resolution of a tick */
	uint16_t rule;		    /* key in pim_rules */
	uint16_t partner;	    /* key in pim_partners; 0: none */
	uint8_t tcp_flags;
};

/* Sums over all CPUs. Owned by the caller, who frees it with pim_raw_free. */
struct pim_raw {
	struct pim_reason_entry reasons[PIM_OUTCOMES];
	struct pim_rule_entry *rules;
	size_t rule_count;
	struct pim_partner_entry *partners; /* [0] is "no partner" */
	size_t partner_count;
	struct pim_flow_state flow_state;
	uint64_t flow_slots;	    /* number of flows that the tables of both families can hold */
	struct pim_raw_flow *flows; /* only when requested */
	size_t flow_count;
};

#endif
