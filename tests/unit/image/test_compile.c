/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rows of the image: which legs a port leads to, and how many rows there can be.
 * PIM_SEED repeats a run. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <pimxdp/role.h>

#include "image/compile.h"
#include "policy/policy.h"
#include "unit/image/policies.h"
#include "unit/random.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ---- rows ---- */

/* Bits by hand: forward legs of the in-rows, then reply legs of the out-rows. */
enum {
	SIP_MTLS_IN = 1 << 0,
	SIP_TLS_IN = 1 << 1,
	STUN_IN = 1 << 2,
	SIP_MTLS_OUT = 1 << 3,
	RTP_OUT = 1 << 4,
	STUN_OUT = 1 << 5,
};

static void orders_the_legs_of_the_table(void **state)
{
	static const char *const rules[] = { "sip-mtls-in",  "sip-tls-in", "stun-in",
					     "sip-mtls-out", "rtp-out",	   "stun-out" };
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	compile(&policy, NULL, &image);
	for (size_t bit = 0; bit < COUNT(rules); bit++)
		assert_string_equal(image.names.rules[image.match->rule[bit]].rule, rules[bit]);
	assert_int_equal(image.match->legs_forward, SIP_MTLS_IN | SIP_TLS_IN | STUN_IN);
	assert_int_equal(image.match->legs_stun, STUN_IN | STUN_OUT);
	for (unsigned int roles = 0; roles < PIM_EDGE_SETS; roles++)
		assert_int_equal(image.match->legs_by_edge[roles],
				 (roles << PIM_EDGE_SHIFT & PIM_ROLE_ACCESS ?
					  SIP_MTLS_IN | SIP_TLS_IN | SIP_MTLS_OUT :
					  0) |
					 (roles << PIM_EDGE_SHIFT & PIM_ROLE_AV ?
						  STUN_IN | RTP_OUT | STUN_OUT :
						  0));
	for (unsigned int roles = 0; roles < PIM_PEER_SETS; roles++)
		assert_int_equal(
			image.match->legs_by_peer[roles],
			(roles << PIM_PEER_SHIFT & PIM_ROLE_PARTNER ? SIP_MTLS_IN | SIP_MTLS_OUT :
								      0) |
				(roles << PIM_PEER_SHIFT & PIM_ROLE_CLIENT ? SIP_TLS_IN : 0) |
				(roles << PIM_PEER_SHIFT & PIM_ROLE_MESSENGER ?
					 STUN_IN | RTP_OUT | STUN_OUT :
					 0));
	pim_image_free(&image);
	pim_policy_free(&policy);
}

static void finds_ports_on_their_side(void **state)
{
	static const struct {
		unsigned int port;
		/* by transport and side */
		uint64_t tcp_destination, tcp_source, udp_destination, udp_source;
	} ports[] = {
		{ 0, 0, 0, 0, 0 },
		{ 1, 0, 0, 0, 0 },
		{ 442, 0, 0, 0, 0 },
		{ 443, SIP_TLS_IN, 0, 0, 0 },
		{ 444, 0, 0, 0, 0 },
		{ 3477, 0, 0, 0, 0 },
		{ 3478, 0, 0, STUN_IN, STUN_OUT },
		{ 3479, 0, 0, 0, 0 },
		{ 5060, 0, 0, 0, 0 },
		{ 5061, SIP_MTLS_IN, SIP_MTLS_OUT, 0, 0 },
		{ 5062, 0, 0, 0, 0 },
		{ 49999, 0, 0, 0, 0 },
		{ 50000, RTP_OUT, RTP_OUT, 0, 0 },
		{ 55555, RTP_OUT, RTP_OUT, 0, 0 },
		{ 59999, RTP_OUT, RTP_OUT, 0, 0 },
		{ 60000, 0, 0, 0, 0 },
		{ 65535, 0, 0, 0, 0 },
		{ 0xc513 /* 5061 with its bytes exchanged */, RTP_OUT, RTP_OUT, 0, 0 },
	};
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	compile(&policy, NULL, &image);
	for (size_t at = 0; at < COUNT(ports); at++) {
		unsigned int port = ports[at].port;

		assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, port),
				 ports[at].tcp_destination);
		assert_int_equal(legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, port),
				 ports[at].tcp_source);
		assert_int_equal(legs_at(&image, PIM_UDP, PIM_DESTINATION_PORT, port),
				 ports[at].udp_destination);
		assert_int_equal(legs_at(&image, PIM_UDP, PIM_SOURCE_PORT, port),
				 ports[at].udp_source);
	}
	pim_image_free(&image);
	pim_policy_free(&policy);
}

