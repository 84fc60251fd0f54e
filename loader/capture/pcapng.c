/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The pcapng format, draft-ietf-opsawg-pcapng. */
#include "capture/pcapng.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_HEADER_BYTES 8u
#define BLOCK_TRAILER_BYTES 4u
#define BLOCK_FRAMING_BYTES (BLOCK_HEADER_BYTES + BLOCK_TRAILER_BYTES)

/* Known blocks are held in memory; 1 MiB is plenty for the largest frame and its
 * options. Other blocks are skipped as they are read; libpcap and Wireshark, too,
 * allow them 16 MiB. */
#define BLOCK_HELD_MAX (1024u * 1024u)
#define BLOCK_SKIPPED_MAX (16u * 1024u * 1024u)
#define INTERFACES_MAX 65536u /* of a section; each takes at least 20 bytes of the file */

#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define NANOSECONDS 1000000000u
#define RESOLUTION_DEFAULT 6u /* if_tsresol for microseconds */
#define RESOLUTION_BINARY 0x80u

enum block_type {
	BLOCK_SECTION = PIM_PCAPNG_MAGIC,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET_OBSOLETE = 2,
	BLOCK_PACKET_SIMPLE = 3,
	BLOCK_PACKET_ENHANCED = 6,
};

enum option_code {
	OPTION_END = 0,
	OPTION_PACKET_FLAGS = 2, /* epb_flags, and pack_flags of the obsolete block */
	OPTION_INTERFACE_RESOLUTION = 9,
	OPTION_INTERFACE_FCS = 13,
	OPTION_INTERFACE_OFFSET = 14,
};

static const struct block_kind {
	uint32_t type;
	uint32_t fixed_bytes; /* at the start of the body, before packet data and options */
	const char *name;
} kinds[] = {
	{ BLOCK_SECTION, 16, "a Section Header Block" },
	{ BLOCK_INTERFACE, 8, "an Interface Description Block" },
	{ BLOCK_PACKET_OBSOLETE, 20, "an obsolete Packet Block" },
	{ BLOCK_PACKET_SIMPLE, 4, "a Simple Packet Block" },
	{ BLOCK_PACKET_ENHANCED, 20, "an Enhanced Packet Block" },
};

struct block {
	uint64_t offset;	       /* in the file */
	const struct block_kind *kind; /* NULL: a skipped block, without body */
	const uint8_t *body;
	uint32_t body_bytes;
};

struct option {
	uint16_t code;
	uint16_t length;
	const uint8_t *value;
};

