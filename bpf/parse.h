/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Parses headers into struct pim_packet: steps 1 to 3 and 8 to 11 of
 * docs/classification.md, and the ranges of step 5. A step returns the outcome of the
 * frame, or PIM_UNDECIDED to go on to the next.
 */
#ifndef PIMXDP_BPF_PARSE_H
#define PIMXDP_BPF_PARSE_H

#include <bpf/bpf_endian.h>

#include "maps.h"
#include "packet.h"

enum {
	PIM_ETHERTYPE_IPV4 = 0x0800,
	PIM_ETHERTYPE_ARP = 0x0806,
	PIM_ETHERTYPE_VLAN = 0x8100, /* IEEE 802.1Q */
	PIM_ETHERTYPE_IPV6 = 0x86dd,
	PIM_ETHERTYPE_QINQ = 0x88a8, /* IEEE 802.1ad */
	PIM_ETHERTYPE_QINQ_OLD = 0x9100,
	PIM_VLAN_TAGS_MAX = 2,
	PIM_ETHERTYPE_MIN = 0x0600, /* below, the field is a length: IEEE 802.3 3.2.6 */
	PIM_SNAP = 0xaaaa0300,	    /* both SAPs, control, the first byte of the OUI: RFC 1042 */

	/* IANA protocol numbers */
	PIM_PROTOCOL_ICMP = 1,
	PIM_PROTOCOL_TCP = 6,
	PIM_PROTOCOL_UDP = 17,
	PIM_PROTOCOL_ICMPV6 = 58,
	PIM_EXT_HOP_BY_HOP = 0,
	PIM_EXT_ROUTING = 43,
	PIM_EXT_FRAGMENT = 44,
	PIM_EXT_AH = 51,
	PIM_EXT_DESTINATION = 60,
	PIM_EXT_MOBILITY = 135,
	PIM_EXT_HIP = 139,
	PIM_EXT_SHIM6 = 140,
	PIM_EXT_MAX = 8,	       /* headers walked; one more is dropped */
	PIM_FRAGMENT_LATER_BYTES = 16, /* the least offset of a later fragment: RFC 3128 */

	/* RFC 9293 3.1 */
	PIM_TCP_FIN = 0x01,
	PIM_TCP_SYN = 0x02,
	PIM_TCP_RST = 0x04,
	PIM_TCP_ACK = 0x10,
};

struct pim_ethernet {
	__u8 destination[6];
	__u8 source[6];
	__be16 ethertype_be;
} __attribute__((packed, aligned(2)));

struct pim_vlan { /* what follows a tag's own EtherType */
	__be16 control_be;
	__be16 ethertype_be;
};

struct pim_snap { /* IEEE 802.2 and RFC 1042 */
	__be32 llc_oui_be;
	__be16 oui_be;
	__be16 ethertype_be;
};

struct pim_ipv4 { /* RFC 791 3.1 */
	__u8 version_ihl;
	__u8 service;
	__be16 total_length_be;
	__be16 identification_be;
	__be16 fragment_be;
	__u8 ttl;
	__u8 protocol;
	__be16 checksum_be;
	__be32 source_be;
	__be32 destination_be;
};

struct pim_ipv6 { /* RFC 8200 3 */
	__be32 version_class_label_be;
	__be16 payload_length_be;
	__u8 next_header;
	__u8 hop_limit;
	__be32 source_be[4];
	__be32 destination_be[4];
};

struct pim_ipv6_extension { /* the 8 bytes that every extension header has, RFC 8200 4 */
	__u8 next_header;
	__u8 length;	    /* unit and base differ by header */
	__be16 fragment_be; /* fragment: offset, reserved, M; routing: first the type */
	__be32 rest_be;
};

struct pim_tcp { /* RFC 9293 3.1 */
	__be16 source_port_be;
	__be16 destination_port_be;
	__be32 sequence_be;
	__be32 acknowledgment_be;
	__u8 offset_reserved;
	__u8 flags;
	__be16 window_be;
	__be16 checksum_be;
	__be16 urgent_be;
};

struct pim_udp { /* RFC 768 */
	__be16 source_port_be;
	__be16 destination_port_be;
	__be16 length_be;
	__be16 checksum_be;
};

static __always_inline bool pim_is_vlan(__u16 ethertype_be)
{
	return ethertype_be == bpf_htons(PIM_ETHERTYPE_VLAN) ||
	       ethertype_be == bpf_htons(PIM_ETHERTYPE_QINQ) ||
	       ethertype_be == bpf_htons(PIM_ETHERTYPE_QINQ_OLD);
}

