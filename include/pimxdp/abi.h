/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the BPF programs and the loader share: enums derived from the .def
 * lists, and the layouts of map keys and values. Included by both sides; the
 * includer provides the __u8 .. __u64, __be16 and __be32 types (vmlinux.h or
 * linux/types.h).
 *
 * Change a layout, and raise PIM_SCHEMA: a loader refuses pins whose stamp is
 * not its own.
 */
#ifndef PIMXDP_ABI_H
#define PIMXDP_ABI_H

#define PIM_SCHEMA 3u
#define PIM_MAGIC 0x70696d78u /* "pimx" */

/* Role bits of an address: PIM_ROLE_PARTNER and so on (roles.def). */
enum pim_role_bit {
#define PIM_ROLE(id, kind, name, title) PIM_ROLE_BIT_##id,
#include <pimxdp/roles.def>
#undef PIM_ROLE
	PIM_ROLES,
};

enum pim_role {
#define PIM_ROLE(id, kind, name, title) PIM_ROLE_##id = 1 << PIM_ROLE_BIT_##id,
#include <pimxdp/roles.def>
#undef PIM_ROLE
};

/* The edge roles and the peer roles each stand together in roles.def, so that
 * either group shifts down to a small table index. */
#define PIM_EDGE_SHIFT PIM_ROLE_BIT_ACCESS
#define PIM_EDGE_SETS 4u
#define PIM_EDGE_ANY (PIM_ROLE_ACCESS | PIM_ROLE_AV)
#define PIM_PEER_SHIFT PIM_ROLE_BIT_PARTNER
#define PIM_PEER_SETS 8u
#define PIM_PEER_ANY (PIM_ROLE_PARTNER | PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER)
_Static_assert(PIM_EDGE_ANY == (PIM_EDGE_SETS - 1) << PIM_EDGE_SHIFT, "edge roles stand together");
_Static_assert(PIM_PEER_ANY == (PIM_PEER_SETS - 1) << PIM_PEER_SHIFT, "peer roles stand together");

enum pim_verdict { PIM_PASS, PIM_DROP };

/* Outcomes: PIM_PASS_ARP ... PIM_DROP_STUN_SHAPE (reasons.def). */
enum pim_outcome {
#define PIM_OUTCOME(verdict, id, reason, meaning) PIM_##verdict##_##id,
#include <pimxdp/reasons.def>
#undef PIM_OUTCOME
	PIM_OUTCOMES,
	PIM_UNDECIDED = 0xff, /* a step that leaves the decision to the next */
};

/* Passing outcomes come first, so this is the number of them. */
enum {
	PIM_PASS_OUTCOMES = 0
#define PIM_OUTCOME(verdict, id, reason, meaning) +(PIM_##verdict == PIM_PASS)
#include <pimxdp/reasons.def>
#undef PIM_OUTCOME
};
_Static_assert((int)PIM_PASS_RULE < PIM_PASS_OUTCOMES &&
		       (int)PIM_DROP_TRUNCATED >= PIM_PASS_OUTCOMES,
	       "passing outcomes stand first");

static inline enum pim_verdict pim_outcome_verdict(__u32 outcome)
{
	return outcome < PIM_PASS_OUTCOMES ? PIM_PASS : PIM_DROP;
}

/* Built-in rows, in table order (policy.def). */
enum pim_row_id {
#define PIM_ROW(id, ...) PIM_ROW_##id,
#include <pimxdp/policy.def>
#undef PIM_ROW
	PIM_BUILTIN_ROWS,
};

enum pim_transport { PIM_TCP, PIM_UDP, PIM_TRANSPORTS };
enum pim_direction { PIM_IN, PIM_OUT };
enum pim_leg { PIM_FORWARD, PIM_REPLY, PIM_LEGS };
enum pim_port_end { PIM_PORT_END_SERVER, PIM_PORT_END_OPTION };
enum pim_shape { PIM_SHAPE_ANY, PIM_SHAPE_STUN };

/* Option values: PIM_MODE_ENFORCE, PIM_FRAGMENTS_PASS ... (options.def). Each
 * option's values count from its own PIM_OPT_*_BASE, so a default is zero. */
enum pim_option_value_position {
#define PIM_OPTION(FIELD, field, name) PIM_OPT_##FIELD##_BASE,
#define PIM_OPTION_VALUE(FIELD, VALUE, field, text) PIM_OPT_##FIELD##_##VALUE,
#include <pimxdp/options.def>
#undef PIM_OPTION
#undef PIM_OPTION_VALUE
};

enum pim_option_value {
#define PIM_OPTION(FIELD, field, name)
#define PIM_OPTION_VALUE(FIELD, VALUE, field, text) \
	PIM_##FIELD##_##VALUE = PIM_OPT_##FIELD##_##VALUE - PIM_OPT_##FIELD##_BASE - 1,
#include <pimxdp/options.def>
#undef PIM_OPTION
#undef PIM_OPTION_VALUE
};

