/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * docs/classification.md step by step, in order, each boundary from both sides: steps
 * 1 to 9, which look at Ethernet and IP. Steps 10 and 11 are in test_transports.c, step
 * 12 is in test_rows.c, step 13 in test_stun.c.
 */
#include "harness.h"
#include "steps.h"

/* ---- 1 and 2: Ethernet ---- */

static void unwraps_vlan_tags(void **state)
{
	/* clang-format off */
	static const struct judge_case cases[] = {
		{ "no tag", { SIP4 }, SIP_PASSES },
		{ "802.1Q", { SIP4, .tags = { 0x8100 } }, SIP_PASSES },
		{ "802.1ad", { SIP4, .tags = { 0x88a8 } }, SIP_PASSES },
		{ "0x9100", { SIP4, .tags = { 0x9100 } }, SIP_PASSES },
		{ "802.1ad, 802.1Q", { SIP4, .tags = { 0x88a8, 0x8100 } }, SIP_PASSES },
		{ "802.1Q twice", { SIP6, .tags = { 0x8100, 0x8100 } }, SIP_PASSES },
		{ "0x9100, 802.1ad", { SIP6, .tags = { 0x9100, 0x88a8 } }, SIP_PASSES },
		{ "802.1Q, 0x9100", { SIP6, .tags = { 0x8100, 0x9100 } }, SIP_PASSES },
		{ "priority tag, all ones", { SIP4, .tags = { 0x8100 }, .patches = { PATCH(START, 14, 2, 0xffff) } }, SIP_PASSES },
		{ "priority tag, all zeros", { SIP4, .tags = { 0x8100 }, .patches = { PATCH(START, 14, 2, 0) } }, SIP_PASSES },
		{ "three tags", { SIP4, .tags = { 0x8100, 0x8100, 0x8100 } }, "drop vlan-depth" },
		{ "three tags, the third 802.1ad", { SIP4, .tags = { 0x8100, 0x8100, 0x88a8 } }, "drop vlan-depth" },
		{ "three tags, the third 0x9100", { SIP6, .tags = { 0x88a8, 0x8100, 0x9100 } }, "drop vlan-depth" },
		{ "four tags", { SIP6, .tags = { 0x8100, 0x8100, 0x8100, 0x8100 } }, "drop vlan-depth" },
		{ "three tags from failsafe", { SIP(FAILSAFE, EDGE_ACCESS), .tags = { 0x8100, 0x8100, 0x8100 } }, "drop vlan-depth" },
		{ "three tags, ARP", { .ethertype = FRAME_ARP, .tags = { 0x8100, 0x8100, 0x8100 }, .payload_bytes = 28 }, "drop vlan-depth" },
		{ "no tag: 0x9200", { SIP4, .tags = { 0x9200 } }, "pass non-ip" },
		{ "no tag: 0x9200 behind one", { SIP4, .tags = { 0x8100, 0x9200 } }, "pass non-ip" },
		{ "a tag, nothing of it", { .ethertype = 0x8100 }, "drop truncated" },
		{ "a tag, 3 bytes of it", { .ethertype = 0x88a8, .payload_bytes = 3 }, "drop truncated" },
		{ "a tag, all of it", { .ethertype = 0x8100, .payload_bytes = 4 }, "pass non-ip" },
		{ "a second tag, nothing of it", { .tags = { 0x8100 }, .ethertype = 0x8100 }, "drop truncated" },
		{ "a second tag, 3 bytes of it", { .tags = { 0x8100 }, .ethertype = 0x9100, .payload_bytes = 3 }, "drop truncated" },
		{ "a second tag, all of it", { .tags = { 0x8100 }, .ethertype = 0x8100, .payload_bytes = 4 }, "pass non-ip" },
		{ "tagged, stranger", { SIP(STRANGER, EDGE_ACCESS), .tags = { 0x8100 } }, "drop role sip-mtls-in forward" },
		{ "tagged twice, blocked", { SIP(BLOCKED6, EDGE_ACCESS6), .tags = { 0x8100, 0x8100 } }, "drop blocked" },
	};
	/* clang-format on */

	(void)state;
	judge_modes(cases, COUNT(cases));
}

/* clang-format off */
static const struct judge_case not_ip[] = {
	{ "ARP", { .ethertype = FRAME_ARP, .payload_bytes = 28 }, "pass arp" },
	{ "ARP, tagged", { .ethertype = FRAME_ARP, .tags = { 0x8100 }, .payload_bytes = 28 }, "pass arp" },
	{ "ARP, two tags", { .ethertype = FRAME_ARP, .tags = { 0x88a8, 0x8100 } }, "pass arp" },
	{ "ARP without a body", { .ethertype = FRAME_ARP }, "pass arp" },
};
/* clang-format on */

static void judges_other_protocols(void **state)
{
	static const uint16_t types[] = {
		0x0000,
		0x0008,
		0x0026 /* LLC */,
		0x0801,
		0x0807,
		0x8035,
		0x86dc,
		0x86de,
		0x8847 /* MPLS */,
		0x8863,
		0x8864 /* PPPoE */,
		0x888e,
		0x88cc,
		0x88e7,
		0x9200,
		0xdd86,
		0xffff,
	};
	static const char *const values[][2] = { { "pass", "pass non-ip" },
						 { "drop", "drop non-ip" } };
	static struct frame frame;
	struct judge judge;

	(void)state;
	for (size_t value = 0; value < COUNT(values); value++) {
		judge_open(&judge, STANDARD_POLICY "options = { non-ip = \"%s\" }",
			   values[value][0]);
		judge_cases(&judge, not_ip, COUNT(not_ip));
		for (size_t type = 0; type < COUNT(types); type++) {
			/* Even where what follows is an IPv4 packet. */
			struct frame_recipe recipe = { SIP(BLOCKED, EDGE_ACCESS) };

			frame_build(&recipe, &frame);
			frame_put(&frame, 12, 2, types[type]);
			judge_expect(&judge, &frame, values[value][1], "EtherType 0x%04x",
				     types[type]);
			frame.length = 14;
			judge_expect(&judge, &frame, values[value][1], "EtherType 0x%04x alone",
				     types[type]);
		}
		judge_close(&judge);
	}
}

