/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The filter. Takes each arriving frame through the fourteen steps of
 * docs/classification.md in order. The first decision wins and is counted once.
 */
#include "account.h"
#include "match.h"
#include "stun.h"

static __always_inline __u32 pim_classify(struct pim_packet *packet)
{
	bool stun = false;
	__u32 outcome;

	outcome = pim_parse_ethernet(packet);
	if (outcome != PIM_UNDECIDED)
		return outcome;
	if (packet->ethertype_be == bpf_htons(PIM_ETHERTYPE_IPV4))
		outcome = pim_parse_ipv4(packet);
	else if (packet->ethertype_be == bpf_htons(PIM_ETHERTYPE_IPV6))
		outcome = pim_parse_ipv6(packet);
	else if (packet->ethertype_be == bpf_htons(PIM_ETHERTYPE_ARP))
		return PIM_PASS_ARP;
	else
		return pim_judge_other(packet);
	if (outcome != PIM_UNDECIDED)
		return outcome;

	outcome = pim_judge_addresses(packet);
	if (outcome != PIM_UNDECIDED)
		return outcome;

	outcome = pim_parse_options(packet);
	if (outcome != PIM_UNDECIDED)
		return outcome;

	outcome = pim_parse_transport(packet);
	if (outcome != PIM_UNDECIDED)
		return outcome;

	outcome = pim_match_rows(packet, &stun);
	if (outcome == PIM_PASS_RULE && stun && pim_options.stun_shape != PIM_STUN_SHAPE_OFF &&
	    !pim_has_stun_shape(packet))
		return PIM_DROP_STUN_SHAPE;
	return outcome;
}

SEC("xdp.frags")
int pimxdp(struct xdp_md *context)
{
	struct pim_packet packet = {
		.buffer = pim_buffer(context),
		.rule = PIM_NO_RULE,
	};
	__u32 outcome;

	packet.frame_bytes = pim_frame_bytes(&packet.buffer);
	outcome = pim_classify(&packet);
	pim_account(&packet, outcome);
	if (pim_options.mode == PIM_MODE_OBSERVE || pim_outcome_verdict(outcome) == PIM_PASS)
		return XDP_PASS;
	return XDP_DROP;
}

char pim_license[] SEC("license") = "Dual BSD/GPL";
