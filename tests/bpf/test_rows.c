/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * docs/classification.md, step 12: the rows. First the founding table by hand,
 * with its ports as the document has them; then cases generated from policy.def, and configured rows,
 * against step 12 written once more as plain loops.
 */
#include "harness.h"

/* RFC 8489: a binding request without attributes. */
static const uint8_t binding[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42 };

#define TCP(from, from_port, to, to_port, set)                                                   \
	{ .source = (from), .destination = (to), .protocol = FRAME_TCP,                          \
	  .source_port = (from_port), .destination_port = (to_port), .flags = (set) }
#define UDP(from, from_port, to, to_port)                                                        \
	{ .source = (from), .destination = (to), .protocol = FRAME_UDP,                          \
	  .source_port = (from_port), .destination_port = (to_port), .payload = binding,         \
	  .payload_bytes = sizeof(binding) }

/* ---- the founding table, by hand ---- */

static void has_the_founding_rows(void **state)
{
	static const struct judge_case cases[] = {
		/* access, SIP (MTLS), TCP 5061, from the partner to the Edge */
		{ "row 1, partner opens", TCP(PARTNER, 40000, EDGE_ACCESS, 5061, FRAME_SYN),
		  "pass rule sip-mtls-in forward" },
		{ "row 1, partner goes on", TCP(PARTNER, 40000, EDGE_ACCESS, 5061, FRAME_ACK),
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

		/* access, SIP (TLS), TCP 443, from the client to the Edge */
		{ "row 3, client opens", TCP(CLIENT, 40000, EDGE_ACCESS, 443, FRAME_SYN),
		  "pass rule sip-tls-in forward" },
		{ "row 3, IPv6", TCP(CLIENT6, 40000, EDGE_ACCESS6, 443, FRAME_ACK),
		  "pass rule sip-tls-in forward" },
		{ "row 3, from a partner", TCP(PARTNER, 40000, EDGE_ACCESS, 443, FRAME_SYN),
		  "drop role sip-tls-in forward" },
		{ "row 3, from a Messenger client", TCP(MESSENGER, 40000, EDGE_ACCESS, 443, FRAME_SYN),
		  "drop role sip-tls-in forward" },
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
		const char *edge, *peer, *both; /* what those ports, on that end, come to */
	} values[] = {
		{ "either", "pass rule rtp-out reply", "pass rule rtp-out reply", "pass rule rtp-out reply" },
		{ "edge", "pass rule rtp-out reply", "drop no-service", "pass rule rtp-out reply" },
		{ "peer", "drop no-service", "pass rule rtp-out reply", "pass rule rtp-out reply" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(values); at++) {
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
		struct judge judge;

		judge_open(&judge, STANDARD_POLICY "options = { rtp-port-end = \"%s\" }",
			   values[at].value);
		judge_cases(&judge, cases, COUNT(cases));
		judge_close(&judge);
	}
}

/* ---- step 12 as plain loops ---- */

#define RANGES 4

struct row {
	const char *name;
	enum pim_transport transport;
	enum pim_direction direction;
	unsigned int edge, peers; /* one role each */
	enum pim_port_end port_end;
	enum pim_shape shape;
	unsigned int ranges[RANGES][2]; /* 0 ends */
	bool disabled;
};

static const struct row founding[] = {
#define PIM_ROW(id, title, service, TRANSPORT, low, high, DIRECTION, EDGE, PEERS, END, SHAPE)      \
	{ title, PIM_##TRANSPORT, PIM_##DIRECTION, PIM_ROLE_##EDGE, PIM_ROLE_##PEERS,             \
	  PIM_PORT_END_##END, PIM_SHAPE_##SHAPE, { { low, high } }, false },
#include <pimxdp/policy.def>
#undef PIM_ROW
};

struct rows {
	struct row row[PIM_ROWS_MAX];
	size_t count;
	char names[PIM_ROWS_MAX][PIM_RULE_NAME]; /* room for generated ones */
	unsigned int admitted[PIM_ROWS_MAX];
	unsigned int rtp_port_end;
};

/* What step 12 looks at. */
struct segment {
	int version;
	unsigned int tags;
	enum pim_transport transport;
	uint16_t source_port, destination_port;
	uint8_t flags;
	unsigned int edge;  /* roles of the destination, >> PIM_EDGE_SHIFT */
	unsigned int peers; /* roles of the source, >> PIM_PEER_SHIFT */
};

static bool in_ranges(const struct row *row, unsigned int port)
{
	for (size_t at = 0; at < RANGES && row->ranges[at][0]; at++)
		if (port >= row->ranges[at][0] && port <= row->ranges[at][1])
			return true;
	return false;
}

static bool ports_match(const struct row *row, unsigned int rtp_port_end,
			const struct segment *segment)
{
	bool source = in_ranges(row, segment->source_port);
	bool destination = in_ranges(row, segment->destination_port);

	if (!(segment->edge << PIM_EDGE_SHIFT & row->edge) || segment->transport != row->transport)
		return false;
	if (row->port_end == PIM_PORT_END_SERVER)
		return row->direction == PIM_IN ? destination : source;
	/* An out-row whose ports belong to the end that the option names. */
	return (source && rtp_port_end != PIM_RTP_PORT_END_EDGE) ||
	       (destination && rtp_port_end != PIM_RTP_PORT_END_PEER);
}

static const char *expected(struct rows *rows, const struct segment *segment,
			    char text[JUDGE_TEXT])
{
	bool bare_syn = segment->transport == PIM_TCP &&
			(segment->flags & FRAME_SYN_ACK) == FRAME_SYN;
	const struct row *named = NULL;

	for (int direction = PIM_IN; direction <= PIM_OUT; direction++) {
		const char *leg = direction == PIM_IN ? "forward" : "reply";

		for (size_t at = 0; at < rows->count; at++) {
			const struct row *row = &rows->row[at];

			if (row->disabled || (int)row->direction != direction ||
			    !ports_match(row, rows->rtp_port_end, segment))
				continue;
			if (!named) {
				bool role = segment->peers << PIM_PEER_SHIFT & row->peers;

				named = row;
				snprintf(text, JUDGE_TEXT, "drop %s %s %s",
					 role ? "unsolicited" : "role", row->name, leg);
			}
			if (!(segment->peers << PIM_PEER_SHIFT & row->peers) ||
			    (direction == PIM_OUT && bare_syn))
				continue;
			rows->admitted[at]++;
			snprintf(text, JUDGE_TEXT, "pass rule %s %s", row->name, leg);
			return text;
		}
	}
	return named ? text : "drop no-service";
}

/* ---- a policy whose addresses say their roles ---- */

/* Peer roles are the last number of a source, edge roles that of a destination. */
static void add_hosts(char **at, unsigned int sets, unsigned int role, unsigned int shift,
		      const char *ipv4, const char *ipv6)
{
	const char *separator = "";

	for (unsigned int set = 0; set < sets; set++)
		if (set << shift & role) {
			*at += sprintf(*at, "%s\"%s%u\", \"%s%u\"", separator, ipv4, set, ipv6,
				       set);
			separator = ", ";
		}
}

static void open_rows(struct judge *judge, const struct rows *rows)
{
	static char text[32768];
	char *at = text;
	const char *separator = "";

	at += sprintf(at, "edge = { access = [ ");
	add_hosts(&at, PIM_EDGE_SETS, PIM_ROLE_ACCESS, PIM_EDGE_SHIFT, "198.51.100.",
		  "2001:db8:10::");
	at += sprintf(at, " ] av = [ ");
	add_hosts(&at, PIM_EDGE_SETS, PIM_ROLE_AV, PIM_EDGE_SHIFT, "198.51.100.", "2001:db8:10::");
	at += sprintf(at, " ] }\npartners = ( { name = \"contoso\" addresses = [ ");
	add_hosts(&at, PIM_PEER_SETS, PIM_ROLE_PARTNER, PIM_PEER_SHIFT, "192.0.2.", "2001:db8:2::");
	at += sprintf(at, " ] } )\nclients = { addresses = [ ");
	add_hosts(&at, PIM_PEER_SETS, PIM_ROLE_CLIENT, PIM_PEER_SHIFT, "192.0.2.", "2001:db8:2::");
	at += sprintf(at, " ] }\nmessenger = { addresses = [ ");
	add_hosts(&at, PIM_PEER_SETS, PIM_ROLE_MESSENGER, PIM_PEER_SHIFT, "192.0.2.",
		  "2001:db8:2::");
	at += sprintf(at, " ] }\nservices = (");
	for (size_t row = COUNT(founding); row < rows->count; row++) {
		const struct row *one = &rows->row[row];

		at += sprintf(at, "%s { name = \"%s\" transport = \"%s\" direction = \"%s\" ", separator,
			      one->name, one->transport == PIM_TCP ? "tcp" : "udp",
			      one->direction == PIM_IN ? "in" : "out");
		at += sprintf(at, "edge = \"%s\" peers = \"%s\" ports = [ ",
			      one->edge == PIM_ROLE_AV ? "av" : "access",
			      one->peers == PIM_ROLE_PARTNER ? "partner" :
			      one->peers == PIM_ROLE_CLIENT ? "client" : "messenger");
		for (size_t range = 0; range < RANGES && one->ranges[range][0]; range++)
			at += sprintf(at, one->ranges[range][0] == one->ranges[range][1] ?
				      "%s\"%u\"" : "%s\"%u-%u\"", range ? ", " : "",
				      one->ranges[range][0], one->ranges[range][1]);
		at += sprintf(at, " ] }");
		separator = ",\n";
	}
	at += sprintf(at, " )\ndisable = [ ");
	separator = "";
	for (size_t row = 0; row < rows->count; row++)
		if (rows->row[row].disabled) {
			at += sprintf(at, "%s\"%s\"", separator, rows->row[row].name);
			separator = ", ";
		}
	at += sprintf(at, " ]\noptions = { rtp-port-end = \"%s\" }\n",
		      (const char *[]){ "either", "edge", "peer" }[rows->rtp_port_end]);
	assert_true(at < text + sizeof(text));
	judge_open(judge, "%s", text);
}

static void judge_segment(struct judge *judge, struct rows *rows, const struct segment *segment)
{
	static struct frame frame;
	char source[32], destination[32], text[JUDGE_TEXT];
	struct frame_recipe recipe = {
		.tags = { segment->tags > 0 ? FRAME_VLAN : 0, segment->tags > 1 ? FRAME_VLAN : 0 },
		.source = source,
		.destination = destination,
		.protocol = segment->transport == PIM_TCP ? FRAME_TCP : FRAME_UDP,
		.source_port = segment->source_port,
		.destination_port = segment->destination_port,
		.flags = segment->flags,
		.payload = binding, /* every STUN row accepts it */
		.payload_bytes = sizeof(binding),
	};

	snprintf(source, sizeof(source), segment->version == 4 ? "192.0.2.%u" : "2001:db8:2::%u",
		 segment->peers);
	snprintf(destination, sizeof(destination),
		 segment->version == 4 ? "198.51.100.%u" : "2001:db8:10::%u", segment->edge);
	frame_build(&recipe, &frame);
	judge_expect(judge, &frame, expected(rows, segment, text),
		     "IPv%d, %u tags, %s port %u to %u, flags 0x%02x, peer roles 0x%x, edge roles 0x%x, "
		     "rtp-port-end %u", segment->version, segment->tags,
		     segment->transport == PIM_TCP ? "TCP" : "UDP", segment->source_port,
		     segment->destination_port, segment->flags, segment->peers, segment->edge,
		     rows->rtp_port_end);
}

/* A port on neither side of any row; tests that need one say which. */
#define NO_ROWS_PORT 33333

/* Around one port of a row: each leg, both at once, each transport, all roles. */
static void judge_port(struct judge *judge, struct rows *rows, int version, unsigned int tags,
		       unsigned int port)
{
	static const uint8_t flags[] = { FRAME_SYN, FRAME_SYN_ACK, FRAME_ACK, FRAME_RST };

	if (!port || port >= PIM_PORTS) /* port 0 is step 11's */
		return;
	for (int sides = 1; sides <= 3; sides++)
		for (unsigned int edge = 1; edge < PIM_EDGE_SETS; edge++)
			for (unsigned int peers = 0; peers < PIM_PEER_SETS; peers++) {
				struct segment segment = {
					.version = version,
					.tags = tags,
					.transport = PIM_UDP,
					.source_port = sides & 1 ? port : NO_ROWS_PORT,
					.destination_port = sides & 2 ? port : NO_ROWS_PORT,
					.edge = edge,
					.peers = peers,
				};

				judge_segment(judge, rows, &segment);
				segment.transport = PIM_TCP;
				for (size_t at = 0; at < COUNT(flags); at++) {
					segment.flags = flags[at];
					judge_segment(judge, rows, &segment);
				}
			}
}

/* The ports in and around each range of each row. */
static void judge_rows(struct judge *judge, struct rows *rows, int version, unsigned int tags)
{
	for (size_t row = 0; row < rows->count; row++)
		for (size_t range = 0; range < RANGES && rows->row[row].ranges[range][0]; range++) {
			unsigned int low = rows->row[row].ranges[range][0];
			unsigned int high = rows->row[row].ranges[range][1];

			judge_port(judge, rows, version, tags, low - 1);
			judge_port(judge, rows, version, tags, low);
			if (high != low)
				judge_port(judge, rows, version, tags, high);
			judge_port(judge, rows, version, tags, high + 1);
		}
}

/* No case is worth much if its row admits nothing. */
static void check_admitted(const struct rows *rows)
{
	for (size_t row = 0; row < rows->count; row++)
		if (!rows->admitted[row] != rows->row[row].disabled)
			fail_msg("%s admitted %u frames", rows->row[row].name, rows->admitted[row]);
}

static void start_rows(struct rows *rows)
{
	*rows = (struct rows){ .count = COUNT(founding) };
	memcpy(rows->row, founding, sizeof(founding));
}

/* ---- generated from policy.def ---- */

static void judges_every_row(void **state)
{
	struct rows rows;
	struct judge judge;

	(void)state;
	for (unsigned int end = PIM_RTP_PORT_END_EITHER; end <= PIM_RTP_PORT_END_PEER; end++) {
		start_rows(&rows);
		rows.rtp_port_end = end;
		open_rows(&judge, &rows);
		for (int version = 4; version <= 6; version += 2)
			for (unsigned int tags = 0;
			     tags <= (end == PIM_RTP_PORT_END_EITHER ? 2 : 0); tags++)
				judge_rows(&judge, &rows, version, tags);
		judge_close(&judge);
		check_admitted(&rows);
	}
}

static void leaves_out_each_row_in_turn(void **state)
{
	struct rows rows;
	struct judge judge;

	(void)state;
	for (size_t row = 0; row < COUNT(founding); row++) {
		start_rows(&rows);
		rows.row[row].disabled = true;
		open_rows(&judge, &rows);
		judge_rows(&judge, &rows, 4, 0);
		judge_close(&judge);
		check_admitted(&rows);
	}
}

static void leaves_out_all_rows(void **state)
{
	struct rows rows;
	struct judge judge;

	(void)state;
	start_rows(&rows);
	for (size_t row = 0; row < COUNT(founding); row++)
		rows.row[row].disabled = true;
	open_rows(&judge, &rows);
	judge_rows(&judge, &rows, 6, 0);
	judge_close(&judge);
	check_admitted(&rows);
}

/* ---- configured rows ---- */

static void has_configured_rows(void **state)
{
	static const struct row services[] = {
		{ "xmpp", PIM_TCP, PIM_IN, PIM_ROLE_ACCESS, PIM_ROLE_PARTNER, 0, 0,
		  { { 5269, 5269 }, { 7000, 7010 }, { 65535, 65535 } }, false },
		{ "dns", PIM_UDP, PIM_OUT, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT, 0, 0, { { 53, 53 } }, false },
		{ "dns-tcp", PIM_TCP, PIM_OUT, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT, 0, 0, { { 53, 53 } }, false },
		{ "low", PIM_UDP, PIM_IN, PIM_ROLE_AV, PIM_ROLE_CLIENT, 0, 0,
		  { { 1, 1 }, { 100, 200 }, { 150, 300 } }, false },
		{ "high", PIM_TCP, PIM_OUT, PIM_ROLE_AV, PIM_ROLE_PARTNER, 0, 0,
		  { { 65000, 65535 }, { 1, 2 } }, false },
		/* on the founding rows' own ports */
		{ "more-tls", PIM_TCP, PIM_IN, PIM_ROLE_ACCESS, PIM_ROLE_MESSENGER, 0, 0,
		  { { 443, 444 } }, false },
		{ "rtp-in", PIM_TCP, PIM_IN, PIM_ROLE_AV, PIM_ROLE_MESSENGER, 0, 0,
		  { { 55000, 55010 } }, false },
		{ "any-udp", PIM_UDP, PIM_OUT, PIM_ROLE_AV, PIM_ROLE_PARTNER, 0, 0,
		  { { 3478, 3478 } }, false },
		{ "idle", PIM_TCP, PIM_IN, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT, 0, 0, { { 8080, 8080 } }, true },
	};
	struct rows rows;
	struct judge judge;

	(void)state;
	start_rows(&rows);
	memcpy(rows.row + rows.count, services, sizeof(services));
	rows.count += COUNT(services);
	open_rows(&judge, &rows);
	judge_rows(&judge, &rows, 4, 0);
	judge_rows(&judge, &rows, 6, 1);
	judge_close(&judge);
	check_admitted(&rows);
}

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
	judge_open(&judge, STANDARD_POLICY "services = (\n"
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

/* As many rows as there may be, each on a port of its own and all on one. */
static void fills_the_table(void **state)
{
	struct rows rows;
	struct judge judge;

	(void)state;
	start_rows(&rows);
	while (rows.count < PIM_ROWS_MAX) {
		struct row *row = &rows.row[rows.count];
		unsigned int port = 10000 + 2 * (unsigned int)rows.count;

		snprintf(rows.names[rows.count], PIM_RULE_NAME, "service-%zu", rows.count);
		*row = (struct row){
			.name = rows.names[rows.count],
			.transport = rows.count % 3 ? PIM_TCP : PIM_UDP,
			.direction = rows.count % 2 ? PIM_OUT : PIM_IN,
			.edge = rows.count % 5 ? PIM_ROLE_ACCESS : PIM_ROLE_AV,
			.peers = 1u << (PIM_PEER_SHIFT + rows.count % 3),
			.ranges = { { port, port }, { 20000, 20000 } },
		};
		rows.count++;
	}
	open_rows(&judge, &rows);
	for (unsigned int row = 0; row < rows.count; row++)
		judge_port(&judge, &rows, row % 2 ? 4 : 6, 0, rows.row[row].ranges[0][0]);
	for (unsigned int port = 19999; port <= 20001; port++)
		judge_port(&judge, &rows, 4, 0, port);
	judge_close(&judge);
	check_admitted(&rows);
}

/* Random rows on a few ports, so that they overlap in every way. */
static void judges_random_rows(void **state)
{
	uint64_t random = random_start("judges_random_rows");
	struct rows rows;
	struct judge judge;

	(void)state;
	for (int policy = 0; policy < 4; policy++) {
		start_rows(&rows);
		rows.rtp_port_end = random_below(&random, 3);
		while (rows.count < PIM_ROWS_MAX) {
			struct row *row = &rows.row[rows.count];

			snprintf(rows.names[rows.count], PIM_RULE_NAME, "service-%zu", rows.count);
			*row = (struct row){
				.name = rows.names[rows.count],
				.transport = random_below(&random, 2),
				.direction = random_below(&random, 2),
				.edge = 1u << (PIM_EDGE_SHIFT + random_below(&random, 2)),
				.peers = 1u << (PIM_PEER_SHIFT + random_below(&random, 3)),
			};
			for (uint32_t range = 0; range <= random_below(&random, RANGES - 1);
			     range++) {
				row->ranges[range][0] = 49990 + random_below(&random, 20);
				row->ranges[range][1] = row->ranges[range][0] +
							random_below(&random, 4);
			}
			rows.count++;
		}
		for (int disabled = 0; disabled < 20; disabled++)
			rows.row[random_below(&random, PIM_ROWS_MAX)].disabled = true;
		open_rows(&judge, &rows);
		for (int frame = 0; frame < 8000; frame++) {
			struct segment segment = {
				.version = random_below(&random, 2) ? 4 : 6,
				.tags = random_below(&random, 3),
				.transport = random_below(&random, 2),
				.source_port = 49985 + random_below(&random, 32),
				.destination_port = 49985 + random_below(&random, 32),
				.flags = random_below(&random, 3) ? FRAME_ACK : FRAME_SYN,
				.edge = 1 + random_below(&random, 3),
				.peers = random_below(&random, PIM_PEER_SETS),
			};

			judge_segment(&judge, &rows, &segment);
		}
		judge_close(&judge);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_founding_rows),
		cmocka_unit_test(asks_which_end_owns_the_rtp_ports),
		cmocka_unit_test(judges_every_row),
		cmocka_unit_test(leaves_out_each_row_in_turn),
		cmocka_unit_test(leaves_out_all_rows),
		cmocka_unit_test(has_configured_rows),
		cmocka_unit_test(orders_configured_rows),
		cmocka_unit_test(fills_the_table),
		cmocka_unit_test(judges_random_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
