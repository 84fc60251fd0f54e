/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The capture reader against bytes made here, and against files that tcpdump
 * and the Wireshark tools make at run time from frames made here.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* fopencookie */
#endif

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "capture/linktype.h"
#include "capture/pcapng.h"

#define NAME "made.pcap"
#define SECOND_NS 1000000000u

/* ---- bytes: a file in the making ---- */

struct bytes {
	uint8_t *data;
	size_t length, space;
	bool big_endian;
};

static void put(struct bytes *to, const void *data, size_t length)
{
	if (to->length + length > to->space) {
		to->space = 2 * (to->length + length);
		to->data = realloc(to->data, to->space);
		assert_non_null(to->data);
	}
	if (length)
		memcpy(to->data + to->length, data, length);
	to->length += length;
}

static void put_integer(struct bytes *to, uint64_t value, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * (to->big_endian ? count - 1 - i : i));

		put(to, &byte, 1);
	}
}

static void put16(struct bytes *to, uint16_t value)
{
	put_integer(to, value, 2);
}

static void put32(struct bytes *to, uint32_t value)
{
	put_integer(to, value, 4);
}

static void put64(struct bytes *to, uint64_t value)
{
	put_integer(to, value, 8);
}

static void put_padding(struct bytes *to)
{
	while (to->length % 4)
		put(to, "", 1);
}

static void set32(struct bytes *to, size_t offset, uint32_t value)
{
	size_t length = to->length;

	to->length = offset;
	put32(to, value);
	to->length = length;
}

static void clear(struct bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct bytes){};
}

/* ---- frames ---- */

struct frame {
	uint8_t *data;
	struct pim_frame as;
};

struct frames {
	struct frame *list;
	size_t count;
	uint64_t *ends; /* position after each */
};

static void add_frame(struct frames *frames, const struct pim_frame *frame, uint64_t end)
{
	struct frame *added;

	frames->list = reallocarray(frames->list, frames->count + 1, sizeof(*frames->list));
	frames->ends = reallocarray(frames->ends, frames->count + 1, sizeof(*frames->ends));
	assert_non_null(frames->list);
	assert_non_null(frames->ends);
	frames->ends[frames->count] = end;
	added = &frames->list[frames->count++];
	added->as = *frame;
	added->data = malloc(frame->captured_bytes + 1);
	assert_non_null(added->data);
	memcpy(added->data, frame->bytes, frame->captured_bytes);
	added->as.bytes = added->data;
}

static void free_frames(struct frames *frames)
{
	for (size_t i = 0; i < frames->count; i++)
		free(frames->list[i].data);
	free(frames->list);
	free(frames->ends);
	*frames = (struct frames){};
}

static void assert_frame(const struct pim_frame *found, const struct pim_frame *expected)
{
	assert_int_equal(found->captured_bytes, expected->captured_bytes);
	assert_int_equal(found->original_bytes, expected->original_bytes);
	assert_int_equal(found->linktype, expected->linktype);
	assert_true(found->time_ns == expected->time_ns);
	assert_memory_equal(found->bytes, expected->bytes, expected->captured_bytes);
}

static void assert_frames(const struct frames *found, const struct frames *expected)
{
	assert_int_equal(found->count, expected->count);
	for (size_t i = 0; i < expected->count; i++)
		assert_frame(&found->list[i].as, &expected->list[i].as);
}

static const uint8_t *pattern(uint8_t seed)
{
	static uint8_t data[PIM_CAPTURE_FRAME_MAX + 4];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(seed + i * 7 + (i >> 8));
	return data;
}

/* Frames of lengths around every padding, and up to a jumbo one. */
static void make_frames(struct frames *frames, uint64_t time_step_ns)
{
	static const uint32_t lengths[] = { 14, 60, 61, 62, 63, 64, 342, 1514, 9014 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct pim_frame frame = {
			.bytes = pattern((uint8_t)(17 * i + 1)),
			.captured_bytes = lengths[i],
			.original_bytes = lengths[i],
			.time_ns = 1400000000ull * SECOND_NS + (i + 1) * time_step_ns,
			.linktype = PIM_LINKTYPE_ETHERNET,
		};

		add_frame(frames, &frame, 0);
	}
}

/* ---- reading ---- */

static int read_capture(struct pim_capture *capture, struct frames *frames, struct pim_error *error)
{
	struct pim_frame frame;
	uint64_t position = pim_capture_position_bytes(capture);
	int result;

	while ((result = pim_capture_next(capture, &frame, error)) > 0) {
		assert_int_equal(result, 1);
		assert_true(frame.captured_bytes <= frame.original_bytes);
		assert_true(frame.original_bytes <= PIM_CAPTURE_FRAME_MAX);
		assert_true(pim_capture_position_bytes(capture) > position);
		position = pim_capture_position_bytes(capture);
		add_frame(frames, &frame, position);
	}
	/* Both ends are final. */
	assert_int_equal(pim_capture_next(capture, &frame, error), result);
	return result;
}

static int read_bytes(const void *data, size_t length, struct frames *frames,
		      struct pim_error *error)
{
	FILE *stream = fmemopen((void *)data, length, "rb");
	struct pim_capture *capture;
	int result;

	assert_non_null(stream);
	memset(error, 0, sizeof(*error));
	result = pim_capture_open_stream(stream, NAME, &capture, error);
	if (result) {
		assert_null(capture);
	} else {
		result = read_capture(capture, frames, error);
		pim_capture_close(capture);
	}
	fclose(stream);
	if (result) {
		assert_true(result < 0);
		assert_int_equal(error->kind, PIM_EXIT_FAILED);
		assert_memory_equal(error->text, NAME ": ", strlen(NAME ": "));
		assert_null(strchr(error->text, '\n'));
	}
	return result;
}

static void read_whole(const struct bytes *file, struct frames *frames)
{
	struct pim_error error;
	int result = read_bytes(file->data, file->length, frames, &error);

	if (result)
		print_error("%s\n", error.text);
	assert_int_equal(result, 0);
}

/* The file must fail, with exactly this text behind its name, after `frames`
 * good ones. Empties it for the next case. */
static void expect_text(struct bytes *file, size_t frame_count, int code, const char *expected)
{
	struct frames frames = {};
	struct pim_error error;
	int result = read_bytes(file->data, file->length, &frames, &error);

	assert_int_equal(result, -code);
	assert_string_equal(error.text + strlen(NAME ": "), expected);
	assert_int_equal(frames.count, frame_count);
	free_frames(&frames);
	clear(file);
}

static void expect_corrupt(struct bytes *file, size_t frame_count, size_t offset,
			   const char *expected)
{
	char text[300];

	snprintf(text, sizeof(text), "offset %zu: %s", offset, expected);
	expect_text(file, frame_count, EBADMSG, text);
}

/* ---- writing pcap and pcapng ---- */

#define PCAP_MICRO 0xa1b2c3d4u
#define PCAP_NANO 0xa1b23c4du

