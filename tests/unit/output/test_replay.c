/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What replay prints: a line for each packet, and the sums. */
#include <arpa/inet.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "output/replay.h"
#include "policy/policy.h"
#include "policy/prefix.h"
#include "report/replay.h"
#include "report/stats.h"
#include "unit/output/printed.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ---- one packet ---- */

static const char *const packet_keys[] = {
	"packet",      "verdict",     "reason",		 "rule",
	"leg",	       "length",      "protocol",	 "source",
	"source_port", "destination", "destination_port"
};

static void prints_packets_as_the_contract_says(void **state)
{
	const struct {
		struct pim_replayed packet;
		const char *line;
	} cases[] = {
		/* a drop that a row names */
		{ { 1, { .length_bytes = 74, .outcome = PIM_DROP_ROLE }, "sip-mtls-in", "forward" },
		  "{\"packet\":1,\"verdict\":\"drop\",\"reason\":\"role\",\"rule\":\"sip-mtls-in\","
		  "\"leg\":\"forward\",\"length\":74,"
		  "\"protocol\":null,\"source\":null,\"source_port\":null,\"destination\":null,"
		  "\"destination_port\":null}\n" },
		{ { 2, { .length_bytes = 9216, .outcome = PIM_PASS_RULE }, "rtp-out", "reply" },
		  "{\"packet\":2,\"verdict\":\"pass\",\"reason\":\"rule\",\"rule\":\"rtp-out\","
		  "\"leg\":\"reply\",\"length\":9216,"
		  "\"protocol\":null,\"source\":null,\"source_port\":null,\"destination\":null,"
		  "\"destination_port\":null}\n" },
		{ { 18446744073, { .length_bytes = 60, .outcome = PIM_PASS_ARP }, NULL, NULL },
		  "{\"packet\":18446744073,\"verdict\":\"pass\",\"reason\":\"arp\",\"rule\":null,"
		  "\"leg\":null,\"length\":60,"
		  "\"protocol\":null,\"source\":null,\"source_port\":null,\"destination\":null,"
		  "\"destination_port\":null}\n" },
		{ { 4, { .length_bytes = 1, .outcome = PIM_DROP_FRAGMENT }, NULL, NULL },
		  "{\"packet\":4,\"verdict\":\"drop\",\"reason\":\"fragment\",\"rule\":null,"
		  "\"leg\":null,\"length\":1,"
		  "\"protocol\":null,\"source\":null,\"source_port\":null,\"destination\":null,"
		  "\"destination_port\":null}\n" },
		/* addresses, and ports where they were read */
		{ { 5,
		    { .length_bytes = 54,
		      .outcome = PIM_DROP_ROLE,
		      .family = PIM_IPV4,
		      .protocol = 6,
		      .source = { 192, 0, 2, 1 },
		      .destination = { 198, 51, 100, 10 },
		      .source_port_be = htons(40000),
		      .destination_port_be = htons(5061) },
		    "sip-mtls-in",
		    "forward" },
		  "{\"packet\":5,\"verdict\":\"drop\",\"reason\":\"role\",\"rule\":\"sip-mtls-in\","
		  "\"leg\":\"forward\",\"length\":54,\"protocol\":\"tcp\",\"source\":\"192.0.2.1\","
		  "\"source_port\":40000,\"destination\":\"198.51.100.10\",\"destination_port\":5061}\n" },
		{ { 6,
		    { .length_bytes = 90,
		      .outcome = PIM_DROP_BLOCKED,
		      .family = PIM_IPV6,
		      .protocol = 17,
		      .source = { 0x20, 1, 0x0d, 0xb8, [15] = 1 },
		      .destination = { 0x20, 1, 0x0d, 0xb8, [15] = 2 } },
		    NULL,
		    NULL },
		  "{\"packet\":6,\"verdict\":\"drop\",\"reason\":\"blocked\",\"rule\":null,"
		  "\"leg\":null,\"length\":90,\"protocol\":\"udp\",\"source\":\"2001:db8::1\","
		  "\"source_port\":null,\"destination\":\"2001:db8::2\",\"destination_port\":null}\n" },
		{ { 7,
		    { .length_bytes = 60,
		      .outcome = PIM_DROP_PORT_ZERO,
		      .family = PIM_IPV4,
		      .protocol = 17,
		      .source = { 192, 0, 2, 1 },
		      .destination = { 198, 51, 100, 10 } },
		    NULL,
		    NULL },
		  "{\"packet\":7,\"verdict\":\"drop\",\"reason\":\"port-zero\",\"rule\":null,"
		  "\"leg\":null,\"length\":60,\"protocol\":\"udp\",\"source\":\"192.0.2.1\","
		  "\"source_port\":0,\"destination\":\"198.51.100.10\",\"destination_port\":0}\n" },
		{ { 8,
		    { .length_bytes = 60,
		      .outcome = PIM_DROP_PROTOCOL,
		      .family = PIM_IPV4,
		      .protocol = 132,
		      .source = { 192, 0, 2, 1 },
		      .destination = { 198, 51, 100, 10 } },
		    NULL,
		    NULL },
		  "{\"packet\":8,\"verdict\":\"drop\",\"reason\":\"protocol\",\"rule\":null,"
		  "\"leg\":null,\"length\":60,\"protocol\":\"132\",\"source\":\"192.0.2.1\","
		  "\"source_port\":null,\"destination\":\"198.51.100.10\",\"destination_port\":null}\n" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		FILE *stream = open_text();

		pim_output_packet_json(stream, false, &cases[at].packet);
		assert_text(stream, cases[at].line);
	}
}

static void names_every_outcome_in_packets(void **state)
{
	(void)state;
	for (int outcome = 0; outcome < PIM_OUTCOMES; outcome++) {
		struct pim_replayed packet = { .number = 1, .decision.outcome = (uint8_t)outcome };
		FILE *stream = open_text();
		json_t *value;

		pim_output_packet_json(stream, true, &packet);
		close_text(stream);
		value = only_json();
		assert_keys(value, packet_keys, COUNT(packet_keys));
		assert_string_equal(string_of(value, "reason"),
				    pim_outcome_reason((enum pim_outcome)outcome));
		assert_string_equal(string_of(value, "verdict"),
				    outcome < PIM_PASS_OUTCOMES ? "pass" : "drop");
		json_decref(value);
		free(text);
	}
}

/* ---- the sums ---- */

static struct pim_rule_line rule_lines[] = {
	{ "sip-mtls-in", "forward", { 12, 3456 } },
	{ "rtp-out", "reply", { 0, 0 } },
};

static void shows_a_replay_to_people(void **state)
{
	struct pim_dropped_source sources[13] = {
		{ .family = PIM_IPV6,
		  .source = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x77 },
		  .outcome = PIM_DROP_STUN_SHAPE,
		  .protocol = 17,
		  .from = { true, true, 40000 },
		  .to = { true, false, 3478 },
		  .count = { 1234, 99999 } },
	};
	/* clang-format off */
	struct pim_replay_report report = {
		.seen = { 2000, 100000 }, .passed = { 500, 1 }, .dropped = { 1500, 99999 },
		.reasons = { { PIM_DROP_STUN_SHAPE, { 1234, 99999 } }, { PIM_PASS_RULE, { 500, 1 } },
			     { PIM_DROP_ROLE, { 266, 5 } }, { PIM_PASS_ARP, { 0, 0 } } },
		.rules = rule_lines, .rule_count = COUNT(rule_lines),
		.sources = sources, .source_count = COUNT(sources),
	};
	/* clang-format on */
	FILE *stream;

	(void)state;
	for (uint8_t at = 1; at < COUNT(sources); at++)
		sources[at] = (struct pim_dropped_source){ .family = PIM_IPV4,
							   .source = { 198, 51, 100, at },
							   .outcome = PIM_DROP_ROLE,
							   .protocol = 1,
							   .from.several = at == 2,
							   .count = { 20u - at, 100 } };
	stream = open_text();
	pim_output_replay_text(stream, &report);
	close_text(stream);
	assert_neat();
	assert_has("seen                    2,000 packets                  100,000 bytes\n");
	assert_has("  stun-shape  drop       1,234  99,999  61.7 %");
	assert_has("  rule        pass         500       1  25.0 %");
	assert_has("  role        drop         266       5  13.3 %");
	assert_has_not("arp");
	assert_has("  sip-mtls-in  forward       12  3,456\n");
	assert_has(
		"  dropped source  reason      protocol  from port   to port  packets   bytes\n"
		"  2001:db8::77    stun-shape  udp       40000, ...  3478       1,234  99,999\n"
		"  198.51.100.1    role        icmp      -           -             19     100\n"
		"  198.51.100.2    role        icmp      ...         -             18     100\n");
	assert_has("198.51.100.9 ");
	assert_has_not("198.51.100.10 "); /* ten are shown */
	assert_has("and 3 more\n");
	free(text);

	report.source_count = 10;
	stream = open_text();
	pim_output_replay_text(stream, &report);
	close_text(stream);
	assert_has_not(" more\n");
	free(text);
	report.source_count = 0;
	stream = open_text();
	pim_output_replay_text(stream, &report);
	close_text(stream);
	assert_neat();
	assert_has_not("dropped source");
	free(text);
}

/* The last line of a capture that ended within a record. */
static void tells_machines_where_a_capture_ended(void **state)
{
	struct pim_replay_report report = { .seen = { 19, 1000 } };
	FILE *stream = open_text();

	(void)state;
	snprintf(report.cut_short.text, sizeof(report.cut_short.text), "a.pcap: offset 99: x");
	pim_output_cut_short_json(stream, false, &report);
	assert_text(stream, "{\"cut_short\":true,\"packets\":19,"
			    "\"message\":\"a.pcap: offset 99: x\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_packets_as_the_contract_says),
		cmocka_unit_test(names_every_outcome_in_packets),
		cmocka_unit_test(tells_machines_where_a_capture_ended),
		cmocka_unit_test(shows_a_replay_to_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
