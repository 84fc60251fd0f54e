/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every map of the program. The policy maps belong to one loaded program and are
 * replaced with it; the counters and flows pass from program to program on a reload.
 * The sizes of pim_addresses, pim_rules, pim_partners and the flow tables are
 * placeholders: the loader sets them.
 */
#ifndef PIMXDP_BPF_MAPS_H
#define PIMXDP_BPF_MAPS_H

#include <vmlinux.h>

#include <bpf/bpf_helpers.h>

#include <pimxdp/abi.h>

/* Macros in linux/bpf.h, so vmlinux.h does not have them. */
#define BPF_F_NO_PREALLOC (1U << 0)
#define BPF_F_MMAPABLE (1U << 10)

/* ---- the policy ---- */

const volatile struct pim_options pim_options;
const volatile __u32 pim_image_word_mask = PIM_IMAGE_WORDS_MIN - 1;
const volatile __u8 pim_image_packed; /* the image has nodes other than tables */
const volatile __u32 pim_leaf_count;  /* of the image's palette */
const volatile struct pim_edge4 pim_edges4[PIM_EDGES];
const volatile struct pim_edge6 pim_edges6[PIM_EDGES];
const volatile __u8 pim_edges_are_all;		      /* there are no other edge addresses */
const volatile __u32 pim_slots4_per_cpu = PIM_SLOTS4; /* powers of two */
const volatile __u32 pim_slots6_per_cpu = PIM_SLOTS6;
const volatile __u32 pim_slots4_shift = 31; /* 32 - log2(slots per CPU) */
const volatile __u32 pim_slots6_shift = 31;
const volatile __u64 pim_flow_keys[PIM_FLOW_KEYS]; /* the secret of the flow hash */
const volatile __u8 pim_has_kernel_context;	   /* the kernel has bpf_cast_to_kern_ctx */
const volatile __u8 pim_preemptible; /* another packet may come in the middle: PREEMPT_RT */
const volatile __u8 pim_trace;	     /* write each decision to pim_decision */

/* The address image: one value, whose number of words is a power of two. It has no type
 * because the loader sets its size. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, PIM_IMAGE_WORDS_MIN * sizeof(__u32));
} pim_addresses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pim_match);
} pim_match SEC(".maps");

/* The same policy as the loader read it, packed, for people to print; the program never
 * reads it. The loader sets the number of entries. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, PIM_POLICY_CHUNK);
} pim_policy SEC(".maps");

/* ---- counters and flows ---- */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PIM_OUTCOMES);
	__type(key, __u32); /* enum pim_outcome */
	__type(value, struct pim_reason_entry);
} pim_reasons SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pim_rule_entry);
} pim_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pim_partner_entry);
} pim_partners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PIM_SLOTS4); /* per CPU; the loader multiplies */
	__type(key, __u32);
	__type(value, struct pim_slot4);
} pim_slots4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PIM_SLOTS6);
	__type(key, __u32);
	__type(value, struct pim_slot6);
} pim_slots6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pim_flow_state);
} pim_flow_state SEC(".maps");

/* Readable copies of the largest flows; the program never touches them. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, PIM_FLOWS_COPIED);
	__type(key, struct pim_flow_text_key);
	__type(value, struct pim_flow_text);
} pim_flows SEC(".maps");

/* Where the loader keeps the secret of the flow hash; the program never reads it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pim_flow_secret);
} pim_flow_secret SEC(".maps");

/* The loader's stamp on the pins; the program never reads it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pim_stamp);
} pim_info SEC(".maps");

struct pim_decision pim_decision;

#endif
