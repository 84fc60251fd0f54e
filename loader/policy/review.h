/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a policy makes of an address, and of its own lists. */
#ifndef PIMXDP_POLICY_REVIEW_H
#define PIMXDP_POLICY_REVIEW_H

#include "policy/policy.h"

/* What becomes of a packet by its source, before any row is asked: steps 5 to 7 of
 * docs/classification.md. */
enum pim_fate {
	PIM_FATE_MARTIAN,  /* dropped */
	PIM_FATE_EDGE,	   /* dropped as a martian: it is an address of the Edge itself */
	PIM_FATE_FAILSAFE, /* passed */
	PIM_FATE_BLOCKED,  /* dropped */
	PIM_FATE_ROWS,	   /* judged by the rows */
	PIM_FATE_NONE,	   /* no row is for it: what is no ARP and no ICMP is dropped */
};
/* Of a host prefix that has these roles. */
enum pim_fate pim_source_fate(const struct pim_prefix *address, uint16_t roles);

/* A range that no source is in and no Edge has (martians.def). */
struct pim_martian {
	struct pim_prefix prefix;
	const char *title; /* "loopback" */
};
/* Ends with one without a title. */
extern const struct pim_martian pim_martians[];

/* What the prefixes listed for a role, or for one partner, come to. */
struct pim_tally {
	size_t prefixes4, prefixes6;
	bool all4, all6; /* every address of the family */
};
/* `partner`: 1 + index in policy->partners; 0: of all. */
struct pim_tally pim_policy_tally(const struct pim_policy *policy, enum pim_role role,
				  uint16_t partner);

#endif