/* What follows the VLAN tags: where it is, and its EtherType. */
struct pim_untagged {
	__u32 offset;
	__u32 ethertype_be;
};

/* Step 1 for frames with VLAN tags, and for those whose Ethernet header is not all in
 * the linear part. A global function, so that it is verified only once. */
__noinline __u32 pim_parse_tags(struct xdp_md *context, struct pim_untagged *untagged)
{
	struct pim_buffer buffer = pim_buffer(context);
	struct pim_ethernet ethernet_copy;
	const struct pim_ethernet *ethernet;
	__u32 offset = sizeof(*ethernet);
	__u16 type_be;

	if (!untagged)
		return PIM_DROP_MALFORMED; /* never NULL; the verifier cannot know */
	ethernet = pim_at(&buffer, 0, sizeof(*ethernet), &ethernet_copy);
	if (!ethernet)
		return PIM_DROP_TRUNCATED;
	type_be = ethernet->ethertype_be;
#pragma unroll
	for (int tag = 0; tag < PIM_VLAN_TAGS_MAX; tag++) {
		struct pim_vlan vlan_copy;
		const struct pim_vlan *vlan;

		if (!pim_is_vlan(type_be))
			break;
		vlan = pim_at(&buffer, offset, sizeof(*vlan), &vlan_copy);
		if (!vlan)
			return PIM_DROP_TRUNCATED;
		offset += sizeof(*vlan);
		type_be = vlan->ethertype_be;
	}
	if (pim_is_vlan(type_be))
		return PIM_DROP_VLAN_DEPTH;
	untagged->offset = offset;
	untagged->ethertype_be = type_be;
	return PIM_UNDECIDED;
}

/* Step 1: Ethernet and at most two VLAN tags. */
static __always_inline __u32 pim_parse_ethernet(struct pim_packet *packet)
{
	const struct pim_ethernet *ethernet = packet->buffer.data;
	struct pim_untagged untagged = {};
	__u32 outcome;

	if ((void *)(ethernet + 1) <= packet->buffer.data_end &&
	    !pim_is_vlan(ethernet->ethertype_be)) {
		packet->ethertype_be = ethernet->ethertype_be;
		packet->l3_offset = sizeof(*ethernet);
		return PIM_UNDECIDED;
	}
	outcome = pim_parse_tags(packet->buffer.context, &untagged);
	packet->ethertype_be = untagged.ethertype_be;
	packet->l3_offset = untagged.offset;
	return outcome;
}

/* Whether what follows a length is a SNAP header with IP behind it. A global function: few
 * frames need it, and the others need not have room for its header. */
__noinline __u32 pim_is_snap(struct xdp_md *context, __u32 offset)
{
	struct pim_snap snap;

	return !bpf_xdp_load_bytes(context, offset, &snap, sizeof(snap)) &&
	       snap.llc_oui_be == bpf_htonl(PIM_SNAP) && !snap.oui_be &&
	       (snap.ethertype_be == bpf_htons(PIM_ETHERTYPE_IPV4) ||
		snap.ethertype_be == bpf_htons(PIM_ETHERTYPE_IPV6));
}

/* Step 2, of what is neither IP nor ARP. */
static __always_inline __u32 pim_judge_other(const struct pim_packet *packet)
{
	if (bpf_ntohs(packet->ethertype_be) < PIM_ETHERTYPE_MIN &&
	    pim_is_snap(packet->buffer.context, packet->l3_offset))
		return PIM_DROP_SNAP;
	return pim_options.non_ip == PIM_NON_IP_DROP ? PIM_DROP_NON_IP : PIM_PASS_NON_IP;
}

/* Whether a word of an address equals `word` in its first `bits` bits: in none if `bits` is
 * below 1, in all if it is above 31. */
#define PIM_WORD_MATCHES(word_be, word, bits) \
	((bits) <= 0 ||                       \
	 ((word_be)&bpf_htonl((bits) >= 32 ? ~0u : ~(~0u >> ((bits)&31)))) == bpf_htonl(word))

/* Whether a source is in one of the ranges of step 5. */
static __always_inline bool pim_is_martian4(__be32 address_be)
{
#define PIM_MARTIAN4(word, length, title)               \
	if (PIM_WORD_MATCHES(address_be, word, length)) \
		return true;
#include <pimxdp/martians.def>
	return false;
}