static void follows_rtp_port_end(void **state)
{
	static const struct {
		uint8_t option;
		uint64_t destination, source;
	} ends[] = {
		{ PIM_RTP_PORT_END_EITHER, RTP_OUT, RTP_OUT },
		{ PIM_RTP_PORT_END_EDGE, RTP_OUT, 0 },
		{ PIM_RTP_PORT_END_PEER, 0, RTP_OUT },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(ends); at++) {
		struct pim_policy policy;
		struct pim_image image;

		assert_int_equal(pim_policy_init(&policy), 0);
		policy.options.rtp_port_end = ends[at].option;
		compile(&policy, NULL, &image);
		for (unsigned int port = 49999; port <= 60000; port++) {
			bool in_range = port >= 50000 && port <= 59999;

			assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, port),
					 in_range ? ends[at].destination : 0);
			assert_int_equal(legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, port),
					 in_range ? ends[at].source : 0);
		}
		/* The other rows are not affected. */
		assert_int_equal(legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, 5061), SIP_MTLS_OUT);
		assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 5061), SIP_MTLS_IN);
		pim_image_free(&image);
		pim_policy_free(&policy);
	}
}

static void puts_services_behind_the_table(void **state)
{
	struct pim_policy policy;
	struct pim_image image;
	struct pim_row *row;
	/* Forward: three of the table, then web. Reply: three of the table, then dns. */
	const uint64_t web = 1 << 3, rtp = 1 << 5, dns = 1 << 7;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	row = add_row(&policy, "dns", PIM_UDP, PIM_OUT, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT);
	add_range(row, 1, 1);
	add_range(row, 65535, 65535);
	row = add_row(&policy, "web", PIM_TCP, PIM_IN, PIM_ROLE_AV, PIM_ROLE_CLIENT);
	add_range(row, 50000, 50001);
	add_range(row, 443, 443);
	compile(&policy, NULL, &image);
	assert_int_equal(legs_at(&image, PIM_UDP, PIM_SOURCE_PORT, 1), dns);
	assert_int_equal(legs_at(&image, PIM_UDP, PIM_SOURCE_PORT, 2), 0);
	assert_int_equal(legs_at(&image, PIM_UDP, PIM_SOURCE_PORT, 65534), 0);
	assert_int_equal(legs_at(&image, PIM_UDP, PIM_SOURCE_PORT, 65535), dns);
	assert_int_equal(legs_at(&image, PIM_UDP, PIM_DESTINATION_PORT, 1), 0);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 443), SIP_TLS_IN | web);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 50001), web | rtp);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 50002), rtp);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, 50001), rtp);
	assert_int_equal(image.match->legs_forward, SIP_MTLS_IN | SIP_TLS_IN | STUN_IN | web);
	assert_int_equal(image.match->rule[3], rule_key(&image.names, "web", PIM_FORWARD));
	assert_int_equal(image.match->rule[7], rule_key(&image.names, "dns", PIM_REPLY));
	assert_true(image.match->legs_by_edge[PIM_ROLE_AV >> PIM_EDGE_SHIFT] & web);
	assert_false(image.match->legs_by_edge[PIM_ROLE_ACCESS >> PIM_EDGE_SHIFT] & web);
	pim_image_free(&image);
	pim_policy_free(&policy);
}

