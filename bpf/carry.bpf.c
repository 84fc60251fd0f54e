/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Moves the counters of a map that a reload has outgrown to the larger map. The loader
 * runs it (BPF_PROG_TEST_RUN) after the swap, when no program counts in the old map any
 * more. Moved counters are set to zero, so running it again after an interruption counts
 * nothing twice. Programs count in the new map meanwhile, in softirqs of this CPU too,
 * hence the atomic adds.
 */
#include <vmlinux.h>

#include <bpf/bpf_helpers.h>

#include <pimxdp/counters.h>

/* Rule and partner entries both begin with the counters; the rest is the name. */
struct pim_carried {
	__u64 packets;
	__u64 bytes;
	char name[48];
};
_Static_assert(sizeof(struct pim_carried) == sizeof(struct pim_rule_entry), "ABI");
_Static_assert(sizeof(struct pim_carried) == sizeof(struct pim_partner_entry), "ABI");

const volatile __u32 entries; /* of the old map */
const volatile __u32 cpus;    /* possible */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pim_carried);
} from SEC(".maps"), to SEC(".maps");

static long carry_cpu(__u32 cpu, void *context)
{
	__u32 key = *(__u32 *)context;
	struct pim_carried *old = bpf_map_lookup_percpu_elem(&from, &key, cpu);
	struct pim_carried *new = bpf_map_lookup_elem(&to, &key);

	if (!old || !new)
		return 1;
	__sync_fetch_and_add(&new->packets, old->packets);
	__sync_fetch_and_add(&new->bytes, old->bytes);
	old->packets = 0;
	old->bytes = 0;
	return 0;
}

/* Nested, since one bpf_loop runs at most 8,388,608 iterations. */
static long carry_entry(__u32 key, void *context __attribute__((unused)))
{
	return bpf_loop(cpus, carry_cpu, &key, 0) != cpus;
}

SEC("xdp")
int carry(struct xdp_md *context __attribute__((unused)))
{
	return bpf_loop(entries, carry_entry, NULL, 0) == entries ? XDP_PASS : XDP_ABORTED;
}

char pim_license[] SEC("license") = "Dual BSD/GPL";