/* IP in an 802.3 frame with SNAP: whatever non-ip says, and from whomever. */
static void drops_ip_in_snap(void **state)
{
#define SNAP_PAYLOAD(bytes) \
	.payload = (bytes), .payload_bytes = sizeof(bytes) - 1, .padding_bytes = 40
#define SNAP_HEAD "\xaa\xaa\x03\0\0\0"
	/* clang-format off */
	static const struct judge_case cases[] = {
		{ "IPv4", { .ethertype = 48, SNAP_PAYLOAD(SNAP_HEAD "\x08\0") }, "drop snap" },
		{ "IPv6", { .ethertype = 48, SNAP_PAYLOAD(SNAP_HEAD "\x86\xdd") }, "drop snap" },
		{ "behind a tag", { .ethertype = 48, .tags = { 0x8100 }, SNAP_PAYLOAD(SNAP_HEAD "\x08\0") }, "drop snap" },
		{ "behind two", { .ethertype = 48, .tags = { 0x88a8, 0x9100 }, SNAP_PAYLOAD(SNAP_HEAD "\x86\xdd") }, "drop snap" },
		{ "behind three", { .ethertype = 48, .tags = { 0x8100, 0x8100, 0x8100 }, SNAP_PAYLOAD(SNAP_HEAD "\x08\0") }, "drop vlan-depth" },
		{ "of length 0", { .ethertype = 0, .tags = { 0x8100 }, SNAP_PAYLOAD("\0\0" SNAP_HEAD "\x08\0"), .patches = { PATCH(START, 16, 2, 0), PATCH(START, 18, 4, 0xaaaa0300), PATCH(START, 22, 4, 0x00000800) } }, "drop snap" },
		{ "of a length beyond the frame", { .ethertype = 1500, SNAP_PAYLOAD(SNAP_HEAD "\x08\0") }, "drop snap" },
		{ "of the highest length", { .ethertype = 0x05ff, SNAP_PAYLOAD(SNAP_HEAD "\x08\0") }, "drop snap" },
		{ "the lowest EtherType", { .ethertype = 0x0600, SNAP_PAYLOAD(SNAP_HEAD "\x08\0") }, "non-ip" },
		{ "an EtherType with a low byte", { .ethertype = 0x3000, SNAP_PAYLOAD(SNAP_HEAD "\x08\0") }, "non-ip" },
		{ "ARP", { .ethertype = 48, SNAP_PAYLOAD(SNAP_HEAD "\x08\6") }, "non-ip" },
		{ "a tag in SNAP", { .ethertype = 48, SNAP_PAYLOAD(SNAP_HEAD "\x81\0\0\1\x08\0") }, "non-ip" },
		{ "one above IPv4", { .ethertype = 48, SNAP_PAYLOAD(SNAP_HEAD "\x08\1") }, "non-ip" },
		{ "IPv4 in the wrong byte order", { .ethertype = 48, SNAP_PAYLOAD(SNAP_HEAD "\0\x08") }, "non-ip" },
		{ "one above IPv6", { .ethertype = 48, SNAP_PAYLOAD(SNAP_HEAD "\x86\xde") }, "non-ip" },
		{ "another DSAP", { .ethertype = 48, SNAP_PAYLOAD("\xab\xaa\x03\0\0\0\x08\0") }, "non-ip" },
		{ "another SSAP", { .ethertype = 48, SNAP_PAYLOAD("\xaa\xab\x03\0\0\0\x08\0") }, "non-ip" },
		{ "another control", { .ethertype = 48, SNAP_PAYLOAD("\xaa\xaa\x13\0\0\0\x08\0") }, "non-ip" },
		{ "an OUI's first byte", { .ethertype = 48, SNAP_PAYLOAD("\xaa\xaa\x03\1\0\0\x08\0") }, "non-ip" },
		{ "an OUI's second byte", { .ethertype = 48, SNAP_PAYLOAD("\xaa\xaa\x03\0\1\0\x08\0") }, "non-ip" },
		{ "an OUI's third byte", { .ethertype = 48, SNAP_PAYLOAD("\xaa\xaa\x03\0\0\1\x08\0") }, "non-ip" },
		{ "the IPX SAPs", { .ethertype = 48, SNAP_PAYLOAD("\xe0\xe0\x03\0\0\0\x08\0") }, "non-ip" },
	};
	/* clang-format on */
	static const char *const values[] = { "pass", "drop" };
	static struct frame frame;
	char expected[JUDGE_TEXT];
	struct judge judge;

	(void)state;
	for (size_t value = 0; value < COUNT(values); value++) {
		judge_open(&judge, STANDARD_POLICY "options = { non-ip = \"%s\" }", values[value]);
		for (size_t at = 0; at < COUNT(cases); at++) {
			frame_build(&cases[at].recipe, &frame);
			snprintf(expected, sizeof(expected), "%s%s%s",
				 strcmp(cases[at].expected, "non-ip") ? "" : values[value],
				 strcmp(cases[at].expected, "non-ip") ? "" : " ",
				 cases[at].expected);
			judge_expect(&judge, &frame, expected, "non-ip = %s: %s", values[value],
				     cases[at].description);
		}
		/* Cut short, down to nothing; and then with a packet behind it. */
		for (size_t tags = 0; tags <= 2; tags++) {
			const struct frame_recipe recipe = {
				.ethertype = 48,
				.tags = { tags > 0 ? 0x8100 : 0, tags > 1 ? 0x8100 : 0 },
				SNAP_PAYLOAD(SNAP_HEAD "\x08\0"),
			};
			uint32_t from = 14 + 4 * (uint32_t)tags;

			frame_build(&recipe, &frame);
			snprintf(expected, sizeof(expected), "%s non-ip", values[value]);
			for (; frame.length >= from; frame.length--)
				judge_expect(&judge, &frame,
					     frame.length >= from + 8 ? "drop snap" : expected,
					     "SNAP, %u bytes of it behind %zu tags",
					     frame.length - from, tags);
		}
		judge_close(&judge);
	}
}

/* ---- 3: the IP header ---- */

static void checks_the_ip_header(void **state)
{
	/* clang-format off */
	static const struct judge_case cases[] = {
		{ "IPv4 of version 5", { SIP4, .patches = { PATCH(AT_IP, 0, 1, 0x55) } }, "drop malformed" },
		{ "IPv4 of version 6", { SIP4, .patches = { PATCH(AT_IP, 0, 1, 0x65) } }, "drop malformed" },
		{ "IPv4 of version 0", { SIP4, .patches = { PATCH(AT_IP, 0, 1, 0x05) } }, "drop malformed" },
		{ "IPv4, header of 16", { SIP4, .patches = { PATCH(AT_IP, 0, 1, 0x44) } }, "drop malformed" },
		{ "IPv4, header of 0", { SIP4, .patches = { PATCH(AT_IP, 0, 1, 0x40) } }, "drop malformed" },
		{ "IPv4, total length 0", { SIP4, .patches = { PATCH(AT_IP, 2, 2, 0) } }, "drop malformed" },
		{ "IPv4, total length 19", { SIP4, .patches = { PATCH(AT_IP, 2, 2, 19) } }, "drop malformed" },
		{ "IPv4, total length 20, nothing inside", { SIP4, .patches = { PATCH(AT_IP, 2, 2, 20) } }, "drop truncated" },
		{ "IPv4, header 24, total length 23", { SIP4, .option_bytes = 4, .patches = { PATCH(AT_IP, 2, 2, 23) } }, "drop malformed" },
		{ "IPv4, header 24, total length 24", { SIP4, .option_bytes = 4, .patches = { PATCH(AT_IP, 2, 2, 24) } }, "drop ip-options" },
		{ "IPv4, total length one more", { SIP4, .patches = { PATCH(AT_IP, 2, 2, 41) } }, "drop truncated" },
		{ "IPv4, total length 65535", { SIP4, .patches = { PATCH(AT_IP, 2, 2, 65535) } }, "drop truncated" },
		{ "IPv4, header 60, total length 59", { SIP4, .payload_bytes = 40, .patches = { PATCH(AT_IP, 0, 1, 0x4f), PATCH(AT_IP, 2, 2, 59) } }, "drop malformed" },
		{ "IPv4, header 60, beyond the frame", { SIP4, .patches = { PATCH(AT_IP, 0, 1, 0x4f), PATCH(AT_IP, 2, 2, 60) } }, "drop truncated" },
		{ "IPv4, header 60, total length and frame 40", { SIP4, .patches = { PATCH(AT_IP, 0, 1, 0x4f) } }, "drop malformed" },
		{ "IPv4, 19 bytes", { .ethertype = FRAME_IPV4, .payload = "\x45\0\0\x14", .payload_bytes = 4, .padding_bytes = 15 }, "drop truncated" },
		{ "IPv4, 19 bytes, of version 0", { .ethertype = FRAME_IPV4, .payload_bytes = 19 }, "drop truncated" },
		{ "IPv4, 20 bytes, of version 0", { .ethertype = FRAME_IPV4, .payload_bytes = 20 }, "drop malformed" },
		{ "IPv4, nothing", { .ethertype = FRAME_IPV4 }, "drop truncated" },
		{ "IPv6, nothing", { .ethertype = FRAME_IPV6 }, "drop truncated" },
		{ "IPv6, 39 bytes, of version 0", { .ethertype = FRAME_IPV6, .payload_bytes = 39 }, "drop truncated" },
		{ "IPv6, 40 bytes, of version 0", { .ethertype = FRAME_IPV6, .payload_bytes = 40 }, "drop malformed" },
		{ "IPv6 of version 4", { SIP6, .patches = { PATCH(AT_IP, 0, 1, 0x45) } }, "drop malformed" },
		{ "IPv6 of version 7", { SIP6, .patches = { PATCH(AT_IP, 0, 1, 0x7f) } }, "drop malformed" },
		{ "IPv6, class and label", { SIP6, .patches = { PATCH(AT_IP, 0, 4, 0x6fffffff) } }, SIP_PASSES },
		{ "IPv6, payload length one more", { SIP6, .patches = { PATCH(AT_IP, 4, 2, 21) } }, "drop truncated" },
		{ "IPv6, payload length 65535", { SIP6, .patches = { PATCH(AT_IP, 4, 2, 65535) } }, "drop truncated" },
		{ "IPv6, payload length 0", { SIP6, .patches = { PATCH(AT_IP, 4, 2, 0) } }, "drop truncated" },
		{ "IPv6 under IPv4's EtherType", { SIP6, .ethertype = FRAME_IPV4 }, "drop malformed" },
		{ "IPv4 under IPv6's EtherType", { SIP4, .ethertype = FRAME_IPV6, }, "drop malformed" },
		/* before step 4: whatever the source and the destination */
		{ "malformed, not for the Edge", { SIP(PARTNER, STRANGER), .patches = { PATCH(AT_IP, 0, 1, 0x44) } }, "drop malformed" },
		{ "malformed, from failsafe", { SIP(FAILSAFE, EDGE_ACCESS), .patches = { PATCH(AT_IP, 2, 2, 19) } }, "drop malformed" },
		{ "truncated, not for the Edge", { SIP(PARTNER6, STRANGER6), .patches = { PATCH(AT_IP, 4, 2, 21) } }, "drop truncated" },
		{ "truncated, from failsafe", { SIP(FAILSAFE, EDGE_ACCESS), .patches = { PATCH(AT_IP, 2, 2, 41) } }, "drop truncated" },
		{ "malformed and truncated", { SIP4, .patches = { PATCH(AT_IP, 0, 1, 0x54), PATCH(AT_IP, 2, 2, 999) } }, "drop malformed" },
	};
	/* clang-format on */

	(void)state;
	judge_modes(cases, COUNT(cases));
}