/* A disabled row keeps its key and its counters, but has no leg. */
static void gives_disabled_rows_no_leg(void **state)
{
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	policy.rows[0].enabled = false; /* sip-mtls-in */
	policy.rows[3].enabled = false; /* rtp-out */
	compile(&policy, NULL, &image);
	assert_int_equal(rule_key(&image.names, "sip-mtls-in", PIM_FORWARD), 0);
	assert_int_equal(rule_key(&image.names, "rtp-out", PIM_REPLY), 3);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 5061), 0);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 55000), 0);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, 55000), 0);
	/* The bits close up: tls-in, stun-in, mtls-out, stun-out. */
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 443), 1 << 0);
	assert_int_equal(image.match->rule[0], 2);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, 5061), 1 << 2);
	assert_int_equal(image.match->rule[2], 1);
	assert_int_equal(image.match->legs_forward, 3);
	for (size_t row = 0; row < policy.row_count; row++)
		policy.rows[row].enabled = false;
	pim_image_free(&image);
	compile(&policy, NULL, &image);
	assert_int_equal(image.match->legs_forward | image.match->legs_stun |
				 image.match->legs_by_edge[3] | image.match->legs_by_peer[7],
			 0);
	for (unsigned int port = 0; port < PIM_PORTS; port++)
		assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, port) |
					 legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, port),
				 0);
	pim_image_free(&image);
	pim_policy_free(&policy);
}

/* Random services: the set of every port is what a search through all ranges finds. */
static void classifies_as_a_naive_matcher(void **state)
{
	(void)state;
	start_random();
	for (unsigned int round = 0; round < 20; round++) {
		uint64_t seed = random_state;
		unsigned int services = 1 + random_below(20);
		struct pim_policy policy;
		struct pim_image image;

		assert_int_equal(pim_policy_init(&policy), 0);
		policy.options.rtp_port_end = (uint8_t)random_below(3);
		for (unsigned int service = 0; service < services; service++) {
			struct pim_row *row;
			char name[PIM_RULE_NAME];

			snprintf(name, sizeof(name), "service-%u", service);
			row = add_row(&policy, name, random_below(2) ? PIM_TCP : PIM_UDP,
				      random_below(2) ? PIM_IN : PIM_OUT, PIM_ROLE_AV,
				      PIM_ROLE_CLIENT);
			for (unsigned int range = 1 + random_below(3); range; range--) {
				unsigned int low = 1 + random_below(PIM_PORTS - 1);

				add_range(row, low, low + random_below(PIM_PORTS - low));
			}
			row->enabled = random_below(4);
		}
		compile(&policy, NULL, &image);
		for (unsigned int port = 0; port < PIM_PORTS; port++) {
			uint64_t expected[PIM_TRANSPORTS][PIM_PORT_SIDES] = {};
			unsigned int bit = 0;

			for (int direction = PIM_IN; direction <= PIM_OUT; direction++) {
				for (size_t at = 0; at < policy.row_count; at++) {
					const struct pim_row *row = &policy.rows[at];
					bool to = row->direction == PIM_IN, from = !to, hit = false;

					if (!row->enabled ||
					    row->direction != (enum pim_direction)direction)
						continue;
					for (size_t range = 0; range < row->range_count; range++)
						hit |= row->ranges[range].low <= port &&
						       row->ranges[range].high >= port;
					if (!strcmp(row->name, "rtp-out")) {
						to = policy.options.rtp_port_end !=
						     PIM_RTP_PORT_END_PEER;
						from = policy.options.rtp_port_end !=
						       PIM_RTP_PORT_END_EDGE;
					}
					if (hit && to)
						expected[row->transport][PIM_DESTINATION_PORT] |=
							1ULL << bit;
					if (hit && from)
						expected[row->transport][PIM_SOURCE_PORT] |= 1ULL
											     << bit;
					bit++;
				}
			}
			for (int transport = 0; transport < PIM_TRANSPORTS; transport++)
				for (int side = 0; side < PIM_PORT_SIDES; side++)
					if (legs_at(&image, (enum pim_transport)transport,
						    (enum pim_port_side)side,
						    port) != expected[transport][side])
						fail_msg(
							"PIM_SEED=%llu: transport %d, side %d, port %u",
							(unsigned long long)seed, transport, side,
							port);
		}
		pim_image_free(&image);
		pim_policy_free(&policy);
	}
}

/* ---- limits ---- */

/* 8 rows, where row n has the ports with bit n set: 255 different sets, as many as there
 * are classes besides the empty one. */
static void overlap_in_255_ways(struct pim_policy *policy, enum pim_direction direction)
{
	assert_int_equal(pim_policy_init(policy), 0);
	for (size_t row = 0; row < policy->row_count; row++)
		policy->rows[row].enabled = false;
	for (unsigned int bit = 0; bit < 8; bit++) {
		struct pim_row *row;
		char name[PIM_RULE_NAME];

		snprintf(name, sizeof(name), "bit-%u", bit);
		row = add_row(policy, name, PIM_UDP, direction, PIM_ROLE_AV, PIM_ROLE_CLIENT);
		for (unsigned int port = 1; port < PIM_PORT_CLASSES; port++)
			if (port >> bit & 1)
				add_range(row, port, port);
	}
}

