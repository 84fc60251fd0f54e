/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Valid frames cut at every byte, and frames whose headers lie beyond the
 * buffer's linear part.
 */
#include "harness.h"
#include "kernel/judge.h"
#include "payloads.h"
#include "recipes.h"

#define PING(from, to, number, type) \
	.source = (from), .destination = (to), .protocol = (number), .icmp_type = (type)
#define FOUR(bytes)                                                                     \
	EXTENSION(FRAME_DESTINATION, bytes, 0), EXTENSION(FRAME_DESTINATION, bytes, 0), \
		EXTENSION(FRAME_DESTINATION, bytes, 0), EXTENSION(FRAME_DESTINATION, bytes, 0)
#define EIGHT(bytes) FOUR(bytes), FOUR(bytes)
#define STUN_DROPS "drop stun-shape stun-in forward"

static const uint8_t channel[11] = { 0x40, 0, 0, 4 }; /* the last three are padding */
static const uint8_t rtp[30] = { 0x82, 114 };	      /* a header of 20 */

/* clang-format off */
static const struct judge_case kinds[] = {
	{ "TCP", { TCP(PARTNER, EDGE_ACCESS) }, SIP_PASSES },
	{ "TCP with options and data", { TCP(PARTNER, EDGE_ACCESS), .tcp_option_bytes = 12, .payload_bytes = 9 }, SIP_PASSES },
	{ "TCP, padded", { TCP(PARTNER, EDGE_ACCESS), .padding_bytes = 6 }, SIP_PASSES },
	{ "TCP, one tag, padded", { TCP(PARTNER, EDGE_ACCESS), .tags = { 0x8100 }, .padding_bytes = 2 }, SIP_PASSES },
	{ "TCP, two tags", { TCP(PARTNER, EDGE_ACCESS), .tags = { 0x88a8, 0x8100 }, .payload_bytes = 3 }, SIP_PASSES },
	{ "TCP, IPv4 options", { TCP(PARTNER, EDGE_ACCESS), .option_bytes = 12, .payload_bytes = 2 }, SIP_PASSES },
	{ "TCP, 40 bytes of IPv4 options, two tags", { TCP(PARTNER, EDGE_ACCESS), .option_bytes = 40, .tags = { 0x8100, 0x8100 } }, SIP_PASSES },
	{ "STUN", { UDP(MESSENGER, EDGE_AV, long_binding) }, STUN_PASSES },
	{ "STUN, padded, one tag", { UDP(MESSENGER, EDGE_AV, long_binding), .tags = { 0x9100 }, .padding_bytes = 5 }, STUN_PASSES },
	{ "MS-TURN", { UDP(MESSENGER, EDGE_AV, msturn) }, STUN_PASSES },
	{ "ChannelData", { UDP(MESSENGER, EDGE_AV, channel) }, STUN_PASSES },
	{ "RTP", { UDP(MESSENGER, EDGE_AV, rtp) }, STUN_PASSES },
	{ "ICMP", { PING(STRANGER, EDGE_AV, FRAME_ICMP, 8), .payload_bytes = 5 }, "pass icmp" },
	{ "TCP over IPv6", { TCP(PARTNER6, EDGE_ACCESS6), .payload_bytes = 4 }, SIP_PASSES },
	{ "TCP over IPv6, two tags, padded", { TCP(PARTNER6, EDGE_ACCESS6), .tags = { 0x8100, 0x8100 }, .tcp_option_bytes = 40, .padding_bytes = 9 }, SIP_PASSES },
	{ "TCP, hop-by-hop, routing, destination options", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(EXTENSION(FRAME_HOP_BY_HOP, 8, 0), EXTENSION(FRAME_ROUTING, 24, 0x0200), EXTENSION(FRAME_DESTINATION, 16, 0)) }, SIP_PASSES },
	{ "TCP, atomic fragment, AH", { TCP(PARTNER6, EDGE_ACCESS6), .tags = { 0x8100 }, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0), EXTENSION(FRAME_AH, 20, 0)), .padding_bytes = 1 }, SIP_PASSES },
	{ "STUN over IPv6", { UDP(MESSENGER6, EDGE_AV6, long_binding) }, STUN_PASSES },
	{ "MS-TURN, destination options", { UDP(MESSENGER6, EDGE_AV6, msturn), EXTENSIONS(EXTENSION(FRAME_DESTINATION, 24, 0)) }, STUN_PASSES },
	{ "RTP over IPv6, eight headers", { UDP(MESSENGER6, EDGE_AV6, rtp), EXTENSIONS(EIGHT(8)) }, STUN_PASSES },
	{ "ICMPv6, hop-by-hop", { PING(STRANGER6, EDGE_AV6, FRAME_ICMPV6, 129), EXTENSIONS(EXTENSION(FRAME_HOP_BY_HOP, 8, 0)), .payload_bytes = 3 }, "pass icmp" },
};
/* clang-format on */