static void put_pcap_header(struct bytes *to, uint32_t magic, uint32_t snaplen, uint32_t linktype)
{
	put32(to, magic);
	put16(to, 2);
	put16(to, 4);
	put64(to, 0);
	put32(to, snaplen);
	put32(to, linktype);
}

/* Returns the offset of the record. */
static size_t put_pcap_record(struct bytes *to, uint32_t seconds, uint32_t fraction,
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

static void put_pcap(struct bytes *to, const struct frames *frames, bool nano)
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

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, OBSOLETE = 2, SIMPLE = 3, NAMES = 4, ENHANCED = 6 };

/* Returns the offset of a block, for end_block. */
static size_t begin_block(struct bytes *to, uint32_t type)
{
	size_t offset = to->length;

	put32(to, type);
	put32(to, 0);
	return offset;
}

static size_t end_block(struct bytes *to, size_t offset)
{
	uint32_t length;

	put_padding(to);
	length = (uint32_t)(to->length - offset + 4);
	set32(to, offset + 4, length);
	put32(to, length);
	return offset;
}

static void put_option(struct bytes *to, uint16_t code, uint16_t length, uint64_t value)
{
	put16(to, code);
	put16(to, length);
	put_integer(to, value, length);
	put_padding(to);
}

static size_t put_section(struct bytes *to)
{
	size_t offset = begin_block(to, SECTION);

	put32(to, 0x1a2b3c4d);
	put16(to, 1);
	put16(to, 0);
	put64(to, UINT64_MAX);
	return end_block(to, offset);
}

static size_t begin_interface(struct bytes *to, uint16_t linktype, uint32_t snaplen)
{
	size_t offset = begin_block(to, INTERFACE);

	put16(to, linktype);
	put16(to, 0);
	put32(to, snaplen);
	return offset;
}

static size_t put_interface(struct bytes *to, uint16_t linktype, uint32_t snaplen)
{
	return end_block(to, begin_interface(to, linktype, snaplen));
}

static size_t begin_enhanced(struct bytes *to, uint32_t interface, uint64_t units,
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

static size_t put_enhanced(struct bytes *to, uint32_t interface, uint64_t units, uint32_t captured,
			   uint32_t original)
{
	return end_block(to, begin_enhanced(to, interface, units, captured, original));
}

static size_t put_simple(struct bytes *to, uint32_t captured, uint32_t original)
{
	size_t offset = begin_block(to, SIMPLE);

	put32(to, original);
	put(to, pattern(5), captured);
	return end_block(to, offset);
}

static size_t put_obsolete(struct bytes *to, uint16_t interface, uint64_t units, uint32_t captured,
			   uint32_t original)
{
	size_t offset = begin_block(to, OBSOLETE);

	put16(to, interface);
	put16(to, 0xffff); /* drops, not known */
	put32(to, (uint32_t)(units >> 32));
	put32(to, (uint32_t)units);
	put32(to, captured);
	put32(to, original);
	put(to, pattern(5), captured);
	return end_block(to, offset);
}

static size_t put_unknown(struct bytes *to, uint32_t type, size_t body)
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
static void put_start(struct bytes *to)
{
	put_section(to);
	put_interface(to, PIM_LINKTYPE_ETHERNET, 0);
}

static void expect_frame(struct frames *expected, uint32_t captured, uint32_t original,
			 uint64_t time_ns, uint32_t linktype)
{
	struct pim_frame frame = { pattern(5), captured, original, time_ns, linktype };

	add_frame(expected, &frame, 0);
}

static void check(struct bytes *file, struct frames *expected)
{
	struct frames frames = {};

	read_whole(file, &frames);
	assert_frames(&frames, expected);
	free_frames(&frames);
	free_frames(expected);
	clear(file);
}

/* ---- pcap ---- */

static void test_pcap_kinds(void **state)
{
	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		struct bytes file = { .big_endian = kind & 1 };
		struct frames made = {};

		make_frames(&made, kind & 2 ? 123456789 : 123456000);
		put_pcap(&file, &made, kind & 2);
		check(&file, &made);
	}
}

static void test_pcap_lengths(void **state)
{
	struct bytes file = {};
	struct frames expected = {};

	(void)state;
	put_pcap_header(&file, PCAP_MICRO, 0, PIM_LINKTYPE_ETHERNET);
	put_pcap_record(&file, 1, 2, 0, 0);
	put_pcap_record(&file, 1, 2, 0, 1500);
	put_pcap_record(&file, 1, 2, 100, 1500);
	put_pcap_record(&file, 1, 2, PIM_CAPTURE_FRAME_MAX, PIM_CAPTURE_FRAME_MAX);
	put_pcap_record(&file, UINT32_MAX, 999999, 1, PIM_CAPTURE_FRAME_MAX);
	expect_frame(&expected, 0, 0, 1000002000, PIM_LINKTYPE_ETHERNET);
	expect_frame(&expected, 0, 1500, 1000002000, PIM_LINKTYPE_ETHERNET);
	expect_frame(&expected, 100, 1500, 1000002000, PIM_LINKTYPE_ETHERNET);
	expect_frame(&expected, PIM_CAPTURE_FRAME_MAX, PIM_CAPTURE_FRAME_MAX, 1000002000,
		     PIM_LINKTYPE_ETHERNET);
	expect_frame(&expected, 1, PIM_CAPTURE_FRAME_MAX, 4294967295999999000,
		     PIM_LINKTYPE_ETHERNET);
	check(&file, &expected);

	/* No records at all is a clean end too. */
	put_pcap_header(&file, PCAP_NANO, 65535, 113);
	check(&file, &expected);
}

