/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the maps of a filter hold: counters summed over CPUs, flows, addresses, names. */
#ifndef PIMXDP_KERNEL_COUNTERS_H
#define PIMXDP_KERNEL_COUNTERS_H

#include "kernel/filter.h"

struct pim_raw_flow {
	uint8_t family; /* enum pim_family; IPv4 addresses stand in the first four bytes */
	struct pim_flow6_key key;
	uint64_t packets;
	uint64_t bytes;
	uint64_t first_ns, last_ns; /* CLOCK_MONOTONIC, to the tick */
	uint16_t rule;	    /* key in pim_rules */
	uint16_t partner;   /* key in pim_partners; 0: none */
	uint8_t tcp_flags;
};

/* Sums over all CPUs. Owned by the caller, freed with pim_raw_free. */
struct pim_raw {
	struct pim_reason_entry reasons[PIM_OUTCOMES];
	struct pim_rule_entry *rules;
	size_t rule_count;
	struct pim_partner_entry *partners; /* [0] is "no partner" */
	size_t partner_count;
	struct pim_flow_state flow_state;
	uint64_t flow_slots; /* in all: how many flows can be held */
	struct pim_raw_flow *flows; /* only when asked for */
	size_t flow_count;
};
int pim_place_read(const struct pim_place *place, bool with_flows, struct pim_raw *raw,
		   struct pim_error *error);
/* Puts these in the place of the readable copies in pim_flows, as far as they
 * fit, and stamps them with `now_ns` (CLOCK_REALTIME). -EACCES: this reader may
 * not. */
int pim_place_copy_flows(const struct pim_place *place, const struct pim_flow_text_key *keys,
			 const struct pim_flow_text *flows, size_t count, uint64_t now_ns,
			 struct pim_error *error);
/* A copy of the address image in force, NULL on failure; the caller frees it. */
int pim_place_addresses(const struct pim_place *place, __u32 **words, size_t *word_count,
			struct pim_error *error);
/* The same of a filter that is attached to nothing. */
int pim_filter_read(const struct pim_filter *filter, bool with_flows, struct pim_raw *raw,
		    struct pim_error *error);
void pim_raw_free(struct pim_raw *raw);


/* The keys of the pinned counters by name, for pim_compile. */
int pim_place_names(const struct pim_place *place, struct pim_names *names,
		    struct pim_error *error);

#endif
