/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* docs/classification.md, steps 10 and 11: ICMP, TCP, UDP and other protocols, each
 * boundary from both sides. */
#include "harness.h"
#include "steps.h"

/* ---- 10: ICMP ---- */

static void judges_icmp_types(void **state)
{
	static const uint8_t hop_limits[] = { 1, 64, 254, 255 };
	static struct frame frame;

	(void)state;
	for (unsigned int type = 0; type < 256; type++) {
		for (size_t at = 0; at < COUNT(hop_limits); at++) {
			struct frame_recipe recipe = {
				.source = STRANGER,
				.destination = EDGE_AV,
				.protocol = FRAME_ICMP,
				.icmp_type = (uint8_t)type,
				.hop_limit = hop_limits[at],
			};
			bool admitted =
				type == 0 || type == 3 || type == 8 || type == 11 || type == 12;

			frame_build(&recipe, &frame);
			judge_expect(&standard, &frame, admitted ? "pass icmp" : "drop icmp-type",
				     "ICMP type %u, TTL %u", type, hop_limits[at]);
			recipe.source = STRANGER6;
			recipe.destination = EDGE_AV6;
			recipe.protocol = FRAME_ICMPV6;
			frame_build(&recipe, &frame);
			admitted = type == 1 || type == 2 || type == 3 || type == 4 ||
				   type == 128 || type == 129 ||
				   (hop_limits[at] == 255 &&
				    (type == 133 || type == 134 || type == 135 || type == 136 ||
				     type == 137));
			judge_expect(&standard, &frame, admitted ? "pass icmp" : "drop icmp-type",
				     "ICMPv6 type %u, hop limit %u", type, hop_limits[at]);
		}
	}
	judge_check(&standard);
}

static void judges_icmp_headers(void **state)
{
#define ICMP(from, to, number, type) \
	.source = from, .destination = to, .protocol = number, .icmp_type = type
#define PING ICMP(STRANGER, EDGE_ACCESS, FRAME_ICMP, 8)
#define PING6 ICMP(STRANGER6, EDGE_ACCESS6, FRAME_ICMPV6, 128)
	/* clang-format off */
	static const struct judge_case cases[] = {
		{ "8 bytes", { PING }, "pass icmp" },
		{ "7 bytes", { PING, .patches = { PATCH(AT_IP, 2, 2, 27) } }, "drop truncated" },
		{ "7 bytes of a bad type", { PING, .patches = { PATCH(AT_IP, 2, 2, 27), PATCH(AT_TRANSPORT, 0, 1, 5) } }, "drop truncated" },
		{ "any code", { PING, .patches = { PATCH(AT_TRANSPORT, 1, 1, 255) } }, "pass icmp" },
		{ "a payload", { PING, .payload_bytes = 1400 }, "pass icmp" },
		{ "8 bytes, IPv6", { PING6 }, "pass icmp" },
		{ "7 bytes, IPv6", { PING6, .patches = { PATCH(AT_IP, 4, 2, 7) } }, "drop truncated" },
		{ "any code, IPv6", { PING6, .patches = { PATCH(AT_TRANSPORT, 1, 1, 255) } }, "pass icmp" },
		{ "to the A/V address", { ICMP(STRANGER, EDGE_AV, FRAME_ICMP, 8) }, "pass icmp" },
		{ "ICMP over IPv6", { ICMP(STRANGER6, EDGE_ACCESS6, FRAME_ICMP, 8) }, "drop protocol" },
		{ "ICMPv6 over IPv4", { ICMP(STRANGER, EDGE_ACCESS, FRAME_ICMPV6, 128) }, "drop protocol" },
		{ "ICMP over IPv6, of a type both have", { ICMP(STRANGER6, EDGE_ACCESS6, FRAME_ICMP, 3) }, "drop protocol" },
	};
	/* clang-format on */

	(void)state;
	judge_modes(cases, COUNT(cases));
}

/* ---- 11: TCP, UDP, other protocols ---- */

static void judges_tcp_flags(void **state)
{
	static struct frame frame;

	(void)state;
	for (unsigned int flags = 0; flags < 256; flags++) {
		struct frame_recipe forward = { SIP4, .payload_bytes = flags % 3 };
		struct frame_recipe reply = { SIP6, .payload_bytes = flags % 3 };
		bool syn = flags & 0x02, bad;

		/* RFC 9293 3.1: CWR ECE URG ACK PSH RST SYN FIN */
		bad = (syn && flags & 0x01) || (syn && flags & 0x04) || !(flags & 0x16);
		forward.flags = reply.flags = (uint8_t)flags;
		reply.source_port = 5061;
		reply.destination_port = 40000;
		frame_build(&forward, &frame);
		judge_expect(&standard, &frame,
			     bad		 ? "drop tcp-flags" :
			     syn && flags & 0x10 ? "drop unsolicited sip-mtls-in forward" :
						   SIP_PASSES,
			     "flags 0x%02x", flags);
		frame_build(&reply, &frame);
		judge_expect(&standard, &frame,
			     bad		    ? "drop tcp-flags" :
			     syn && !(flags & 0x10) ? "drop unsolicited sip-mtls-out reply" :
						      "pass rule sip-mtls-out reply",
			     "flags 0x%02x on a reply", flags);
	}
	judge_check(&standard);
}