static void ignores_padding(void **state)
{
	/* clang-format off */
	static const struct judge_case cases[] = {
		{ "to the least Ethernet frame", { SIP4, .padding_bytes = 6 }, SIP_PASSES },
		{ "a lot", { SIP4, .padding_bytes = 1000 }, SIP_PASSES },
		{ "IPv6", { SIP6, .padding_bytes = 4 }, SIP_PASSES },
		{ "UDP", { STUN4, .padding_bytes = 1 }, STUN_PASSES },
		{ "UDP, IPv6", { STUN6, .padding_bytes = 3 }, STUN_PASSES },
		/* what is missing from the datagram is not taken from the padding */
		{ "the TCP header's last byte", { SIP4, .patches = { PATCH(AT_IP, 2, 2, 39) } }, "drop truncated" },
		{ "the TCP header's last byte, IPv6", { SIP6, .patches = { PATCH(AT_IP, 4, 2, 19) } }, "drop truncated" },
		{ "the UDP header's last byte", { STUN4, .patches = { PATCH(AT_IP, 2, 2, 27) } }, "drop truncated" },
		{ "the UDP header's last byte, IPv6", { STUN6, .patches = { PATCH(AT_IP, 4, 2, 7) } }, "drop truncated" },
		{ "the UDP payload's last byte", { STUN4, .patches = { PATCH(AT_IP, 2, 2, 47) } }, "drop malformed" },
		{ "the UDP payload's last byte, IPv6", { STUN6, .patches = { PATCH(AT_IP, 4, 2, 27) } }, "drop malformed" },
		{ "TCP options", { SIP4, .tcp_option_bytes = 4, .patches = { PATCH(AT_IP, 2, 2, 43) } }, "drop truncated" },
		{ "a TCP payload", { SIP4, .payload_bytes = 9, .patches = { PATCH(AT_IP, 2, 2, 40) } }, SIP_PASSES },
		{ "an ICMP header", { .source = STRANGER, .destination = EDGE_AV, .protocol = FRAME_ICMP, .icmp_type = 8, .patches = { PATCH(AT_IP, 2, 2, 27) } }, "drop truncated" },
		{ "a destination options header", { SIP6, EXTENSIONS(OPTIONS), .patches = { PATCH(AT_IP, 4, 2, 7) } }, "drop truncated" },
	};
	/* clang-format on */

	(void)state;
	judge_modes(cases, COUNT(cases));
}

/* ---- 4 to 7: addresses ---- */

static void knows_the_edge(void **state)
{
	/* clang-format off */
	static const struct judge_case cases[] = {
		{ "Access", { SIP4 }, SIP_PASSES },
		{ "A/V", { STUN4 }, STUN_PASSES },
		{ "the address below", { SIP(PARTNER, "198.51.100.9") }, "pass not-edge" },
		{ "the address above", { SIP(PARTNER, "198.51.100.13") }, "pass not-edge" },
		{ "one bit off, IPv6", { SIP(PARTNER6, "2001:db8:10::8:10") }, "pass not-edge" },
		{ "broadcast", { SIP(PARTNER, "255.255.255.255") }, "pass not-edge" },
		{ "multicast", { SIP(PARTNER, "239.255.255.250") }, "pass not-edge" },
		{ "below the link's multicast", { SIP(PARTNER, "223.255.255.255") }, "pass not-edge" },
		{ "above it", { SIP(PARTNER, "224.0.1.0") }, "pass not-edge" },
		{ "its second byte", { SIP(PARTNER, "224.1.0.1") }, "pass not-edge" },
		{ "its first byte", { SIP(PARTNER, "225.0.0.1") }, "pass not-edge" },
		{ "multicast of the interface", { SIP(PARTNER6, "ff01::1") }, "pass not-edge" },
		{ "multicast of the realm", { SIP(PARTNER6, "ff03::1") }, "pass not-edge" },
		{ "multicast of the site", { SIP(PARTNER6, "ff05::2") }, "pass not-edge" },
		{ "transient multicast of the link", { SIP(PARTNER6, "ff12::1") }, "pass not-edge" },
		{ "a byte that is not ff", { SIP(PARTNER6, "fe02::1") }, "pass not-edge" },
		{ "unspecified", { SIP(PARTNER6, "::") }, "pass not-edge" },
		{ "a partner", { SIP(STRANGER, PARTNER) }, "pass not-edge" },
		{ "failsafe", { SIP(STRANGER, FAILSAFE) }, "pass not-edge" },
		/* before steps 5 to 11 */
		{ "from a martian", { SIP("127.0.0.1", STRANGER) }, "pass not-edge" },
		{ "from the Edge", { SIP(EDGE_ACCESS, STRANGER) }, "pass not-edge" },
		{ "from a blocked one", { SIP(BLOCKED, STRANGER) }, "pass not-edge" },
		{ "from failsafe", { SIP(FAILSAFE, STRANGER) }, "pass not-edge" },
		{ "with IP options", { SIP(PARTNER, STRANGER), .option_bytes = 4 }, "pass not-edge" },
		{ "a fragment", { SIP(PARTNER, STRANGER), .fragment = 0x2000 }, "pass not-edge" },
		{ "routing type 0", { SIP(PARTNER6, STRANGER6), EXTENSIONS(EXTENSION(FRAME_ROUTING, 8, 0)) }, "pass not-edge" },
		{ "an extension header that does not fit", { SIP(PARTNER6, STRANGER6), EXTENSIONS(OPTIONS), .patches = { PATCH(AT_IP, 41, 1, 99) } }, "pass not-edge" },
		{ "no TCP flags", { SIP(PARTNER, STRANGER), .patches = { PATCH(AT_TRANSPORT, 13, 1, 0) } }, "pass not-edge" },
		{ "no TCP header", { .source = PARTNER, .destination = STRANGER, .protocol = FRAME_TCP, .patches = { PATCH(AT_IP, 2, 2, 20) } }, "pass not-edge" },
	};
	/* clang-format on */
	static struct frame frame;
	struct judge judge;

	(void)state;
	judge_modes(cases, COUNT(cases));
	judge_open(&judge, STANDARD_POLICY "options = { not-edge = \"drop\" }");
	for (size_t at = 0; at < COUNT(cases); at++) {
		frame_build(&cases[at].recipe, &frame);
		judge_expect(&judge, &frame,
			     strcmp(cases[at].expected, "pass not-edge") ? cases[at].expected :
									   "drop not-edge",
			     "not-edge = drop: %s", cases[at].description);
	}
	judge_close(&judge);
}