static struct judge judge;
static struct frame frame, whole;

static int open_judge(void **state)
{
	(void)state;
	judge_open(&judge, STANDARD_POLICY "options = { ip-options = \"classify\" }");
	return 0;
}

static int close_judge(void **state)
{
	(void)state;
	judge_close(&judge);
	return 0;
}

/* The frame ends early and its length fields stay: only padding may be missing. */
static void drops_what_was_cut(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < COUNT(kinds); kind++) {
		frame_build(&kinds[kind].recipe, &frame);
		for (uint32_t whole_bytes = frame.length; frame.length; frame.length--)
			judge_expect(&judge, &frame,
				     frame.length < frame.end ? "drop truncated" :
								kinds[kind].expected,
				     "%s, cut from %u bytes to %u", kinds[kind].description,
				     whole_bytes, frame.length);
	}
	judge_check(&judge);
}

/* The size of the fixed IP header. */
static unsigned int ip_header_bytes(const struct frame *of)
{
	return of->bytes[of->ip] >> 4 == 4 ? 20 : 40;
}

/* Makes the IP length field say `bytes`, counted from the IP header on. */
static void set_ip_length(struct frame *of, uint32_t bytes)
{
	if (of->bytes[of->ip] >> 4 == 4)
		frame_put(of, of->ip + 2, 2, bytes);
	else
		frame_put(of, of->ip + 4, 2, bytes - 40);
}

/* The decision about a valid frame whose datagram ends after `bytes`. */
static const char *expected_of_short_datagram(const struct judge_case *kind, uint32_t bytes)
{
	uint32_t transport = whole.transport - whole.ip;
	uint32_t least =
		kind->recipe.protocol == FRAME_TCP ? 20 + kind->recipe.tcp_option_bytes : 8;

	if (bytes < transport) /* IPv4: total length under its header; IPv6: within an extension */
		return whole.bytes[whole.ip] >> 4 == 4 ? "drop malformed" : "drop truncated";
	if (bytes < transport + least)
		return "drop truncated";
	if (kind->recipe.protocol == FRAME_UDP && bytes < whole.end - whole.ip)
		return "drop malformed"; /* the UDP length goes beyond it */
	return kind->expected;
}

/* The datagram of `whole` ends after `ip_bytes` of its IP packet, and says so: in a frame
 * that ends there, and in one where the rest follows as padding. `frame` may differ from
 * `whole` in its headers. */
static void judge_short(const char *description, uint32_t bytes, uint32_t most, uint32_t ip_bytes,
			const char *expected)
{
	set_ip_length(&frame, ip_bytes);
	judge_expect(&judge, &frame, expected, "%s, %u of %u bytes, padded", description, bytes,
		     most);
	frame.length = frame.ip + ip_bytes;
	judge_expect(&judge, &frame, expected, "%s, %u of %u bytes", description, bytes, most);
}

static void judges_short_datagrams(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < COUNT(kinds); kind++) {
		uint32_t most;

		frame_build(&kinds[kind].recipe, &whole);
		most = whole.end - whole.ip;
		for (uint32_t bytes = ip_header_bytes(&whole); bytes <= most; bytes++) {
			frame = whole;
			judge_short(kinds[kind].description, bytes, most, bytes,
				    expected_of_short_datagram(&kinds[kind], bytes));
		}
	}
	judge_check(&judge);
}