/* The options group, a byte an option, holding the values above. All zero is
 * the default. Read-only data of the programs: the verifier drops the branches
 * that a configuration does not use. */
struct pim_options {
#define PIM_OPTION(FIELD, field, name) __u8 field;
#define PIM_OPTION_VALUE(FIELD, VALUE, field, text)
#include <pimxdp/options.def>
#undef PIM_OPTION
#undef PIM_OPTION_VALUE
};

/* ---- policy: what an address is, what a port pair leads to ---- */

/*
 * The address image: one array of 32-bit words that says, in a few touches, what
 * any address is. Words 0..255 are the table of the first byte of an IPv4
 * address, 256..511 that of an IPv6 address. Behind them stands the palette: a
 * word with the number of its leaves, and those. A word is an entry:
 *
 *   leaf     PIM_ENTRY_LEAF | roles << 16 | partner (a key in pim_partners)
 *   table    the offset, in words, of 256 entries for the next byte
 *   bitmap   PIM_ENTRY_BITMAP | offset: 256 bits in eight words, bit i % 32 of
 *            word i / 32 set where a run of equal entries begins, bit 0 always;
 *            before them, a byte for each of those words, the number of runs that
 *            begin in the words before it; behind them an id for each run
 *   list     PIM_ENTRY_LIST | offset: a word with the number of ranges, and their
 *            starts in order; the last that is not above the key is its range.
 *            IPv4: the key is the last 16 bits of the address, a word is
 *            start << 16 | id, all ids are of 16 bits. IPv6: the key is that of
 *            the address's four 32-bit words in which the next byte stands, a
 *            word is a start, and behind them stands an id for each.
 *
 * An id is a place in the palette or, counted from the largest id down, in the
 * entries that stand before the node, the first directly before it. Ids are bytes
 * unless the palette has more than PIM_BYTE_LEAVES.
 *
 * The first two bytes are always resolved by tables, and so is all of a small
 * policy. The number of words is a power of two, the unused ones are 0.
 */
struct pim_address6 {
	__u8 bytes[16]; /* as in the packet */
} __attribute__((aligned(8)));

#define PIM_IMAGE_WORDS_MAX (1u << 27) /* 512 MiB: what the verifier lets a program index */
#define PIM_LIST_MAX 64u /* ranges in a list */
#define PIM_ENTRY_LEAF (1u << 31)
#define PIM_ENTRY_LIST (1u << 30)
#define PIM_ENTRY_BITMAP (1u << 29)
#define PIM_ENTRY_PACKED (PIM_ENTRY_LIST | PIM_ENTRY_BITMAP)
#define PIM_ENTRY_OFFSET (PIM_ENTRY_BITMAP - 1)
#define PIM_ENTRY_ROLES_SHIFT 16
#define PIM_ENTRY_PARTNER 0xffffu
#define PIM_TABLE_WORDS 256u
#define PIM_ROOT4 0u
#define PIM_ROOT6 PIM_TABLE_WORDS
#define PIM_PALETTE (2 * PIM_TABLE_WORDS) /* the number of its leaves */
#define PIM_PALETTE_LEAVES (PIM_PALETTE + 1)
#define PIM_IMAGE_WORDS_MIN (2 * PIM_PALETTE) /* a power of two */

/* What a policy has beyond these stands before the nodes. */
#define PIM_LEAVES_MAX 32768u
/* Leaves whose ids leave at least 32 of a byte for the entries before a node. */
#define PIM_BYTE_LEAVES 224u

#define PIM_BITMAP_BITS 2u  /* words before the bits: the ranks */
#define PIM_BITMAP_IDS 10u  /* words before the ids */

/* Bits of an id, of an image with so many leaves in its palette. */
static inline __u32 pim_id_bits(__u32 leaf_count)
{
	return leaf_count <= PIM_BYTE_LEAVES ? 8 : 16;
}

/* The first edge addresses of a family, which the program compares before it
 * asks the image: most have one or two. Unused places repeat the first. */
#define PIM_EDGES 4u
struct pim_edge4 {
	__be32 address_be;
	__u32 entry; /* the image's leaf for it */
};
struct pim_edge6 {
	__u64 address_be[2];
	__u64 entry;
};

/* At most this many rows, built-in and configured, in one policy: a set of
 * legs is one machine word. */
#define PIM_ROWS_MAX 64u
#define PIM_PORTS 65536u
#define PIM_PORT_CLASSES 256u

/* A leg is one row seen from one side. At ingress an in-row has its forward
 * leg and an out-row its reply leg, one bit each: forward legs of in-rows in
 * table order first, then reply legs of out-rows, so the lowest bit of a set
 * is the leg that decides.
 *
 * The sets of a packet: by its destination port and by its source port (a port
 * leads to a class, a class to a set), by the destination's edge roles, by the
 * source's peer roles. */
enum pim_port_side { PIM_DESTINATION_PORT, PIM_SOURCE_PORT, PIM_PORT_SIDES };