static __always_inline bool pim_is_martian6(const struct pim_address6 *address)
{
	const __be32 *address_be = (const __be32 *)address;

#define PIM_MARTIAN6(a, b, c, d, length, title)                \
	if (PIM_WORD_MATCHES(address_be[0], a, length) &&      \
	    PIM_WORD_MATCHES(address_be[1], b, (length)-32) && \
	    PIM_WORD_MATCHES(address_be[2], c, (length)-64) && \
	    PIM_WORD_MATCHES(address_be[3], d, (length)-96))   \
		return true;
#include <pimxdp/martians.def>
	return false;
}

/* Step 3 for IPv4. Bytes beyond the total length are never read. */
static __always_inline __u32 pim_parse_ipv4(struct pim_packet *packet)
{
	__u32 offset = packet->l3_offset, header_bytes, total_bytes;
	struct pim_ipv4 copy;
	const struct pim_ipv4 *ip;

	ip = pim_at(&packet->buffer, offset, sizeof(*ip), &copy);
	if (!ip)
		return PIM_DROP_TRUNCATED;
	header_bytes = (ip->version_ihl & 0x0f) * 4;
	total_bytes = bpf_ntohs(ip->total_length_be);
	if (ip->version_ihl >> 4 != 4 || header_bytes < sizeof(*ip) || total_bytes < header_bytes)
		return PIM_DROP_MALFORMED;
	if (offset + total_bytes > packet->frame_bytes)
		return PIM_DROP_TRUNCATED;

	packet->family = 4;
	packet->l4_offset = offset + header_bytes;
	packet->end_offset = offset + total_bytes;
	packet->protocol = ip->protocol;
	packet->option_bytes = header_bytes - sizeof(*ip);
	packet->fragment_be = ip->fragment_be & bpf_htons(0x3fff); /* MF and offset */
	packet->source4_be = ip->source_be;
	packet->destination4_be = ip->destination_be;
	return PIM_UNDECIDED;
}

/* Step 3 for IPv6: the fixed header only. */
static __always_inline __u32 pim_parse_ipv6(struct pim_packet *packet)
{
	__u32 offset = packet->l3_offset, total_bytes;
	struct pim_ipv6 copy;
	const struct pim_ipv6 *ip;

	ip = pim_at(&packet->buffer, offset, sizeof(*ip), &copy);
	if (!ip)
		return PIM_DROP_TRUNCATED;
	if (*(const __u8 *)ip >> 4 != 6)
		return PIM_DROP_MALFORMED;
	total_bytes = sizeof(*ip) + bpf_ntohs(ip->payload_length_be);
	if (offset + total_bytes > packet->frame_bytes)
		return PIM_DROP_TRUNCATED;

	packet->family = 6;
	packet->l4_offset = offset + sizeof(*ip);
	packet->end_offset = offset + total_bytes;
	packet->protocol = ip->next_header;
	packet->hop_limit = ip->hop_limit;
	__builtin_memcpy(&packet->source6, ip->source_be, sizeof(packet->source6));
	__builtin_memcpy(&packet->destination6, ip->destination_be, sizeof(packet->destination6));
	return PIM_UNDECIDED;
}

static __always_inline bool pim_is_extension(__u32 next_header)
{
	const __u64 low = 1ULL << PIM_EXT_HOP_BY_HOP | 1ULL << PIM_EXT_ROUTING |
			  1ULL << PIM_EXT_FRAGMENT | 1ULL << PIM_EXT_AH |
			  1ULL << PIM_EXT_DESTINATION;

	if (next_header < 64)
		return low >> next_header & 1;
	return next_header == PIM_EXT_MOBILITY || next_header == PIM_EXT_HIP ||
	       next_header == PIM_EXT_SHIM6;
}

/* The state of a walk over extension headers. */
struct pim_walk {
	__u32 offset;	  /* of the header that `protocol` names */
	__u32 end_offset; /* of the end of the datagram */
	__u32 protocol;
	__u32 fragment; /* M and the offset in bytes, of the last fragment header that was met */
	__u32 is_first; /* whether one had M and no offset */
};

/* Steps 8 and 9 for IPv6: moves the walk past the extension headers. Returns
 * PIM_UNDECIDED or a drop; PIM_DROP_FRAGMENT is for the caller to decide, and with
 * fragments = pass it is a later fragment. A global function, verified only once: few
 * packets need it. */
