/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads a filter's maps: counters summed over CPUs, flows, the address image, names. */
#ifndef PIMXDP_KERNEL_COUNTERS_H
#define PIMXDP_KERNEL_COUNTERS_H

#include "kernel/filter.h"

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
/* Reads the counters, and with `with_flows` the flows, of a place that has counters
 * (pim_place_counts). Returns 0 or -errno with a text; the caller frees *raw whatever
 * the result. */
int pim_place_read(const struct pim_place *place, bool with_flows, struct pim_raw *raw,
		   struct pim_error *error);
/* Replaces the readable copies in pim_flows with these, at most PIM_FLOWS_COPIED of
 * them, and records `now_ns` (CLOCK_REALTIME) in the stamp. The loader's lock must be
 * held (see pim_lock_upgrade). Returns 0 or -errno with a text: -EACCES when this reader
 * may not write the maps, -EPROTO when the pins have another schema by now. */
int pim_place_copy_flows(const struct pim_place *place, const struct pim_flow_text_key *keys,
			 const struct pim_flow_text *flows, size_t count, uint64_t now_ns,
			 struct pim_error *error);
/* Copies the address image in force: *word_count words of 32 bits, in host byte order.
 * The caller frees *words, which is NULL on failure. Returns 0 or -errno with a text. */
int pim_place_addresses(const struct pim_place *place, __u32 **words, size_t *word_count,
			struct pim_error *error);
/* The same as pim_place_read, for a filter that is not attached. */
int pim_filter_read(const struct pim_filter *filter, bool with_flows, struct pim_raw *raw,
		    struct pim_error *error);
void pim_raw_free(struct pim_raw *raw);

/* The names of the pinned rules and partners, indexed by key, for pim_compile. Returns
 * 0 or -errno with a text; the caller frees *names with pim_names_free. */
int pim_place_names(const struct pim_place *place, struct pim_names *names,
		    struct pim_error *error);

#endif
