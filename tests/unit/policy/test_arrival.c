/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a policy does with what arrives. Written by hand from docs/classification.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy/arrival.h"
#include "policy/policy.h"
#include "unit/policy/prefixes.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define ACCESS PIM_ROLE_ACCESS
#define AV PIM_ROLE_AV
#define PARTNER PIM_ROLE_PARTNER
#define CLIENT PIM_ROLE_CLIENT
#define MESSENGER PIM_ROLE_MESSENGER

struct expectation {
	const char *source;
	unsigned int source_roles, destination_roles;
	enum pim_transport transport;
	uint16_t from, to;
	bool opens;
	enum pim_outcome outcome;
	const char *row; /* NULL: none */
};

static void assert_outcomes(const struct pim_policy *policy, const struct expectation *cases,
			    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct expectation *at = &cases[i];
		const struct pim_arrival arrival = {
			.source = prefix_of(at->source),
			.source_roles = (uint16_t)at->source_roles,
			.destination_roles = (uint16_t)at->destination_roles,
			.transport = at->transport,
			.source_port = at->from,
			.destination_port = at->to,
			.opens = at->opens,
		};
		const struct pim_row *row;
		enum pim_outcome outcome = pim_policy_judge(policy, &arrival, &row);

		if (outcome != at->outcome || !row != !at->row ||
		    (row && strcmp(row->name, at->row)))
			fail_msg("case %zu: expected %s of %s, found %s of %s", i,
				 pim_outcome_reason(at->outcome), at->row ? at->row : "no row",
				 pim_outcome_reason(outcome), row ? row->name : "no row");
	}
}

static void judges_by_the_founding_table(void **state)
{
	static const struct expectation cases[] = {
		/* before any row */
		{ "192.0.2.9", 0, 0, PIM_TCP, 9, 22, true, PIM_PASS_NOT_EDGE, NULL },
		{ "127.0.0.1", 0, ACCESS, PIM_TCP, 9, 22, true, PIM_DROP_MARTIAN, NULL },
		{ "192.0.2.9", ACCESS, ACCESS, PIM_TCP, 9, 22, true, PIM_DROP_MARTIAN, NULL },
		{ "192.0.2.9", PIM_ROLE_FAILSAFE | PIM_ROLE_BLOCK, ACCESS, PIM_TCP, 9, 22, true,
		  PIM_PASS_FAILSAFE, NULL },
		{ "192.0.2.9", PIM_ROLE_BLOCK | PARTNER, ACCESS, PIM_TCP, 9, 5061, true,
		  PIM_DROP_BLOCKED, NULL },
		/* in-rows */
		{ "192.0.2.9", PARTNER, ACCESS, PIM_TCP, 9, 5061, true, PIM_PASS_RULE,
		  "sip-mtls-in" },
		{ "192.0.2.9", CLIENT, ACCESS, PIM_TCP, 9, 5061, true, PIM_DROP_ROLE,
		  "sip-mtls-in" },
		{ "192.0.2.9", CLIENT, ACCESS, PIM_TCP, 9, 443, false, PIM_PASS_RULE,
		  "sip-tls-in" },
		{ "192.0.2.9", CLIENT, AV, PIM_TCP, 9, 443, true, PIM_DROP_NO_SERVICE, NULL },
		{ "192.0.2.9", CLIENT, ACCESS, PIM_UDP, 9, 443, false, PIM_DROP_NO_SERVICE, NULL },
		{ "192.0.2.9", MESSENGER, AV, PIM_UDP, 9, 3478, false, PIM_PASS_RULE, "stun-in" },
		/* replies to out-rows */
		{ "192.0.2.9", PARTNER, ACCESS, PIM_TCP, 5061, 40000, false, PIM_PASS_RULE,
		  "sip-mtls-out" },
		{ "192.0.2.9", PARTNER, ACCESS, PIM_TCP, 5061, 40000, true, PIM_DROP_UNSOLICITED,
		  "sip-mtls-out" },
		{ "192.0.2.9", PARTNER, ACCESS, PIM_TCP, 0, 40000, true, PIM_DROP_UNSOLICITED,
		  "sip-mtls-out" },
		{ "192.0.2.9", MESSENGER, AV, PIM_UDP, 3478, 9, false, PIM_PASS_RULE, "stun-out" },
		{ "192.0.2.9", MESSENGER, AV, PIM_UDP, 0, 9, false, PIM_PASS_RULE, "stun-out" },
		{ "192.0.2.9", 0, AV, PIM_UDP, 3478, 9, false, PIM_DROP_ROLE, "stun-out" },
		{ "192.0.2.9", MESSENGER, AV, PIM_TCP, 443, 50000, false, PIM_PASS_RULE,
		  "rtp-out" },
		{ "192.0.2.9", MESSENGER, AV, PIM_TCP, 59999, 9, false, PIM_PASS_RULE, "rtp-out" },
		{ "192.0.2.9", MESSENGER, AV, PIM_TCP, 443, 49999, false, PIM_DROP_NO_SERVICE,
		  NULL },
		{ "192.0.2.9", MESSENGER, AV, PIM_TCP, 443, 60000, false, PIM_DROP_NO_SERVICE,
		  NULL },
	};
	struct pim_policy policy;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	assert_outcomes(&policy, cases, COUNT(cases));
	pim_policy_free(&policy);
}

static void follows_options_and_what_is_disabled(void **state)
{
	static const struct expectation drops[] = {
		{ "192.0.2.9", PIM_ROLE_FAILSAFE, 0, PIM_TCP, 9, 22, true, PIM_DROP_NOT_EDGE,
		  NULL },
	};
	static const struct expectation edge[] = {
		{ "192.0.2.9", MESSENGER, AV, PIM_TCP, 9, 50000, false, PIM_PASS_RULE, "rtp-out" },
		{ "192.0.2.9", MESSENGER, AV, PIM_TCP, 50000, 9, false, PIM_DROP_NO_SERVICE, NULL },
	};
	static const struct expectation peer[] = {
		{ "192.0.2.9", MESSENGER, AV, PIM_TCP, 9, 50000, false, PIM_DROP_NO_SERVICE, NULL },
		{ "192.0.2.9", MESSENGER, AV, PIM_TCP, 50000, 9, false, PIM_PASS_RULE, "rtp-out" },
	};
	static const struct expectation disabled[] = {
		{ "192.0.2.9", CLIENT, ACCESS, PIM_TCP, 9, 443, true, PIM_DROP_NO_SERVICE, NULL },
	};
	struct pim_policy policy;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	policy.options.not_edge = PIM_NOT_EDGE_DROP;
	assert_outcomes(&policy, drops, COUNT(drops));
	policy.options.rtp_port_end = PIM_RTP_PORT_END_EDGE;
	assert_outcomes(&policy, edge, COUNT(edge));
	policy.options.rtp_port_end = PIM_RTP_PORT_END_PEER;
	assert_outcomes(&policy, peer, COUNT(peer));
	policy.rows[PIM_ROW_SIP_TLS_IN].enabled = false;
	assert_outcomes(&policy, disabled, COUNT(disabled));
	pim_policy_free(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_by_the_founding_table),
		cmocka_unit_test(follows_options_and_what_is_disabled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
