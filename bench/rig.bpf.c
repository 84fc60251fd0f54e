/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Makes frames of many sources from one frame: `generate` rewrites and sends it (run with
 * BPF_F_TEST_XDP_LIVE_FRAMES), `vary` rewrites it and calls the program under test.
 */
#include <vmlinux.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bench_abi.h"

struct pim_rig rig;

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} tested SEC(".maps");

/* The start of an IPv4 frame without options. TCP and UDP have their ports in the same
 * place. */
struct start {
	__u8 to_source[26];
	__be32 source_be, destination_be;
	__be16 source_port_be, destination_port_be;
} __attribute__((packed, aligned(2)));

static __always_inline bool rewrite(struct xdp_md *context)
{
	struct start *start = (void *)(long)context->data;
	struct pim_rig_kind *kind;
	__u64 bits, at;

	if ((void *)(start + 1) > (void *)(long)context->data_end)
		return false;
	rig.state = rig.state * 6364136223846793005ULL + 1442695040888963407ULL;
	bits = rig.state >> 32;
	if (rig.flows) {
		bits = bits * rig.flows >> 32; /* which flow */
		at = bits & (rig.kind_count - 1);
		/* Of a million flows, a handful get the same source and port. */
		bits *= 0x9e3779b97f4a7c15ULL;
		bits ^= bits >> 32;
	} else {
		at = bits * rig.kind_count >> 32;
		bits = rig.state >> 24;
	}
	kind = &rig.kinds[at & (PIM_RIG_KINDS - 1)];
	kind->frames++;
	start->source_be = bpf_htonl(kind->source | (bits & kind->host_mask));
	start->source_port_be =
		bpf_htons(kind->source_port ? kind->source_port : (bits >> 8 & 0xffff) | 1024);
	start->destination_port_be = bpf_htons(kind->destination_port);
	return true;
}

SEC("xdp")
int generate(struct xdp_md *context)
{
	if (!rewrite(context))
		return XDP_ABORTED;
	return bpf_redirect(rig.interface, 0);
}

SEC("xdp.frags")
int vary(struct xdp_md *context)
{
	if (!rewrite(context))
		return XDP_ABORTED;
	bpf_tail_call(context, &tested, 0);
	return XDP_ABORTED;
}

char pim_license[] SEC("license") = "Dual BSD/GPL";
