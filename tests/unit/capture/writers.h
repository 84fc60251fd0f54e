/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writers of pcap and pcapng, by the specifications of the formats. */
#ifndef PIMXDP_TESTS_CAPTURE_WRITERS_H
#define PIMXDP_TESTS_CAPTURE_WRITERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/frame.h"
#include "capture/linktype.h"
#include "unit/capture/frames.h"

/* ---- pcap ---- */

#define PCAP_MICRO 0xa1b2c3d4u
#define PCAP_NANO 0xa1b23c4du

static inline void put_pcap_header(struct bytes *to, uint32_t magic, uint32_t snaplen,
				   uint32_t linktype)
{
	put32(to, magic);
	put16(to, 2);
	put16(to, 4);
	put64(to, 0);
	put32(to, snaplen);
	put32(to, linktype);
}

/* Returns the offset of the record. */
static inline size_t put_pcap_record(struct bytes *to, uint32_t seconds, uint32_t fraction,
				     uint32_t captured, uint32_t original)
{
	size_t offset = to->length;

	put32(to, seconds);
	put32(to, fraction);
	put32(to, captured);
	put32(to, original);
	put(to, pattern(5), captured <= PIM_CAPTURE_FRAME_MAX ? captured : 0);
	return offset;
}

static inline void put_pcap(struct bytes *to, const struct frames *frames, bool nano)
{
	put_pcap_header(to, nano ? PCAP_NANO : PCAP_MICRO, 262144, PIM_LINKTYPE_ETHERNET);
	for (size_t i = 0; i < frames->count; i++) {
		const struct pim_frame *frame = &frames->list[i].as;

		put32(to, (uint32_t)(frame->time_ns / SECOND_NS));
		put32(to, (uint32_t)(frame->time_ns % SECOND_NS / (nano ? 1 : 1000)));
		put32(to, frame->captured_bytes);
		put32(to, frame->original_bytes);
		put(to, frame->bytes, frame->captured_bytes);
	}
}

/* ---- pcapng ---- */

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, OBSOLETE = 2, SIMPLE = 3, NAMES = 4, ENHANCED = 6 };

/* Returns the offset of a block, for end_block. */
static inline size_t begin_block(struct bytes *to, uint32_t type)
{
	size_t offset = to->length;

	put32(to, type);
	put32(to, 0);
	return offset;
}

static inline size_t end_block(struct bytes *to, size_t offset)
{
	uint32_t length;

	put_padding(to);
	length = (uint32_t)(to->length - offset + 4);
	set32(to, offset + 4, length);
	put32(to, length);
	return offset;
}

static inline void put_option(struct bytes *to, uint16_t code, uint16_t length, uint64_t value)
{
	put16(to, code);
	put16(to, length);
	put_integer(to, value, length);
	put_padding(to);
}

static inline size_t put_section(struct bytes *to)
{
	size_t offset = begin_block(to, SECTION);

	put32(to, 0x1a2b3c4d);
	put16(to, 1);
	put16(to, 0);
	put64(to, UINT64_MAX);
	return end_block(to, offset);
}

static inline size_t begin_interface(struct bytes *to, uint16_t linktype, uint32_t snaplen)
{
	size_t offset = begin_block(to, INTERFACE);

	put16(to, linktype);
	put16(to, 0);
	put32(to, snaplen);
	return offset;
}

static inline size_t put_interface(struct bytes *to, uint16_t linktype, uint32_t snaplen)
{
	return end_block(to, begin_interface(to, linktype, snaplen));
}

static inline size_t begin_enhanced(struct bytes *to, uint32_t interface, uint64_t units,
				    uint32_t captured, uint32_t original)
{
	size_t offset = begin_block(to, ENHANCED);

	put32(to, interface);
	put32(to, (uint32_t)(units >> 32));
	put32(to, (uint32_t)units);
	put32(to, captured);
	put32(to, original);
	put(to, pattern(5), captured <= PIM_CAPTURE_FRAME_MAX ? captured : 0);
	put_padding(to);
	return offset;
}

static inline size_t put_enhanced(struct bytes *to, uint32_t interface, uint64_t units,
				  uint32_t captured, uint32_t original)
{
	return end_block(to, begin_enhanced(to, interface, units, captured, original));
}

static inline size_t put_simple(struct bytes *to, uint32_t captured, uint32_t original)
{
	size_t offset = begin_block(to, SIMPLE);

	put32(to, original);
	put(to, pattern(5), captured);
	return end_block(to, offset);
}

static inline size_t put_obsolete(struct bytes *to, uint16_t interface, uint64_t units,
				  uint32_t captured, uint32_t original)
{
	size_t offset = begin_block(to, OBSOLETE);

	put16(to, interface);
	put16(to, 0xffff); /* drops: unknown */
	put32(to, (uint32_t)(units >> 32));
	put32(to, (uint32_t)units);
	put32(to, captured);
	put32(to, original);
	put(to, pattern(5), captured);
	return end_block(to, offset);
}

static inline size_t put_unknown(struct bytes *to, uint32_t type, size_t body)
{
	size_t offset = begin_block(to, type);

	while (body) {
		size_t part = body < 65536 ? body : 65536;

		put(to, pattern(9), part);
		body -= part;
	}
	return end_block(to, offset);
}

/* A section with an Ethernet interface. */
static inline void put_start(struct bytes *to)
{
	put_section(to);
	put_interface(to, PIM_LINKTYPE_ETHERNET, 0);
}

#endif
