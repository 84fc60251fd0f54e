/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The counters: values of the per-CPU maps pim_reasons, pim_rules and pim_partners. */
#ifndef PIMXDP_ABI_COUNTERS_H
#define PIMXDP_ABI_COUNTERS_H

#include <pimxdp/types.h>

/* Bytes of a name, including its NUL. */
#define PIM_REASON_NAME 16
#define PIM_RULE_NAME 32
#define PIM_PARTNER_NAME 48
#define PIM_PARTNERS_MAX 65535u /* highest key; entry 0 is "no partner" */

/* A frame is counted once in pim_reasons and, if a rule admits it, once in pim_rules and in
 * pim_partners if its source has a partner. The loader writes the names once, so that a
 * map dump can be read on its own; the program changes only the counters. Bytes are frame
 * bytes, from the Ethernet header on, without FCS. */
struct pim_reason_entry { /* key: enum pim_outcome */
	__u64 packets;
	__u64 bytes;
	char reason[PIM_REASON_NAME];
	char verdict[8]; /* "pass" or "drop" */
};
struct pim_rule_entry { /* key: see struct pim_names (loader/image/compile.h) */
	__u64 packets;
	__u64 bytes;
	char rule[PIM_RULE_NAME];
	char leg[16]; /* "forward" or "reply" */
};
struct pim_partner_entry { /* key: see struct pim_names */
	__u64 packets;
	__u64 bytes;
	char partner[PIM_PARTNER_NAME];
};
_Static_assert(sizeof(struct pim_reason_entry) == 40, "ABI");
_Static_assert(sizeof(struct pim_rule_entry) == 64, "ABI");
_Static_assert(sizeof(struct pim_partner_entry) == 64, "ABI");

#endif