/* Without it, an Edge with not-edge = drop would be found by no neighbour. */
static void lets_the_links_multicast_in(void **state)
{
	/* clang-format off */
	static const struct judge_case cases[] = {
		{ "all hosts", { SIP(PARTNER, "224.0.0.1") }, "pass not-edge" },
		{ "the lowest", { SIP(PARTNER, "224.0.0.0") }, "pass not-edge" },
		{ "the highest", { SIP(STRANGER, "224.0.0.255") }, "pass not-edge" },
		{ "a router's hello", { .source = STRANGER, .destination = "224.0.0.5", .protocol = 89, .payload_bytes = 44 }, "pass not-edge" },
		{ "an IGMP query with options", { .source = STRANGER, .destination = "224.0.0.1", .protocol = 2, .option_bytes = 4, .payload_bytes = 8 }, "pass not-edge" },
		{ "from the Edge, as a neighbour's loop brings it", { SIP(EDGE_ACCESS, "224.0.0.1") }, "pass not-edge" },
		{ "from a blocked one", { SIP(BLOCKED, "224.0.0.1") }, "pass not-edge" },
		{ "all nodes", { SIP(PARTNER6, "ff02::1") }, "pass not-edge" },
		{ "the lowest, IPv6", { SIP(PARTNER6, "ff02::") }, "pass not-edge" },
		{ "the highest, IPv6", { SIP(PARTNER6, "ff02:ffff:ffff:ffff:ffff:ffff:ffff:ffff") }, "pass not-edge" },
		{ "a solicitation", { .source = "fe80::1", .destination = "ff02::1:ff00:10", .protocol = FRAME_ICMPV6, .icmp_type = 135, .hop_limit = 255, .payload_bytes = 20 }, "pass not-edge" },
		{ "duplicate address detection", { .source = "::", .destination = "ff02::1:ff00:10", .protocol = FRAME_ICMPV6, .icmp_type = 135, .hop_limit = 255, .payload_bytes = 20 }, "pass not-edge" },
		{ "MLD", { .source = "fe80::1", .destination = "ff02::16", .protocol = FRAME_ICMPV6, .icmp_type = 143, EXTENSIONS(EXTENSION(FRAME_HOP_BY_HOP, 8, 0)) }, "pass not-edge" },
		{ "but not a header that is no header", { SIP(PARTNER, "224.0.0.1"), .patches = { PATCH(AT_IP, 0, 1, 0x44) } }, "drop malformed" },
	};
	/* clang-format on */

	(void)state;
	judge_modes(cases, COUNT(cases));
	judge_with("not-edge = \"drop\"", cases, COUNT(cases));
}

static void refuses_martians(void **state)
{
	static const char open_clients[] =
		"edge = { access = [ \"" EDGE_ACCESS "\", \"" EDGE_ACCESS6
		"\", \"198.18.0.0/15\", \"2001:db8:77::/48\" ]\n"
		"av = [ \"" EDGE_AV "\", \"" EDGE_AV6 "\" ] }\n"
		"clients = { addresses = [ \"0.0.0.0/0\", \"::/0\" ] }\n"
		"block = { addresses = [ \"127.0.0.0/9\", \"192.0.2.66\", \"198.18.0.66\" ] }\n"
		"failsafe = { addresses = [ \"127.0.0.1\", \"0.0.0.0\", \"::\", \"ff02::/16\", \"192.0.2.66\", \"198.18.0.66\" ] }\n";
	static const struct {
		const char *source;
		bool martian;
	} sources[] = {
		{ "0.0.0.0", true },
		{ "0.255.255.255", true },
		{ "1.0.0.0", false },
		{ "126.255.255.255", false },
		{ "127.0.0.0", true },
		{ "127.0.0.1", true },
		{ "127.255.255.255", true },
		{ "128.0.0.0", false },
		{ "10.0.0.1", false },
		{ "169.254.1.1", false },
		{ "192.168.1.1", false },
		{ "223.255.255.255", false },
		{ "224.0.0.0", true },
		{ "239.255.255.255", true },
		{ "240.0.0.0", true },
		{ "255.255.255.254", true },
		{ "255.255.255.255", true },
		{ EDGE_ACCESS, true },
		{ EDGE_AV, true },
		{ "198.51.100.9", false },
		{ "198.51.100.12", false },
		{ "198.17.255.255", false },
		{ "198.18.0.0", true },
		{ "198.19.255.255", true },
		{ "198.20.0.0", false },
		{ "198.18.0.66", true }, /* in the Edge's prefix, although blocked and failsafe */
		{ "::", true },
		{ "::1", true },
		{ "::2", false },
		{ "::1:0", false },
		{ "::1:0:1", false },
		{ "::fffe:ffff:ffff", false },
		{ "::ffff:0.0.0.0", true },
		{ "::ffff:192.0.2.1", true },
		{ "::ffff:255.255.255.255", true },
		{ "::1:0:0:0", false },
		{ "::ffff:0:0:0", false },
		{ "::1:ffff:c000:201", false },
		{ "0:0:0:1:0:ffff:c000:201", false },
		{ "1::ffff:c000:201", false },
		{ "1::", false },
		{ "0:0:0:1::", false },
		{ "0:0:0:1::1", false },
		{ "::1:0:0:1", false },
		{ "64:ff9b::1", false },
		{ "fe80::1", false },
		{ "fc00::1", false },
		{ "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false },
		{ "ff00::", true },
		{ "ff02::1", true },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true },
		{ EDGE_ACCESS6, true },
		{ EDGE_AV6, true },
		{ "2001:db8:10::f", false },
		{ "2001:db8:10::12", false },
		{ "2001:db8:76:ffff:ffff:ffff:ffff:ffff", false },
		{ "2001:db8:77::", true },
		{ "2001:db8:77:ffff:ffff:ffff:ffff:ffff", true },
		{ "2001:db8:78::", false },
	};
	static struct frame frame;
	struct judge judge;

	(void)state;
	judge_open(&judge, open_clients);
	for (size_t at = 0; at < COUNT(sources); at++) {
		struct frame_recipe recipe = {
			.source = sources[at].source,
			.destination = strchr(sources[at].source, ':') ? EDGE_ACCESS6 : EDGE_ACCESS,
			.protocol = FRAME_TCP,
			.source_port = 40000,
			.destination_port = 443,
			.flags = FRAME_SYN,
		};

		frame_build(&recipe, &frame);
		judge_expect(&judge, &frame,
			     sources[at].martian ? "drop martian" : "pass rule sip-tls-in forward",
			     "from %s", sources[at].source);
		/* before step 8 */
		frame_put(&frame, recipe.destination[0] == '2' ? frame.ip + 6 : frame.ip + 9, 1,
			  99);
		judge_expect(&judge, &frame, sources[at].martian ? "drop martian" : "drop protocol",
			     "protocol 99 from %s", sources[at].source);
	}
	judge_close(&judge);
}

