/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The pcap format, draft-ietf-opsawg-pcap. */
#include "capture/pcap.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define FILE_HEADER_BYTES 24u
#define RECORD_HEADER_BYTES 16u
#define NANOSECONDS 1000000000u

/* The link type field: the LINKTYPE_ number in the low 16 bits, and in the top
 * bits the length of the frame check sequence in 16-bit words, if the flag is
 * set. The other bits are reserved, and readers must ignore them. */
#define LINKTYPE_MASK 0x0000ffffu
#define FCS_PRESENT 0x04000000u
#define FCS_WORDS_SHIFT 28

static const struct {
	uint8_t magic[4];
	bool big_endian;
	uint32_t units_per_second;
} kinds[] = {
	{ { 0xa1, 0xb2, 0xc3, 0xd4 }, true, 1000000u },
	{ { 0xd4, 0xc3, 0xb2, 0xa1 }, false, 1000000u },
	{ { 0xa1, 0xb2, 0x3c, 0x4d }, true, NANOSECONDS },
	{ { 0x4d, 0x3c, 0xb2, 0xa1 }, false, NANOSECONDS },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static size_t kind_of(const uint8_t magic[4])
{
	size_t kind;

	for (kind = 0; kind < KINDS; kind++)
		if (!memcmp(magic, kinds[kind].magic, sizeof(kinds[kind].magic)))
			break;
	return kind;
}

bool pim_pcap_recognise(const uint8_t magic[4])
{
	return kind_of(magic) < KINDS;
}

static int next_record(struct pim_capture *capture, struct pim_frame *frame)
{
	uint64_t offset = capture->position_bytes;
	uint8_t header[RECORD_HEADER_BYTES];
	int result;

	result = pim_capture_take_first(capture, header, sizeof(header), "packet record header");
	if (result <= 0)
		return result;
	/* A subsecond field of one second or more is odd, but no reason to lose the packet. */
	frame->time_ns = (uint64_t)pim_capture_u32(capture, header) * NANOSECONDS +
			 (uint64_t)pim_capture_u32(capture, header + 4) *
				 (NANOSECONDS / capture->units_per_second);
	frame->captured_bytes = pim_capture_u32(capture, header + 8);
	frame->original_bytes = pim_capture_u32(capture, header + 12);
	frame->linktype = capture->pcap.linktype;
	result = pim_capture_check_lengths(capture, offset, frame->captured_bytes,
					   frame->original_bytes);
	if (!result)
		result = pim_capture_reserve(capture, frame->captured_bytes);
	if (!result)
		result = pim_capture_take(capture, capture->buffer, frame->captured_bytes, offset,
					  "packet");
	if (result)
		return result;
	frame->bytes = capture->buffer;
	pim_frame_strip(frame, capture->pcap.fcs_bytes);
	return 1;
}

int pim_pcap_start(struct pim_capture *capture)
{
	uint8_t header[FILE_HEADER_BYTES];
	uint16_t major, minor;
	uint32_t field;
	size_t kind;
	int result;

	result = pim_capture_take(capture, header, sizeof(header), 0, "pcap file header");
	if (result)
		return result;
	kind = kind_of(header);
	capture->big_endian = kinds[kind].big_endian;
	capture->units_per_second = kinds[kind].units_per_second;
	major = pim_capture_u16(capture, header + 4);
	minor = pim_capture_u16(capture, header + 6);
	if (major != 2 || minor != 4)
		return pim_capture_corrupt(
			capture, 4, "expected version 2.4 of pcap, found %" PRIu16 ".%" PRIu16,
			major, minor);
	/* The snapshot length is not checked: tools that merge or rewrite files
	 * may exceed it, and each record has its own length. */
	field = pim_capture_u32(capture, header + 20);
	capture->pcap.linktype = field & LINKTYPE_MASK;
	if (field & FCS_PRESENT)
		capture->pcap.fcs_bytes = (uint8_t)(field >> FCS_WORDS_SHIFT) * 2;
	capture->next = next_record;
	return 0;
}
