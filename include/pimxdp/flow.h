/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flows: admitted packets by 5-tuple, as they arrive. */
#ifndef PIMXDP_ABI_FLOW_H
#define PIMXDP_ABI_FLOW_H

#include <pimxdp/counters.h>
#include <pimxdp/types.h>

/* Addresses are as in the packet; pad is zero, since keys are compared whole. */
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
 * A table a CPU, a flow in the one slot that its hash names. Another flow with the
 * same slot evicts it, and what it had counted is added to the evicted sums: the
 * cost of a packet is the same for one flow and for a million new ones a second,
 * and nothing is lost from the sums. Each CPU has an equal part of the entries, in
 * the order of their numbers. Times are ticks of the kernel (jiffies), since
 * reading them costs no call.
 */
struct pim_slot {
	__u64 packets; /* 0: free */
	__u64 bytes;   /* frame bytes, as in counters.h */
	__u64 first_ticks;
	__u64 last_ticks;
	__u16 rule;	/* key in pim_rules */
	__u16 partner;	/* key in pim_partners; 0: none */
	__u8 tcp_flags; /* of all its packets; RFC 9293 3.1 */
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

#define PIM_SLOTS4 32768u /* a CPU, at most; a power of two */
#define PIM_SLOTS6 16384u

#define PIM_FLOW_KEYS 5u /* words of the larger key, and factors of its hash */
_Static_assert(PIM_FLOW_KEYS * 8 == sizeof(struct pim_flow6_key), "a factor a word");

/* Of both tables, per CPU. Flows held: inserts - evictions. */
struct pim_flow_state {
	__u64 inserts;
	__u64 evictions;
	__u64 evicted_packets;
	__u64 evicted_bytes;
	__u64 ticks; /* at the last insert, and what the clock said then */
	__u64 ns;    /* CLOCK_MONOTONIC, coarse */
};
_Static_assert(sizeof(struct pim_flow_state) == 48, "ABI");

/* ---- readable copies: pim_flows ---- */

/*
 * The largest flows as text, for bpftool and other tools. The program does not touch
 * them; `pimxdp flows` writes them anew each time it runs, and says when that was:
 * `copied` here, and in pim_info.
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