static void refuses_too_many_overlaps(void **state)
{
	(void)state;
	for (int direction = PIM_IN; direction <= PIM_OUT; direction++) {
		enum pim_port_side side =
			direction == PIM_IN ? PIM_DESTINATION_PORT : PIM_SOURCE_PORT;
		struct pim_error error = {};
		struct pim_policy policy;
		struct pim_image image;
		struct pim_row *row;

		overlap_in_255_ways(&policy, (enum pim_direction)direction);
		compile(&policy, NULL, &image);
		for (unsigned int port = 0; port < PIM_PORT_CLASSES; port++)
			assert_int_equal(legs_at(&image, PIM_UDP, side, port), port);
		assert_int_equal(legs_at(&image, PIM_UDP, side, PIM_PORT_CLASSES), 0);
		pim_image_free(&image);

		/* A row more on the other transport still fits. */
		row = add_row(&policy, "other", PIM_TCP, (enum pim_direction)direction, PIM_ROLE_AV,
			      PIM_ROLE_CLIENT);
		add_range(row, 1000, 1000);
		compile(&policy, NULL, &image);
		pim_image_free(&image);

		row->transport = PIM_UDP;
		assert_int_equal(pim_compile(&policy, NULL, &image, &error), -EINVAL);
		assert_int_equal(error.kind, PIM_EXIT_USAGE);
		assert_non_null(strstr(error.text, "255"));
		assert_null(strchr(error.text, '\n'));
		pim_image_free(&image);
		pim_policy_free(&policy);
	}
}

static void holds_as_many_rows_as_bits(void **state)
{
	struct pim_policy policy;
	struct pim_image image;
	uint64_t forward = 0;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	while (policy.row_count < PIM_ROWS_MAX) {
		unsigned int number = (unsigned int)policy.row_count;
		char name[PIM_RULE_NAME];

		snprintf(name, sizeof(name), "service-%u", number);
		add_range(add_row(&policy, name, PIM_TCP, number % 2 ? PIM_IN : PIM_OUT,
				  PIM_ROLE_ACCESS, PIM_ROLE_CLIENT),
			  6000 + number, 6000 + number);
	}
	compile(&policy, NULL, &image);
	assert_int_equal(image.names.rule_count, PIM_ROWS_MAX);
	/* 3 + 29 in-rows, 3 + 29 out-rows: the last out-row has the last bit. */
	assert_int_equal(image.match->legs_forward, 0xffffffff);
	assert_true(legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, 6062) == 1ULL << 63);
	assert_string_equal(image.names.rules[image.match->rule[63]].rule, "service-62");
	assert_true(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 6063) == 1ULL << 31);
	assert_string_equal(image.names.rules[image.match->rule[31]].rule, "service-63");
	for (unsigned int number = PIM_BUILTIN_ROWS; number < PIM_ROWS_MAX; number++)
		forward |= legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 6000 + number);
	assert_int_equal(forward, 0xfffffff8);		      /* without the table's three */
	for (unsigned int bit = 0; bit < PIM_ROWS_MAX; bit++) /* each rule once */
		for (unsigned int other = 0; other < bit; other++)
			assert_int_not_equal(image.match->rule[bit], image.match->rule[other]);
	pim_image_free(&image);
	pim_policy_free(&policy);
}

static void frees_an_empty_image(void **state)
{
	struct pim_image image = {};

	(void)state;
	pim_image_free(&image);
	pim_image_free(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_the_legs_of_the_table),
		cmocka_unit_test(finds_ports_on_their_side),
		cmocka_unit_test(follows_rtp_port_end),
		cmocka_unit_test(puts_services_behind_the_table),
		cmocka_unit_test(gives_disabled_rows_no_leg),
		cmocka_unit_test(classifies_as_a_naive_matcher),
		cmocka_unit_test(refuses_too_many_overlaps),
		cmocka_unit_test(holds_as_many_rows_as_bits),
		cmocka_unit_test(frees_an_empty_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
