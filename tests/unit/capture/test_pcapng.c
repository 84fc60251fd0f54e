/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The reader of pcapng, against bytes made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "capture/frame.h"
#include "capture/linktype.h"
#include "capture/stream.h"
#include "unit/capture/writers.h"

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
		/* Longer than the interface's snapshot length: the record counts. */
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
		put32(&file, 0xffffffff); /* nothing after the end is read */
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

	/* A section's interfaces are gone after it. */
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
		/* Times that 64 bits of nanoseconds since 1970 cannot hold. */
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
	/* The packet's own flags take precedence, unless they are unset. */
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

/* Whatever sizes a file claims, the reader uses little memory. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pcapng_blocks), cmocka_unit_test(test_pcapng_sections),
		cmocka_unit_test(test_pcapng_times),  cmocka_unit_test(test_pcapng_fcs),
		cmocka_unit_test(test_pcapng_errors), cmocka_unit_test(test_bounded_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