static void lets_the_administrator_in(void **state)
{
	/* clang-format off */
	static const struct judge_case cases[] = {
		{ "though blocked", { SIP(FAILSAFE, EDGE_ACCESS) }, "pass failsafe" },
		{ "though blocked, IPv6", { SIP(FAILSAFE6, EDGE_ACCESS6) }, "pass failsafe" },
		{ "any port", { .source = FAILSAFE, .destination = EDGE_AV, .protocol = FRAME_TCP, .source_port = 1, .destination_port = 22, .flags = FRAME_SYN }, "pass failsafe" },
		{ "IP options", { SIP(FAILSAFE, EDGE_ACCESS), .option_bytes = 40 }, "pass failsafe" },
		{ "fragment", { SIP(FAILSAFE, EDGE_ACCESS), .fragment = 0x2001 }, "pass failsafe" },
		{ "routing type 0", { SIP(FAILSAFE6, EDGE_ACCESS6), EXTENSIONS(EXTENSION(FRAME_ROUTING, 8, 0)) }, "pass failsafe" },
		{ "an extension header that does not fit", { SIP(FAILSAFE6, EDGE_ACCESS6), EXTENSIONS(OPTIONS), .patches = { PATCH(AT_IP, 41, 1, 99) } }, "pass failsafe" },
		{ "no TCP flags", { SIP(FAILSAFE, EDGE_ACCESS), .patches = { PATCH(AT_TRANSPORT, 13, 1, 0) } }, "pass failsafe" },
		{ "ICMP redirect", { .source = FAILSAFE, .destination = EDGE_AV, .protocol = FRAME_ICMP, .icmp_type = 5 }, "pass failsafe" },
		{ "protocol 99", { .source = FAILSAFE, .destination = EDGE_AV, .protocol = 99 }, "pass failsafe" },
		{ "ports 0", { .source = FAILSAFE, .destination = EDGE_AV, .protocol = FRAME_UDP }, "pass failsafe" },
		{ "but not as a martian", { SIP("127.7.7.7", EDGE_ACCESS) }, "drop martian" },
		{ "but not as a martian, IPv6", { SIP("::1", EDGE_ACCESS6) }, "drop martian" },
		{ "the address beside it", { SIP("203.0.113.201", EDGE_ACCESS) }, SIP_PASSES },
	};
	/* clang-format on */

	(void)state;
	judge_modes(cases, COUNT(cases));
}

static void blocks(void **state)
{
	/* clang-format off */
	static const struct judge_case cases[] = {
		{ "though a partner", { SIP(BLOCKED, EDGE_ACCESS) }, "drop blocked" },
		{ "though a partner, IPv6", { SIP(BLOCKED6, EDGE_ACCESS6) }, "drop blocked" },
		{ "no service", { SIP(BLOCKED, EDGE_AV) }, "drop blocked" },
		{ "ICMP echo", { .source = BLOCKED, .destination = EDGE_AV, .protocol = FRAME_ICMP, .icmp_type = 8 }, "drop blocked" },
		{ "neighbour solicitation", { .source = "fe80::66", .destination = EDGE_AV6, .protocol = FRAME_ICMPV6, .icmp_type = 135, .hop_limit = 255 }, "drop blocked" },
		{ "IP options", { SIP(BLOCKED, EDGE_ACCESS), .option_bytes = 4 }, "drop blocked" },
		{ "fragment", { SIP(BLOCKED, EDGE_ACCESS), .fragment = 0x2000 }, "drop blocked" },
		{ "nine extension headers", { SIP(BLOCKED6, EDGE_ACCESS6), EXTENSIONS(EIGHT_OPTIONS, OPTIONS) }, "drop blocked" },
		{ "an extension header that does not fit", { SIP(BLOCKED6, EDGE_ACCESS6), EXTENSIONS(OPTIONS), .patches = { PATCH(AT_IP, 41, 1, 99) } }, "drop blocked" },
		{ "a TCP header cut short", { SIP(BLOCKED, EDGE_ACCESS), .patches = { PATCH(AT_IP, 2, 2, 30) } }, "drop blocked" },
		{ "protocol 99", { .source = BLOCKED, .destination = EDGE_AV, .protocol = 99 }, "drop blocked" },
		{ "as a martian", { SIP("127.6.6.6", EDGE_ACCESS) }, "drop martian" },
		{ "the address below", { SIP("203.0.113.65", EDGE_ACCESS) }, SIP_PASSES },
		{ "the address above", { SIP("203.0.113.67", EDGE_ACCESS) }, SIP_PASSES },
	};
	/* clang-format on */

	(void)state;
	judge_modes(cases, COUNT(cases));
	judge_with("fragments = \"pass\" ip-options = \"classify\" stun-shape = \"off\"", cases,
		   COUNT(cases));
}

/* ---- 8: options and extension headers ---- */

static void judges_ip_options(void **state)
{
	/* clang-format off */
	static const struct judge_case cases[] = {
		{ "4 bytes", { SIP4, .option_bytes = 4 }, SIP_PASSES },
		{ "40 bytes", { SIP4, .option_bytes = 40 }, SIP_PASSES },
		{ "UDP", { STUN4, .option_bytes = 8 }, STUN_PASSES },
		{ "ICMP", { .source = STRANGER, .destination = EDGE_AV, .protocol = FRAME_ICMP, .icmp_type = 8, .option_bytes = 12 }, "pass icmp" },
		{ "stranger", { SIP(STRANGER, EDGE_ACCESS), .option_bytes = 4 }, "drop role sip-mtls-in forward" },
		{ "tagged", { SIP4, .tags = { 0x8100 }, .option_bytes = 20 }, SIP_PASSES },
		{ "the header fits, nothing behind it", { SIP4, .option_bytes = 40, .patches = { PATCH(AT_IP, 2, 2, 60) } }, "drop truncated" },
		{ "a TCP header in the options", { SIP4, .option_bytes = 20, .patches = { PATCH(AT_IP, 20, 4, 0x9c4013c5), PATCH(AT_TRANSPORT, 2, 2, 22) } }, "drop no-service" },
		{ "fragment", { SIP4, .option_bytes = 4, .fragment = 0x2000 }, "drop fragment" },
		{ "later fragment", { SIP4, .option_bytes = 4, .fragment = 1 }, "drop fragment" },
	};
	/* clang-format on */
	static struct frame frame;
	struct judge judge;

	(void)state;
	judge_with("ip-options = \"classify\"", cases, COUNT(cases));
	judge_open(&judge,
		   STANDARD_POLICY "options = { ip-options = \"drop\" fragments = \"pass\" }");
	for (size_t at = 0; at < COUNT(cases); at++) {
		frame_build(&cases[at].recipe, &frame);
		judge_expect(&standard, &frame, "drop ip-options", "default: %s",
			     cases[at].description);
		judge_expect(&judge, &frame, "drop ip-options", "fragments = pass: %s",
			     cases[at].description);
	}
	judge_check(&standard);
	judge_close(&judge);
}