static const struct block_kind *kind_of(uint32_t type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

static uint32_t padded(uint32_t bytes)
{
	return (bytes + 3) & ~3u;
}

static int check_block_length(struct pim_capture *capture, const struct block *block,
			      uint32_t length)
{
	const char *name = block->kind ? block->kind->name : "a block";
	uint32_t least = BLOCK_FRAMING_BYTES + (block->kind ? block->kind->fixed_bytes : 0);
	uint32_t most = block->kind ? BLOCK_HELD_MAX : BLOCK_SKIPPED_MAX;

	if (length % 4)
		return pim_capture_corrupt(capture, block->offset,
					   "expected the length of %s to be a multiple of four, "
					   "found %" PRIu32,
					   name, length);
	if (length < least || length > most)
		return pim_capture_corrupt(capture, block->offset,
					   "expected the length of %s to be %" PRIu32 " to %" PRIu32
					   " bytes, found %" PRIu32,
					   name, least, most, length);
	return 0;
}

/* Each section has its own byte order. */
static int read_byte_order(struct pim_capture *capture, uint64_t offset, uint8_t magic[4])
{
	int result = pim_capture_take(capture, magic, 4, offset, "byte-order magic");

	if (result)
		return result;
	capture->big_endian = true;
	if (pim_capture_u32(capture, magic) == BYTE_ORDER_MAGIC)
		return 0;
	capture->big_endian = false;
	if (pim_capture_u32(capture, magic) == BYTE_ORDER_MAGIC)
		return 0;
	return pim_capture_corrupt(capture, offset,
				   "expected the byte-order magic %08x in either order, found "
				   "%02x %02x %02x %02x",
				   BYTE_ORDER_MAGIC, magic[0], magic[1], magic[2], magic[3]);
}

static int skip_body(struct pim_capture *capture, uint64_t offset, uint32_t bytes)
{
	while (bytes) {
		uint32_t part =
			bytes < capture->buffer_bytes ? bytes : (uint32_t)capture->buffer_bytes;
		int result = pim_capture_take(capture, capture->buffer, part, offset, "block body");

		if (result)
			return result;
		bytes -= part;
	}
	return 0;
}

/* Returns 1 and fills *block, 0 at the end of the file, or a negative errno. */
static int read_block(struct pim_capture *capture, struct block *block)
{
	uint8_t header[BLOCK_HEADER_BYTES], magic[4], trailer[BLOCK_TRAILER_BYTES];
	uint32_t length, read_bytes = 0;
	int result;

	memset(block, 0, sizeof(*block));
	block->offset = capture->position_bytes;
	result = pim_capture_take_first(capture, header, sizeof(header), "block header");
	if (result <= 0)
		return result;
	block->kind = kind_of(pim_capture_u32(capture, header));
	if (block->kind && block->kind->type == BLOCK_SECTION) {
		result = read_byte_order(capture, block->offset, magic);
		if (result)
			return result;
		read_bytes = sizeof(magic);
	}
	length = pim_capture_u32(capture, header + 4);
	result = check_block_length(capture, block, length);
	if (result)
		return result;

	block->body_bytes = length - BLOCK_FRAMING_BYTES;
	if (block->kind) {
		result = pim_capture_reserve(capture, block->body_bytes);
		if (result)
			return result;
		memcpy(capture->buffer, magic, read_bytes);
		block->body = capture->buffer;
		result = pim_capture_take(capture, capture->buffer + read_bytes,
					  block->body_bytes - read_bytes, block->offset,
					  block->kind->name);
	} else {
		result = skip_body(capture, block->offset, block->body_bytes);
	}
	if (!result)
		result = pim_capture_take(capture, trailer, sizeof(trailer), block->offset,
					  "block trailer");
	if (result)
		return result;
	if (pim_capture_u32(capture, trailer) != length)
		return pim_capture_corrupt(capture, block->offset,
					   "expected the block length %" PRIu32
					   " again at its end, found %" PRIu32,
					   length, pim_capture_u32(capture, trailer));
	return 1;
}

/* Reads the option at *at. Returns 1 and moves *at past it, 0 after the last option,
 * or a negative errno. */
static int next_option(struct pim_capture *capture, const struct block *block, uint32_t *at,
		       struct option *option)
{
	const uint8_t *bytes = block->body + *at;
	uint32_t left = block->body_bytes - *at;

	/* The options end at an end-of-options option or at the end of the block. All
	 * lengths so far are multiples of four, so at least an option header is left. */
	if (!left)
		return 0;
	option->code = pim_capture_u16(capture, bytes);
	option->length = pim_capture_u16(capture, bytes + 2);
	option->value = bytes + 4;
	if (option->code == OPTION_END)
		return 0;
	if (padded(option->length) > left - 4)
		return pim_capture_corrupt(capture, block->offset,
					   "expected option %" PRIu16 " of %" PRIu16
					   " bytes in %s, found %" PRIu32 " bytes left",
					   option->code, option->length, block->kind->name,
					   left - 4);
	*at += 4 + padded(option->length);
	return 1;
}

static int check_option_length(struct pim_capture *capture, const struct block *block,
			       const struct option *option, uint16_t length)
{
	if (option->length == length)
		return 0;
	return pim_capture_corrupt(capture, block->offset,
				   "expected option %" PRIu16 " of %s to have a length of "
				   "%" PRIu16 ", found %" PRIu16,
				   option->code, block->kind->name, length, option->length);
}

static int begin_section(struct pim_capture *capture, const struct block *block)
{
	uint16_t major = pim_capture_u16(capture, block->body + 4);
	uint16_t minor = pim_capture_u16(capture, block->body + 6);

	/* Some writers put minor version 2; the draft says to treat it as 0. The
	 * section length is ignored: blocks delimit themselves, and tools that
	 * cut or append leave it stale. */
	if (major != 1 || (minor != 0 && minor != 2))
		return pim_capture_corrupt(
			capture, block->offset,
			"expected version 1.0 of pcapng, found %" PRIu16 ".%" PRIu16, major, minor);
	capture->interface_count = 0;
	return 0;
}

static int read_interface_option(struct pim_capture *capture, const struct block *block,
				 const struct option *option,
				 struct pim_capture_interface *interface)
{
	int result = 0;

	switch (option->code) {
	case OPTION_INTERFACE_RESOLUTION:
		result = check_option_length(capture, block, option, 1);
		if (!result)
			interface->resolution = option->value[0];
		break;
	case OPTION_INTERFACE_OFFSET:
		result = check_option_length(capture, block, option, 8);
		if (!result)
			interface->offset_seconds =
				(int64_t)pim_capture_u64(capture, option->value);
		break;
	case OPTION_INTERFACE_FCS:
		/* In bits, but the draft long left the unit open, and some writers
		 * used bytes. Ethernet's FCS has 32 bits, so 32 and 4 mean the same. */
		result = check_option_length(capture, block, option, 1);
		if (!result && (option->value[0] == 32 || option->value[0] == 4))
			interface->fcs_bytes = 4;
		break;
	default:
		break;
	}
	return result;
}

static int add_interface(struct pim_capture *capture, const struct block *block)
{
	struct pim_capture_interface interface = {
		.linktype = pim_capture_u16(capture, block->body),
		.snaplen = pim_capture_u32(capture, block->body + 4),
		.resolution = RESOLUTION_DEFAULT,
	};
	uint32_t at = block->kind->fixed_bytes;
	struct option option;
	int result;

	while ((result = next_option(capture, block, &at, &option)) > 0) {
		result = read_interface_option(capture, block, &option, &interface);
		if (result)
			return result;
	}
	if (result)
		return result;
	if (capture->interface_count == INTERFACES_MAX)
		return pim_capture_corrupt(capture, block->offset,
					   "expected at most %u interfaces in a section, "
					   "found more",
					   INTERFACES_MAX);
	if (capture->interface_count == capture->interface_space) {
		size_t space = capture->interface_space ? 2 * capture->interface_space : 4;
		struct pim_capture_interface *interfaces =
			reallocarray(capture->interfaces, space, sizeof(*interfaces));

		if (!interfaces)
			return pim_capture_fail(capture, ENOMEM, "cannot read");
		capture->interfaces = interfaces;
		capture->interface_space = space;
	}
	capture->interfaces[capture->interface_count++] = interface;
	return 0;
}

static int find_interface(struct pim_capture *capture, const struct block *block, uint32_t number,
			  const struct pim_capture_interface **interface)
{
	if (number >= capture->interface_count)
		return pim_capture_corrupt(capture, block->offset,
					   "expected a packet of one of the section's %zu "
					   "interfaces, found interface %" PRIu32,
					   capture->interface_count, number);
	*interface = &capture->interfaces[number];
	return 0;
}

/* Converts a timestamp to nanoseconds since 1970. A time before 1970, or one that does
 * not fit in 64 bits, counts as none (0). */
static uint64_t time_ns_of(const struct pim_capture_interface *interface, uint64_t units)
{
	uint8_t exponent = interface->resolution & (RESOLUTION_BINARY - 1);
	__int128 time_ns = (__int128)units * NANOSECONDS; /* in units, times 10^9 */

	if (interface->resolution & RESOLUTION_BINARY)
		time_ns >>= exponent;
	else
		for (; exponent && time_ns; exponent--)
			time_ns /= 10;
	time_ns += (__int128)interface->offset_seconds * NANOSECONDS;
	return time_ns < 0 || time_ns > UINT64_MAX ? 0 : (uint64_t)time_ns;
}

/* The flags option has the FCS length of this packet in bytes; 0 means not known. */
static int read_packet_fcs(struct pim_capture *capture, const struct block *block, uint32_t at,
			   uint8_t *fcs_bytes)
{
	struct option option;
	int result;

	while ((result = next_option(capture, block, &at, &option)) > 0) {
		uint32_t bytes;

		if (option.code != OPTION_PACKET_FLAGS)
			continue;
		result = check_option_length(capture, block, &option, 4);
		if (result)
			return result;
		bytes = pim_capture_u32(capture, option.value) >> 5 & 0xf;
		if (bytes)
			*fcs_bytes = (uint8_t)bytes;
	}
	return result;
}

/* The obsolete Packet Block differs from the Enhanced one only in the interface ID: it
 * has 16 bits, and the other 16 are a drop count. */
static int read_packet(struct pim_capture *capture, const struct block *block,
		       struct pim_frame *frame)
{
	bool obsolete = block->kind->type == BLOCK_PACKET_OBSOLETE;
	const uint8_t *body = block->body;
	const struct pim_capture_interface *interface = NULL;
	uint32_t space = block->body_bytes - block->kind->fixed_bytes;
	uint8_t fcs_bytes;
	uint64_t units;
	int result;

	result = find_interface(capture, block,
				obsolete ? pim_capture_u16(capture, body) :
					   pim_capture_u32(capture, body),
				&interface);
	if (result)
		return result;
	/* Two 32-bit words, the high one first in either byte order. */
	units = (uint64_t)pim_capture_u32(capture, body + 4) << 32 |
		pim_capture_u32(capture, body + 8);
	frame->captured_bytes = pim_capture_u32(capture, body + 12);
	frame->original_bytes = pim_capture_u32(capture, body + 16);
	result = pim_capture_check_lengths(capture, block->offset, frame->captured_bytes,
					   frame->original_bytes);
	if (result)
		return result;
	if (padded(frame->captured_bytes) > space)
		return pim_capture_corrupt(capture, block->offset,
					   "expected %" PRIu32
					   " bytes of packet and padding in %s, found %" PRIu32,
					   padded(frame->captured_bytes), block->kind->name, space);
	frame->bytes = body + block->kind->fixed_bytes;
	frame->time_ns = time_ns_of(interface, units);
	frame->linktype = interface->linktype;
	fcs_bytes = interface->fcs_bytes;
	result = read_packet_fcs(capture, block,
				 block->kind->fixed_bytes + padded(frame->captured_bytes),
				 &fcs_bytes);
	if (result)
		return result;
	pim_frame_strip(frame, fcs_bytes);
	return 1;
}

/* A Simple Packet Block has no interface ID (it is the first interface), no timestamp
 * and no captured length: that is the original length, limited to the interface's
 * snapshot length. */
static int read_simple_packet(struct pim_capture *capture, const struct block *block,
			      struct pim_frame *frame)
{
	const struct pim_capture_interface *interface = NULL;
	uint32_t space = block->body_bytes - block->kind->fixed_bytes;
	int result;

	result = find_interface(capture, block, 0, &interface);
	if (result)
		return result;
	frame->original_bytes = pim_capture_u32(capture, block->body);
	frame->captured_bytes = frame->original_bytes;
	if (interface->snaplen && frame->captured_bytes > interface->snaplen)
		frame->captured_bytes = interface->snaplen;
	result = pim_capture_check_lengths(capture, block->offset, frame->captured_bytes,
					   frame->original_bytes);
	if (result)
		return result;
	/* There are no options, so the block ends with the packet. */
	if (padded(frame->captured_bytes) != space)
		return pim_capture_corrupt(capture, block->offset,
					   "expected %" PRIu32
					   " bytes of packet and padding in %s, found %" PRIu32,
					   padded(frame->captured_bytes), block->kind->name, space);
	frame->bytes = block->body + block->kind->fixed_bytes;
	frame->linktype = interface->linktype;
	pim_frame_strip(frame, interface->fcs_bytes);
	return 1;
}

static int next_packet(struct pim_capture *capture, struct pim_frame *frame)
{
	struct block block;
	int result;

	while ((result = read_block(capture, &block)) > 0) {
		if (!block.kind)
			continue;
		switch (block.kind->type) {
		case BLOCK_SECTION:
			result = begin_section(capture, &block);
			break;
		case BLOCK_INTERFACE:
			result = add_interface(capture, &block);
			break;
		case BLOCK_PACKET_SIMPLE:
			return read_simple_packet(capture, &block, frame);
		default:
			return read_packet(capture, &block, frame);
		}
		if (result)
			return result;
	}
	return result;
}

int pim_pcapng_start(struct pim_capture *capture)
{
	struct block block;
	int result = read_block(capture, &block); /* a section header: start() saw its magic */

	if (result < 0)
		return result;
	capture->next = next_packet;
	return begin_section(capture, &block);
}
