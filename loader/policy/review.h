/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a policy does with an address, and what its lists add up to. */
#ifndef PIMXDP_POLICY_REVIEW_H
#define PIMXDP_POLICY_REVIEW_H

#include "policy/policy.h"

/* How many prefixes a tally shows. */
#define PIM_TALLY_FIRST 4

/* What happens to a packet because of its source, before any row is consulted: steps 5 to
 * 7 of docs/classification.md. */
enum pim_fate {
	PIM_FATE_MARTIAN,  /* dropped */
	PIM_FATE_EDGE,	   /* dropped as a martian: an address of the Edge itself */
	PIM_FATE_FAILSAFE, /* passed */
	PIM_FATE_BLOCKED,  /* dropped */
	PIM_FATE_ROWS,	   /* judged by the rows */
	PIM_FATE_NONE,	   /* no row applies: dropped unless it is ARP or ICMP */
};
/* The fate of packets from `address`, a host prefix that has these roles (a set of enum
 * pim_role). */
enum pim_fate pim_source_fate(const struct pim_prefix *address, uint16_t roles);

/* A range that is valid neither as a source nor as an address of the Edge (martians.def). */
struct pim_martian {
	struct pim_prefix prefix;
	const char *title; /* "loopback" */
};
/* Ends with an entry whose title is NULL. */
extern const struct pim_martian pim_martians[];

/* What is listed for a role, or for a partner. */
struct pim_tally {
	size_t prefixes4, prefixes6;
	bool all4, all6; /* a prefix of length 0 is among them: every address of the family */
	uint32_t first[PIM_TALLY_FIRST]; /* the first of them, indices in policy->listed */
};
struct pim_tallies {
	struct pim_tally roles[PIM_ROLES]; /* by bit */
	struct pim_tally *partners;	   /* as policy->partners; owned */
};
/* Looks at every prefix once. Returns 0 or -ENOMEM; the caller frees tallies->partners. */
int pim_policy_tally(const struct pim_policy *policy, struct pim_tallies *tallies);

#endif