static void test_pcap_linktype(void **state)
{
	static const struct {
		uint32_t field, linktype, captured, original;
	} cases[] = {
		{ 113, 113, 64, 100 },
		{ 0x0000ffff, 0xffff, 64, 100 },
		{ 0x24000001, 1, 64, 96 },  /* two words of FCS, behind the snap length */
		{ 0x04000001, 1, 64, 100 }, /* known to have none */
		{ 0xf0000001, 1, 64, 100 }, /* a length without its flag */
		{ 0x0bff0001, 1, 64, 100 }, /* reserved bits */
		{ 0xf4000001, 1, 64, 70 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes file = { .big_endian = i % 2 };
		struct frames expected = {};

		put_pcap_header(&file, PCAP_NANO, 64, cases[i].field);
		put_pcap_record(&file, 3, 4, 64, 100);
		expect_frame(&expected, cases[i].captured, cases[i].original, 3000000004,
			     cases[i].linktype);
		check(&file, &expected);
	}
	for (uint32_t captured = 0; captured <= 64; captured++) {
		struct bytes file = {};
		struct frames expected = {};

		put_pcap_header(&file, PCAP_NANO, 0, 0x24000001);
		put_pcap_record(&file, 0, 4, captured, 64);
		put_pcap_record(&file, 0, 4, captured, captured);
		expect_frame(&expected, captured < 60 ? captured : 60, 60, 4, 1);
		expect_frame(&expected, captured < 4 ? 0 : captured - 4,
			     captured < 4 ? 0 : captured - 4, 4, 1);
		check(&file, &expected);
	}
}

static void test_pcap_errors(void **state)
{
	struct bytes file = {};
	size_t at;

	(void)state;
	put_pcap_header(&file, PCAP_MICRO, 0, 1);
	file.length = 23;
	expect_corrupt(&file, 0, 0,
		       "expected 24 bytes of pcap file header, found 23: the file is cut short");

	put_pcap_header(&file, PCAP_MICRO, 0, 1);
	file.data[6] = 3;
	expect_corrupt(&file, 0, 4, "expected version 2.4 of pcap, found 2.3");
	put_pcap_header(&file, PCAP_MICRO, 0, 1);
	file.data[4] = 3;
	expect_corrupt(&file, 0, 4, "expected version 2.4 of pcap, found 3.4");

	put_pcap_header(&file, PCAP_MICRO, 0, 1);
	put_pcap_record(&file, 0, 0, 60, 60);
	at = put_pcap_record(&file, 0, 0, 60, 60);
	file.length = at + 15;
	expect_corrupt(
		&file, 1, at,
		"expected 16 bytes of packet record header, found 15: the file is cut short");

	put_pcap_header(&file, PCAP_MICRO, 0, 1);
	at = put_pcap_record(&file, 0, 0, 60, 60);
	file.length--;
	expect_corrupt(&file, 0, at,
		       "expected 60 bytes of packet, found 59: the file is cut short");

	file.big_endian = true;
	put_pcap_header(&file, PCAP_MICRO, 0, 1);
	at = put_pcap_record(&file, 0, 0, 61, 60);
	expect_corrupt(&file, 0, at,
		       "expected a captured length of at most the original length of 60 bytes, "
		       "found 61");

	put_pcap_header(&file, PCAP_MICRO, 0, 1);
	at = put_pcap_record(&file, 0, 0, PIM_CAPTURE_FRAME_MAX + 1, PIM_CAPTURE_FRAME_MAX + 1);
	expect_corrupt(&file, 0, at,
		       "expected a captured length of at most 262144 bytes, found 262145");
	put_pcap_header(&file, PCAP_MICRO, 0, 1);
	at = put_pcap_record(&file, 0, 0, UINT32_MAX, UINT32_MAX);
	expect_corrupt(&file, 0, at,
		       "expected a captured length of at most 262144 bytes, found 4294967295");
	put_pcap_header(&file, PCAP_MICRO, 0, 1);
	at = put_pcap_record(&file, 0, 0, 60, PIM_CAPTURE_FRAME_MAX + 1);
	expect_corrupt(&file, 0, at,
		       "expected an original length of at most 262144 bytes, found 262145");
}

/* ---- pcapng ---- */

static void test_pcapng_blocks(void **state)
{
	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct bytes file = { .big_endian = big_endian };
		struct frames expected = {};
		size_t at;

		put_section(&file);
		put_unknown(&file, NAMES, 40);
		put_interface(&file, PIM_LINKTYPE_ETHERNET, 64);
		put_interface(&file, 276, 0);
		for (uint32_t length = 60; length < 64; length++) {
			put_enhanced(&file, 0, 0x100000002, length, 1514);
			expect_frame(&expected, length, 1514, 4294967298000, 1);
		}
		/* Longer than the interface's snapshot length: the record is right. */
		put_enhanced(&file, 0, 7, 100, 100);
		expect_frame(&expected, 100, 100, 7000, 1);
		put_unknown(&file, 0x40000bad, 0);
		put_unknown(&file, 0x80000001, 70000);
		put_enhanced(&file, 1, 1, 0, 0);
		expect_frame(&expected, 0, 0, 1000, 276);
		put_simple(&file, 63, 63);
		expect_frame(&expected, 63, 63, 0, 1);
		put_simple(&file, 64, 65);
		expect_frame(&expected, 64, 65, 0, 1);
		put_simple(&file, 0, 0);
		expect_frame(&expected, 0, 0, 0, 1);
		put_obsolete(&file, 1, 0x100000002, 33, 40);
		expect_frame(&expected, 33, 40, 4294967298000, 276);
		at = begin_enhanced(&file, 1, 5, 61, 61);
		put_option(&file, 1, 5, 0x636f6d6d65); /* a comment */
		put_option(&file, 2, 4, 1);	       /* inbound */
		put_option(&file, 0, 0, 0);
		put32(&file, 0xffffffff); /* nothing behind the end is read */
		end_block(&file, at);
		expect_frame(&expected, 61, 61, 5000, 276);
		check(&file, &expected);

		/* Largest frame, with a simple and an enhanced block. */
		put_start(&file);
		put_simple(&file, PIM_CAPTURE_FRAME_MAX, PIM_CAPTURE_FRAME_MAX);
		put_enhanced(&file, 0, 1, PIM_CAPTURE_FRAME_MAX, PIM_CAPTURE_FRAME_MAX);
		expect_frame(&expected, PIM_CAPTURE_FRAME_MAX, PIM_CAPTURE_FRAME_MAX, 0, 1);
		expect_frame(&expected, PIM_CAPTURE_FRAME_MAX, PIM_CAPTURE_FRAME_MAX, 1000, 1);
		check(&file, &expected);
	}
}

static void test_pcapng_sections(void **state)
{
	struct bytes file = {};
	struct frames expected = {};
	size_t at;

	(void)state;
	for (unsigned int section = 0; section < 4; section++) {
		file.big_endian = section % 2;
		at = put_section(&file);
		if (section == 3)
			file.data[at + 15] = 2; /* minor version 2 is read as 0 */
		put_interface(&file, (uint16_t)(100 + section), 0);
		put_enhanced(&file, 0, section, 60, 60);
		expect_frame(&expected, 60, 60, section * 1000, 100 + section);
	}
	check(&file, &expected);

	/* The interfaces of a section end with it. */
	put_start(&file);
	put_enhanced(&file, 0, 0, 60, 60);
	put_section(&file);
	at = put_enhanced(&file, 0, 0, 60, 60);
	expect_corrupt(&file, 1, at,
		       "expected a packet of one of the section's 0 interfaces, found interface 0");
}