/* The UDP length is adjusted as well: now the payload lacks its shape. */
static void judges_short_payloads(void **state)
{
	static const struct {
		const void *payload;
		unsigned int least; /* bytes that still have a shape */
	} shapes[] = { { long_binding, sizeof(long_binding) },
		       { msturn, sizeof(msturn) },
		       { channel, 8 },
		       { rtp, 20 } };

	(void)state;
	for (size_t kind = 0; kind < COUNT(kinds); kind++)
		for (size_t shape = 0; shape < COUNT(shapes); shape++) {
			unsigned int most = kinds[kind].recipe.payload_bytes;

			if (kinds[kind].recipe.payload != shapes[shape].payload)
				continue;
			frame_build(&kinds[kind].recipe, &whole);
			for (unsigned int bytes = 0; bytes <= most; bytes++) {
				const char *expected =
					bytes < shapes[shape].least ? STUN_DROPS : STUN_PASSES;

				frame = whole;
				frame_put(&frame, frame.transport + 4, 2, 8 + bytes);
				judge_expect(&judge, &frame, expected,
					     "%s, %u of %u bytes in a longer datagram",
					     kinds[kind].description, bytes, most);
				judge_short(kinds[kind].description, bytes, most,
					    frame.payload - frame.ip + bytes, expected);
			}
		}
	judge_check(&judge);
}

/* ---- first fragments, with fragments = pass ---- */

#define FIRST4 .fragment = 0x2000
#define FIRST6 EXTENSIONS(EXTENSION(FRAME_DESTINATION, 8, 0), EXTENSION(FRAME_FRAGMENT, 8, 1))

/* A first fragment begins a datagram: it may end anywhere behind its transport header, but not
 * within. `reads` is how much of its payload step 13 has to see. */
