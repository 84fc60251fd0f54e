/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* docs/classification.md, step 12, the rows, by hand: the founding table, with the ports of
 * the document, and configured rows. Generated cases are in test_rows_generated.c. */
#include "harness.h"
#include "payloads.h"

#define TCP(from, from_port, to, to_port, set)                                            \
	{                                                                                 \
		.source = (from), .destination = (to), .protocol = FRAME_TCP,             \
		.source_port = (from_port), .destination_port = (to_port), .flags = (set) \
	}
#define UDP(from, from_port, to, to_port)                                                      \
	{                                                                                      \
		.source = (from), .destination = (to), .protocol = FRAME_UDP,                  \
		.source_port = (from_port), .destination_port = (to_port), .payload = binding, \
		.payload_bytes = sizeof(binding)                                               \
	}

/* ---- the founding table ---- */

static void has_the_founding_rows(void **state)
{
	/* clang-format off */
	static const struct judge_case cases[] = {
		/* access, SIP (MTLS), TCP 5061, from the partner to the Edge */
		{ "row 1, partner opens", TCP(PARTNER, 40000, EDGE_ACCESS, 5061, FRAME_SYN),
		  "pass rule sip-mtls-in forward" },
		{ "row 1, partner goes on", TCP(PARTNER, 40000, EDGE_ACCESS, 5061, FRAME_ACK),
		  "pass rule sip-mtls-in forward" },
		{ "row 1, a SYN-ACK asks for nothing", TCP(PARTNER, 40000, EDGE_ACCESS, 5061, FRAME_SYN_ACK),
		  "drop unsolicited sip-mtls-in forward" },
		{ "row 1, nor with other bits",
		  TCP(PARTNER6, 40000, EDGE_ACCESS6, 5061, FRAME_SYN_ACK | FRAME_PSH | 0xe0),
		  "drop unsolicited sip-mtls-in forward" },
		{ "row 1, a stranger's SYN-ACK", TCP(STRANGER, 40000, EDGE_ACCESS, 5061, FRAME_SYN_ACK),
		  "drop role sip-mtls-in forward" },
		{ "row 1, a RST", TCP(PARTNER, 40000, EDGE_ACCESS, 5061, FRAME_RST | FRAME_ACK),
		  "pass rule sip-mtls-in forward" },
		{ "row 1, IPv6", TCP(PARTNER6, 40000, EDGE_ACCESS6, 5061, FRAME_SYN),
		  "pass rule sip-mtls-in forward" },
		{ "row 1, from a client", TCP(CLIENT, 40000, EDGE_ACCESS, 5061, FRAME_SYN),
		  "drop role sip-mtls-in forward" },
		{ "row 1, from a stranger", TCP(STRANGER, 40000, EDGE_ACCESS, 5061, FRAME_SYN),
		  "drop role sip-mtls-in forward" },
		{ "row 1, IPv6, from a stranger",
		  TCP(STRANGER6, 40000, EDGE_ACCESS6, 5061, FRAME_SYN),
		  "drop role sip-mtls-in forward" },
		{ "row 1, to the A/V address", TCP(PARTNER, 40000, EDGE_AV, 5061, FRAME_SYN),
		  "drop no-service" },
		{ "row 1, port below", TCP(PARTNER, 40000, EDGE_ACCESS, 5060, FRAME_SYN),
		  "drop no-service" },
		{ "row 1, port above", TCP(PARTNER, 40000, EDGE_ACCESS, 5062, FRAME_SYN),
		  "drop no-service" },
		{ "row 1, port in the wrong byte order", TCP(PARTNER, 40000, EDGE_ACCESS, 0xc513, FRAME_SYN),
		  "drop no-service" },
		{ "row 1, UDP", UDP(PARTNER, 40000, EDGE_ACCESS, 5061), "drop no-service" },

		/* access, SIP (MTLS), TCP 5061, from the Edge to the partner */
		{ "row 2, partner accepts", TCP(PARTNER, 5061, EDGE_ACCESS, 49152, FRAME_SYN_ACK),
		  "pass rule sip-mtls-out reply" },
		{ "row 2, partner goes on", TCP(PARTNER, 5061, EDGE_ACCESS, 49152, FRAME_ACK),
		  "pass rule sip-mtls-out reply" },
		{ "row 2, partner refuses", TCP(PARTNER, 5061, EDGE_ACCESS, 49152, FRAME_RST),
		  "pass rule sip-mtls-out reply" },
		{ "row 2, IPv6", TCP(PARTNER6, 5061, EDGE_ACCESS6, 49152, FRAME_SYN_ACK),
		  "pass rule sip-mtls-out reply" },
		{ "row 2, a bare SYN is no reply", TCP(PARTNER, 5061, EDGE_ACCESS, 49152, FRAME_SYN),
		  "drop unsolicited sip-mtls-out reply" },
		{ "row 2, nor with other bits",
		  TCP(PARTNER, 5061, EDGE_ACCESS, 49152, FRAME_SYN | FRAME_PSH | 0xe0),
		  "drop unsolicited sip-mtls-out reply" },
		{ "row 2, from a client", TCP(CLIENT, 5061, EDGE_ACCESS, 49152, FRAME_SYN_ACK),
		  "drop role sip-mtls-out reply" },
		{ "row 2, a stranger's bare SYN", TCP(STRANGER, 5061, EDGE_ACCESS, 49152, FRAME_SYN),
		  "drop role sip-mtls-out reply" },
		{ "row 2, to the A/V address", TCP(PARTNER, 5061, EDGE_AV, 49152, FRAME_SYN_ACK),
		  "drop no-service" },
		{ "row 2, port above", TCP(PARTNER, 5062, EDGE_ACCESS, 49152, FRAME_SYN_ACK),
		  "drop no-service" },
		{ "rows 1 and 2, both ports: forward first",
		  TCP(PARTNER, 5061, EDGE_ACCESS, 5061, FRAME_ACK), "pass rule sip-mtls-in forward" },

		{ "rows 1 and 2, both ports, a SYN-ACK: the reply",
		  TCP(PARTNER, 5061, EDGE_ACCESS, 5061, FRAME_SYN_ACK), "pass rule sip-mtls-out reply" },
		{ "rows 1 and 2, both ports, a bare SYN: the forward leg",
		  TCP(PARTNER, 5061, EDGE_ACCESS, 5061, FRAME_SYN), "pass rule sip-mtls-in forward" },

		/* access, SIP (TLS), TCP 443, from the client to the Edge */
		{ "row 3, client opens", TCP(CLIENT, 40000, EDGE_ACCESS, 443, FRAME_SYN),
		  "pass rule sip-tls-in forward" },
		{ "row 3, IPv6", TCP(CLIENT6, 40000, EDGE_ACCESS6, 443, FRAME_ACK),
		  "pass rule sip-tls-in forward" },
		{ "row 3, from a partner", TCP(PARTNER, 40000, EDGE_ACCESS, 443, FRAME_SYN),
		  "drop role sip-tls-in forward" },
		{ "row 3, from a Messenger client", TCP(MESSENGER, 40000, EDGE_ACCESS, 443, FRAME_SYN),
		  "drop role sip-tls-in forward" },
		{ "row 3, a SYN-ACK", TCP(CLIENT, 40000, EDGE_ACCESS, 443, FRAME_SYN_ACK),
		  "drop unsolicited sip-tls-in forward" },
		{ "row 3 has no way out", TCP(CLIENT, 443, EDGE_ACCESS, 40000, FRAME_SYN_ACK),
		  "drop no-service" },
		{ "row 3, port below", TCP(CLIENT, 40000, EDGE_ACCESS, 442, FRAME_SYN),
		  "drop no-service" },
		{ "row 3, port above", TCP(CLIENT, 40000, EDGE_ACCESS, 444, FRAME_SYN),
		  "drop no-service" },
		{ "row 3, QUIC's UDP", UDP(CLIENT, 40000, EDGE_ACCESS, 443), "drop no-service" },

		/* audio/video, RTP, TCP 50,000 - 59,999, from the Edge to the Messenger client */
		{ "row 4, first port, the peer's", TCP(MESSENGER, 50000, EDGE_AV, 1024, FRAME_SYN_ACK),
		  "pass rule rtp-out reply" },
		{ "row 4, last port, the peer's", TCP(MESSENGER, 59999, EDGE_AV, 1024, FRAME_ACK),
		  "pass rule rtp-out reply" },
		{ "row 4, below", TCP(MESSENGER, 49999, EDGE_AV, 1024, FRAME_ACK), "drop no-service" },
		{ "row 4, above", TCP(MESSENGER, 60000, EDGE_AV, 1024, FRAME_ACK), "drop no-service" },
		{ "row 4, first port, the Edge's", TCP(MESSENGER, 1024, EDGE_AV, 50000, FRAME_SYN_ACK),
		  "pass rule rtp-out reply" },
		{ "row 4, last port, the Edge's", TCP(MESSENGER6, 1024, EDGE_AV6, 59999, FRAME_ACK),
		  "pass rule rtp-out reply" },
		{ "row 4, below, the Edge's", TCP(MESSENGER, 1024, EDGE_AV, 49999, FRAME_ACK),
		  "drop no-service" },
		{ "row 4, above, the Edge's", TCP(MESSENGER, 1024, EDGE_AV, 60000, FRAME_ACK),
		  "drop no-service" },
		{ "row 4, a bare SYN", TCP(MESSENGER, 1024, EDGE_AV, 50000, FRAME_SYN),
		  "drop unsolicited rtp-out reply" },
		{ "row 4, from a partner", TCP(PARTNER, 1024, EDGE_AV, 50000, FRAME_ACK),
		  "drop role rtp-out reply" },
		{ "row 4, to the Access address", TCP(MESSENGER, 1024, EDGE_ACCESS, 50000, FRAME_ACK),
		  "drop no-service" },
		{ "row 4, UDP", UDP(MESSENGER, 1024, EDGE_AV, 50000), "drop no-service" },

		/* audio/video, STUN and MSTURN, UDP 3478, from the Edge to the Messenger client */
		{ "row 5", UDP(MESSENGER, 3478, EDGE_AV, 50000), "pass rule stun-out reply" },
		{ "row 5, IPv6", UDP(MESSENGER6, 3478, EDGE_AV6, 50000), "pass rule stun-out reply" },
		{ "row 5, from a client", UDP(CLIENT, 3478, EDGE_AV, 50000),
		  "drop role stun-out reply" },
		{ "row 5, to the Access address", UDP(MESSENGER, 3478, EDGE_ACCESS, 50000),
		  "drop no-service" },
		{ "row 5, port below", UDP(MESSENGER, 3477, EDGE_AV, 50000), "drop no-service" },
		{ "row 5, port above", UDP(MESSENGER, 3479, EDGE_AV, 50000), "drop no-service" },
		{ "row 5, TCP, a port of row 4", TCP(MESSENGER, 3478, EDGE_AV, 40000, FRAME_ACK),
		  "drop no-service" },

		/* audio/video, STUN and MSTURN, UDP 3478, from the Messenger client to the Edge */
		{ "row 6", UDP(MESSENGER, 40000, EDGE_AV, 3478), "pass rule stun-in forward" },
		{ "row 6, IPv6", UDP(MESSENGER6, 40000, EDGE_AV6, 3478), "pass rule stun-in forward" },
		{ "row 6, from a partner", UDP(PARTNER, 40000, EDGE_AV, 3478),
		  "drop role stun-in forward" },
		{ "row 6, to the Access address", UDP(MESSENGER, 40000, EDGE_ACCESS, 3478),
		  "drop no-service" },
		{ "row 6, port below", UDP(MESSENGER, 40000, EDGE_AV, 3477), "drop no-service" },
		{ "row 6, port above", UDP(MESSENGER, 40000, EDGE_AV, 3479), "drop no-service" },
		{ "rows 5 and 6, both ports: forward first", UDP(MESSENGER, 3478, EDGE_AV, 3478),
		  "pass rule stun-in forward" },
		{ "rows 5 and 6, both ports, a stranger", UDP(STRANGER, 3478, EDGE_AV, 3478),
		  "drop role stun-in forward" },
		{ "row 6, TCP", TCP(MESSENGER, 40000, EDGE_AV, 3478, FRAME_SYN), "drop no-service" },

		/* An address that is both Access and A/V: the table's order decides. */
		{ "row 2 before row 4", TCP(PARTNER, 5061, EDGE_BOTH, 50005, FRAME_ACK),
		  "pass rule sip-mtls-out reply" },
		{ "row 4, though row 2 has the ports", TCP(MESSENGER, 5061, EDGE_BOTH, 50005, FRAME_ACK),
		  "pass rule rtp-out reply" },
		{ "neither: row 2 names it", TCP(CLIENT, 5061, EDGE_BOTH, 50005, FRAME_ACK),
		  "drop role sip-mtls-out reply" },
		{ "a bare SYN: row 2 names it, and the role lacks",
		  TCP(MESSENGER, 5061, EDGE_BOTH, 50005, FRAME_SYN), "drop role sip-mtls-out reply" },
		{ "a bare SYN: row 2 names it, and the role is there",
		  TCP(PARTNER, 5061, EDGE_BOTH, 50005, FRAME_SYN),
		  "drop unsolicited sip-mtls-out reply" },
		{ "a bare SYN to 5061 from a port of row 4",
		  TCP(PARTNER, 50005, EDGE_BOTH, 5061, FRAME_SYN), "pass rule sip-mtls-in forward" },
		{ "row 3's port to row 4's", TCP(MESSENGER, 50005, EDGE_BOTH, 443, FRAME_ACK),
		  "pass rule rtp-out reply" },
		{ "the same, a bare SYN: row 3 names it", TCP(MESSENGER, 50005, EDGE_BOTH, 443, FRAME_SYN),
		  "drop role sip-tls-in forward" },
	};
	/* clang-format on */
	struct judge judge;

	(void)state;
	judge_open(&judge, STANDARD_POLICY);
	judge_cases(&judge, cases, COUNT(cases));
	judge_close(&judge);
}