static void test_pcapng_times(void **state)
{
	static const struct {
		int resolution; /* -1: no option */
		int64_t offset_seconds;
		uint64_t units, time_ns;
	} cases[] = {
		{ -1, 0, 1400000000123456, 1400000000123456000 },
		{ 6, 0, 1400000000123456, 1400000000123456000 },
		{ 9, 0, 1400000000123456789, 1400000000123456789 },
		{ 0, 0, 1400000000, 1400000000000000000 },
		{ 3, 0, 1400000000123, 1400000000123000000 },
		{ 12, 0, 1234567890123456, 1234567890123 },
		{ 19, 0, UINT64_MAX, 1844674407 },
		{ 29, 0, UINT64_MAX, 0 },
		{ 127, 0, UINT64_MAX, 0 },
		{ 0x80, 0, 7, 7000000000 },
		{ 0x80 | 1, 0, 7, 3500000000 },
		{ 0x80 | 10, 0, 1024 * 5 + 512, 5500000000 },
		{ 0x80 | 32, 0, 0x5000000080000000, 1342177280500000000 },
		{ 0x80 | 63, 0, UINT64_MAX, 1999999999 },
		{ 0x80 | 64, 0, 1ull << 63, 500000000 },
		{ 0x80 | 127, 0, UINT64_MAX, 0 },
		{ 6, 10, 5, 10000005000 },
		{ 6, -10, 11000001, 1000001000 },
		{ 9, 1400000000, 1, 1400000000000000001 },
		/* What 64 bits of nanoseconds since 1970 cannot hold. */
		{ 6, -10, 9999999, 0 },
		{ 6, 0, UINT64_MAX, 0 },
		{ 0, INT64_MAX, UINT64_MAX, 0 },
		{ 0, INT64_MIN, 0, 0 },
		{ 9, 0, UINT64_MAX, UINT64_MAX },
		{ 9, 1, UINT64_MAX, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes file = { .big_endian = i % 2 };
		struct frames expected = {};
		size_t at;

		put_section(&file);
		at = begin_interface(&file, 1, 0);
		if (cases[i].resolution >= 0)
			put_option(&file, 9, 1, (uint64_t)cases[i].resolution);
		if (cases[i].offset_seconds)
			put_option(&file, 14, 8, (uint64_t)cases[i].offset_seconds);
		end_block(&file, at);
		put_enhanced(&file, 0, cases[i].units, 14, 14);
		put_obsolete(&file, 0, cases[i].units, 14, 14);
		expect_frame(&expected, 14, 14, cases[i].time_ns, 1);
		expect_frame(&expected, 14, 14, cases[i].time_ns, 1);
		check(&file, &expected);
	}
}

static void test_pcapng_fcs(void **state)
{
	struct bytes file = { .big_endian = true };
	struct frames expected = {};
	size_t at;

	(void)state;
	put_section(&file);
	for (int i = 0; i < 3; i++) {
		static const uint8_t lengths[] = { 32, 4, 0 };

		at = begin_interface(&file, 1, 0);
		put_option(&file, 13, 1, lengths[i]);
		end_block(&file, at);
	}
	put_enhanced(&file, 0, 1, 64, 64);
	put_enhanced(&file, 1, 1, 64, 64);
	put_enhanced(&file, 2, 1, 64, 64);
	put_enhanced(&file, 0, 1, 62, 64);
	put_simple(&file, 64, 64);
	put_obsolete(&file, 0, 1, 50, 64);
	expect_frame(&expected, 60, 60, 1000, 1);
	expect_frame(&expected, 60, 60, 1000, 1);
	expect_frame(&expected, 64, 64, 1000, 1);
	expect_frame(&expected, 60, 60, 1000, 1);
	expect_frame(&expected, 60, 60, 0, 1);
	expect_frame(&expected, 50, 60, 1000, 1);
	/* The packet's own flags know better, unless they say nothing. */
	at = begin_enhanced(&file, 0, 1, 64, 64);
	put_option(&file, 2, 4, 2 << 5 | 1);
	end_block(&file, at);
	expect_frame(&expected, 62, 62, 1000, 1);
	at = begin_enhanced(&file, 0, 1, 64, 64);
	put_option(&file, 2, 4, 1);
	end_block(&file, at);
	expect_frame(&expected, 60, 60, 1000, 1);
	check(&file, &expected);
}

static void test_pcapng_errors(void **state)
{
	struct bytes file = {};
	size_t at;

	(void)state;
	/* Section headers. */
	put_section(&file);
	file.data[8] ^= 1;
	expect_corrupt(&file, 0, 0,
		       "expected the byte-order magic 1a2b3c4d in either order, "
		       "found 4c 3c 2b 1a");
	put_section(&file);
	file.data[12] = 2;
	expect_corrupt(&file, 0, 0, "expected version 1.0 of pcapng, found 2.0");
	put_start(&file);
	at = put_section(&file);
	file.data[at + 14] = 1;
	expect_corrupt(&file, 0, at, "expected version 1.0 of pcapng, found 1.1");
	put_section(&file);
	set32(&file, 4, 24);
	expect_corrupt(&file, 0, 0,
		       "expected the length of a Section Header Block to be "
		       "28 to 1048576 bytes, found 24");
	put_section(&file);
	file.length = 6;
	expect_corrupt(&file, 0, 0,
		       "expected 8 bytes of block header, found 6: the file is cut short");
	put_section(&file);
	file.length = 11;
	expect_corrupt(&file, 0, 0,
		       "expected 4 bytes of byte-order magic, found 3: the file is cut short");
	put_section(&file);
	file.length--;
	expect_corrupt(&file, 0, 0,
		       "expected 4 bytes of block trailer, found 3: the file is cut short");

	/* Lengths. */
	put_start(&file);
	at = put_enhanced(&file, 0, 0, 60, 60);
	set32(&file, at + 4, 93);
	expect_corrupt(&file, 0, at,
		       "expected the length of an Enhanced Packet Block to be a multiple of four, "
		       "found 93");
	put_start(&file);
	at = put_enhanced(&file, 0, 0, 60, 60);
	set32(&file, file.length - 4, 96);
	expect_corrupt(&file, 0, at, "expected the block length 92 again at its end, found 96");
	put_start(&file);
	at = put_unknown(&file, NAMES, 60);
	set32(&file, file.length - 4, 0);
	expect_corrupt(&file, 0, at, "expected the block length 72 again at its end, found 0");
	put_start(&file);
	at = put_unknown(&file, NAMES, 0);
	set32(&file, at + 4, 8);
	expect_corrupt(&file, 0, at,
		       "expected the length of a block to be 12 to 16777216 bytes, found 8");
	put_start(&file);
	at = put_unknown(&file, NAMES, 0);
	set32(&file, at + 4, 0xfffffffc);
	expect_corrupt(&file, 0, at,
		       "expected the length of a block to be "
		       "12 to 16777216 bytes, found 4294967292");
	put_start(&file);
	at = put_unknown(&file, NAMES, 60);
	set32(&file, at + 4, 84);
	expect_corrupt(&file, 0, at,
		       "expected 72 bytes of block body, found 64: the file is cut short");
	put_start(&file);
	at = put_enhanced(&file, 0, 0, 60, 60);
	set32(&file, at + 4, 1048580);
	expect_corrupt(&file, 0, at,
		       "expected the length of an Enhanced Packet Block to be 32 to 1048576 bytes, "
		       "found 1048580");
	put_section(&file);
	at = put_unknown(&file, INTERFACE, 4);
	expect_corrupt(&file, 0, at,
		       "expected the length of an Interface Description Block to be "
		       "20 to 1048576 bytes, found 16");
	put_start(&file);
	at = put_unknown(&file, SIMPLE, 0);
	expect_corrupt(&file, 0, at,
		       "expected the length of a Simple Packet Block to be "
		       "16 to 1048576 bytes, found 12");
	put_start(&file);
	at = put_unknown(&file, OBSOLETE, 16);
	expect_corrupt(&file, 0, at,
		       "expected the length of an obsolete Packet Block to be 32 to 1048576 bytes, "
		       "found 28");
	put_start(&file);
	at = put_enhanced(&file, 0, 0, 60, 60);
	file.length = at + 50;
	expect_corrupt(&file, 0, at,
		       "expected 80 bytes of an Enhanced Packet Block, found 42: "
		       "the file is cut short");

	/* Packets. */
	put_start(&file);
	put_enhanced(&file, 0, 0, 60, 60);
	at = put_enhanced(&file, 1, 0, 60, 60);
	expect_corrupt(&file, 1, at,
		       "expected a packet of one of the section's 1 interfaces, found interface 1");
	put_section(&file);
	at = put_simple(&file, 60, 60);
	expect_corrupt(&file, 0, at,
		       "expected a packet of one of the section's 0 interfaces, found interface 0");
	put_start(&file);
	at = put_obsolete(&file, 0xffff, 0, 60, 60);
	expect_corrupt(
		&file, 0, at,
		"expected a packet of one of the section's 1 interfaces, found interface 65535");
	put_start(&file);
	at = put_enhanced(&file, 0, 0, 61, 60);
	expect_corrupt(&file, 0, at,
		       "expected a captured length of at most the original length of 60 bytes, "
		       "found 61");
	put_start(&file);
	at = put_enhanced(&file, 0, 0, 60, 60);
	set32(&file, at + 20, 65);
	set32(&file, at + 24, 65);
	expect_corrupt(&file, 0, at,
		       "expected 68 bytes of packet and padding in an Enhanced Packet Block, "
		       "found 60");
	put_start(&file);
	at = put_enhanced(&file, 0, 0, UINT32_MAX, UINT32_MAX);
	expect_corrupt(&file, 0, at,
		       "expected a captured length of at most 262144 bytes, found 4294967295");
	put_start(&file);
	at = put_enhanced(&file, 0, 0, 60, PIM_CAPTURE_FRAME_MAX + 1);
	expect_corrupt(&file, 0, at,
		       "expected an original length of at most 262144 bytes, found 262145");
	put_section(&file);
	put_interface(&file, 1, 60);
	at = put_simple(&file, 60, PIM_CAPTURE_FRAME_MAX + 1);
	expect_corrupt(&file, 0, at,
		       "expected an original length of at most 262144 bytes, found 262145");
	put_start(&file);
	at = put_simple(&file, 60, 61);
	expect_corrupt(&file, 0, at,
		       "expected 64 bytes of packet and padding in a Simple Packet Block, "
		       "found 60");
	put_start(&file);
	at = put_simple(&file, 64, 60);
	expect_corrupt(&file, 0, at,
		       "expected 60 bytes of packet and padding in a Simple Packet Block, "
		       "found 64");

	/* Options. */
	put_section(&file);
	at = begin_interface(&file, 1, 0);
	put16(&file, 2);
	put16(&file, 5);
	put32(&file, 0);
	end_block(&file, at);
	expect_corrupt(&file, 0, at,
		       "expected option 2 of 5 bytes in an Interface Description Block, "
		       "found 4 bytes left");
	put_section(&file);
	at = begin_interface(&file, 1, 0);
	put_option(&file, 9, 2, 6);
	end_block(&file, at);
	expect_corrupt(&file, 0, at,
		       "expected option 9 of an Interface Description Block to have a length "
		       "of 1, found 2");
	put_section(&file);
	at = begin_interface(&file, 1, 0);
	put_option(&file, 14, 4, 6);
	end_block(&file, at);
	expect_corrupt(&file, 0, at,
		       "expected option 14 of an Interface Description Block to have a length "
		       "of 8, found 4");
	put_section(&file);
	at = begin_interface(&file, 1, 0);
	put_option(&file, 13, 0, 0);
	end_block(&file, at);
	expect_corrupt(&file, 0, at,
		       "expected option 13 of an Interface Description Block to have a length "
		       "of 1, found 0");
	put_start(&file);
	at = begin_enhanced(&file, 0, 0, 60, 60);
	put_option(&file, 2, 2, 1);
	end_block(&file, at);
	expect_corrupt(&file, 0, at,
		       "expected option 2 of an Enhanced Packet Block to have a length of 4, "
		       "found 2");
	put_start(&file);
	at = begin_enhanced(&file, 0, 0, 60, 60);
	put16(&file, 1);
	put16(&file, 0xffff);
	end_block(&file, at);
	expect_corrupt(&file, 0, at,
		       "expected option 1 of 65535 bytes in an Enhanced Packet Block, "
		       "found 0 bytes left");
}

/* Whatever a file claims, the reader holds little of it. */
static void test_bounded_memory(void **state)
{
	struct bytes file = {};
	struct pim_capture *capture;
	struct pim_frame frame;
	struct pim_error error;
	FILE *stream;
	size_t at;

	(void)state;
	put_start(&file);
	put_unknown(&file, NAMES, 16777216 - 12);
	put_enhanced(&file, 0, 0, 60, 60);
	stream = fmemopen(file.data, file.length, "rb");
	assert_non_null(stream);
	assert_int_equal(pim_capture_open_stream(stream, NAME, &capture, &error), 0);
	assert_int_equal(pim_capture_next(capture, &frame, &error), 1);
	assert_true(capture->buffer_bytes < 65536);
	assert_int_equal(pim_capture_next(capture, &frame, &error), 0);
	pim_capture_close(capture);
	fclose(stream);
	clear(&file);

	put_start(&file);
	for (int i = 1; i < 65536; i++)
		put_interface(&file, 1, 0);
	put_enhanced(&file, 65535, 0, 60, 60);
	at = put_interface(&file, 1, 0);
	expect_corrupt(&file, 1, at, "expected at most 65536 interfaces in a section, found more");
}

/* ---- what is no capture ---- */

static void test_other_files(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *text;
	} cases[] = {
		{ "", 0, "expected a pcap or pcapng file, found an empty one" },
		{ "\xd4\xc3\xb2", 3, "expected a pcap or pcapng file, found one of 3 bytes" },
		{ "text\n", 5,
		  "expected a pcap or pcapng file, found one that starts with 74 65 78 74" },
		{ "\x1f\x8b\x08\x00\x00", 5,
		  "expected a pcap or pcapng file, found gzip: decompress first" },
		{ "\x28\xb5\x2f\xfd\x00", 5,
		  "expected a pcap or pcapng file, found zstd: decompress first" },
		{ "\xfd"
		  "7zXZ",
		  5, "expected a pcap or pcapng file, found xz: decompress first" },
		{ "BZh9", 4, "expected a pcap or pcapng file, found bzip2: decompress first" },
		{ "\x04\x22\x4d\x18", 4,
		  "expected a pcap or pcapng file, found lz4: decompress first" },
		{ "PK\x03\x04", 4, "expected a pcap or pcapng file, found zip: unpack first" },
		{ "snoop\0\0\0", 8,
		  "expected a pcap or pcapng file, found snoop: convert with editcap -F pcapng" },
		{ "\x34\xcd\xb2\xa1", 4,
		  "expected a pcap or pcapng file, found modified pcap: convert with editcap -F "
		  "pcapng" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes file = {};

		put(&file, cases[i].bytes, cases[i].length);
		expect_text(&file, 0, EINVAL, cases[i].text);
	}
}

static void test_linktype_names(void **state)
{
	(void)state;
	assert_string_equal(pim_linktype_name(PIM_LINKTYPE_ETHERNET), "Ethernet");
	assert_string_equal(pim_linktype_name(113), "Linux cooked v1");
	assert_string_equal(pim_linktype_name(276), "Linux cooked v2");
	assert_null(pim_linktype_name(0xffff));
}

/* ---- damage ---- */

/* A pcap, and a pcapng with every kind of block; small, as every byte is
 * tried. ends[]: the offsets where the file may end cleanly. */
struct sample {
	struct bytes file;
	size_t ends[32];
	size_t end_count;
};

static void mark_end(struct sample *sample)
{
	sample->ends[sample->end_count++] = sample->file.length;
}

static void make_sample(struct sample *sample, bool pcapng, bool big_endian)
{
	struct bytes *file = &sample->file;
	size_t at;

	*sample = (struct sample){ .file.big_endian = big_endian };
	if (!pcapng) {
		put_pcap_header(file, PCAP_MICRO, 65535, 0x24000001);
		mark_end(sample);
		for (uint32_t length = 14; length < 20; length++) {
			put_pcap_record(file, 1400000000, length, length, length + length % 2);
			mark_end(sample);
		}
		return;
	}
	for (int section = 0; section < 2; section++) {
		file->big_endian ^= section;
		put_section(file);
		mark_end(sample);
		at = begin_interface(file, 1, 0);
		put_option(file, 2, 4, 0x65746830);
		put_option(file, 9, 1, 9);
		put_option(file, 14, 8, 1);
		put_option(file, 0, 0, 0);
		end_block(file, at);
		mark_end(sample);
		put_unknown(file, NAMES, 8);
		mark_end(sample);
		put_interface(file, 113, 96);
		mark_end(sample);
		for (uint32_t length = 14; length < 18; length++) {
			put_enhanced(file, length % 2, 1400000000, length, length + length % 2);
			mark_end(sample);
		}
		put_simple(file, 21, 21);
		mark_end(sample);
		put_obsolete(file, 1, 1400000000, 14, 15);
		mark_end(sample);
		at = begin_enhanced(file, 0, 1400000000, 15, 15);
		put_option(file, 2, 4, 1);
		put_option(file, 0, 0, 0);
		end_block(file, at);
		mark_end(sample);
	}
}

static void test_cut_at_every_byte(void **state)
{
	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		struct sample sample;
		struct frames whole = {};
		size_t end = 0;

		make_sample(&sample, kind & 1, kind & 2);
		read_whole(&sample.file, &whole);
		assert_int_equal(whole.count, kind & 1 ? 14 : 6);
		for (size_t length = 0; length <= sample.file.length; length++) {
			struct frames frames = {};
			struct pim_error error;
			int result = read_bytes(sample.file.data, length, &frames, &error);
			size_t expected = 0;

			while (expected < whole.count && whole.ends[expected] <= length)
				expected++;
			assert_int_equal(frames.count, expected);
			for (size_t i = 0; i < expected; i++)
				assert_frame(&frames.list[i].as, &whole.list[i].as);
			if (end < sample.end_count && sample.ends[end] == length) {
				assert_int_equal(result, 0);
				end++;
			} else {
				assert_true(result < 0);
			}
			free_frames(&frames);
		}
		assert_int_equal(end, sample.end_count);
		free_frames(&whole);
		clear(&sample.file);
	}
}