static void walks_extension_headers(void **state)
{
	/* clang-format off */
	static const struct judge_case cases[] = {
		{ "hop-by-hop", { SIP6, EXTENSIONS(EXTENSION(FRAME_HOP_BY_HOP, 8, 0)) }, SIP_PASSES },
		{ "routing type 1", { SIP6, EXTENSIONS(EXTENSION(FRAME_ROUTING, 24, 0x0100)) }, SIP_PASSES },
		{ "routing type 2", { SIP6, EXTENSIONS(EXTENSION(FRAME_ROUTING, 24, 0x0200)) }, SIP_PASSES },
		{ "routing type 4", { SIP6, EXTENSIONS(EXTENSION(FRAME_ROUTING, 40, 0x0400)) }, SIP_PASSES },
		{ "routing type 4, a segment left", { SIP6, EXTENSIONS(EXTENSION(FRAME_ROUTING, 40, 0x0401)) }, "drop ipv6-ext" },
		{ "routing type 2, a segment left", { SIP6, EXTENSIONS(EXTENSION(FRAME_ROUTING, 24, 0x0201)) }, "drop ipv6-ext" },
		{ "routing type 3, 128 segments left", { SIP6, EXTENSIONS(EXTENSION(FRAME_ROUTING, 8, 0x0380)) }, "drop ipv6-ext" },
		{ "routing type 255, 255 segments left", { SIP6, EXTENSIONS(EXTENSION(FRAME_ROUTING, 8, 0xffff)) }, "drop ipv6-ext" },
		{ "a segment left, as the eighth", { SIP6, EXTENSIONS(SEVEN_OPTIONS, EXTENSION(FRAME_ROUTING, 24, 0x0401)) }, "drop ipv6-ext" },
		{ "a segment left, and it does not fit", { SIP6, EXTENSIONS(EXTENSION(FRAME_ROUTING, 8, 0x0401)), .patches = { PATCH(AT_IP, 41, 1, 9) } }, "drop truncated" },
		{ "no segment left, then one", { SIP6, EXTENSIONS(EXTENSION(FRAME_ROUTING, 24, 0x0400), EXTENSION(FRAME_ROUTING, 24, 0x0401)) }, "drop ipv6-ext" },
		{ "a segment left, from a stranger", { SIP(STRANGER6, EDGE_ACCESS6), EXTENSIONS(EXTENSION(FRAME_ROUTING, 24, 0x0401)) }, "drop ipv6-ext" },
		{ "a segment left, from failsafe", { SIP(FAILSAFE6, EDGE_ACCESS6), EXTENSIONS(EXTENSION(FRAME_ROUTING, 24, 0x0401)) }, "pass failsafe" },
		{ "options whose bytes look like segments left", { SIP6, EXTENSIONS(EXTENSION(FRAME_DESTINATION, 8, 0x0401)) }, SIP_PASSES },
		{ "routing type 255", { SIP6, EXTENSIONS(EXTENSION(FRAME_ROUTING, 8, 0xff00)) }, SIP_PASSES },
		{ "atomic fragment", { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0)) }, SIP_PASSES },
		{ "AH of 12", { SIP6, EXTENSIONS(EXTENSION(FRAME_AH, 12, 0)) }, SIP_PASSES },
		{ "AH of 24", { SIP6, EXTENSIONS(EXTENSION(FRAME_AH, 24, 0)) }, SIP_PASSES },
		{ "AH of 8", { SIP6, EXTENSIONS(EXTENSION(FRAME_AH, 8, 0)) }, SIP_PASSES },
		{ "AH of 1028", { SIP6, EXTENSIONS(EXTENSION(FRAME_AH, 1028, 0)) }, SIP_PASSES },
		{ "destination options", { SIP6, EXTENSIONS(OPTIONS) }, SIP_PASSES },
		{ "destination options of 2048", { SIP6, EXTENSIONS(EXTENSION(FRAME_DESTINATION, 2048, 0)) }, SIP_PASSES },
		{ "mobility", { SIP6, EXTENSIONS(EXTENSION(FRAME_MOBILITY, 16, 0)) }, SIP_PASSES },
		{ "HIP", { SIP6, EXTENSIONS(EXTENSION(FRAME_HIP, 40, 0)) }, SIP_PASSES },
		{ "Shim6", { SIP6, EXTENSIONS(EXTENSION(FRAME_SHIM6, 8, 0)) }, SIP_PASSES },
		{ "all eight kinds", { SIP6, EXTENSIONS(EXTENSION(FRAME_HOP_BY_HOP, 8, 0), EXTENSION(FRAME_ROUTING, 24, 0x0200), EXTENSION(FRAME_FRAGMENT, 8, 0), EXTENSION(FRAME_AH, 16, 0), EXTENSION(FRAME_DESTINATION, 16, 0), EXTENSION(FRAME_MOBILITY, 8, 0), EXTENSION(FRAME_HIP, 8, 0), EXTENSION(FRAME_SHIM6, 8, 0)) }, SIP_PASSES },
		{ "hop-by-hop not first", { SIP6, EXTENSIONS(OPTIONS, EXTENSION(FRAME_HOP_BY_HOP, 8, 0)) }, SIP_PASSES },
		{ "a stranger behind them", { SIP(STRANGER6, EDGE_ACCESS6), EXTENSIONS(EXTENSION(FRAME_HOP_BY_HOP, 8, 0), OPTIONS) }, "drop role sip-mtls-in forward" },
		{ "UDP behind them", { STUN6, EXTENSIONS(EXTENSION(FRAME_HOP_BY_HOP, 16, 0), OPTIONS) }, STUN_PASSES },
		{ "ICMPv6 behind them", { .source = STRANGER6, .destination = EDGE_AV6, .protocol = FRAME_ICMPV6, .icmp_type = 128, EXTENSIONS(OPTIONS) }, "pass icmp" },
		{ "a bad ICMPv6 type behind them", { .source = STRANGER6, .destination = EDGE_AV6, .protocol = FRAME_ICMPV6, .icmp_type = 138, EXTENSIONS(OPTIONS) }, "drop icmp-type" },
		/* at most eight */
		{ "eight", { SIP6, EXTENSIONS(EIGHT_OPTIONS) }, SIP_PASSES },
		{ "nine", { SIP6, EXTENSIONS(EIGHT_OPTIONS, OPTIONS) }, "drop ipv6-ext" },
		{ "ten", { SIP6, EXTENSIONS(EIGHT_OPTIONS, OPTIONS, OPTIONS) }, "drop ipv6-ext" },
		{ "eight with an atomic fragment", { SIP6, EXTENSIONS(SEVEN_OPTIONS, EXTENSION(FRAME_FRAGMENT, 8, 0)) }, SIP_PASSES },
		{ "nine with an atomic fragment", { SIP6, EXTENSIONS(EIGHT_OPTIONS, EXTENSION(FRAME_FRAGMENT, 8, 0)) }, "drop ipv6-ext" },
		{ "the ninth a fragment", { SIP6, EXTENSIONS(EIGHT_OPTIONS, EXTENSION(FRAME_FRAGMENT, 8, 1)) }, "drop ipv6-ext" },
		{ "the eighth a fragment", { SIP6, EXTENSIONS(SEVEN_OPTIONS, EXTENSION(FRAME_FRAGMENT, 8, 1)) }, "drop fragment" },
		/* routing type 0 */
		{ "routing type 0", { SIP6, EXTENSIONS(EXTENSION(FRAME_ROUTING, 24, 0)) }, "drop ipv6-ext" },
		{ "routing type 0, one segment left", { SIP6, EXTENSIONS(EXTENSION(FRAME_ROUTING, 24, 1)) }, "drop ipv6-ext" },
		{ "routing type 0 as the eighth", { SIP6, EXTENSIONS(SEVEN_OPTIONS, EXTENSION(FRAME_ROUTING, 24, 0)) }, "drop ipv6-ext" },
		{ "routing type 0 before a fragment", { SIP6, EXTENSIONS(EXTENSION(FRAME_ROUTING, 24, 0), EXTENSION(FRAME_FRAGMENT, 8, 1)) }, "drop ipv6-ext" },
		{ "routing type 0 in a fragment", { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 1), EXTENSION(FRAME_ROUTING, 24, 0)) }, "drop fragment" },
		{ "routing type 0 in an atomic fragment", { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0), EXTENSION(FRAME_ROUTING, 24, 0)) }, "drop ipv6-ext" },
		/* a header that does not fit */
		{ "8 bytes more than there are", { SIP6, EXTENSIONS(OPTIONS), .patches = { PATCH(AT_IP, 41, 1, 3) } }, "drop truncated" },
		{ "all that there is", { SIP6, EXTENSIONS(OPTIONS), .payload_bytes = 4, .patches = { PATCH(AT_IP, 41, 1, 3) } }, "drop truncated" },
		{ "all that there is, and no more", { SIP6, EXTENSIONS(OPTIONS), .payload_bytes = 4, .patches = { PATCH(AT_IP, 41, 1, 3), PATCH(AT_IP, 40, 1, 99) } }, "drop protocol" },
		{ "255 units", { SIP6, EXTENSIONS(OPTIONS), .patches = { PATCH(AT_IP, 41, 1, 255) } }, "drop truncated" },
		{ "AH of 4 more than there are", { SIP6, EXTENSIONS(EXTENSION(FRAME_AH, 12, 0)), .patches = { PATCH(AT_IP, 41, 1, 7) } }, "drop truncated" },
		{ "AH of all that there is", { SIP6, EXTENSIONS(EXTENSION(FRAME_AH, 12, 0)), .patches = { PATCH(AT_IP, 41, 1, 6), PATCH(AT_IP, 40, 1, 99) } }, "drop protocol" },
		{ "7 bytes", { .source = PARTNER6, .destination = EDGE_ACCESS6, .protocol = FRAME_DESTINATION, .payload_bytes = 7 }, "drop truncated" },
		{ "nothing", { .source = PARTNER6, .destination = EDGE_ACCESS6, .protocol = FRAME_HOP_BY_HOP }, "drop truncated" },
		{ "7 bytes of a fragment header", { .source = PARTNER6, .destination = EDGE_ACCESS6, .protocol = FRAME_FRAGMENT, .payload = "\x06\0\0\1\0\0\0", .payload_bytes = 7 }, "drop truncated" },
		{ "the second, 7 bytes of it", { SIP6, EXTENSIONS(OPTIONS, OPTIONS), .patches = { PATCH(AT_IP, 4, 2, 15) } }, "drop truncated" },
		{ "the eighth", { SIP6, EXTENSIONS(EIGHT_OPTIONS), .patches = { PATCH(AT_IP, 97, 1, 4) } }, "drop truncated" },
		{ "then protocol 99", { SIP6, EXTENSIONS(OPTIONS), .patches = { PATCH(AT_IP, 41, 1, 3), PATCH(AT_IP, 40, 1, 99) } }, "drop truncated" },
		{ "then one header too many", { SIP6, EXTENSIONS(EIGHT_OPTIONS), .patches = { PATCH(AT_IP, 97, 1, 4), PATCH(AT_IP, 96, 1, FRAME_DESTINATION) } }, "drop truncated" },
		{ "AH, then protocol 99", { SIP6, EXTENSIONS(EXTENSION(FRAME_AH, 12, 0)), .patches = { PATCH(AT_IP, 41, 1, 7), PATCH(AT_IP, 40, 1, 99) } }, "drop truncated" },
		/* headers without a length field */
		{ "a fragment header's reserved byte", { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0)), .patches = { PATCH(AT_IP, 41, 1, 255) } }, SIP_PASSES },
		/* not extension headers */
		{ "ESP", { SIP6, EXTENSIONS(EXTENSION(50, 8, 0)) }, "drop protocol" },
		{ "no next header", { .source = PARTNER6, .destination = EDGE_ACCESS6, .protocol = 59 }, "drop protocol" },
		{ "134, beside mobility", { SIP6, EXTENSIONS(EXTENSION(134, 8, 0)) }, "drop protocol" },
		{ "136", { SIP6, EXTENSIONS(EXTENSION(136, 8, 0)) }, "drop protocol" },
		{ "138", { SIP6, EXTENSIONS(EXTENSION(138, 8, 0)) }, "drop protocol" },
		{ "141", { SIP6, EXTENSIONS(EXTENSION(141, 8, 0)) }, "drop protocol" },
		{ "107, 64 beyond routing", { SIP6, EXTENSIONS(EXTENSION(107, 8, 0x0100)) }, "drop protocol" },
		{ "64, 64 beyond hop-by-hop", { SIP6, EXTENSIONS(EXTENSION(64, 8, 0)) }, "drop protocol" },
		{ "253", { SIP6, EXTENSIONS(EXTENSION(253, 8, 0)) }, "drop protocol" },
		{ "IPv4: hop-by-hop", { .source = PARTNER, .destination = EDGE_ACCESS, .protocol = FRAME_HOP_BY_HOP, .payload = "\x06", .payload_bytes = 1, .padding_bytes = 40 }, "drop protocol" },
		{ "IPv4: AH", { .source = PARTNER, .destination = EDGE_ACCESS, .protocol = FRAME_AH, .payload_bytes = 40 }, "drop protocol" },
	};
	/* clang-format on */

	(void)state;
	judge_modes(cases, COUNT(cases));
}

