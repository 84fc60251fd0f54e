/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Frames from recipes. They share no header layout with the program: everything is
 * written byte by byte, at the offsets that the standards give. Checksums are
 * left zero: the filter does not look at them.
 */
#ifndef PIMXDP_TESTS_FRAME_H
#define PIMXDP_TESTS_FRAME_H

#include <stdint.h>

#include "kernel/judge.h"

/* EtherTypes, and numbers of protocols and of IPv6 extension headers. */
enum {
	FRAME_IPV4 = 0x0800,
	FRAME_ARP = 0x0806,
	FRAME_IPV6 = 0x86dd,
	FRAME_VLAN = 0x8100,
	FRAME_QINQ = 0x88a8,
	FRAME_QINQ_OLD = 0x9100,

	FRAME_ICMP = 1,
	FRAME_TCP = 6,
	FRAME_UDP = 17,
	FRAME_ICMPV6 = 58,
	FRAME_HOP_BY_HOP = 0,
	FRAME_ROUTING = 43,
	FRAME_FRAGMENT = 44,
	FRAME_AH = 51,
	FRAME_DESTINATION = 60,
	FRAME_MOBILITY = 135,
	FRAME_HIP = 139,
	FRAME_SHIM6 = 140,

	FRAME_FIN = 1,
	FRAME_SYN = 2,
	FRAME_RST = 4,
	FRAME_PSH = 8,
	FRAME_ACK = 16,
	FRAME_SYN_ACK = FRAME_SYN | FRAME_ACK,
};

#define FRAME_TAGS 4
#define FRAME_EXTENSIONS 12
#define FRAME_PATCHES 4

/* One IPv6 extension header. */
struct frame_extension {
	uint8_t header;
	uint16_t bytes;	  /* of the whole header, which sets its length field; 0: 8 */
	uint16_t control; /* bytes 2 and 3: a fragment's offset and M, a routing type << 8 */
};

/* Overwrites `width` bytes of the finished frame (0: no patch) with `value`, big-endian,
 * at `offset` from a place in it. */
enum frame_place { FRAME_START, FRAME_AT_IP, FRAME_AT_TRANSPORT, FRAME_AT_PAYLOAD };
struct frame_patch {
	enum frame_place place;
	int offset;
	unsigned int width;
	uint32_t value;
};

/* A field that is not set is zero, absent, or derived from the others. */
struct frame_recipe {
	uint16_t tags[FRAME_TAGS];	  /* VLAN TPIDs, outermost first; 0 ends */
	uint16_t ethertype;		  /* 0: that of the addresses */
	const char *source, *destination; /* text of one family; NULL: no IP, the payload follows */
	unsigned int option_bytes;	  /* IPv4: this many no-operation options */
	uint16_t fragment;		  /* IPv4: flags and offset, as the 16-bit field */
	struct frame_extension extensions[FRAME_EXTENSIONS]; /* IPv6 */
	unsigned int extension_count;
	uint8_t hop_limit; /* 0: 64 */
	uint8_t protocol;  /* other than TCP, UDP, ICMP: the payload follows at once */
	uint16_t source_port, destination_port;
	uint8_t flags; /* TCP */
	unsigned int tcp_option_bytes;
	uint8_t icmp_type;
	const void *payload; /* NULL: zeros */
	unsigned int payload_bytes;
	unsigned int padding_bytes; /* after the IP datagram */
	struct frame_patch patches[FRAME_PATCHES];
};

struct frame {
	uint8_t bytes[PIM_JUDGE_BYTES];
	uint32_t length;
	/* Offsets of the headers. */
	uint32_t ip, transport, payload;
	uint32_t end; /* after the IP datagram */
};

/* Writes the frame; a recipe that does not fit ends the test. */
void frame_build(const struct frame_recipe *recipe, struct frame *frame);

/* Big-endian fields. */
void frame_put(struct frame *frame, uint32_t offset, unsigned int width, uint32_t value);
uint32_t frame_get(const struct frame *frame, uint32_t offset, unsigned int width);

/* The text's address in network order; returns 4 or 6. */
uint8_t frame_address(const char *text, uint8_t address[16]);

#endif
