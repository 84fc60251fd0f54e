/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* docs/classification.md, step 13: which UDP payloads a STUN row admits. The shapes are
 * those of docs/wire.md. */
#ifndef PIMXDP_BPF_STUN_H
#define PIMXDP_BPF_STUN_H

#include "maps.h"
#include "packet.h"
#include "parse.h"

enum {
	PIM_STUN_HEADER = 20, /* RFC 8489 5 */
	PIM_STUN_MAGIC = 0x2112a442,
	PIM_CLASSIC_BINDING = 0x0001, /* RFC 3489 11.1 */
	PIM_CLASSIC_RESPONSE = 0x0101,
	PIM_CLASSIC_ERROR = 0x0111,
	PIM_MSTURN_COOKIE_TYPE = 0x000f0004, /* [MS-TURN] 2.2.2.8: attribute 0x000f, 4 bytes */
	PIM_MSTURN_COOKIE = 0x72c64bc6,
	PIM_CHANNEL_HEADER = 4,	       /* RFC 8656 12.4 */
	PIM_CHANNEL_LAST = 0x4f,       /* the first byte of a channel's number: RFC 8656 12 */
	PIM_CHANNEL_PADDING = 3,       /* at most, RFC 8656 12.5 */
	PIM_MSTURN_MULTIPLEX = 0xff10, /* [MS-TURN] 2.2.3 */
	PIM_MSTURN_MULTIPLEX_HEADER = 12,
	PIM_MSTURN_MULTIPLEX_MIN = 8, /* length: the session identifier */
	PIM_RTP_HEADER = 12,	      /* RFC 3550 5.1 */
	PIM_RTCP_HEADER = 8,	      /* RFC 3550 6.4 */
	PIM_RTCP_TYPE_FIRST = 192,    /* RFC 5761 4 */
	PIM_RTCP_TYPE_LAST = 223,
};

struct pim_stun { /* as much of the header as is looked at */
	__be16 type_be;
	__be16 length_be;
	__be32 magic_be;
};

/* Top two bits clear: STUN, MS-TURN or classic STUN. The length field of all three
 * counts what follows the 20-byte header. `there`: as in pim_has_stun_shape. */
static __always_inline bool pim_is_stun(const struct pim_packet *packet, __u32 bytes, __u32 there)
{
	struct pim_stun copy;
	const struct pim_stun *stun;
	struct {
		__be32 type_be, cookie_be;
	} cookie_copy, *cookie;
	__u32 length;

	if (bytes < PIM_STUN_HEADER || there < sizeof(*stun))
		return false;
	stun = pim_at(&packet->buffer, packet->payload_offset, sizeof(*stun), &copy);
	if (!stun)
		return false;
	length = bpf_ntohs(stun->length_be);
	if (length + PIM_STUN_HEADER != bytes)
		return false;
	if (stun->magic_be == bpf_htonl(PIM_STUN_MAGIC)) {
		if (!(length & 3))
			return true;
	} else if (stun->type_be == bpf_htons(PIM_CLASSIC_BINDING) ||
		   stun->type_be == bpf_htons(PIM_CLASSIC_RESPONSE) ||
		   stun->type_be == bpf_htons(PIM_CLASSIC_ERROR)) {
		return true;
	}
	if (there < PIM_STUN_HEADER + sizeof(*cookie))
		return false;
	cookie = (void *)pim_at(&packet->buffer, packet->payload_offset + PIM_STUN_HEADER,
				sizeof(*cookie), &cookie_copy);
	return cookie && cookie->type_be == bpf_htonl(PIM_MSTURN_COOKIE_TYPE) &&
	       cookie->cookie_be == bpf_htonl(PIM_MSTURN_COOKIE);
}

/* Whether the payload has a shape that the option stun-shape permits. */
static __always_inline bool pim_has_stun_shape(const struct pim_packet *packet)
{
	const __u32 bytes = packet->payload_bytes;
	__u32 there = bytes; /* of these; the rest of a first fragment's come in others */
	struct pim_stun_start {
		__u8 first, second;
		__be16 length_be;
	} copy;
	const struct pim_stun_start *start;
	__u32 length;

	if (pim_is_first(packet) && there > packet->end_offset - packet->payload_offset)
		there = packet->end_offset - packet->payload_offset;
	if (there < sizeof(*start))
		return false;
	start = pim_at(&packet->buffer, packet->payload_offset, sizeof(*start), &copy);
	if (!start)
		return false;
	length = bpf_ntohs(start->length_be);
	switch (start->first >> 6) {
	case 0:
		return pim_is_stun(packet, bytes, there);
	case 1: /* ChannelData, padded to a multiple of four or not; RFC 5766 has more channels */
		if (start->first > PIM_CHANNEL_LAST &&
		    pim_options.stun_shape != PIM_STUN_SHAPE_MEDIA)
			return false;
		return length + PIM_CHANNEL_HEADER <= bytes &&
		       bytes <= length + PIM_CHANNEL_HEADER + PIM_CHANNEL_PADDING;
	case 2:
		if (pim_options.stun_shape != PIM_STUN_SHAPE_MEDIA)
			return false;
		if (start->second >= PIM_RTCP_TYPE_FIRST && start->second <= PIM_RTCP_TYPE_LAST)
			return bytes >= PIM_RTCP_HEADER;
		return bytes >= PIM_RTP_HEADER + 4u * (start->first & 15);
	default:
		return start->first == PIM_MSTURN_MULTIPLEX >> 8 &&
		       start->second == (PIM_MSTURN_MULTIPLEX & 0xff) &&
		       bytes >= PIM_MSTURN_MULTIPLEX_HEADER && length >= PIM_MSTURN_MULTIPLEX_MIN &&
		       length + PIM_CHANNEL_HEADER == bytes;
	}
}

#endif