/* Under the sanitizers; read_bytes asserts what holds for any input. */
static void test_flip_every_byte(void **state)
{
	static const uint8_t flips[] = { 0x01, 0x02, 0x04, 0x10, 0x80, 0xff };

	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		struct sample sample;
		size_t failed = 0;

		make_sample(&sample, kind & 1, kind & 2);
		for (size_t i = 0; i < sample.file.length; i++) {
			for (size_t flip = 0; flip < sizeof(flips); flip++) {
				struct frames frames = {};
				struct pim_error error;

				sample.file.data[i] ^= flips[flip];
				failed += read_bytes(sample.file.data, sample.file.length, &frames,
						     &error) < 0;
				sample.file.data[i] ^= flips[flip];
				free_frames(&frames);
			}
		}
		assert_true(failed > 100);
		clear(&sample.file);
	}
}

/* ---- files, pipes and standard input ---- */

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/pimxdp-capture-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static const char *in_folder(const char *name)
{
	static char paths[4][128];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static void write_file(const char *name, const struct bytes *file)
{
	FILE *stream = fopen(in_folder(name), "wb");

	assert_non_null(stream);
	assert_int_equal(fwrite(file->data, 1, file->length, stream), file->length);
	assert_int_equal(fclose(stream), 0);
}

static void read_file(const char *path, struct frames *frames)
{
	struct pim_capture *capture = NULL;
	struct pim_error error = {};
	int result = pim_capture_open(path, &capture, &error);

	if (!result)
		result = read_capture(capture, frames, &error);
	if (result)
		print_error("%s\n", error.text);
	assert_int_equal(result, 0);
	pim_capture_close(capture);
}

static void test_open_path(void **state)
{
	struct bytes file = {};
	struct frames made = {}, frames = {};
	struct pim_capture *capture;
	struct pim_error error;
	struct pim_frame frame;
	char expected[256];

	(void)state;
	make_frames(&made, 1000);
	put_pcap(&file, &made, false);
	write_file("open.pcap", &file);
	read_file(in_folder("open.pcap"), &frames);
	assert_frames(&frames, &made);
	free_frames(&frames);

	assert_int_equal(pim_capture_open(in_folder("open.pcap"), &capture, &error), 0);
	assert_int_equal(pim_capture_size_bytes(capture), file.length);
	assert_int_equal(pim_capture_position_bytes(capture), 24);
	assert_int_equal(pim_capture_next(capture, &frame, &error), 1);
	assert_int_equal(pim_capture_position_bytes(capture), 24 + 16 + frame.captured_bytes);
	pim_capture_close(capture);
	pim_capture_close(NULL);

	assert_int_equal(pim_capture_open(in_folder("none.pcap"), &capture, &error), -ENOENT);
	assert_null(capture);
	snprintf(expected, sizeof(expected), "%s: cannot open: No such file or directory",
		 in_folder("none.pcap"));
	assert_string_equal(error.text, expected);
	assert_int_equal(error.kind, PIM_EXIT_FAILED);

	assert_int_equal(pim_capture_open(folder, &capture, &error), -EISDIR);
	assert_null(capture);
	snprintf(expected, sizeof(expected), "%s: cannot read: Is a directory", folder);
	assert_string_equal(error.text, expected);

	/* The text is optional. */
	assert_int_equal(pim_capture_open(folder, &capture, NULL), -EISDIR);
	free_frames(&made);
	clear(&file);
}

static void test_pipe(void **state)
{
	static const char *const names[] = { "pipe.pcap", "pipe.pcapng" };
	struct frames made = {};

	(void)state;
	make_frames(&made, 1000);
	for (int pcapng = 0; pcapng < 2; pcapng++) {
		struct bytes file = {};
		struct frames frames = {};
		struct pim_capture *capture;
		struct pim_error error;
		char command[256];
		FILE *stream;

		if (pcapng) {
			put_start(&file);
			for (size_t i = 0; i < made.count; i++) {
				const struct pim_frame *frame = &made.list[i].as;
				size_t at = begin_enhanced(&file, 0, frame->time_ns / 1000,
							   frame->captured_bytes,
							   frame->original_bytes);

				memcpy(file.data + at + 28, frame->bytes, frame->captured_bytes);
				end_block(&file, at);
			}
		} else {
			put_pcap(&file, &made, false);
		}
		write_file(names[pcapng], &file);
		/* In dribs, so that reads come back short. */
		snprintf(command, sizeof(command),
			 "{ head -c 5; sleep 0.05; head -c 40; sleep 0.05; cat; } < '%s'",
			 in_folder(names[pcapng]));
		stream = popen(command, "r");
		assert_non_null(stream);
		assert_int_equal(pim_capture_open_stream(stream, NAME, &capture, &error), 0);
		assert_int_equal(pim_capture_size_bytes(capture), 0);
		assert_int_equal(read_capture(capture, &frames, &error), 0);
		assert_int_equal(pim_capture_position_bytes(capture), file.length);
		pim_capture_close(capture);
		pclose(stream);
		assert_frames(&frames, &made);
		free_frames(&frames);
		clear(&file);
	}
	free_frames(&made);
}

static void test_standard_input(void **state)
{
	struct bytes file = {};
	struct frames made = {}, frames = {};
	struct pim_capture *capture;
	struct pim_error error;
	int kept = dup(STDIN_FILENO), ends[2];

	(void)state;
	make_frames(&made, 1000);
	put_pcap(&file, &made, true);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], file.data, file.length), file.length);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	close(ends[1]);
	read_file("-", &frames);
	assert_frames(&frames, &made);

	/* Nothing more comes. */
	clearerr(stdin);
	assert_int_equal(pim_capture_open("-", &capture, &error), -EINVAL);
	assert_string_equal(error.text, "standard input: expected a pcap or pcapng file, found an "
					"empty one");
	clearerr(stdin);
	if (kept >= 0) {
		dup2(kept, STDIN_FILENO);
		close(kept);
	}
	free_frames(&frames);
	free_frames(&made);
	clear(&file);
}