struct pim_match {
	__u64 legs_by_class[PIM_TRANSPORTS][PIM_PORT_SIDES][PIM_PORT_CLASSES];
	__u64 legs_by_edge[PIM_EDGE_SETS]; /* index: edge roles >> PIM_EDGE_SHIFT */
	__u64 legs_by_peer[PIM_PEER_SETS]; /* index: peer roles >> PIM_PEER_SHIFT */
	__u64 legs_forward;
	__u64 legs_stun;		   /* those whose payload must have a STUN shape */
	__u16 rule[PIM_ROWS_MAX];	   /* key in pim_rules, by leg bit */
	__u8 class_by_port_be[PIM_TRANSPORTS][PIM_PORT_SIDES][PIM_PORTS]; /* index as it stands in the packet */
};
_Static_assert(sizeof(struct pim_match) == 4 * 256 * 8 + 4 * 8 + 8 * 8 + 16 + 128 + 4 * 65536, "ABI");

/* ---- counters: one packet, one place in each ---- */

#define PIM_REASON_NAME 16
#define PIM_RULE_NAME 32
#define PIM_PARTNER_NAME 48
#define PIM_PARTNERS_MAX 65535u /* entry 0 is "no partner" */

/* Per CPU. Names are written once by the loader so that a dump reads by itself;
 * the program only touches the counters. Bytes are frame bytes, from the
 * Ethernet header on, without FCS. */
struct pim_reason_entry {
	__u64 packets;
	__u64 bytes;
	char reason[PIM_REASON_NAME];
	char verdict[8]; /* "pass" or "drop" */
};
struct pim_rule_entry {
	__u64 packets;
	__u64 bytes;
	char rule[PIM_RULE_NAME];
	char leg[16]; /* "forward" or "reply" */
};
struct pim_partner_entry {
	__u64 packets;
	__u64 bytes;
	char partner[PIM_PARTNER_NAME];
};
_Static_assert(sizeof(struct pim_reason_entry) == 40, "ABI");
_Static_assert(sizeof(struct pim_rule_entry) == 64, "ABI");
_Static_assert(sizeof(struct pim_partner_entry) == 64, "ABI");

/* ---- flows: admitted packets by 5-tuple, as they arrive ---- */

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

/*
 * What the program writes: a table a CPU, a flow in the one slot that its hash
 * names. Another flow with the same slot evicts it, and what it had counted is
 * added to the evicted sums: the cost of a packet is the same for one flow and
 * for a million new ones a second, and nothing is lost from the sums. Each CPU
 * has an equal part of the entries, in the order of their numbers. Times are ticks of the
 * kernel (jiffies), since reading them costs no call.
 */
struct pim_slot {
	__u64 packets; /* 0: free */
	__u64 bytes;
	__u64 first_ticks;
	__u64 last_ticks;
	__u16 rule;
	__u16 partner;
	__u8 tcp_flags;
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

/*
 * Readable copies for bpftool and other tools, in pim_flows: the largest flows
 * as text. The program does not touch them; `pimxdp flows` writes them anew each
 * time it runs, and says when that was: `copied` here, and in pim_info.
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

/* ---- one packet's decision, for replay and tests ---- */

#define PIM_NO_RULE 0xffffu

/* Written by the program only when it was loaded with tracing on. */
struct pim_decision {
	__u32 length_bytes; /* of the frame */
	__u16 rule;	    /* key in pim_rules, PIM_NO_RULE where none is named */
	__u16 partner;	    /* key in pim_partners */
	__u8 outcome;	    /* enum pim_outcome: what enforce would do */
	__u8 family;	    /* 4 or 6; 0 where the IP header was not reached */
	__u8 pad[6];
	__u8 source[16];    /* address; IPv4 in the first four bytes */
};
_Static_assert(sizeof(struct pim_decision) == 32, "ABI");

/* ---- the stamp on a set of pins ---- */

#define PIM_PATH 256
#define PIM_VERSION_TEXT 32

struct pim_stamp {
	__u32 magic;	    /* PIM_MAGIC */
	__u32 schema;	    /* PIM_SCHEMA */
	__u64 generation;   /* 1 at attach, one more at each reload */
	__u64 attached_ns;  /* CLOCK_REALTIME */
	__u64 loaded_ns;    /* CLOCK_REALTIME, of the policy in force */
	__u64 policy_hash;  /* of the image */
	__u64 flow_seed;    /* of the flow tables' hash factors, kept over reloads */
	__u64 flows_copied_ns; /* CLOCK_REALTIME of the readable copies of flows; 0: none yet */
	__u32 ifindex;	    /* where it was attached */
	__u32 program_id;   /* so that who may not open the link can find it there */
	struct pim_options options;
	__u8 pad[1];
	char interface[16];
	char version[PIM_VERSION_TEXT];
	char config[PIM_PATH]; /* absolute path, empty when too long */
};
_Static_assert(sizeof(struct pim_stamp) == 376, "ABI");

#endif
