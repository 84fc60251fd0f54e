/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flows named, ordered, and written as text. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/counters.h"
#include "policy/prefix.h"
#include "report/flows.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct pim_rule_entry flow_rules[] = {
	{ .rule = "sip-mtls-in", .leg = "forward" },
	{ .rule = "stun-out", .leg = "reply" },
};
static struct pim_partner_entry flow_partners[] = { {}, { .partner = "contoso" } };

static struct pim_raw raw_of(struct pim_raw_flow *flows, size_t flow_count)
{
	return (struct pim_raw){ .rules = flow_rules,
				 .rule_count = COUNT(flow_rules),
				 .partners = flow_partners,
				 .partner_count = COUNT(flow_partners),
				 .flows = flows,
				 .flow_count = flow_count };
}

static struct pim_raw_flow flow4(uint64_t bytes, uint64_t first_ns)
{
	return (struct pim_raw_flow){
		.family = PIM_IPV4,
		.key = { { 203, 0, 113, 10 },
			 { 198, 51, 100, 10 },
			 htons(49152),
			 htons(5061),
			 IPPROTO_TCP,
			 {} },
		.packets = 1,
		.bytes = bytes,
		.first_ns = first_ns,
		.last_ns = first_ns,
	};
}

/* ---- the report ---- */