static ssize_t broken_read(void *cookie, char *buffer, size_t bytes)
{
	int *left = cookie;

	(void)buffer;
	(void)bytes;
	if (*left) {
		struct bytes header = {};

		*left = 0;
		put_pcap_header(&header, PCAP_MICRO, 0, 1);
		assert_true(bytes >= header.length);
		memcpy(buffer, header.data, header.length);
		clear(&header);
		return 24;
	}
	errno = ENXIO;
	return -1;
}

/* A read error is no clean end. */
static void test_read_error(void **state)
{
	int left = 1;
	FILE *stream = fopencookie(&left, "rb", (cookie_io_functions_t){ .read = broken_read });
	struct pim_capture *capture;
	struct pim_frame frame;
	struct pim_error error;

	(void)state;
	assert_non_null(stream);
	assert_int_equal(pim_capture_open_stream(stream, NAME, &capture, &error), 0);
	for (int i = 0; i < 2; i++) {
		memset(&error, 0, sizeof(error));
		assert_int_equal(pim_capture_next(capture, &frame, &error), -ENXIO);
		assert_string_equal(error.text, NAME ": cannot read: No such device or address");
	}
	pim_capture_close(capture);
	fclose(stream);
}

/* ---- files of the real tools ---- */

static bool have_tool(const char *tool)
{
	char command[128];

	snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", tool);
	return system(command) == 0;
}