static void judges_short_first_fragments(void **state)
{
	/* clang-format off */
	static const struct {
		struct judge_case kind;
		unsigned int header, reads;
	} firsts[] = {
		{ { "TCP", { TCP(PARTNER, EDGE_ACCESS), FIRST4, .payload_bytes = 24 }, SIP_PASSES }, 20, 0 },
		{ { "TCP, two tags, all options", { TCP(PARTNER, EDGE_ACCESS), FIRST4, .tags = { 0x88a8, 0x8100 }, .tcp_option_bytes = 40, .payload_bytes = 4 }, SIP_PASSES }, 60, 0 },
		{ { "TCP, a tag, IPv4 options", { TCP(PARTNER, EDGE_ACCESS), FIRST4, .tags = { 0x9100 }, .option_bytes = 12, .tcp_option_bytes = 4, .payload_bytes = 4 }, SIP_PASSES }, 24, 0 },
		{ { "TCP to a port without a service", { TCP(PARTNER, EDGE_AV), FIRST4, .payload_bytes = 4 }, "drop no-service" }, 20, 0 },
		{ { "TCP, IPv6", { TCP(PARTNER6, EDGE_ACCESS6), FIRST6, .tcp_option_bytes = 12, .payload_bytes = 12 }, SIP_PASSES }, 32, 0 },
		{ { "TCP, IPv6, a tag, from a stranger", { TCP(STRANGER6, EDGE_ACCESS6), FIRST6, .tags = { 0x8100 }, .payload_bytes = 12 }, "drop role sip-mtls-in forward" }, 20, 0 },
		{ { "STUN", { UDP(MESSENGER, EDGE_AV, long_binding), FIRST4 }, STUN_PASSES }, 8, 8 },
		{ { "STUN, IPv6, two tags", { UDP(MESSENGER6, EDGE_AV6, long_binding), FIRST6, .tags = { 0x8100, 0x8100 } }, STUN_PASSES }, 8, 8 },
		{ { "MS-TURN", { UDP(MESSENGER, EDGE_AV, msturn), FIRST4 }, STUN_PASSES }, 8, 28 },
		{ { "MS-TURN, IPv6", { UDP(MESSENGER6, EDGE_AV6, msturn), FIRST6 }, STUN_PASSES }, 8, 28 },
		{ { "ChannelData", { UDP(MESSENGER, EDGE_AV, channel), FIRST4 }, STUN_PASSES }, 8, 4 },
		{ { "RTP", { UDP(MESSENGER6, EDGE_AV6, rtp), FIRST6, .tags = { 0x8100 } }, STUN_PASSES }, 8, 4 },
		{ { "ICMP", { PING(STRANGER, EDGE_AV, FRAME_ICMP, 8), FIRST4, .payload_bytes = 9 }, "pass icmp" }, 8, 0 },
		{ { "ICMP of a bad type", { PING(STRANGER, EDGE_AV, FRAME_ICMP, 5), FIRST4, .payload_bytes = 9 }, "drop icmp-type" }, 8, 0 },
		{ { "ICMPv6", { PING(STRANGER6, EDGE_AV6, FRAME_ICMPV6, 128), FIRST6, .payload_bytes = 9 }, "pass icmp" }, 8, 0 },
	};
	/* clang-format on */
	struct judge pass;

	(void)state;
	judge_open(&pass,
		   STANDARD_POLICY "options = { fragments = \"pass\" ip-options = \"classify\" }");
	for (size_t at = 0; at < COUNT(firsts); at++) {
		const struct judge_case *kind = &firsts[at].kind;
		uint32_t transport, most;

		frame_build(&kind->recipe, &whole);
		transport = whole.transport - whole.ip;
		most = whole.end - whole.ip;
		for (uint32_t bytes = transport; bytes <= most; bytes++) {
			uint32_t there = bytes - transport;
			const char *expected = kind->expected;

			if (there < firsts[at].header)
				expected = "drop fragment";
			else if (there < firsts[at].header + firsts[at].reads)
				expected = STUN_DROPS;
			/* What it lacks is in the padding, and then not in the frame. */
			frame = whole;
			set_ip_length(&frame, bytes);
			judge_expect(&pass, &frame, expected,
				     "first fragment of %s, %u bytes, padded", kind->description,
				     there);
			frame.length = frame.ip + bytes;
			judge_expect(&pass, &frame, expected, "first fragment of %s, %u bytes",
				     kind->description, there);
			/* The frame was cut: its datagram does not fit, fragment or not. */
			frame.length--;
			judge_expect(&pass, &frame, "drop truncated",
				     "first fragment of %s, %u bytes, cut by one",
				     kind->description, there);
		}
	}
	judge_close(&pass);
}

