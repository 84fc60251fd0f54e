/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * docs/classification.md, step 12, the rows: cases generated from policy.def, configured
 * rows and random rows, against step 12 written a second time as plain loops. PIM_SEED
 * repeats a run.
 */
#include "harness.h"
#include "payloads.h"

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

/* clang-format off */
static const struct row founding[] = {
#define PIM_ROW(id, title, service, TRANSPORT, low, high, DIRECTION, EDGE, PEERS, END, SHAPE)      \
	{ title, PIM_##TRANSPORT, PIM_##DIRECTION, PIM_ROLE_##EDGE, PIM_ROLE_##PEERS,             \
	  PIM_PORT_END_##END, PIM_SHAPE_##SHAPE, { { low, high } }, false },
#include <pimxdp/policy.def>
#undef PIM_ROW
};
/* clang-format on */

struct rows {
	struct row row[PIM_ROWS_MAX];
	size_t count;
	char names[PIM_ROWS_MAX][PIM_RULE_NAME]; /* room for generated ones */
	unsigned int admitted[PIM_ROWS_MAX];
	unsigned int rtp_port_end;
};

/* The fields that step 12 looks at. */
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
	/* For an out-row the option says which end the ports belong to. */
	return (source && rtp_port_end != PIM_RTP_PORT_END_EDGE) ||
	       (destination && rtp_port_end != PIM_RTP_PORT_END_PEER);
}

static const char *expected(struct rows *rows, const struct segment *segment, char text[JUDGE_TEXT])
{
	bool bare_syn =
		segment->transport == PIM_TCP && (segment->flags & FRAME_SYN_ACK) == FRAME_SYN;
	bool syn_ack =
		segment->transport == PIM_TCP && (segment->flags & FRAME_SYN_ACK) == FRAME_SYN_ACK;
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
			    (direction == PIM_OUT ? bare_syn : syn_ack))
				continue;
			rows->admitted[at]++;
			snprintf(text, JUDGE_TEXT, "pass rule %s %s", row->name, leg);
			return text;
		}
	}
	return named ? text : "drop no-service";
}

/* ---- a policy whose addresses say their roles ---- */

/* The last number of a source is its set of peer roles, that of a destination its edge roles. */
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

		at += sprintf(at, "%s { name = \"%s\" transport = \"%s\" direction = \"%s\" ",
			      separator, one->name, one->transport == PIM_TCP ? "tcp" : "udp",
			      one->direction == PIM_IN ? "in" : "out");
		at += sprintf(at, "edge = \"%s\" peers = \"%s\" ports = [ ",
			      one->edge == PIM_ROLE_AV ? "av" : "access",
			      one->peers == PIM_ROLE_PARTNER ? "partner" :
			      one->peers == PIM_ROLE_CLIENT  ? "client" :
							       "messenger");
		for (size_t range = 0; range < RANGES && one->ranges[range][0]; range++)
			at += sprintf(
				at,
				one->ranges[range][0] == one->ranges[range][1] ? "%s\"%u\"" :
										 "%s\"%u-%u\"",
				range ? ", " : "", one->ranges[range][0], one->ranges[range][1]);
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
	judge_expect(
		judge, &frame, expected(rows, segment, text),
		"IPv%d, %u tags, %s port %u to %u, flags 0x%02x, peer roles 0x%x, edge roles 0x%x, "
		"rtp-port-end %u",
		segment->version, segment->tags, segment->transport == PIM_TCP ? "TCP" : "UDP",
		segment->source_port, segment->destination_port, segment->flags, segment->peers,
		segment->edge, rows->rtp_port_end);
}

/* A port that is on neither side of any row of these tests. */
#define NO_ROWS_PORT 33333

/* At one port of a row: each leg, both at once, each transport, all roles. */
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

/* A case proves little if its row admits nothing. */
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
	/* clang-format off */
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
	/* clang-format on */
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

/* The maximum number of rows, each on a port of its own, and all on one. */
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
	static const uint8_t flags[] = { FRAME_ACK, FRAME_ACK, FRAME_SYN, FRAME_SYN_ACK };
	uint64_t random = random_seed(__func__);
	struct rows rows;
	struct judge judge;

	(void)state;
	for (int policy = 0; policy < 4; policy++) {
		start_rows(&rows);
		rows.rtp_port_end = random_from(&random, 3);
		while (rows.count < PIM_ROWS_MAX) {
			struct row *row = &rows.row[rows.count];

			snprintf(rows.names[rows.count], PIM_RULE_NAME, "service-%zu", rows.count);
			*row = (struct row){
				.name = rows.names[rows.count],
				.transport = random_from(&random, 2),
				.direction = random_from(&random, 2),
				.edge = 1u << (PIM_EDGE_SHIFT + random_from(&random, 2)),
				.peers = 1u << (PIM_PEER_SHIFT + random_from(&random, 3)),
			};
			for (uint32_t range = 0; range <= random_from(&random, RANGES - 1);
			     range++) {
				row->ranges[range][0] = 49990 + random_from(&random, 20);
				row->ranges[range][1] =
					row->ranges[range][0] + random_from(&random, 4);
			}
			rows.count++;
		}
		for (int disabled = 0; disabled < 20; disabled++)
			rows.row[random_from(&random, PIM_ROWS_MAX)].disabled = true;
		open_rows(&judge, &rows);
		for (int frame = 0; frame < 8000; frame++) {
			struct segment segment = {
				.version = random_from(&random, 2) ? 4 : 6,
				.tags = random_from(&random, 3),
				.transport = random_from(&random, 2),
				.source_port = 49985 + random_from(&random, 32),
				.destination_port = 49985 + random_from(&random, 32),
				.flags = flags[random_from(&random, COUNT(flags))],
				.edge = 1 + random_from(&random, 3),
				.peers = random_from(&random, PIM_PEER_SETS),
			};

			judge_segment(&judge, &rows, &segment);
		}
		judge_close(&judge);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_every_row),
		cmocka_unit_test(leaves_out_each_row_in_turn),
		cmocka_unit_test(leaves_out_all_rows),
		cmocka_unit_test(has_configured_rows),
		cmocka_unit_test(fills_the_table),
		cmocka_unit_test(judges_random_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