/* Runs the command silently; each %s in it is the folder. */
__attribute__((format(printf, 1, 0))) static void run_tool(const char *format)
{
	char command[1024], silent[1100];
	int status;

	snprintf(command, sizeof(command), format, folder, folder, folder, folder);
	snprintf(silent, sizeof(silent), "{ %s; } >/dev/null 2>&1", command);
	status = system(silent);
	if (status)
		print_error("%s: status %d\n", command, status);
	assert_int_equal(status, 0);
}

/* The file must really be of the format that the test is about. */
static void assert_magic(const char *name, uint32_t magic)
{
	FILE *stream = fopen(in_folder(name), "rb");
	uint32_t found = 0;

	assert_non_null(stream);
	assert_int_equal(fread(&found, sizeof(found), 1, stream), 1);
	fclose(stream);
	assert_int_equal(found, magic);
}

static void assert_output(const char *name, const struct frames *expected)
{
	struct frames frames = {};

	read_file(in_folder(name), &frames);
	assert_frames(&frames, expected);
	free_frames(&frames);
	assert_int_equal(remove(in_folder(name)), 0);
}

/* micro.pcap and nano.pcap in the folder, and what is in them. */
static void make_inputs(struct frames *micro, struct frames *nano)
{
	struct bytes file = {};

	make_frames(micro, 123456000);
	put_pcap(&file, micro, false);
	write_file("micro.pcap", &file);
	clear(&file);
	make_frames(nano, 123456789);
	put_pcap(&file, nano, true);
	write_file("nano.pcap", &file);
	clear(&file);
}

#define NEEDS(tool)                                                          \
	do {                                                                 \
		if (!have_tool(tool)) {                                      \
			print_message("skipped: %s is not installed\n", tool); \
			skip();                                              \
		}                                                            \
	} while (0)

static void test_tcpdump(void **state)
{
	struct frames micro = {}, nano = {};

	(void)state;
	NEEDS("tcpdump");
	make_inputs(&micro, &nano);
	/* As root it would become a user who cannot write here. */
	if (geteuid() == 0) {
		run_tool("tcpdump -Z root -r %s/micro.pcap -w %s/out.pcap");
		run_tool("tcpdump -Z root --nano -r %s/nano.pcap -w %s/nanoout.pcap");
		run_tool("tcpdump -Z root -r %s/micro.pcap -w - | cat > %s/piped.pcap");
	} else {
		run_tool("tcpdump -r %s/micro.pcap -w %s/out.pcap");
		run_tool("tcpdump --nano -r %s/nano.pcap -w %s/nanoout.pcap");
		run_tool("tcpdump -r %s/micro.pcap -w - | cat > %s/piped.pcap");
	}
	assert_magic("out.pcap", PCAP_MICRO);
	assert_output("out.pcap", &micro);
	assert_magic("nanoout.pcap", PCAP_NANO);
	assert_output("nanoout.pcap", &nano);
	assert_output("piped.pcap", &micro);
	free_frames(&micro);
	free_frames(&nano);
}

