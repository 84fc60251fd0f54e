/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every map of the program. The policy maps belong to one loaded program and
 * are replaced with it; the counters and flows are handed from program to
 * program on a reload. The loader sets the sizes that stand as 1 here.
 */
#ifndef PIMXDP_BPF_MAPS_H
#define PIMXDP_BPF_MAPS_H

#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

#include <pimxdp/abi.h>

/* linux/bpf.h has these as macros, which BTF does not carry. */
#define BPF_F_NO_PREALLOC (1U << 0)

#define PIM_FLOWS_MAX 65536

/* ---- the policy ---- */

const volatile struct pim_options pim_options;
const volatile __u8 pim_trace; /* write each decision to pim_decision */

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct pim_address4_key);
	__type(value, struct pim_address_value);
} pim_addresses4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct pim_address6_key);
	__type(value, struct pim_address_value);
} pim_addresses6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pim_match);
} pim_match SEC(".maps");

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
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PIM_FLOWS_MAX);
	__type(key, struct pim_flow4_key);
	__type(value, struct pim_flow);
} pim_flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PIM_FLOWS_MAX);
	__type(key, struct pim_flow6_key);
	__type(value, struct pim_flow);
} pim_flows6 SEC(".maps");

/* The loader's stamp on the pins; the program never reads it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pim_info);
} pim_info SEC(".maps");

struct pim_decision pim_decision;

#endif
