/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs that do nothing: the cost of the measurement itself, and the limit of the rig. */
#include <vmlinux.h>

#include <bpf/bpf_helpers.h>

SEC("xdp.frags")
int drop_all(struct xdp_md *context __attribute__((unused)))
{
	return XDP_DROP;
}

SEC("xdp.frags")
int pass_all(struct xdp_md *context __attribute__((unused)))
{
	return XDP_PASS;
}

char pim_license[] SEC("license") = "Dual BSD/GPL";