/* ---- 9: fragments ---- */

static void judges_fragments(void **state)
{
	static const struct {
		const char *description;
		struct frame_recipe recipe;
		const char *drop, *pass; /* with fragments = drop, = pass */
	} cases[] = {
#define FRAGMENT_DROPS "drop fragment", "drop fragment"
#define FRAGMENT_PASSES "drop fragment", "pass fragment"
#define FIRST(decision) "drop fragment", decision /* judged as what it begins */
#define NO_FRAGMENT SIP_PASSES, SIP_PASSES
		{ "first", { SIP4, .fragment = 0x2000 }, FIRST(SIP_PASSES) },
		{ "first, don't fragment", { SIP4, .fragment = 0x6000 }, FIRST(SIP_PASSES) },
		{ "first, reserved bit", { SIP4, .fragment = 0xa000 }, FIRST(SIP_PASSES) },
		{ "middle, offset 1", { SIP4, .fragment = 0x2001 }, FRAGMENT_DROPS },
		{ "last, offset 1", { SIP4, .fragment = 0x0001 }, FRAGMENT_DROPS },
		{ "middle, offset 2", { SIP4, .fragment = 0x2002 }, FRAGMENT_PASSES },
		{ "last, offset 2", { SIP4, .fragment = 0x0002 }, FRAGMENT_PASSES },
		{ "last, offset 3", { SIP4, .fragment = 0x0003 }, FRAGMENT_PASSES },
		{ "highest offset", { SIP4, .fragment = 0x1fff }, FRAGMENT_PASSES },
		{ "highest bit of the offset", { SIP4, .fragment = 0x1000 }, FRAGMENT_PASSES },
		{ "offset 256", { SIP4, .fragment = 0x0100 }, FRAGMENT_PASSES },
		{ "don't fragment", { SIP4, .fragment = 0x4000 }, NO_FRAGMENT },
		{ "reserved bit", { SIP4, .fragment = 0x8000 }, NO_FRAGMENT },
		{ "reserved, don't fragment", { SIP4, .fragment = 0xc000 }, NO_FRAGMENT },
		{ "from a client", { SIP(CLIENT, EDGE_ACCESS), .fragment = 2 }, FRAGMENT_PASSES },
		{ "from a Messenger client",
		  { SIP(MESSENGER, EDGE_AV), .fragment = 2 },
		  FRAGMENT_PASSES },
		{ "from a stranger",
		  { SIP(STRANGER, EDGE_ACCESS), .fragment = 2 },
		  FRAGMENT_DROPS },
		{ "from a blocked partner",
		  { SIP(BLOCKED, EDGE_ACCESS), .fragment = 1 },
		  "drop blocked",
		  "drop blocked" },
		{ "from failsafe",
		  { SIP(FAILSAFE, EDGE_ACCESS), .fragment = 1 },
		  "pass failsafe",
		  "pass failsafe" },
		{ "from the Edge",
		  { SIP(EDGE_AV, EDGE_ACCESS), .fragment = 1 },
		  "drop martian",
		  "drop martian" },
		{ "of any protocol",
		  { .source = PARTNER, .destination = EDGE_AV, .protocol = 99, .fragment = 2 },
		  FRAGMENT_PASSES },
		{ "first, of protocol 99",
		  { .source = PARTNER, .destination = EDGE_AV, .protocol = 99, .fragment = 0x2000 },
		  FIRST("drop protocol") },
		{ "first, from a stranger",
		  { SIP(STRANGER, EDGE_ACCESS), .fragment = 0x2000 },
		  FIRST("drop role sip-mtls-in forward") },
		{ "of ICMP",
		  { .source = PARTNER,
		    .destination = EDGE_AV,
		    .protocol = FRAME_ICMP,
		    .icmp_type = 8,
		    .fragment = 0x2000 },
		  FIRST("pass icmp") },
		{ "without a byte",
		  { .source = PARTNER,
		    .destination = EDGE_AV,
		    .protocol = FRAME_TCP,
		    .fragment = 2,
		    .patches = { PATCH(AT_IP, 2, 2, 20) } },
		  FRAGMENT_PASSES },
		{ "IPv6, first",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0x0001)) },
		  FIRST(SIP_PASSES) },
		{ "IPv6, first, reserved bits",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0x0007)) },
		  FIRST(SIP_PASSES) },
		{ "IPv6, offset 1",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0x0008)) },
		  FRAGMENT_DROPS },
		{ "IPv6, offset 1, all other bits",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0x000f)) },
		  FRAGMENT_DROPS },
		{ "IPv6, offset 2",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0x0010)) },
		  FRAGMENT_PASSES },
		{ "IPv6, offset 2, more",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0x0011)) },
		  FRAGMENT_PASSES },
		{ "IPv6, first, headers before and behind",
		  { SIP6, EXTENSIONS(OPTIONS, EXTENSION(FRAME_FRAGMENT, 8, 1), OPTIONS, OPTIONS) },
		  FIRST(SIP_PASSES) },
		{ "IPv6, first, eight headers",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 1), SEVEN_OPTIONS) },
		  FIRST(SIP_PASSES) },
		{ "IPv6, first, nine headers",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 1), EIGHT_OPTIONS) },
		  FIRST("drop ipv6-ext") },
		{ "IPv6, first, a source route behind",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 1),
				     EXTENSION(FRAME_ROUTING, 24, 0x0401)) },
		  FIRST("drop ipv6-ext") },
		{ "IPv6, first, a header behind that does not fit",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 1), OPTIONS),
		    .patches = { PATCH(AT_IP, 49, 1, 255) } },
		  FIRST("drop truncated") },
		{ "IPv6, first, nothing behind",
		  { .source = PARTNER6,
		    .destination = EDGE_ACCESS6,
		    .protocol = FRAME_TCP,
		    EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 1)),
		    .patches = { PATCH(AT_IP, 4, 2, 8) } },
		  FIRST("drop fragment") },
		{ "IPv6, first, then an atomic one",
		  { SIP6,
		    EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 1), EXTENSION(FRAME_FRAGMENT, 8, 0)),
		    .patches = { PATCH(AT_IP, 4, 2, 35) } },
		  FIRST("drop fragment") },
		{ "IPv6, an atomic one, then first",
		  { SIP6,
		    EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0), EXTENSION(FRAME_FRAGMENT, 8, 1)) },
		  FIRST(SIP_PASSES) },
		{ "IPv6, first, then offset 1",
		  { SIP6,
		    EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 1), EXTENSION(FRAME_FRAGMENT, 8, 8)) },
		  FRAGMENT_DROPS },
		{ "IPv6, highest bit of the offset",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0x8000)) },
		  FRAGMENT_PASSES },
		{ "IPv6, highest offset",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0xfff8)) },
		  FRAGMENT_PASSES },
		{ "IPv6, reserved bits",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0x0006)) },
		  NO_FRAGMENT },
		{ "IPv6, atomic",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0)) },
		  NO_FRAGMENT },
		{ "IPv6, from a client",
		  { SIP(CLIENT6, EDGE_ACCESS6), EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 16)) },
		  FRAGMENT_PASSES },
		{ "IPv6, from a stranger",
		  { SIP(STRANGER6, EDGE_ACCESS6), EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 16)) },
		  FRAGMENT_DROPS },
		{ "IPv6, behind a header",
		  { SIP6, EXTENSIONS(OPTIONS, EXTENSION(FRAME_FRAGMENT, 8, 16)) },
		  FRAGMENT_PASSES },
		{ "IPv6, atomic, then another",
		  { SIP6,
		    EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0), EXTENSION(FRAME_FRAGMENT, 8, 16)) },
		  FRAGMENT_PASSES },
		{ "IPv6, decided where it is met",
		  { SIP6,
		    EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 16),
			       EXTENSION(FRAME_DESTINATION, 8, 0)),
		    .patches = { PATCH(AT_IP, 49, 1, 255) } },
		  FRAGMENT_PASSES },
		{ "IPv6, behind one that does not fit",
		  { SIP6, EXTENSIONS(OPTIONS, EXTENSION(FRAME_FRAGMENT, 8, 8)),
		    .patches = { PATCH(AT_IP, 41, 1, 9) } },
		  "drop truncated",
		  "drop truncated" },
		{ "IPv6, before nine headers",
		  { SIP6, EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 16), EIGHT_OPTIONS) },
		  FRAGMENT_PASSES },
		{ "IPv6, nothing behind the header",
		  { .source = PARTNER6,
		    .destination = EDGE_AV6,
		    .protocol = 59,
		    EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 16)) },
		  FRAGMENT_PASSES },
	};
	static struct frame frame;
	struct judge pass;

	(void)state;
	judge_open(&pass, STANDARD_POLICY "options = { fragments = \"pass\" }");
	for (size_t at = 0; at < COUNT(cases); at++) {
		frame_build(&cases[at].recipe, &frame);
		judge_expect(&standard, &frame, cases[at].drop, "fragments = drop: %s",
			     cases[at].description);
		judge_expect(&pass, &frame, cases[at].pass, "fragments = pass: %s",
			     cases[at].description);
	}
	judge_check(&standard);
	judge_close(&pass);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unwraps_vlan_tags),
		cmocka_unit_test(judges_other_protocols),
		cmocka_unit_test(drops_ip_in_snap),
		cmocka_unit_test(checks_the_ip_header),
		cmocka_unit_test(ignores_padding),
		cmocka_unit_test(knows_the_edge),
		cmocka_unit_test(lets_the_links_multicast_in),
		cmocka_unit_test(refuses_martians),
		cmocka_unit_test(lets_the_administrator_in),
		cmocka_unit_test(blocks),
		cmocka_unit_test(judges_ip_options),
		cmocka_unit_test(walks_extension_headers),
		cmocka_unit_test(judges_fragments),
	};

	return cmocka_run_group_tests(tests, open_standard, close_standard);
}