__noinline __u32 pim_walk_extensions(struct xdp_md *context, struct pim_walk *walk)
{
	if (!walk)
		return PIM_DROP_MALFORMED; /* never NULL; the verifier cannot know */
	for (int walked = 0; walked < PIM_EXT_MAX; walked++) {
		__u32 offset = walk->offset, header = walk->protocol, bytes;
		struct pim_ipv6_extension extension;

		if (!pim_is_extension(header))
			return PIM_UNDECIDED;
		if (offset + sizeof(extension) > walk->end_offset ||
		    bpf_xdp_load_bytes(context, offset, &extension, sizeof(extension)))
			return PIM_DROP_TRUNCATED;
		if (header == PIM_EXT_FRAGMENT)
			bytes = sizeof(extension);
		else if (header == PIM_EXT_AH)
			bytes = (extension.length + 2) * 4; /* RFC 4302 2.2 */
		else
			bytes = (extension.length + 1) * 8;
		if (offset + bytes > walk->end_offset)
			return PIM_DROP_TRUNCATED;
		if (header == PIM_EXT_ROUTING) {
			__u32 control = bpf_ntohs(extension.fragment_be);

			if (control < 0x100 || control & 0xff)
				return PIM_DROP_IPV6_EXT; /* type 0, RFC 5095; segments left */
		}
		if (header == PIM_EXT_FRAGMENT) {
			walk->fragment = bpf_ntohs(extension.fragment_be) & 0xfff9;
			/* Offset or M; not an atomic fragment. */
			if (walk->fragment) {
				if (walk->fragment != 1 ||
				    pim_options.fragments != PIM_FRAGMENTS_PASS)
					return PIM_DROP_FRAGMENT;
				walk->is_first = 1;
			}
		}
		walk->protocol = extension.next_header;
		walk->offset = offset + bytes;
	}
	return pim_is_extension(walk->protocol) ? PIM_DROP_IPV6_EXT : PIM_UNDECIDED;
}

/* Step 9 with fragments = pass: a first fragment goes on. A later one has no ports, and
 * below two units it could overwrite those of the first. */
static __always_inline __u32 pim_judge_fragment(struct pim_packet *packet, __u32 offset_bytes)
{
	if (!offset_bytes) {
		packet->is_first = 1;
		return PIM_UNDECIDED;
	}
	if (offset_bytes >= PIM_FRAGMENT_LATER_BYTES &&
	    pim_entry_roles(packet->source) & PIM_PEER_ANY)
		return PIM_PASS_FRAGMENT;
	return PIM_DROP_FRAGMENT;
}

/* Steps 8 and 9. Moves l4_offset and protocol past extension headers. */
static __always_inline __u32 pim_parse_options(struct pim_packet *packet)
{
	__u32 outcome = PIM_UNDECIDED, fragment = 0;

	if (packet->family == 4) {
		if (packet->option_bytes && pim_options.ip_options != PIM_IP_OPTIONS_CLASSIFY)
			return PIM_DROP_IP_OPTIONS;
		if (packet->fragment_be) {
			fragment = bpf_ntohs(packet->fragment_be) << 3;
			outcome = PIM_DROP_FRAGMENT;
		}
	} else if (pim_is_extension(packet->protocol)) {
		struct pim_walk walk = {
			.offset = packet->l4_offset,
			.end_offset = packet->end_offset,
			.protocol = packet->protocol,
		};

		outcome = pim_walk_extensions(packet->buffer.context, &walk);
		packet->l4_offset = walk.offset;
		packet->protocol = walk.protocol;
		packet->is_first = walk.is_first;
		fragment = walk.fragment;
	}
	if (outcome == PIM_DROP_FRAGMENT && pim_options.fragments == PIM_FRAGMENTS_PASS)
		return pim_judge_fragment(packet, fragment & 0xfff8);
	return outcome;
}

/* Whether the packet is a first fragment. The verifier removes what depends on it unless
 * fragments = pass. */
static __always_inline bool pim_is_first(const struct pim_packet *packet)
{
	return pim_options.fragments == PIM_FRAGMENTS_PASS && packet->is_first;
}

