/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The counters: values of the per-CPU maps pim_reasons, pim_rules and pim_partners. */
#ifndef PIMXDP_ABI_COUNTERS_H
#define PIMXDP_ABI_COUNTERS_H

#include <pimxdp/types.h>

/* Bytes of a name, its NUL included. */
#define PIM_REASON_NAME 16
#define PIM_RULE_NAME 32
#define PIM_PARTNER_NAME 48
#define PIM_PARTNERS_MAX 65535u /* entry 0 is "no partner" */

/* A packet is counted once in each map that knows it. Names are written once by the
 * loader so that a dump reads by itself; the program only touches the counters.
 * Bytes are frame bytes, from the Ethernet header on, without FCS. */
struct pim_reason_entry { /* key: enum pim_outcome */
	__u64 packets;
	__u64 bytes;
	char reason[PIM_REASON_NAME];
	char verdict[8]; /* "pass" or "drop" */
};
struct pim_rule_entry { /* key: in the order in which names came, see pim_rule_key */
	__u64 packets;
	__u64 bytes;
	char rule[PIM_RULE_NAME];
	char leg[16]; /* "forward" or "reply" */
};
struct pim_partner_entry { /* the same */
	__u64 packets;
	__u64 bytes;
	char partner[PIM_PARTNER_NAME];
};
_Static_assert(sizeof(struct pim_reason_entry) == 40, "ABI");
_Static_assert(sizeof(struct pim_rule_entry) == 64, "ABI");
_Static_assert(sizeof(struct pim_partner_entry) == 64, "ABI");

#endif
