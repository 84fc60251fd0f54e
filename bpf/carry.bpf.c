/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Moves the counters of a map that a reload outgrew into the larger one. The
 * loader runs it once (BPF_PROG_TEST_RUN) after the swap, when no program
 * counts into the old map any more. Moving, not adding: run again after it was
 * interrupted, it does no harm. The new map is being counted into meanwhile,
 * by softirqs of this CPU too, hence the atomic adds.
 */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

#include <pimxdp/abi.h>

/* Rule and partner entries begin alike; the rest of an entry is its name. */
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

static long carry_one(__u32 index, void *context __attribute__((unused)))
{
	__u32 key = index / cpus;
	struct pim_carried *old = bpf_map_lookup_percpu_elem(&from, &key, index % cpus);
	struct pim_carried *new = bpf_map_lookup_elem(&to, &key);

	if (!old || !new)
		return 0;
	__sync_fetch_and_add(&new->packets, old->packets);
	__sync_fetch_and_add(&new->bytes, old->bytes);
	old->packets = 0;
	old->bytes = 0;
	return 0;
}

SEC("xdp")
int carry(struct xdp_md *context __attribute__((unused)))
{
	bpf_loop(entries * cpus, carry_one, NULL, 0);
	return XDP_PASS;
}

char pim_license[] SEC("license") = "Dual BSD/GPL";