/* The payload goes on in other fragments: its length is the UDP header's. */
static void takes_the_udp_length_of_a_first_fragment(void **state)
{
	/* clang-format off */
	static const struct {
		const char *description;
		const char *start;
		unsigned int there, n; /* bytes in the fragment, and in all */
		bool shaped;
	} cases[] = {
		{ "STUN of 1400", "\0\3\x05\x64\x21\x12\xa4\x42", 32, 1400, true },
		{ "STUN of 1400, one more", "\0\3\x05\x64\x21\x12\xa4\x42", 32, 1401, false },
		{ "STUN of 1400, one less", "\0\3\x05\x64\x21\x12\xa4\x42", 32, 1399, false },
		{ "STUN of 40, all there, and more", "\0\3\0\x14\x21\x12\xa4\x42", 48, 40, true },
		{ "STUN of the longest", "\0\3\xff\xe0\x21\x12\xa4\x42", 32, 65524, true },
		{ "STUN, the cookie's last byte", "\0\3\x05\x64\x21\x12\xa4\x43", 32, 1400, false },
		{ "channel of 1000", "\x40\1\x03\xe8", 8, 1004, true },
		{ "channel of 1000, padded", "\x40\1\x03\xe8", 8, 1007, true },
		{ "channel of 1000, one more", "\x40\1\x03\xe8", 8, 1008, false },
		{ "channel of 1000, one less", "\x40\1\x03\xe8", 8, 1003, false },
		{ "RTP, 15 sources", "\x8f\0", 8, 72, true },
		{ "RTP, 15 sources, one less", "\x8f\0", 8, 71, false },
		{ "RTCP", "\x80\xc8", 8, 1000, true },
		{ "multiplexed", "\xff\x10\x03\xe8", 16, 1004, true },
		{ "multiplexed, one more", "\xff\x10\x03\xe8", 16, 1005, false },
		{ "length 8: no payload", "\x80\xc8", 16, 0, false },
	};
	/* clang-format on */
	struct judge pass;

	(void)state;
	judge_open(&pass, STANDARD_POLICY "options = { fragments = \"pass\" }");
	for (size_t at = 0; at < COUNT(cases); at++)
		for (int six = 0; six < 2; six++) {
			char payload[64] = {};
			struct frame_recipe recipe4 = { EMPTY_UDP(MESSENGER, EDGE_AV), FIRST4 };
			struct frame_recipe recipe6 = { EMPTY_UDP(MESSENGER6, EDGE_AV6), FIRST6 };
			struct frame_recipe recipe = six ? recipe6 : recipe4;

			memcpy(payload, cases[at].start, 8);
			recipe.payload = payload;
			recipe.payload_bytes = cases[at].there;
			frame_build(&recipe, &frame);
			frame_put(&frame, frame.transport + 4, 2, 8 + cases[at].n);
			judge_expect(&pass, &frame, cases[at].shaped ? STUN_PASSES : STUN_DROPS,
				     "first fragment of %s, IPv%d", cases[at].description,
				     six ? 6 : 4);
			/* Too short for a header, or whole and not a fragment. */
			frame_put(&frame, frame.transport + 4, 2, 7);
			judge_expect(&pass, &frame, "drop malformed",
				     "first fragment of %s, UDP length 7", cases[at].description);
			frame_put(&frame, frame.transport + 4, 2, 9 + cases[at].there);
			if (six)
				frame_put(&frame, frame.ip + 48 + 3, 1, 0);
			else
				frame_put(&frame, frame.ip + 6, 2, 0);
			judge_expect(&pass, &frame, "drop malformed", "%s, no fragment, IPv%d",
				     cases[at].description, six ? 6 : 4);
		}
	judge_close(&pass);
}

/* Also a frame that is not IP: what follows the EtherType does not matter. */
static void judges_short_arp(void **state)
{
	struct frame_recipe recipe = { .ethertype = FRAME_ARP,
				       .tags = { 0x8100 },
				       .payload_bytes = 28 };

	(void)state;
	frame_build(&recipe, &frame);
	for (; frame.length; frame.length--)
		judge_expect(&judge, &frame, frame.length < 18 ? "drop truncated" : "pass arp",
			     "ARP of %u bytes", frame.length);
	judge_check(&judge);
}

/* ---- jumbo frames: BPF_PROG_TEST_RUN has the first page linear, the rest in fragments ---- */

#define FAR EXTENSION(FRAME_DESTINATION, 2048, 0)