/* Step 10. */
static __always_inline __u32 pim_judge_icmp(const struct pim_packet *packet)
{
	struct {
		__u8 type, code;
		__be16 checksum_be;
		__be32 rest_be;
	} copy;
	const __u8 *type;

	if (packet->l4_offset + sizeof(copy) > packet->end_offset)
		return PIM_DROP_TRUNCATED;
	type = pim_at(&packet->buffer, packet->l4_offset, sizeof(copy), &copy);
	if (!type)
		return PIM_DROP_TRUNCATED;
	if (packet->family == 4) {
		/* echo reply, unreachable, echo, time exceeded, parameter problem */
		const __u32 admitted = 1 << 0 | 1 << 3 | 1 << 8 | 1 << 11 | 1 << 12;

		if (*type < 32 && admitted >> *type & 1)
			return PIM_PASS_ICMP;
	} else {
		/* errors, echo; neighbour discovery, which never crosses a router (RFC 4861 7.1) */
		if ((*type >= 1 && *type <= 4) || *type == 128 || *type == 129)
			return PIM_PASS_ICMP;
		if (*type >= 133 && *type <= 137 && packet->hop_limit == 255)
			return PIM_PASS_ICMP;
	}
	return PIM_DROP_ICMP_TYPE;
}

/* Step 11 for TCP. */
static __always_inline __u32 pim_parse_tcp(struct pim_packet *packet)
{
	struct pim_tcp copy;
	const struct pim_tcp *tcp;
	__u32 header_bytes;
	__u8 flags;

	if (packet->l4_offset + sizeof(*tcp) > packet->end_offset)
		return PIM_DROP_TRUNCATED;
	tcp = pim_at(&packet->buffer, packet->l4_offset, sizeof(*tcp), &copy);
	if (!tcp)
		return PIM_DROP_TRUNCATED;
	header_bytes = (tcp->offset_reserved >> 4) * 4;
	if (packet->l4_offset + header_bytes > packet->end_offset)
		return PIM_DROP_TRUNCATED;
	if (header_bytes < sizeof(*tcp))
		return PIM_DROP_MALFORMED;
	flags = tcp->flags;
	if (!(flags & (PIM_TCP_SYN | PIM_TCP_ACK | PIM_TCP_RST)) ||
	    (flags & PIM_TCP_SYN && flags & (PIM_TCP_FIN | PIM_TCP_RST)))
		return PIM_DROP_TCP_FLAGS;
	packet->transport = PIM_TCP;
	packet->tcp_flags = flags;
	packet->source_port_be = tcp->source_port_be;
	packet->destination_port_be = tcp->destination_port_be;
	return PIM_UNDECIDED;
}

/* Step 11 for UDP. Of a first fragment the rest of the payload follows in others. */
static __always_inline __u32 pim_parse_udp(struct pim_packet *packet)
{
	struct pim_udp copy;
	const struct pim_udp *udp;
	__u32 bytes;

	if (packet->l4_offset + sizeof(*udp) > packet->end_offset)
		return PIM_DROP_TRUNCATED;
	udp = pim_at(&packet->buffer, packet->l4_offset, sizeof(*udp), &copy);
	if (!udp)
		return PIM_DROP_TRUNCATED;
	bytes = bpf_ntohs(udp->length_be);
	if (bytes < sizeof(*udp) ||
	    (packet->l4_offset + bytes > packet->end_offset && !pim_is_first(packet)))
		return PIM_DROP_MALFORMED;
	packet->transport = PIM_UDP;
	packet->source_port_be = udp->source_port_be;
	packet->destination_port_be = udp->destination_port_be;
	packet->payload_offset = packet->l4_offset + sizeof(*udp);
	packet->payload_bytes = bytes - sizeof(*udp);
	return PIM_UNDECIDED;
}

/* Steps 10 and 11: what the datagram carries, whole or as the first fragment begins it. */
static __always_inline __u32 pim_parse_transport(struct pim_packet *packet)
{
	__u32 outcome;

	if (packet->protocol == PIM_PROTOCOL_TCP)
		outcome = pim_parse_tcp(packet);
	else if (packet->protocol == PIM_PROTOCOL_UDP)
		outcome = pim_parse_udp(packet);
	else if (packet->protocol ==
		 (packet->family == 4 ? PIM_PROTOCOL_ICMP : PIM_PROTOCOL_ICMPV6))
		outcome = pim_judge_icmp(packet);
	else
		return PIM_DROP_PROTOCOL;
	/* A header that goes on in another fragment is step 9's. */
	if (outcome == PIM_DROP_TRUNCATED && pim_is_first(packet))
		return PIM_DROP_FRAGMENT;
	if (outcome == PIM_UNDECIDED && (!packet->source_port_be || !packet->destination_port_be))
		return PIM_DROP_PORT_ZERO;
	return outcome;
}

#endif
