/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"

/* The founding table, copied by hand from the document: the .def list must match. */
static void has_the_founding_rows(void **state)
{
	static const struct {
		const char *name, *service, *transport, *direction, *edge, *peers;
		unsigned int low, high;
		enum pim_port_end port_end;
		enum pim_shape shape;
	} rows[] = {
		{ "sip-mtls-in", "SIP over MTLS", "tcp", "in", "access", "partner", 5061, 5061,
		  PIM_PORT_END_SERVER, PIM_SHAPE_ANY },
		{ "sip-mtls-out", "SIP over MTLS", "tcp", "out", "access", "partner", 5061, 5061,
		  PIM_PORT_END_SERVER, PIM_SHAPE_ANY },
		{ "sip-tls-in", "SIP over TLS", "tcp", "in", "access", "client", 443, 443,
		  PIM_PORT_END_SERVER, PIM_SHAPE_ANY },
		{ "rtp-out", "audio/video RTP", "tcp", "out", "av", "messenger", 50000, 59999,
		  PIM_PORT_END_OPTION, PIM_SHAPE_ANY },
		{ "stun-out", "STUN, MSTURN", "udp", "out", "av", "messenger", 3478, 3478,
		  PIM_PORT_END_SERVER, PIM_SHAPE_STUN },
		{ "stun-in", "STUN, MSTURN", "udp", "in", "av", "messenger", 3478, 3478,
		  PIM_PORT_END_SERVER, PIM_SHAPE_STUN },
	};
	struct pim_policy policy;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	assert_int_equal(policy.row_count, sizeof(rows) / sizeof(*rows));
	for (size_t at = 0; at < policy.row_count; at++) {
		const struct pim_row *row = &policy.rows[at];

		assert_string_equal(row->name, rows[at].name);
		assert_string_equal(row->service, rows[at].service);
		assert_string_equal(pim_transport_name(row->transport), rows[at].transport);
		assert_string_equal(pim_direction_name(row->direction), rows[at].direction);
		assert_string_equal(pim_role_name(row->edge_role), rows[at].edge);
		assert_string_equal(pim_role_name(row->peer_role), rows[at].peers);
		assert_int_equal(row->range_count, 1);
		assert_int_equal(row->ranges[0].low, rows[at].low);
		assert_int_equal(row->ranges[0].high, rows[at].high);
		assert_int_equal(row->port_end, rows[at].port_end);
		assert_int_equal(row->shape, rows[at].shape);
		assert_true(row->enabled);
	}
	pim_policy_free(&policy);
}

static void starts_and_ends_empty(void **state)
{
	static const struct pim_options defaults;
	struct pim_policy policy, empty = {};

	(void)state;
	memset(&policy, 0xaa, sizeof(policy));
	assert_int_equal(pim_policy_init(&policy), 0);
	assert_int_equal(policy.listed_count, 0);
	assert_int_equal(policy.partner_count, 0);
	assert_int_equal(policy.file_count, 0);
	assert_int_equal(policy.warnings.count, 0);
	assert_memory_equal(&policy.options, &defaults, sizeof(defaults));
	pim_policy_free(&policy);
	assert_memory_equal(&policy, &empty, sizeof(empty));
	pim_policy_free(&policy); /* twice, and an empty one */
	pim_policy_free(&empty);
}

static void names_roles(void **state)
{
	(void)state;
	assert_string_equal(pim_role_name(PIM_ROLE_ACCESS), "access");
	assert_string_equal(pim_role_name(PIM_ROLE_AV), "av");
	assert_string_equal(pim_role_name(PIM_ROLE_PARTNER), "partner");
	assert_string_equal(pim_role_name(PIM_ROLE_CLIENT), "client");
	assert_string_equal(pim_role_name(PIM_ROLE_MESSENGER), "messenger");
	assert_string_equal(pim_role_name(PIM_ROLE_BLOCK), "block");
	assert_string_equal(pim_role_name(PIM_ROLE_FAILSAFE), "failsafe");
	assert_string_equal(pim_role_title(PIM_ROLE_PARTNER), "public IM partner");
	assert_string_equal(pim_role_title(PIM_ROLE_AV), "Edge Access interface");
	assert_null(pim_role_name(0));
	assert_null(pim_role_name(PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER));
	assert_null(pim_role_name((enum pim_role)(1u << PIM_ROLES)));
	assert_null(pim_role_title(0));
	assert_null(pim_role_title((enum pim_role)(1u << PIM_ROLES)));
}

