/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flows: admitted packets by 5-tuple, in the direction in which they arrive. */
#ifndef PIMXDP_ABI_FLOW_H
#define PIMXDP_ABI_FLOW_H

#include <pimxdp/counters.h>
#include <pimxdp/types.h>

/* Addresses are in network byte order. pad is zero, since keys are compared whole. */
struct pim_flow4_key {
	__u8 source[4];
	__u8 destination[4];
	__be16 source_port_be;
	__be16 destination_port_be;
	__u8 protocol; /* IANA number */
	__u8 pad[3];
};
struct pim_flow6_key {
	__u8 source[16];
	__u8 destination[16];
	__be16 source_port_be;
	__be16 destination_port_be;
	__u8 protocol;
	__u8 pad[3];
};
_Static_assert(sizeof(struct pim_flow4_key) == 16, "ABI");
_Static_assert(sizeof(struct pim_flow6_key) == 40, "ABI");

/* ---- what the program writes: pim_slots4, pim_slots6, pim_flow_state ---- */

/*
 * Direct-mapped tables, one per CPU: a flow can be only in the slot that its hash
 * selects. Another flow with the same slot evicts it, and its counts are added to the
 * evicted sums. So a packet costs the same with one flow as with a million new ones a
 * second, and the sums stay complete. Each CPU has an equal part of a map's entries, in
 * the order of the CPU numbers. Times are kernel ticks (jiffies), which can be read
 * without a call.
 */
struct pim_slot {
	__u64 packets; /* 0: free */
	__u64 bytes;   /* frame bytes, as in counters.h */
	__u64 first_ticks;
	__u64 last_ticks;
	__u16 rule;	/* key in pim_rules */
	__u16 partner;	/* key in pim_partners; 0: none */
	__u8 tcp_flags; /* ORed over all its packets; RFC 9293 3.1 */
	__u8 pad[3];
};
_Static_assert(sizeof(struct pim_slot) == 40, "ABI");

struct pim_slot4 {
	struct pim_flow4_key key;
	struct pim_slot slot;
	__u8 pad[8];
};
struct pim_slot6 {
	struct pim_flow6_key key;
	struct pim_slot slot;
};
_Static_assert(sizeof(struct pim_slot4) == 64, "a cache line");
_Static_assert(sizeof(struct pim_slot6) == 80, "ABI");

#define PIM_SLOTS4 32768u /* per CPU, at most; a power of two */
#define PIM_SLOTS6 16384u

/* Counts of both tables together, per CPU. Flows held: inserts - evictions. */
struct pim_flow_state {
	__u64 inserts;
	__u64 evictions;
	__u64 evicted_packets;
	__u64 evicted_bytes;
	__u64 ticks; /* jiffies at the last insert */
	__u64 ns;    /* CLOCK_MONOTONIC_COARSE at the same time, to convert ticks */
};
_Static_assert(sizeof(struct pim_flow_state) == 48, "ABI");

/* ---- readable copies: pim_flows ---- */

/*
 * The largest flows as text, for bpftool and other tools. The program does not touch
 * them; `pimxdp flows` rewrites them each time it runs, the agent every few seconds, and both
 * record the time, in `copied` and in flows_copied_ns of the stamp.
 */
#define PIM_FLOWS_COPIED 4096u
#define PIM_ADDRESS_TEXT 48
#define PIM_TIME_TEXT 32

struct pim_flow_text_key {
	char protocol[8];
	char source[PIM_ADDRESS_TEXT];
	char destination[PIM_ADDRESS_TEXT];
	__u32 source_port;
	__u32 destination_port;
};
struct pim_flow_text {
	__u64 packets;
	__u64 bytes;
	char rule[PIM_RULE_NAME];
	char leg[16];
	char partner[PIM_PARTNER_NAME];
	char first[PIM_TIME_TEXT];
	char last[PIM_TIME_TEXT];
	char tcp_flags[40];
	char copied[PIM_TIME_TEXT];
};
_Static_assert(sizeof(struct pim_flow_text_key) == 112, "ABI");
_Static_assert(sizeof(struct pim_flow_text) == 248, "ABI");

#endif