static void test_editcap(void **state)
{
	struct frames micro = {}, nano = {};

	(void)state;
	NEEDS("editcap");
	make_inputs(&micro, &nano);
	run_tool("editcap -F pcapng %s/micro.pcap %s/out.pcapng");
	assert_magic("out.pcapng", SECTION);
	assert_output("out.pcapng", &micro);
	run_tool("editcap -F pcapng %s/nano.pcap %s/out.pcapng");
	assert_magic("out.pcapng", SECTION);
	assert_output("out.pcapng", &nano);
	run_tool("editcap -F nsecpcap %s/nano.pcap %s/out.pcap");
	assert_magic("out.pcap", PCAP_NANO);
	assert_output("out.pcap", &nano);
	run_tool("editcap -F pcap %s/micro.pcap %s/out.pcap");
	assert_magic("out.pcap", PCAP_MICRO);
	assert_output("out.pcap", &micro);
	/* Options on a packet and on the section. */
	run_tool("editcap -F pcapng -a 1:comment --capture-comment made %s/micro.pcap "
		 "%s/out.pcapng");
	assert_output("out.pcapng", &micro);

	for (size_t i = 0; i < micro.count; i++)
		if (micro.list[i].as.captured_bytes > 61)
			micro.list[i].as.captured_bytes = 61;
	run_tool("editcap -s 61 -F pcap %s/micro.pcap %s/out.pcap");
	assert_output("out.pcap", &micro);
	run_tool("editcap -s 61 -F pcapng %s/micro.pcap %s/out.pcapng");
	assert_output("out.pcapng", &micro);
	free_frames(&micro);
	free_frames(&nano);
}

static void append(struct frames *to, const struct frames *from)
{
	for (size_t i = 0; i < from->count; i++)
		add_frame(to, &from->list[i].as, 0);
}

static void test_mergecap(void **state)
{
	struct frames micro = {}, nano = {}, both = {};
	struct bytes file = {};

	(void)state;
	NEEDS("mergecap");
	NEEDS("editcap");
	make_inputs(&micro, &nano);
	/* Two interfaces, of different time resolution. */
	append(&both, &micro);
	append(&both, &nano);
	run_tool("mergecap -a -I none -F pcapng -w %s/out.pcapng %s/micro.pcap %s/nano.pcap");
	assert_magic("out.pcapng", SECTION);
	assert_output("out.pcapng", &both);

	/* Two link types in one file. */
	put_pcap_header(&file, PCAP_MICRO, 65535, 101);
	put_pcap_record(&file, 1500000000, 1, 60, 60);
	expect_frame(&both, 60, 60, 1500000000000001000, 101);
	write_file("raw.pcap", &file);
	run_tool("mergecap -a -F pcapng -w %s/out.pcapng %s/micro.pcap %s/nano.pcap %s/raw.pcap");
	assert_output("out.pcapng", &both);

	/* Two sections in one file. */
	run_tool("editcap -F pcapng %s/micro.pcap %s/one.pcapng");
	run_tool("cat %s/one.pcapng %s/one.pcapng > %s/out.pcapng");
	free_frames(&both);
	append(&both, &micro);
	append(&both, &micro);
	assert_output("out.pcapng", &both);
	free_frames(&micro);
	free_frames(&nano);
	free_frames(&both);
	clear(&file);
}

static void test_text2pcap(void **state)
{
	struct frames micro = {}, nano = {}, found = {};
	FILE *text;

	(void)state;
	NEEDS("text2pcap");
	make_inputs(&micro, &nano);
	text = fopen(in_folder("dump.txt"), "w");
	assert_non_null(text);
	for (size_t i = 0; i < micro.count; i++) {
		for (uint32_t j = 0; j < micro.list[i].as.captured_bytes; j++)
			fprintf(text, j % 16 ? " %02x" : "\n%06" PRIx32 " %02x",
				j % 16 ? micro.list[i].data[j] : j, micro.list[i].data[j]);
		fprintf(text, "\n");
	}
	assert_int_equal(fclose(text), 0);
	/* The times are of its own choice. */
	for (int linktype = 1; linktype <= 101; linktype += 100) {
		run_tool(linktype == 1 ? "text2pcap %s/dump.txt %s/out.pcap" :
					 "text2pcap -l 101 %s/dump.txt %s/out.pcap");
		read_file(in_folder("out.pcap"), &found);
		assert_int_equal(found.count, micro.count);
		for (size_t i = 0; i < found.count; i++) {
			micro.list[i].as.linktype = (uint32_t)linktype;
			micro.list[i].as.time_ns = found.list[i].as.time_ns;
		}
		assert_frames(&found, &micro);
		free_frames(&found);
	}
	free_frames(&micro);
	free_frames(&nano);
}

/* From a pipe, so that it needs neither an interface nor privilege. */
static void test_dumpcap(void **state)
{
	struct frames micro = {}, nano = {};

	(void)state;
	NEEDS("dumpcap");
	make_inputs(&micro, &nano);
	run_tool("cat %s/micro.pcap | dumpcap -q -i - -w %s/out.pcapng");
	assert_magic("out.pcapng", SECTION);
	assert_output("out.pcapng", &micro);
	run_tool("cat %s/micro.pcap | dumpcap -q -P -i - -w %s/out.pcap");
	assert_magic("out.pcap", PCAP_MICRO);
	assert_output("out.pcap", &micro);
	free_frames(&micro);
	free_frames(&nano);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pcap_kinds),
		cmocka_unit_test(test_pcap_lengths),
		cmocka_unit_test(test_pcap_linktype),
		cmocka_unit_test(test_pcap_errors),
		cmocka_unit_test(test_pcapng_blocks),
		cmocka_unit_test(test_pcapng_sections),
		cmocka_unit_test(test_pcapng_times),
		cmocka_unit_test(test_pcapng_fcs),
		cmocka_unit_test(test_pcapng_errors),
		cmocka_unit_test(test_bounded_memory),
		cmocka_unit_test(test_other_files),
		cmocka_unit_test(test_linktype_names),
		cmocka_unit_test(test_cut_at_every_byte),
		cmocka_unit_test(test_flip_every_byte),
		cmocka_unit_test(test_open_path),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_standard_input),
		cmocka_unit_test(test_read_error),
		cmocka_unit_test(test_tcpdump),
		cmocka_unit_test(test_editcap),
		cmocka_unit_test(test_mergecap),
		cmocka_unit_test(test_text2pcap),
		cmocka_unit_test(test_dumpcap),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
