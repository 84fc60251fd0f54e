/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Decides by the roles of the addresses (docs/classification.md, steps 4 to 7) and by
 * the rows (step 12). */
#ifndef PIMXDP_BPF_MATCH_H
#define PIMXDP_BPF_MATCH_H

#include "address.h"
#include "maps.h"
#include "packet.h"
#include "parse.h"

/* The leaf of the destination. The image is searched only if it has edge addresses other
 * than those compared first. */
static __always_inline __u32 pim_look_up_edge4(const __u32 *image, __be32 address_be)
{
	for (int i = 0; i < (int)PIM_EDGES; i++)
		if (address_be == pim_edges4[i].address_be)
			return pim_edges4[i].entry;
	return pim_edges_are_all ? PIM_ENTRY_NOTHING : pim_look_up4(image, bpf_ntohl(address_be));
}

static __always_inline __u32 pim_look_up_edge6(const __u32 *image,
					       const struct pim_address6 *address)
{
	const __u64 *words = (const __u64 *)address;

	for (int i = 0; i < (int)PIM_EDGES; i++)
		if (!((words[0] ^ pim_edges6[i].address_be[0]) |
		      (words[1] ^ pim_edges6[i].address_be[1])))
			return pim_edges6[i].entry;
	return pim_edges_are_all ? PIM_ENTRY_NOTHING : pim_look_up6(image, address);
}

/* Whether the destination is multicast that no router forwards (RFC 5771 4, RFC 4291 2.7):
 * without it the link has no neighbour discovery, MLD or IGMP. */
static __always_inline bool pim_is_of_the_link(const struct pim_packet *packet)
{
	if (packet->family == 4)
		return PIM_WORD_MATCHES(packet->destination4_be, 0xe0000000, 24);
	return PIM_WORD_MATCHES(*(const __be32 *)&packet->destination6, 0xff020000, 16);
}

/* Steps 4 to 7. */
static __always_inline __u32 pim_judge_addresses(struct pim_packet *packet)
{
	const __u32 *image = pim_address_image();
	__u32 roles;

	if (!image)
		return PIM_DROP_MALFORMED; /* never NULL; the verifier cannot know */
	if (packet->family == 4)
		packet->destination = pim_look_up_edge4(image, packet->destination4_be);
	else
		packet->destination = pim_look_up_edge6(image, &packet->destination6);
	if (!(pim_entry_roles(packet->destination) & PIM_EDGE_ANY))
		return pim_options.not_edge == PIM_NOT_EDGE_DROP && !pim_is_of_the_link(packet) ?
			       PIM_DROP_NOT_EDGE :
			       PIM_PASS_NOT_EDGE;
	if (packet->family == 4) {
		if (pim_is_martian4(packet->source4_be))
			return PIM_DROP_MARTIAN;
		packet->source = pim_look_up4(image, bpf_ntohl(packet->source4_be));
	} else {
		if (pim_is_martian6(&packet->source6))
			return PIM_DROP_MARTIAN;
		packet->source = pim_look_up6(image, &packet->source6);
	}
	roles = pim_entry_roles(packet->source);
	if (roles & (PIM_EDGE_ANY | PIM_ROLE_FAILSAFE | PIM_ROLE_BLOCK)) {
		if (roles & PIM_EDGE_ANY)
			return PIM_DROP_MARTIAN;
		return roles & PIM_ROLE_FAILSAFE ? PIM_PASS_FAILSAFE : PIM_DROP_BLOCKED;
	}
	return PIM_UNDECIDED;
}

/* Index of the lowest bit of a set that is not empty. BPF has no instruction for it: the
 * product of the bit and a de Bruijn sequence is unique in its top six bits. */
static __always_inline __u32 pim_lowest_bit(__u64 set)
{
	static const __u8 number[64] = {
		0,  1,	48, 2,	57, 49, 28, 3,	61, 58, 50, 42, 38, 29, 17, 4,
		62, 55, 59, 36, 53, 51, 43, 22, 45, 39, 33, 30, 24, 18, 12, 5,
		63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21, 44, 32, 23, 11,
		46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,	13, 8,	7,  6,
	};

	return number[(set & -set) * 0x03f79d71b4cb0a89ULL >> 58];
}

/* Step 12. Each leg is a bit. The ports, the destination's edge roles and the source's
 * peer roles each select a set of legs, and the lowest bit of the intersection decides:
 * the cost does not depend on the number of rows. Sets packet->rule, and *stun if that
 * rule's payload must have a STUN shape, unless no leg's ports match. */
static __always_inline __u32 pim_match_rows(struct pim_packet *packet, bool *stun)
{
	const __u32 zero = 0, transport = pim_bound(packet->transport, PIM_TRANSPORTS - 1);
	const struct pim_match *match = bpf_map_lookup_elem(&pim_match, &zero);
	__u64 ports, admitted, named;
	__u32 outcome, by_destination, by_source;

	if (!match) /* never NULL; the verifier cannot know */
		return PIM_DROP_NO_SERVICE;
	by_destination = match->class_by_port_be[transport][PIM_DESTINATION_PORT]
						[packet->destination_port_be];
	by_source = match->class_by_port_be[transport][PIM_SOURCE_PORT][packet->source_port_be];
	ports = match->legs_by_class[transport][PIM_DESTINATION_PORT][by_destination] |
		match->legs_by_class[transport][PIM_SOURCE_PORT][by_source];
	ports &= match->legs_by_edge[pim_entry_roles(packet->destination) >> PIM_EDGE_SHIFT &
				     (PIM_EDGE_SETS - 1)];
	named = ports & match->legs_by_peer[pim_entry_roles(packet->source) >> PIM_PEER_SHIFT &
					    (PIM_PEER_SETS - 1)];
	admitted = named;
	if (transport == PIM_TCP && packet->tcp_flags & PIM_TCP_SYN)
		/* A bare SYN is never a reply, a SYN-ACK never asks. */
		admitted &= match->legs_forward ^ -(__u64) !!(packet->tcp_flags & PIM_TCP_ACK);

	if (admitted) {
		named = admitted;
		outcome = PIM_PASS_RULE;
	} else if (ports) {
		/* The first leg whose ports match names the frame. */
		outcome = named & ports & -ports ? PIM_DROP_UNSOLICITED : PIM_DROP_ROLE;
		named = ports;
	} else {
		return PIM_DROP_NO_SERVICE;
	}
	named &= -named;
	*stun = match->legs_stun & named;
	packet->rule = match->rule[pim_lowest_bit(named) & (PIM_ROWS_MAX - 1)];
	return outcome;
}

#endif