static void reads_beyond_the_linear_part(void **state)
{
	/* clang-format off */
	static const struct judge_case cases[] = {
		{ "TCP, 8000 bytes of data", { TCP(PARTNER, EDGE_ACCESS), .payload_bytes = 8000 }, SIP_PASSES },
		{ "the same from a stranger", { TCP(STRANGER, EDGE_ACCESS), .payload_bytes = 8000 }, "drop role sip-mtls-in forward" },
		{ "the longest", { TCP(PARTNER, EDGE_ACCESS), .payload_bytes = PIM_JUDGE_BYTES - 54 }, SIP_PASSES },
		{ "the longest, total length one more", { TCP(PARTNER, EDGE_ACCESS), .payload_bytes = PIM_JUDGE_BYTES - 54, .patches = { { FRAME_AT_IP, 2, 2, PIM_JUDGE_BYTES - 13 } } }, "drop truncated" },
		{ "8000 bytes of padding", { TCP(PARTNER, EDGE_ACCESS), .padding_bytes = 8000 }, SIP_PASSES },
		{ "TCP at 6 kB", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(FAR, FAR, FAR) }, SIP_PASSES },
		{ "TCP at 8 kB", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(FAR, FAR, FAR, FAR) }, SIP_PASSES },
		{ "TCP at 8 kB, two tags", { TCP(PARTNER6, EDGE_ACCESS6), .tags = { 0x8100, 0x8100 }, EXTENSIONS(FAR, FAR, FAR, FAR) }, SIP_PASSES },
		{ "TCP at 8 kB from a stranger", { TCP(STRANGER6, EDGE_ACCESS6), EXTENSIONS(FAR, FAR, FAR, FAR) }, "drop role sip-mtls-in forward" },
		{ "TCP at 8 kB, blocked", { TCP(BLOCKED6, EDGE_ACCESS6), EXTENSIONS(FAR, FAR, FAR, FAR) }, "drop blocked" },
		{ "TCP at 8 kB, no service", { TCP(PARTNER6, EDGE_AV6), EXTENSIONS(FAR, FAR, FAR, FAR) }, "drop no-service" },
		{ "TCP at 8 kB, no flags", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(FAR, FAR, FAR, FAR), .patches = { { FRAME_AT_TRANSPORT, 13, 1, 0 } } }, "drop tcp-flags" },
		{ "TCP at 8 kB, data offset 6", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(FAR, FAR, FAR, FAR), .patches = { { FRAME_AT_TRANSPORT, 12, 1, 0x60 } } }, "drop truncated" },
		{ "TCP at 8 kB, 19 bytes, padded", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(FAR, FAR, FAR, FAR), .patches = { { FRAME_AT_IP, 4, 2, 4 * 2048 + 19 } } }, "drop truncated" },
		{ "STUN at 8 kB", { UDP(MESSENGER6, EDGE_AV6, long_binding), EXTENSIONS(FAR, FAR, FAR, FAR) }, STUN_PASSES },
		{ "MS-TURN at 6 kB", { UDP(MESSENGER6, EDGE_AV6, msturn), EXTENSIONS(FAR, FAR, FAR) }, STUN_PASSES },
		{ "no shape at 8 kB", { UDP(MESSENGER6, EDGE_AV6, long_binding), EXTENSIONS(FAR, FAR, FAR, FAR), .patches = { { FRAME_AT_PAYLOAD, 3, 1, 4 } } }, STUN_DROPS },
		{ "ICMPv6 at 8 kB", { PING(STRANGER6, EDGE_AV6, FRAME_ICMPV6, 128), EXTENSIONS(FAR, FAR, FAR, FAR) }, "pass icmp" },
		{ "a bad ICMPv6 type at 8 kB", { PING(STRANGER6, EDGE_AV6, FRAME_ICMPV6, 130), EXTENSIONS(FAR, FAR, FAR, FAR) }, "drop icmp-type" },
		{ "protocol 99 at 8 kB", { .source = PARTNER6, .destination = EDGE_AV6, .protocol = 99, EXTENSIONS(FAR, FAR, FAR, FAR) }, "drop protocol" },
		{ "eight headers to 8 kB", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(EIGHT(1024)) }, SIP_PASSES },
		{ "the ninth header at 8 kB", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(EIGHT(1024), EXTENSION(FRAME_DESTINATION, 8, 0)) }, "drop ipv6-ext" },
		{ "routing type 0 at 8 kB", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(FAR, FAR, FAR, FAR, EXTENSION(FRAME_ROUTING, 24, 0)) }, "drop ipv6-ext" },
		{ "a segment left at 8 kB", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(FAR, FAR, FAR, FAR, EXTENSION(FRAME_ROUTING, 24, 0x0401)) }, "drop ipv6-ext" },
		{ "routing type 2 at 8 kB", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(FAR, FAR, FAR, FAR, EXTENSION(FRAME_ROUTING, 24, 0x0200)) }, SIP_PASSES },
		{ "a fragment at 8 kB", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(FAR, FAR, FAR, FAR, EXTENSION(FRAME_FRAGMENT, 8, 8)) }, "drop fragment" },
		{ "an atomic fragment at 8 kB", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(FAR, FAR, FAR, FAR, EXTENSION(FRAME_FRAGMENT, 8, 0)) }, SIP_PASSES },
		{ "a header at 8 kB that does not fit", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(FAR, FAR, FAR, FAR, EXTENSION(FRAME_DESTINATION, 8, 0)), .patches = { { FRAME_AT_IP, 40 + 4 * 2048 + 1, 1, 5 } } }, "drop truncated" },
	};
	/* clang-format on */

	(void)state;
	judge_cases(&judge, cases, COUNT(cases));
	judge_check(&judge);
}

