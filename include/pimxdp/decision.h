/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One frame's decision, for replay and tests: read from the program's memory. */
#ifndef PIMXDP_ABI_DECISION_H
#define PIMXDP_ABI_DECISION_H

#include <pimxdp/types.h>

#define PIM_NO_RULE 0xffffu

/* Written by the program only if it was loaded with tracing (pim_trace). */
struct pim_decision {
	__u32 length_bytes; /* of the frame */
	__u16 rule;	    /* key in pim_rules; PIM_NO_RULE: none is named */
	__u16 partner;	    /* key in pim_partners; 0: none */
	__u8 outcome;	    /* enum pim_outcome: what enforce would do */
	__u8 family;	    /* 4 or 6; 0: no IP header, or a bad one */
	__u8 protocol;	    /* IANA number of what the IP packet carries */
	__u8 pad[1];
	/* Both 0: neither TCP nor UDP, or decided before they were read. */
	__be16 source_port_be, destination_port_be;
	__u8 source[16]; /* address, in network byte order; IPv4 in the first four bytes */
	__u8 destination[16];
};
_Static_assert(sizeof(struct pim_decision) == 48, "ABI");

#endif