static void names_both_families(void **state)
{
	struct pim_raw_flow flows[2] = { flow4(500, 1),
					 {
						 .family = PIM_IPV6,
						 .key = { { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
							  { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 },
							  htons(3478),
							  htons(65535),
							  IPPROTO_UDP,
							  {} },
						 .packets = 2,
						 .bytes = 200,
						 .rule = 1,
						 .partner = 0,
					 } };
	struct pim_raw raw = raw_of(flows, COUNT(flows));
	struct pim_flows_report report;

	(void)state;
	flows[0].partner = 1;
	assert_int_equal(pim_flows_report(&raw, 0, &report), 0);
	assert_int_equal(report.flow_count, 2);
	assert_string_equal(report.flows[0].protocol, "tcp");
	assert_string_equal(report.flows[0].source, "203.0.113.10");
	assert_string_equal(report.flows[0].destination, "198.51.100.10");
	assert_int_equal(report.flows[0].source_port, 49152);
	assert_int_equal(report.flows[0].destination_port, 5061);
	assert_string_equal(report.flows[0].rule, "sip-mtls-in");
	assert_string_equal(report.flows[0].leg, "forward");
	assert_string_equal(report.flows[0].partner, "contoso");
	assert_string_equal(report.flows[1].protocol, "udp");
	assert_string_equal(report.flows[1].source, "2001:db8::1");
	assert_string_equal(report.flows[1].destination, "2001:db8::2");
	assert_int_equal(report.flows[1].source_port, 3478);
	assert_int_equal(report.flows[1].destination_port, 65535);
	assert_string_equal(report.flows[1].rule, "stun-out");
	assert_string_equal(report.flows[1].leg, "reply");
	assert_null(report.flows[1].partner);
	assert_string_equal(report.flows[1].tcp_flags, "");
	assert_int_equal(report.sum.packets, 3);
	assert_int_equal(report.sum.bytes, 700);
	pim_flows_report_free(&report);
	pim_flows_report_free(&report);
}

/* Keys that a reload added after the names were read. */
static void survives_unknown_keys(void **state)
{
	struct pim_raw_flow flow = flow4(500, 1);
	struct pim_raw raw = raw_of(&flow, 1);
	struct pim_flows_report report;

	(void)state;
	flow.rule = COUNT(flow_rules);
	flow.partner = COUNT(flow_partners);
	assert_int_equal(pim_flows_report(&raw, 0, &report), 0);
	assert_string_equal(report.flows[0].rule, "?");
	assert_string_equal(report.flows[0].leg, "?");
	assert_null(report.flows[0].partner);
	pim_flows_report_free(&report);
}

static void keeps_the_flows_of_one_rule(void **state)
{
	struct pim_raw_flow flows[] = { flow4(700, 8), flow4(64, 3), flow4(5000, 1) };
	struct pim_raw raw = raw_of(flows, COUNT(flows));
	struct pim_flows_report report;

	(void)state;
	flows[0].rule = flows[2].rule = 0;
	flows[1].rule = 1;
	assert_int_equal(pim_flows_report(&raw, 0, &report), 0);
	pim_flows_of_rule(&report, raw.rules[0].rule);
	assert_int_equal(report.flow_count, 2);
	assert_int_equal(report.flows[0].count.bytes, 5000); /* the order stays */
	assert_int_equal(report.flows[1].count.bytes, 700);
	assert_int_equal(report.sum.bytes, 5700);
	pim_flows_of_rule(&report, "none");
	assert_int_equal(report.flow_count, 0);
	assert_int_equal(report.sum.bytes, 0);
	pim_flows_report_free(&report);
}

static void orders_flows_by_bytes_then_time(void **state)
{
	static const struct {
		uint64_t bytes, first_ns;
	} expected[] = { { UINT64_MAX, 9 }, { 5000000000, 1 }, { 700, 2 }, { 700, 8 }, { 64, 3 } };
	struct pim_raw_flow flows[] = { flow4(700, 8), flow4(64, 3), flow4(UINT64_MAX, 9),
					flow4(700, 2), flow4(5000000000, 1) };
	struct pim_raw raw = raw_of(flows, COUNT(flows));
	struct pim_flows_report report;

	(void)state;
	assert_int_equal(pim_flows_report(&raw, 0, &report), 0);
	assert_int_equal(report.flow_count, COUNT(expected));
	for (size_t at = 0; at < COUNT(expected); at++) {
		assert_int_equal(report.flows[at].count.bytes, expected[at].bytes);
		assert_int_equal(report.flows[at].first_ns, expected[at].first_ns);
	}
	pim_flows_report_free(&report);

	raw.flow_count = 0;
	assert_int_equal(pim_flows_report(&raw, 0, &report), 0);
	assert_int_equal(report.flow_count, 0);
	assert_int_equal(report.sum.packets, 0);
	pim_flows_report_free(&report);
}

/* Flows that differ neither in size nor in time still have one order: the same counters
 * give the same report each time. */
static void orders_flows_by_their_source_last(void **state)
{
	struct pim_raw_flow flows[] = { flow4(700, 8), flow4(700, 8), flow4(700, 8),
					flow4(700, 8) };
	static const struct {
		const char *source;
		unsigned int port;
	} expected[] = { { "203.0.113.10", 1 },
			 { "203.0.113.10", 9 },
			 { "203.0.113.10", 60000 },
			 { "203.0.113.9", 2 } };
	struct pim_raw raw = raw_of(flows, COUNT(flows));
	struct pim_flows_report report;

	(void)state;
	flows[0].key.source_port_be = htons(9);
	flows[1].key.source_port_be = htons(60000);
	flows[2].key.source_port_be = htons(2);
	flows[2].key.source[3] = 9;
	flows[3].key.source_port_be = htons(1);
	assert_int_equal(pim_flows_report(&raw, 0, &report), 0);
	for (size_t at = 0; at < COUNT(expected); at++) {
		assert_string_equal(report.flows[at].source, expected[at].source);
		assert_int_equal(report.flows[at].source_port, expected[at].port);
	}
	pim_flows_report_free(&report);
}

static void spells_tcp_flags(void **state)
{
	static const struct {
		uint8_t flags;
		const char *text;
	} cases[] = {
		{ 0x00, "" },
		{ 0x01, "FIN" },
		{ 0x02, "SYN" },
		{ 0x04, "RST" },
		{ 0x08, "PSH" },
		{ 0x10, "ACK" },
		{ 0x20, "URG" },
		{ 0x40, "ECE" },
		{ 0x80, "CWR" },
		{ 0x1a, "SYN,PSH,ACK" },
		{ 0xff, "FIN,SYN,RST,PSH,ACK,URG,ECE,CWR" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct pim_raw_flow flow = flow4(500, 1);
		struct pim_raw raw = raw_of(&flow, 1);
		struct pim_flows_report report;

		flow.tcp_flags = cases[at].flags;
		assert_int_equal(pim_flows_report(&raw, 0, &report), 0);
		assert_string_equal(report.flows[0].tcp_flags, cases[at].text);
		pim_flows_report_free(&report);
	}
}

static void dates_flows(void **state)
{
	struct pim_raw_flow flow = flow4(500, 2000000000);
	struct pim_raw raw = raw_of(&flow, 1);
	struct pim_flows_report report;

	(void)state;
	flow.last_ns = 3500000001;
	assert_int_equal(pim_flows_report(&raw, 1700000000000000000, &report), 0);
	assert_int_equal(report.flows[0].first_ns, 1700000002000000000);
	assert_int_equal(report.flows[0].last_ns, 1700000003500000001);
	pim_flows_report_free(&report);
	/* A clock that was set back to before the boot. */
	assert_int_equal(pim_flows_report(&raw, -1000000000, &report), 0);
	assert_int_equal(report.flows[0].first_ns, 1000000000);
	assert_int_equal(report.flows[0].last_ns, 2500000001);
	pim_flows_report_free(&report);
}

/* ---- the readable copies ---- */

static void assert_no_bytes_behind(const char *text, size_t size)
{
	for (size_t at = strlen(text); at < size; at++)
		assert_int_equal(text[at], 0);
}

static void writes_flows_as_text(void **state)
{
	struct pim_raw_flow flows[2] = { flow4(500, 2000000000),
					 {
						 .family = PIM_IPV6,
						 .packets = 2,
						 .bytes = 200,
						 .rule = 1,
						 .first_ns = 1000000,
						 .last_ns = 3999999999,
					 } };
	struct pim_raw raw = raw_of(flows, COUNT(flows));
	struct pim_flow_text_key keys[3];
	struct pim_flow_text texts[3];
	struct pim_flows_report report;

	(void)state;
	flows[0].partner = 1;
	flows[0].tcp_flags = 0xff;
	memset(flows[1].key.source, 0xff, 16);
	memset(flows[1].key.destination, 0xee, 16);
	flows[1].key.source_port_be = htons(65535);
	flows[1].key.protocol = IPPROTO_UDP;
	assert_int_equal(pim_flows_report(&raw, 1795378501000000000, &report), 0);
	/* Old contents must go: all bytes of a hash key count. */
	memset(keys, 'x', sizeof(keys));
	memset(texts, 'x', sizeof(texts));
	pim_flows_text(&report, 2, 1795378503123000000, keys, texts);

	assert_string_equal(keys[0].protocol, "tcp");
	assert_string_equal(keys[0].source, "203.0.113.10");
	assert_string_equal(keys[0].destination, "198.51.100.10");
	assert_int_equal(keys[0].source_port, 49152);
	assert_int_equal(keys[0].destination_port, 5061);
	assert_int_equal(texts[0].packets, 1);
	assert_int_equal(texts[0].bytes, 500);
	assert_string_equal(texts[0].rule, "sip-mtls-in");
	assert_string_equal(texts[0].leg, "forward");
	assert_string_equal(texts[0].partner, "contoso");
	assert_string_equal(texts[0].first, "2026-11-22T20:15:03.000Z");
	assert_string_equal(texts[0].last, "2026-11-22T20:15:03.000Z");
	assert_string_equal(texts[0].tcp_flags, "FIN,SYN,RST,PSH,ACK,URG,ECE,CWR");
	assert_string_equal(texts[0].copied, "2026-11-22T20:15:03.123Z");

	assert_string_equal(keys[1].protocol, "udp");
	assert_string_equal(keys[1].source, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	assert_string_equal(keys[1].destination, "eeee:eeee:eeee:eeee:eeee:eeee:eeee:eeee");
	assert_int_equal(keys[1].source_port, 65535);
	assert_int_equal(keys[1].destination_port, 0);
	assert_int_equal(texts[1].packets, 2);
	assert_int_equal(texts[1].bytes, 200);
	assert_string_equal(texts[1].rule, "stun-out");
	assert_string_equal(texts[1].leg, "reply");
	assert_string_equal(texts[1].partner, ""); /* none */
	assert_string_equal(texts[1].first, "2026-11-22T20:15:01.001Z");
	assert_string_equal(texts[1].last, "2026-11-22T20:15:04.999Z");
	assert_string_equal(texts[1].tcp_flags, "");
	assert_string_equal(texts[1].copied, "2026-11-22T20:15:03.123Z");
	for (size_t at = 0; at < 2; at++) {
		assert_no_bytes_behind(keys[at].protocol, sizeof(keys[at].protocol));
		assert_no_bytes_behind(keys[at].source, sizeof(keys[at].source));
		assert_no_bytes_behind(keys[at].destination, sizeof(keys[at].destination));
		assert_no_bytes_behind(texts[at].rule, sizeof(texts[at].rule));
		assert_no_bytes_behind(texts[at].partner, sizeof(texts[at].partner));
	}
	assert_int_equal(keys[2].source[0], 'x'); /* nothing after the count is written */
	assert_int_equal(texts[2].rule[0], 'x');
	pim_flows_report_free(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_both_families),
		cmocka_unit_test(survives_unknown_keys),
		cmocka_unit_test(keeps_the_flows_of_one_rule),
		cmocka_unit_test(orders_flows_by_bytes_then_time),
		cmocka_unit_test(orders_flows_by_their_source_last),
		cmocka_unit_test(spells_tcp_flags),
		cmocka_unit_test(dates_flows),
		cmocka_unit_test(writes_flows_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
