/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The reader of pcap, against bytes made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/frame.h"
#include "capture/linktype.h"
#include "unit/capture/writers.h"

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
		{ 113, 113, 64, 100 },	    { 0x0000ffff, 0xffff, 64, 100 },
		{ 0x24000001, 1, 64, 96 },  /* two words of FCS, in excess of the snap length */
		{ 0x04000001, 1, 64, 100 }, /* the flag is set, the length is 0 */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pcap_kinds),
		cmocka_unit_test(test_pcap_lengths),
		cmocka_unit_test(test_pcap_linktype),
		cmocka_unit_test(test_pcap_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
