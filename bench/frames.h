/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Frames for the measurements. */
#ifndef PIMXDP_BENCH_FRAMES_H
#define PIMXDP_BENCH_FRAMES_H

#include <stdint.h>

#include "policy/prefix.h"

/* What is odd about a frame. */
enum bench_oddity {
	BENCH_PLAIN,
	BENCH_ONE_TAG, /* VLAN */
	BENCH_TWO_TAGS,
	BENCH_THREE_TAGS,
	BENCH_FRAGMENT,	     /* a first fragment */
	BENCH_OPTIONS,	     /* IPv4 options; an IPv6 routing header of type 0 */
	BENCH_CUT,	     /* in the transport header */
	BENCH_CONTRADICTION, /* an IP version that contradicts the EtherType */
	BENCH_NO_FLAGS,	     /* TCP */
	BENCH_BARE_SYN,
	BENCH_NO_SHAPE, /* UDP: a payload of zeros, not STUN */
	BENCH_ARP,
	BENCH_OTHER_ETHERTYPE,
};

struct bench_recipe {
	struct pim_prefix source, destination; /* hosts of one family */
	uint8_t protocol; /* TCP, UDP, ICMP, ICMPv6; others carry the bytes of a TCP header */
	uint16_t source_port, destination_port;
	uint8_t icmp_type;
	enum bench_oddity oddity;
};

struct bench_frame {
	uint8_t bytes[256];
	uint32_t length; /* without FCS; at least 60, so 64 on the wire */
};

void bench_frame_build(const struct bench_recipe *recipe, struct bench_frame *frame);

#endif