static void names_small_enums(void **state)
{
	(void)state;
	assert_string_equal(pim_transport_name(PIM_TCP), "tcp");
	assert_string_equal(pim_transport_name(PIM_UDP), "udp");
	assert_null(pim_transport_name(PIM_TRANSPORTS));
	assert_null(pim_transport_name((enum pim_transport) - 1));
	assert_string_equal(pim_direction_name(PIM_IN), "in");
	assert_string_equal(pim_direction_name(PIM_OUT), "out");
	assert_null(pim_direction_name((enum pim_direction)(PIM_OUT + 1)));
	assert_string_equal(pim_leg_name(PIM_FORWARD), "forward");
	assert_string_equal(pim_leg_name(PIM_REPLY), "reply");
	assert_null(pim_leg_name((enum pim_leg)PIM_LEGS));
	assert_string_equal(pim_verdict_name(PIM_PASS), "pass");
	assert_string_equal(pim_verdict_name(PIM_DROP), "drop");
	assert_null(pim_verdict_name((enum pim_verdict)(PIM_DROP + 1)));
}

/* The reasons of docs/classification.md, each with the verdicts it can have; no
 * other outcome may exist. */
static void names_outcomes(void **state)
{
	static const struct {
		const char *reason, *verdicts;
	} reasons[] = {
		{ "truncated", "drop" },   { "vlan-depth", "drop" }, { "arp", "pass" },
		{ "non-ip", "pass drop" }, { "malformed", "drop" },  { "not-edge", "pass drop" },
		{ "martian", "drop" },	   { "failsafe", "pass" },   { "blocked", "drop" },
		{ "ip-options", "drop" },  { "ipv6-ext", "drop" },   { "fragment", "pass drop" },
		{ "icmp", "pass" },	   { "icmp-type", "drop" },  { "tcp-flags", "drop" },
		{ "port-zero", "drop" },   { "protocol", "drop" },   { "role", "drop" },
		{ "unsolicited", "drop" }, { "no-service", "drop" }, { "stun-shape", "drop" },
		{ "rule", "pass" },
	};
	size_t expected = 0;

	(void)state;
	for (size_t at = 0; at < sizeof(reasons) / sizeof(*reasons); at++) {
		for (int outcome = 0; outcome < PIM_OUTCOMES; outcome++) {
			const char *verdict;

			if (strcmp(pim_outcome_reason((enum pim_outcome)outcome),
				   reasons[at].reason))
				continue;
			verdict = pim_verdict_name(pim_outcome_verdict((__u32)outcome));
			assert_non_null(strstr(reasons[at].verdicts, verdict));
		}
		expected += 1 + (strchr(reasons[at].verdicts, ' ') != NULL);
	}
	assert_int_equal(expected, PIM_OUTCOMES);
	for (int outcome = 0; outcome < PIM_OUTCOMES; outcome++) {
		assert_true(strlen(pim_outcome_reason((enum pim_outcome)outcome)) <
			    PIM_REASON_NAME);
		assert_true(strlen(pim_outcome_meaning((enum pim_outcome)outcome)) > 0);
	}
	assert_null(pim_outcome_reason(PIM_OUTCOMES));
	assert_null(pim_outcome_meaning(PIM_OUTCOMES));
	assert_null(pim_outcome_reason(PIM_UNDECIDED));
}

static void names_options(void **state)
{
	static const struct {
		const char *name;
		size_t offset;
		const char *values[4];
	} options[] = {
		{ "mode", offsetof(struct pim_options, mode), { "enforce", "observe" } },
		{ "not-edge", offsetof(struct pim_options, not_edge), { "pass", "drop" } },
		{ "non-ip", offsetof(struct pim_options, non_ip), { "pass", "drop" } },
		{ "fragments", offsetof(struct pim_options, fragments), { "drop", "pass" } },
		{ "ip-options", offsetof(struct pim_options, ip_options), { "drop", "classify" } },
		{ "rtp-port-end",
		  offsetof(struct pim_options, rtp_port_end),
		  { "either", "edge", "peer" } },
		{ "stun-shape",
		  offsetof(struct pim_options, stun_shape),
		  { "media", "strict", "off" } },
	};

	(void)state;
	assert_int_equal(PIM_OPTION_COUNT, sizeof(options) / sizeof(*options));
	for (size_t at = 0; at < PIM_OPTION_COUNT; at++) {
		const struct pim_option_name *option = &pim_option_names[at];
		size_t value = 0;

		assert_string_equal(option->name, options[at].name);
		assert_int_equal(option->offset, options[at].offset);
		for (; options[at].values[value]; value++)
			assert_string_equal(option->values[value], options[at].values[value]);
		assert_null(option->values[value]);
	}
	assert_string_equal(pim_option_names[0].values[PIM_MODE_OBSERVE], "observe");
	assert_string_equal(pim_option_names[PIM_OPTION_COUNT - 1].values[PIM_STUN_SHAPE_OFF],
			    "off");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_founding_rows), cmocka_unit_test(starts_and_ends_empty),
		cmocka_unit_test(names_roles),		 cmocka_unit_test(names_small_enums),
		cmocka_unit_test(names_outcomes),	 cmocka_unit_test(names_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