static void checks_tcp_headers(void **state)
{
	/* clang-format off */
	static const struct judge_case cases[] = {
		{ "20 bytes", { SIP4 }, SIP_PASSES },
		{ "19 bytes", { SIP4, .patches = { PATCH(AT_IP, 2, 2, 39) } }, "drop truncated" },
		{ "19 bytes and a data offset of 4", { SIP4, .patches = { PATCH(AT_IP, 2, 2, 39), PATCH(AT_TRANSPORT, 12, 1, 0x40) } }, "drop truncated" },
		{ "nothing", { SIP6, .patches = { PATCH(AT_IP, 4, 2, 0) } }, "drop truncated" },
		{ "data offset 0", { SIP4, .patches = { PATCH(AT_TRANSPORT, 12, 1, 0) } }, "drop malformed" },
		{ "data offset 4", { SIP4, .patches = { PATCH(AT_TRANSPORT, 12, 1, 0x4f) } }, "drop malformed" },
		{ "data offset 5, reserved bits", { SIP4, .patches = { PATCH(AT_TRANSPORT, 12, 1, 0x5f) } }, SIP_PASSES },
		{ "data offset 6, 20 bytes", { SIP4, .patches = { PATCH(AT_TRANSPORT, 12, 1, 0x60) } }, "drop truncated" },
		{ "data offset 6, 23 bytes", { SIP4, .payload_bytes = 3, .patches = { PATCH(AT_TRANSPORT, 12, 1, 0x60) } }, "drop truncated" },
		{ "data offset 6, 24 bytes", { SIP4, .payload_bytes = 4, .patches = { PATCH(AT_TRANSPORT, 12, 1, 0x60) } }, SIP_PASSES },
		{ "data offset 15, 59 bytes", { SIP6, .payload_bytes = 39, .patches = { PATCH(AT_TRANSPORT, 12, 1, 0xf0) } }, "drop truncated" },
		{ "data offset 15, 60 bytes", { SIP6, .tcp_option_bytes = 40 }, SIP_PASSES },
		{ "data offset 6, in the padding", { SIP4, .padding_bytes = 4, .patches = { PATCH(AT_TRANSPORT, 12, 1, 0x60) } }, "drop truncated" },
		{ "data offset before flags", { SIP4, .patches = { PATCH(AT_TRANSPORT, 12, 2, 0x4000) } }, "drop malformed" },
		{ "truncated before flags", { SIP4, .patches = { PATCH(AT_TRANSPORT, 12, 2, 0x6000) } }, "drop truncated" },
		{ "flags before ports", { SIP4, .patches = { PATCH(AT_TRANSPORT, 0, 4, 0), PATCH(AT_TRANSPORT, 13, 1, 0) } }, "drop tcp-flags" },
		{ "flags before roles", { SIP(STRANGER, EDGE_ACCESS), .patches = { PATCH(AT_TRANSPORT, 13, 1, 3) } }, "drop tcp-flags" },
		{ "source port 0", { SIP4, .patches = { PATCH(AT_TRANSPORT, 0, 2, 0) } }, "drop port-zero" },
		{ "destination port 0", { SIP4, .patches = { PATCH(AT_TRANSPORT, 2, 2, 0) } }, "drop port-zero" },
		{ "both ports 0", { SIP6, .patches = { PATCH(AT_TRANSPORT, 0, 4, 0) } }, "drop port-zero" },
		{ "source port 1", { SIP4, .patches = { PATCH(AT_TRANSPORT, 0, 2, 1) } }, SIP_PASSES },
		{ "source port 256", { SIP4, .patches = { PATCH(AT_TRANSPORT, 0, 2, 256) } }, SIP_PASSES },
		{ "source port 65535", { SIP4, .patches = { PATCH(AT_TRANSPORT, 0, 2, 65535) } }, SIP_PASSES },
		{ "a reply from port 5061 to port 0", { SIP4, .patches = { PATCH(AT_TRANSPORT, 0, 4, 5061u << 16), PATCH(AT_TRANSPORT, 13, 1, FRAME_ACK) } }, "drop port-zero" },
	};
	/* clang-format on */

	(void)state;
	judge_modes(cases, COUNT(cases));
}