/* Moves the transport header across the end of the linear part, wherever that is in a
 * page, four bytes at a time. */
static void reads_across_the_linear_part(void **state)
{
	/* clang-format off */
	static const struct judge_case across[] = {
		{ "TCP", { TCP(PARTNER6, EDGE_ACCESS6) }, SIP_PASSES },
		{ "TCP, no role", { TCP(STRANGER6, EDGE_ACCESS6) }, "drop role sip-mtls-in forward" },
		{ "STUN", { UDP(MESSENGER6, EDGE_AV6, long_binding) }, STUN_PASSES },
		{ "MS-TURN", { UDP(MESSENGER6, EDGE_AV6, msturn) }, STUN_PASSES },
		{ "ICMPv6", { PING(STRANGER6, EDGE_AV6, FRAME_ICMPV6, 128) }, "pass icmp" },
		{ "no shape", { UDP(MESSENGER6, EDGE_AV6, long_binding), .patches = { { FRAME_AT_PAYLOAD, 4, 4, 0 }, { FRAME_AT_PAYLOAD, 0, 2, 3 } } }, STUN_DROPS },
		{ "a fragment", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 1)) }, "drop fragment" },
		{ "routing type 0", { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(EXTENSION(FRAME_ROUTING, 8, 0)) }, "drop ipv6-ext" },
	};
	/* clang-format on */

	(void)state;
	for (size_t kind = 0; kind < COUNT(across); kind++)
		for (unsigned int bytes = 1000; bytes <= 2048; bytes += 8)
			for (unsigned int tags = 0; tags < 2; tags++) {
				struct frame_recipe recipe = across[kind].recipe;

				recipe.tags[0] = tags ? 0x8100 : 0;
				memmove(recipe.extensions + 2, recipe.extensions,
					recipe.extension_count * sizeof(*recipe.extensions));
				recipe.extensions[0] = (struct frame_extension)FAR;
				recipe.extensions[1] = (struct frame_extension)EXTENSION(
					FRAME_DESTINATION, bytes, 0);
				recipe.extension_count += 2;
				recipe.padding_bytes = 3000; /* so that there is a second buffer */
				frame_build(&recipe, &frame);
				judge_expect(&judge, &frame, across[kind].expected, "%s at %u",
					     across[kind].description, frame.transport);
			}
	judge_check(&judge);
}

/* A jumbo frame that was cut is as long as its linear part and its fragments together. */
static void drops_jumbo_frames_that_were_cut(void **state)
{
	struct frame_recipe recipe = { TCP(PARTNER6, EDGE_ACCESS6), EXTENSIONS(FAR, FAR),
				       .payload_bytes = 5000 };

	(void)state;
	frame_build(&recipe, &frame);
	for (uint32_t whole_bytes = frame.length; frame.length > 2000; frame.length -= 7)
		judge_expect(&judge, &frame,
			     frame.length == whole_bytes ? SIP_PASSES : "drop truncated",
			     "cut from %u bytes to %u", whole_bytes, frame.length);
	judge_check(&judge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drops_what_was_cut),
		cmocka_unit_test(judges_short_datagrams),
		cmocka_unit_test(judges_short_payloads),
		cmocka_unit_test(judges_short_first_fragments),
		cmocka_unit_test(takes_the_udp_length_of_a_first_fragment),
		cmocka_unit_test(judges_short_arp),
		cmocka_unit_test(reads_beyond_the_linear_part),
		cmocka_unit_test(reads_across_the_linear_part),
		cmocka_unit_test(drops_jumbo_frames_that_were_cut),
	};

	return cmocka_run_group_tests(tests, open_judge, close_judge);
}
