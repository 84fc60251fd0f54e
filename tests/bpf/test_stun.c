/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The shapes of docs/wire.md (docs/classification.md, step 13), each test from both sides. */
#include "harness.h"

#define COOKIE "\x21\x12\xa4\x42" /* RFC 8489 */
#define NO_COOKIE "\x21\x12\xa4\x43"
#define TRANSACTION "\0\0\0\0\0\0\0\0\0\0\0\0"
#define MSTURN "\x00\x0f\x00\x04\x72\xc6\x4b\xc6" /* [MS-TURN] 2.2.2.8 */

enum admits {
	NEVER,	/* only stun-shape = off */
	MEDIA,	/* also with the default, media */
	ALWAYS, /* also with strict */
};

static const char *const shapes[] = { "off", "media", "strict" };

struct shape_case {
	const char *description;
	const char *start; /* zeros follow */
	unsigned int start_bytes;
	unsigned int bytes; /* n */
	enum admits admits;
};
#define SHAPE(description, start, bytes, admits)                     \
	{                                                            \
		description, start, sizeof(start) - 1, bytes, admits \
	}

static const struct shape_case cases[] = {
	/* STUN */
	SHAPE("STUN", "\0\1\0\0" COOKIE, 20, ALWAYS),
	SHAPE("STUN, Allocate", "\0\3\0\0" COOKIE, 20, ALWAYS),
	SHAPE("STUN, 19 bytes", "\0\3\0\0" COOKIE, 19, NEVER),
	SHAPE("STUN, 21 bytes", "\0\3\0\0" COOKIE, 21, NEVER),
	SHAPE("STUN, one attribute", "\0\3\0\4" COOKIE, 24, ALWAYS),
	SHAPE("STUN, a byte less", "\0\3\0\4" COOKIE, 23, NEVER),
	SHAPE("STUN, a byte more", "\0\3\0\4" COOKIE, 25, NEVER),
	SHAPE("STUN, length says 0", "\0\3\0\0" COOKIE, 24, NEVER),
	SHAPE("STUN, length 1", "\0\3\0\1" COOKIE, 21, NEVER),
	SHAPE("STUN, length 2", "\0\3\0\2" COOKIE, 22, NEVER),
	SHAPE("STUN, length 3", "\0\3\0\3" COOKIE, 23, NEVER),
	SHAPE("STUN, length 256", "\0\3\1\0" COOKIE, 276, ALWAYS),
	SHAPE("STUN, length in the wrong byte order", "\0\3\4\0" COOKIE, 24, NEVER),
	SHAPE("STUN, length 1432", "\0\3\x05\x98" COOKIE, 1452, ALWAYS),
	SHAPE("STUN, type 0", "\0\0\0\0" COOKIE, 20, ALWAYS),
	SHAPE("STUN, highest type", "\x3f\xff\0\0" COOKIE, 20, ALWAYS),
	SHAPE("STUN, a type bit too many", "\x40\x03\0\0" COOKIE, 20, NEVER),
	SHAPE("STUN, the other type bit", "\x80\xc8\0\0" COOKIE, 7, NEVER),
	SHAPE("STUN, both type bits", "\xc0\3\0\0" COOKIE, 20, NEVER),
	SHAPE("STUN, cookie's first byte", "\0\3\0\0\x20\x12\xa4\x42", 20, NEVER),
	SHAPE("STUN, cookie's second byte", "\0\3\0\0\x21\x13\xa4\x42", 20, NEVER),
	SHAPE("STUN, cookie's third byte", "\0\3\0\0\x21\x12\x24\x42", 20, NEVER),
	SHAPE("STUN, cookie's last byte", "\0\3\0\0\x21\x12\xa4\x43", 20, NEVER),
	SHAPE("STUN, cookie in the wrong byte order", "\0\3\0\0\x42\xa4\x12\x21", 20, NEVER),
	SHAPE("STUN, cookie where RFC 4571 puts it", "\0\x14\0\3\0\0" COOKIE, 22, NEVER),

	/* MS-TURN */
	SHAPE("MS-TURN", "\0\3\0\x08\0\0\0\0" TRANSACTION MSTURN, 28, ALWAYS),
	SHAPE("MS-TURN, any bytes at 4", "\0\3\0\x08\xff\xee\xdd\xcc" TRANSACTION MSTURN, 28,
	      ALWAYS),
	SHAPE("MS-TURN, length 9", "\0\3\0\x09\0\0\0\0" TRANSACTION MSTURN, 29, ALWAYS),
	SHAPE("MS-TURN, length 10", "\1\x15\0\x0a\0\0\0\0" TRANSACTION MSTURN, 30, ALWAYS),
	SHAPE("MS-TURN, length 9 and STUN's cookie", "\0\3\0\x09" COOKIE TRANSACTION MSTURN, 29,
	      ALWAYS),
	SHAPE("MS-TURN, length 7", "\0\3\0\x07\0\0\0\0" TRANSACTION MSTURN, 27, NEVER),
	SHAPE("MS-TURN, a byte less", "\0\3\0\x09\0\0\0\0" TRANSACTION MSTURN, 28, NEVER),
	SHAPE("MS-TURN, a byte more", "\0\3\0\x08\0\0\0\0" TRANSACTION MSTURN, 29, NEVER),
	SHAPE("MS-TURN, highest type", "\x3f\xff\0\x08\0\0\0\0" TRANSACTION MSTURN, 28, ALWAYS),
	SHAPE("MS-TURN, a type bit too many", "\x40\3\0\x08\0\0\0\0" TRANSACTION MSTURN, 28, NEVER),
	SHAPE("MS-TURN, not the first attribute",
	      "\0\3\0\x0c\0\0\0\0" TRANSACTION "\0\0\0\0" MSTURN, 32, NEVER),
	SHAPE("MS-TURN, byte 20",
	      "\0\3\0\x08\0\0\0\0" TRANSACTION "\x01\x0f\x00\x04\x72\xc6\x4b\xc6", 28, NEVER),
	SHAPE("MS-TURN, byte 21",
	      "\0\3\0\x08\0\0\0\0" TRANSACTION "\x00\x0e\x00\x04\x72\xc6\x4b\xc6", 28, NEVER),
	SHAPE("MS-TURN, byte 22",
	      "\0\3\0\x08\0\0\0\0" TRANSACTION "\x00\x0f\x01\x04\x72\xc6\x4b\xc6", 28, NEVER),
	SHAPE("MS-TURN, byte 23",
	      "\0\3\0\x08\0\0\0\0" TRANSACTION "\x00\x0f\x00\x05\x72\xc6\x4b\xc6", 28, NEVER),
	SHAPE("MS-TURN, byte 24",
	      "\0\3\0\x08\0\0\0\0" TRANSACTION "\x00\x0f\x00\x04\x73\xc6\x4b\xc6", 28, NEVER),
	SHAPE("MS-TURN, byte 25",
	      "\0\3\0\x08\0\0\0\0" TRANSACTION "\x00\x0f\x00\x04\x72\xc7\x4b\xc6", 28, NEVER),
	SHAPE("MS-TURN, byte 26",
	      "\0\3\0\x08\0\0\0\0" TRANSACTION "\x00\x0f\x00\x04\x72\xc6\x4a\xc6", 28, NEVER),
	SHAPE("MS-TURN, byte 27",
	      "\0\3\0\x08\0\0\0\0" TRANSACTION "\x00\x0f\x00\x04\x72\xc6\x4b\x46", 28, NEVER),

	/* classic STUN */
	SHAPE("classic, request", "\0\1\0\0\0\0\0\0", 20, ALWAYS),
	SHAPE("classic, response", "\1\1\0\0\xff\xff\xff\xff", 20, ALWAYS),
	SHAPE("classic, error", "\1\x11\0\0", 20, ALWAYS),
	SHAPE("classic, almost the cookie", "\0\1\0\0" NO_COOKIE, 20, ALWAYS),
	SHAPE("classic, 19 bytes", "\0\1\0\0", 19, NEVER),
	SHAPE("classic, 21 bytes", "\0\1\0\0", 21, NEVER),
	SHAPE("classic, length 5", "\0\1\0\5", 25, ALWAYS),
	SHAPE("classic, length 5, a byte less", "\0\1\0\5", 24, NEVER),
	SHAPE("classic, length 5, a byte more", "\0\1\0\5", 26, NEVER),
	SHAPE("classic, length 5, with the cookie", "\0\1\0\5" COOKIE, 25, NEVER),
	SHAPE("classic, type 0", "\0\0\0\0", 20, NEVER),
	SHAPE("classic, type 2", "\0\2\0\0", 20, NEVER),
	SHAPE("classic, type 3", "\0\3\0\0", 20, NEVER),
	SHAPE("classic, type 0x0011", "\0\x11\0\0", 20, NEVER),
	SHAPE("classic, type 0x0100", "\1\0\0\0", 20, NEVER),
	SHAPE("classic, type 0x0102", "\1\2\0\0", 20, NEVER),
	SHAPE("classic, type 0x0110", "\1\x10\0\0", 20, NEVER),
	SHAPE("classic, type 0x0112", "\1\x12\0\0", 20, NEVER),
	SHAPE("classic, type 0x0201", "\2\1\0\0", 20, NEVER),

	/* TURN ChannelData */
	SHAPE("channel, empty", "\x40\0\0\0", 4, ALWAYS),
	SHAPE("channel, 3 bytes", "\x40\0\0\0", 3, NEVER),
	SHAPE("channel, highest", "\x4f\xff\0\0", 4, ALWAYS),
	SHAPE("channel, the first of RFC 5766 alone", "\x50\0\0\0", 4, MEDIA),
	SHAPE("channel, the same, 3 bytes", "\x50\0\0\0", 3, NEVER),
	SHAPE("channel, one below", "\x3f\xff\0\0", 4, NEVER),
	SHAPE("channel, RFC 5766's last", "\x7f\xfe\0\0", 4, MEDIA),
	SHAPE("channel, highest of the top bits", "\x7f\xff\0\0", 4, MEDIA),
	SHAPE("channel, beyond the top bits", "\x80\0\0\0", 4, NEVER),
	SHAPE("channel 0x6abc, 5 bytes without padding", "\x6a\xbc\0\5", 9, MEDIA),
	SHAPE("channel 0x6abc, 5 bytes, padded", "\x6a\xbc\0\5", 12, MEDIA),
	SHAPE("channel 0x6abc, 5 bytes, a byte less", "\x6a\xbc\0\5", 8, NEVER),
	SHAPE("channel 0x6abc, 5 bytes, 4 of padding", "\x6a\xbc\0\5", 13, NEVER),
	SHAPE("channel, 5 bytes without padding", "\x40\1\0\5", 9, ALWAYS),
	SHAPE("channel, 5 bytes, one of padding", "\x40\1\0\5", 10, ALWAYS),
	SHAPE("channel, 5 bytes, padded", "\x40\1\0\5", 12, ALWAYS),
	SHAPE("channel, 5 bytes, a byte less", "\x40\1\0\5", 8, NEVER),
	SHAPE("channel, 5 bytes, 4 of padding", "\x40\1\0\5", 13, NEVER),
	SHAPE("channel, empty, 3 of padding", "\x40\1\0\0", 7, ALWAYS),
	SHAPE("channel, empty, 4 of padding", "\x40\1\0\0", 8, NEVER),
	SHAPE("channel, 1000 bytes", "\x4a\x1b\x03\xe8", 1004, ALWAYS),
	SHAPE("channel, 1000 bytes, a byte less", "\x4a\x1b\x03\xe8", 1003, NEVER),
	SHAPE("channel, 65535 bytes", "\x40\0\xff\xff", 1004, NEVER),

	/* RTP */
	SHAPE("RTP", "\x80\0", 12, MEDIA),
	SHAPE("RTP, 11 bytes", "\x80\0", 11, NEVER),
	SHAPE("RTP, 1 source", "\x81\0", 16, MEDIA),
	SHAPE("RTP, 1 source, a byte less", "\x81\0", 15, NEVER),
	SHAPE("RTP, 15 sources", "\x8f\0", 72, MEDIA),
	SHAPE("RTP, 15 sources, a byte less", "\x8f\0", 71, NEVER),
	SHAPE("RTP, padding and extension", "\xb0\x72", 12, MEDIA),
	SHAPE("RTP, padding and extension, 11 bytes", "\xb0\x72", 11, NEVER),
	SHAPE("RTP, type 114 (x-msrta)", "\x80\x72", 172, MEDIA),
	SHAPE("RTP, type 115", "\x80\x73", 60, MEDIA),
	SHAPE("RTP, type 111", "\x80\x6f", 60, MEDIA),
	SHAPE("RTP, type 97 with the marker", "\x80\xe1", 60, MEDIA),
	SHAPE("RTP, type 63 with the marker", "\x80\xbf", 12, MEDIA),
	SHAPE("RTP, type 63 with the marker, 8 bytes", "\x80\xbf", 8, NEVER),
	SHAPE("RTP, type 96 with the marker", "\x80\xe0", 12, MEDIA),
	SHAPE("RTP, type 96 with the marker, 8 bytes", "\x80\xe0", 8, NEVER),
	SHAPE("RTP, version 1", "\x7f\0", 72, NEVER), /* as a channel: of length 0 */
	SHAPE("RTP, version 3", "\xc0\0", 72, NEVER),

	/* RTCP */
	SHAPE("RTCP, first type", "\x80\xc0", 8, MEDIA),
	SHAPE("RTCP, first type, 7 bytes", "\x80\xc0", 7, NEVER),
	SHAPE("RTCP, sender report", "\x81\xc8\0\6", 28, MEDIA),
	SHAPE("RTCP, last type", "\x80\xdf", 8, MEDIA),
	SHAPE("RTCP, last type, 7 bytes", "\x80\xdf", 7, NEVER),
	SHAPE("RTCP, 31 reports in 8 bytes", "\x9f\xc9", 8, MEDIA),
	SHAPE("RTCP, 15 in 11 bytes", "\x8f\xc8", 11, MEDIA),

	/* MS multiplexed TURN */
	SHAPE("multiplexed", "\xff\x10\0\x08", 12, ALWAYS),
	SHAPE("multiplexed, length 7", "\xff\x10\0\x07", 11, NEVER),
	SHAPE("multiplexed, length 7 of 12", "\xff\x10\0\x07", 12, NEVER),
	SHAPE("multiplexed, a byte less", "\xff\x10\0\x08", 11, NEVER),
	SHAPE("multiplexed, a byte more", "\xff\x10\0\x08", 13, NEVER),
	SHAPE("multiplexed, length 9", "\xff\x10\0\x09", 13, ALWAYS),
	SHAPE("multiplexed, length 1000", "\xff\x10\x03\xe8", 1004, ALWAYS),
	SHAPE("multiplexed, FF 0F", "\xff\x0f\0\x08", 12, NEVER),
	SHAPE("multiplexed, FF 11", "\xff\x11\0\x08", 12, NEVER),
	SHAPE("multiplexed, FE 10", "\xfe\x10\0\x08", 12, NEVER),
	SHAPE("multiplexed, EF 10", "\xef\x10\0\x08", 12, NEVER),
	SHAPE("multiplexed, length 0 of 4", "\xff\x10\0\0", 4, NEVER),

	/* too short for any shape, and other traffic that reaches this port */
	SHAPE("nothing", "", 0, NEVER),
	SHAPE("1 byte", "\x40", 1, NEVER),
	SHAPE("2 bytes", "\x80\xc8", 2, NEVER),
	SHAPE("3 bytes", "\xff\x10\0", 3, NEVER),
	SHAPE("zeros", "", 20, NEVER),
	SHAPE("zeros, 1472", "", 1472, NEVER),
	SHAPE("text", "GET / HTTP/1.1\r\n\r\n", 18, NEVER),
	SHAPE("DNS", "\x12\x34\x01\0\0\1\0\0\0\0\0\0\3www\0\0\1\0\1", 21, NEVER),
	SHAPE("DTLS", "\x16\xfe\xff\0\0\0\0\0\0\0\0\0\x07", 20, NEVER),
	SHAPE("QUIC", "\xc3\0\0\0\1\x08", 1200, NEVER),
	SHAPE("MS-TURN's TCP framing", "\2\0\0\x14\0\1\0\0" COOKIE, 24, NEVER),
};