static void asks_which_end_owns_the_rtp_ports(void **state)
{
	static const struct {
		const char *value;
		const char *edge, *peer, *both; /* the decision, by the end that has these ports */
	} values[] = {
		{ "either", "pass rule rtp-out reply", "pass rule rtp-out reply",
		  "pass rule rtp-out reply" },
		{ "edge", "pass rule rtp-out reply", "drop no-service", "pass rule rtp-out reply" },
		{ "peer", "drop no-service", "pass rule rtp-out reply", "pass rule rtp-out reply" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(values); at++) {
		/* clang-format off */
		const struct judge_case cases[] = {
			{ "first port, the Edge's", TCP(MESSENGER, 1024, EDGE_AV, 50000, FRAME_ACK), values[at].edge },
			{ "last port, the Edge's", TCP(MESSENGER, 1024, EDGE_AV, 59999, FRAME_ACK), values[at].edge },
			{ "first port, the peer's", TCP(MESSENGER, 50000, EDGE_AV, 1024, FRAME_ACK), values[at].peer },
			{ "last port, the peer's", TCP(MESSENGER, 59999, EDGE_AV, 1024, FRAME_ACK), values[at].peer },
			{ "both", TCP(MESSENGER, 50000, EDGE_AV, 59999, FRAME_ACK), values[at].both },
			{ "below, the Edge's", TCP(MESSENGER, 1024, EDGE_AV, 49999, FRAME_ACK), "drop no-service" },
			{ "above, the peer's", TCP(MESSENGER, 60000, EDGE_AV, 1024, FRAME_ACK), "drop no-service" },
			{ "no other row follows: row 1", TCP(PARTNER, 5061, EDGE_ACCESS, 1024, FRAME_ACK), "pass rule sip-mtls-out reply" },
			{ "no other row follows: row 6", UDP(MESSENGER, 40000, EDGE_AV, 3478), "pass rule stun-in forward" },
			{ "no other row follows: row 5", UDP(MESSENGER, 3478, EDGE_AV, 40000), "pass rule stun-out reply" },
		};
		/* clang-format on */
		struct judge judge;

		judge_open(&judge, STANDARD_POLICY "options = { rtp-port-end = \"%s\" }",
			   values[at].value);
		judge_cases(&judge, cases, COUNT(cases));
		judge_close(&judge);
	}
}

/* ---- configured rows ---- */

/* By hand: what services do to the founding rows and to each other. */
static void orders_configured_rows(void **state)
{
	static const struct judge_case cases[] = {
		{ "the sample's DNS reply", UDP(CLIENT, 53, EDGE_ACCESS, 40000),
		  "pass rule dns-reply reply" },
		{ "and not a query", UDP(CLIENT, 40000, EDGE_ACCESS, 53), "drop no-service" },
		{ "an in-row before an earlier out-row",
		  TCP(MESSENGER, 40000, EDGE_AV, 50000, FRAME_ACK), "pass rule media-in forward" },
		{ "its bare SYN, too", TCP(MESSENGER, 40000, EDGE_AV, 50000, FRAME_SYN),
		  "pass rule media-in forward" },
		{ "its SYN-ACK: the founding row",
		  TCP(MESSENGER, 40000, EDGE_AV, 50000, FRAME_SYN_ACK), "pass rule rtp-out reply" },
		{ "beside it, the founding row", TCP(MESSENGER, 40000, EDGE_AV, 50001, FRAME_ACK),
		  "pass rule rtp-out reply" },
		{ "a founding row before a configured one",
		  TCP(CLIENT, 40000, EDGE_ACCESS, 443, FRAME_SYN), "pass rule sip-tls-in forward" },
		{ "a later row admits whom the first does not",
		  TCP(PARTNER, 40000, EDGE_ACCESS, 443, FRAME_SYN), "pass rule web forward" },
		{ "neither: the first names it", TCP(STRANGER, 40000, EDGE_ACCESS, 443, FRAME_SYN),
		  "drop role sip-tls-in forward" },
		{ "of two with the same ports, the first",
		  TCP(PARTNER, 40000, EDGE_ACCESS, 8000, FRAME_SYN), "pass rule first forward" },
		{ "of two, the second has the role",
		  TCP(CLIENT, 40000, EDGE_ACCESS, 8000, FRAME_SYN), "pass rule second forward" },
		{ "a configured row looks at no payload",
		  { .source = PARTNER,
		    .destination = EDGE_AV,
		    .protocol = FRAME_UDP,
		    .source_port = 40000,
		    .destination_port = 3478,
		    .payload = "DNS?",
		    .payload_bytes = 4 },
		  "pass rule stun-too forward" },
		{ "the founding row on the same port does",
		  { .source = MESSENGER,
		    .destination = EDGE_AV,
		    .protocol = FRAME_UDP,
		    .source_port = 40000,
		    .destination_port = 3478,
		    .payload = "DNS?",
		    .payload_bytes = 4 },
		  "drop stun-shape stun-in forward" },
		{ "port 1", TCP(CLIENT, 1, EDGE_AV, 2, FRAME_ACK), "pass rule ends reply" },
		{ "port 65535", TCP(CLIENT6, 65535, EDGE_AV6, 65534, FRAME_ACK),
		  "pass rule ends reply" },
		{ "port 2", TCP(CLIENT, 2, EDGE_AV, 1, FRAME_ACK), "drop no-service" },
		{ "port 65534", TCP(CLIENT, 65534, EDGE_AV, 65535, FRAME_ACK), "drop no-service" },
		{ "ends' bare SYN", TCP(CLIENT, 1, EDGE_AV, 2, FRAME_SYN),
		  "drop unsolicited ends reply" },
	};
	struct judge judge;

	(void)state;
	judge_open(
		&judge, STANDARD_POLICY
		"services = (\n"
		"{ name = \"dns-reply\", transport = \"udp\", direction = \"out\", edge = \"access\" peers = \"client\", ports = [ \"53\" ] },\n"
		"{ name = \"media-in\", transport = \"tcp\", direction = \"in\", edge = \"av\" peers = \"messenger\", ports = [ \"50000\" ] },\n"
		"{ name = \"web\", transport = \"tcp\", direction = \"in\", edge = \"access\" peers = \"partner\", ports = [ \"80\", \"443\" ] },\n"
		"{ name = \"first\", transport = \"tcp\", direction = \"in\", edge = \"access\" peers = \"partner\", ports = [ \"8000-8010\" ] },\n"
		"{ name = \"second\", transport = \"tcp\", direction = \"in\", edge = \"access\" peers = \"client\", ports = [ \"7990-8000\" ] },\n"
		"{ name = \"stun-too\", transport = \"udp\", direction = \"in\", edge = \"av\" peers = \"partner\", ports = [ \"3478\" ] },\n"
		"{ name = \"ends\", transport = \"tcp\", direction = \"out\", edge = \"av\" peers = \"client\", ports = [ \"1\", \"65535\" ] }\n"
		")\n");
	judge_cases(&judge, cases, COUNT(cases));
	judge_close(&judge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_founding_rows),
		cmocka_unit_test(asks_which_end_owns_the_rtp_ports),
		cmocka_unit_test(orders_configured_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