static void checks_udp_headers(void **state)
{
	/* clang-format off */
	static const struct judge_case cases[] = {
		{ "whole", { STUN4 }, STUN_PASSES },
		{ "whole, IPv6", { STUN6 }, STUN_PASSES },
		{ "7 bytes", { STUN4, .patches = { PATCH(AT_IP, 2, 2, 27) } }, "drop truncated" },
		{ "7 bytes and a length of 0", { STUN4, .patches = { PATCH(AT_IP, 2, 2, 27), PATCH(AT_TRANSPORT, 4, 2, 0) } }, "drop truncated" },
		{ "length 0", { STUN4, .patches = { PATCH(AT_TRANSPORT, 4, 2, 0) } }, "drop malformed" },
		{ "length 0, IPv6", { STUN6, .patches = { PATCH(AT_TRANSPORT, 4, 2, 0) } }, "drop malformed" },
		{ "length 7", { STUN4, .patches = { PATCH(AT_TRANSPORT, 4, 2, 7) } }, "drop malformed" },
		{ "length 8, 20 more in the datagram", { STUN4, .patches = { PATCH(AT_TRANSPORT, 4, 2, 8) } }, "drop stun-shape stun-in forward" },
		{ "length 8, no more", { EMPTY_UDP(MESSENGER, EDGE_AV) }, "drop stun-shape stun-in forward" },
		{ "one more than there is", { STUN4, .patches = { PATCH(AT_TRANSPORT, 4, 2, 29) } }, "drop malformed" },
		{ "one more than there is, in the padding", { STUN4, .padding_bytes = 9, .patches = { PATCH(AT_TRANSPORT, 4, 2, 29) } }, "drop malformed" },
		{ "65535", { STUN6, .patches = { PATCH(AT_TRANSPORT, 4, 2, 65535) } }, "drop malformed" },
		{ "27 of 28, STUN of 0 attributes", { STUN4, .patches = { PATCH(AT_TRANSPORT, 4, 2, 27) } }, "drop stun-shape stun-in forward" },
		{ "28 of 32", { EMPTY_UDP(MESSENGER, EDGE_AV), .payload = "\0\1\0\0\x21\x12\xa4\x42\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", .payload_bytes = 24, .patches = { PATCH(AT_TRANSPORT, 4, 2, 28) } }, STUN_PASSES },
		{ "length before ports", { STUN4, .patches = { PATCH(AT_TRANSPORT, 0, 4, 0), PATCH(AT_TRANSPORT, 4, 2, 7) } }, "drop malformed" },
		{ "source port 0", { STUN4, .patches = { PATCH(AT_TRANSPORT, 0, 2, 0) } }, "drop port-zero" },
		{ "destination port 0", { STUN6, .patches = { PATCH(AT_TRANSPORT, 2, 2, 0) } }, "drop port-zero" },
		{ "port 0 before roles", { STUN(STRANGER, EDGE_AV), .patches = { PATCH(AT_TRANSPORT, 0, 2, 0) } }, "drop port-zero" },
		{ "the role before the shape", { EMPTY_UDP(STRANGER, EDGE_AV) }, "drop role stun-in forward" },
		{ "no service before the shape", { EMPTY_UDP(MESSENGER, EDGE_ACCESS) }, "drop no-service" },
	};
	/* clang-format on */

	(void)state;
	judge_modes(cases, COUNT(cases));
}

static void refuses_other_transports(void **state)
{
	static struct frame frame;

	(void)state;
	for (unsigned int protocol = 0; protocol < 256; protocol++) {
		/* The bytes are a TCP header, whatever the protocol number says. */
		struct frame_recipe recipe = { SIP4, .payload_bytes = 12 };
		const char *expected = "drop protocol";

		frame_build(&recipe, &frame);
		frame_put(&frame, frame.ip + 9, 1, protocol);
		if (protocol == 6)
			expected = SIP_PASSES;
		else if (protocol == 1) /* of type 40000 >> 8 */
			expected = "drop icmp-type";
		else if (protocol == 17) /* of the sequence number's length 0 */
			expected = "drop malformed";
		judge_expect(&standard, &frame, expected, "IPv4, protocol %u", protocol);

		if (protocol == 0 || protocol == 43 || protocol == 44 || protocol == 51 ||
		    protocol == 60 || protocol == 135 || protocol == 139 || protocol == 140)
			continue; /* extension headers, see above */
		recipe = (struct frame_recipe){ SIP6, .payload_bytes = 12 };
		frame_build(&recipe, &frame);
		frame_put(&frame, frame.ip + 6, 1, protocol);
		expected = protocol == 6  ? SIP_PASSES :
			   protocol == 58 ? "drop icmp-type" :
			   protocol == 17 ? "drop malformed" :
					    "drop protocol";
		judge_expect(&standard, &frame, expected, "IPv6, protocol %u", protocol);
	}
	judge_check(&standard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_icmp_types),  cmocka_unit_test(judges_icmp_headers),
		cmocka_unit_test(judges_tcp_flags),   cmocka_unit_test(checks_tcp_headers),
		cmocka_unit_test(checks_udp_headers), cmocka_unit_test(refuses_other_transports),
	};

	return cmocka_run_group_tests(tests, open_standard, close_standard);
}