/* Judges a payload in both legs and both IP versions. */
static void judge_payload(struct judge *judge, const void *payload, unsigned int bytes,
			  bool admitted, const char *description)
{
	static struct frame frame;

	for (int way = 0; way < 4; way++) {
		bool reply = way & 1, six = way & 2;
		struct frame_recipe recipe = {
			.source = six ? MESSENGER6 : MESSENGER,
			.destination = six ? EDGE_AV6 : EDGE_AV,
			.protocol = FRAME_UDP,
			.source_port = reply ? 3478 : 40000,
			.destination_port = reply ? 40000 : 3478,
			.payload = payload,
			.payload_bytes = bytes,
			.padding_bytes = bytes % 7,
		};
		const char *const expected[2][2] = {
			{ "drop stun-shape stun-in forward", "drop stun-shape stun-out reply" },
			{ "pass rule stun-in forward", "pass rule stun-out reply" },
		};

		frame_build(&recipe, &frame);
		judge_expect(judge, &frame, expected[admitted][reply], "%s, %u bytes, %s, IPv%d",
			     description, bytes, reply ? "reply" : "forward", six ? 6 : 4);
	}
}

static void judge_shapes(enum admits least)
{
	static char payload[2048];
	char description[80];
	struct judge judge;

	judge_open(&judge, STANDARD_POLICY "options = { stun-shape = \"%s\" }", shapes[least]);
	for (size_t at = 0; at < COUNT(cases); at++) {
		memset(payload, 0, sizeof(payload));
		memcpy(payload, cases[at].start, cases[at].start_bytes);
		judge_payload(&judge, payload, cases[at].bytes, cases[at].admits >= least,
			      cases[at].description);
	}

	/* Every first byte, followed by zeros. */
	memset(payload, 0, sizeof(payload));
	for (unsigned int first = 0; first < 256; first++) {
		enum admits channel = first >= 0x40 && first <= 0x4f ? ALWAYS :
				      first >= 0x50 && first <= 0x7f ? MEDIA :
								       NEVER;
		enum admits media = first >= 0x80 && first <= 0xbf ? MEDIA : NEVER;

		payload[0] = (char)first;
		snprintf(description, sizeof(description), "first byte 0x%02x", first);
		judge_payload(&judge, payload, 4, channel >= least, description);
		judge_payload(&judge, payload, 72, media >= least, description);
	}

	/* Every second byte of RTP or RTCP. */
	payload[0] = (char)0x80;
	for (unsigned int second = 0; second < 256; second++) {
		enum admits control = second >= 192 && second <= 223 ? MEDIA : NEVER;

		payload[1] = (char)second;
		snprintf(description, sizeof(description), "second byte 0x%02x", second);
		judge_payload(&judge, payload, 7, NEVER >= least, description);
		judge_payload(&judge, payload, 8, control >= least, description);
		judge_payload(&judge, payload, 11, control >= least, description);
		judge_payload(&judge, payload, 12, MEDIA >= least, description);
	}
	judge_close(&judge);
}

static void permits_media(void **state)
{
	(void)state;
	judge_shapes(MEDIA);
}

static void permits_signalling_alone(void **state)
{
	(void)state;
	judge_shapes(ALWAYS);
}

static void permits_anything(void **state)
{
	(void)state;
	judge_shapes(NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(permits_media),
		cmocka_unit_test(permits_signalling_alone),
		cmocka_unit_test(permits_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
