/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counters of an interface, as JSON and for people. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "output/stats.h"
#include "report/stats.h"
#include "unit/output/printed.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct pim_rule_line rule_lines[] = {
	{ "sip-mtls-in", "forward", { 12, 3456 } },
	{ "rtp-out", "reply", { 0, 0 } },
};
static struct pim_partner_line partner_lines[] = {
	{ "contoso", { 9, 1234567 } },
	{ "a 'partner' <&>", { 0, 0 } },
};

static struct pim_stats_report stats(void)
{
	/* clang-format off */
	struct pim_stats_report report = {
		.seen = { 15, 9999 }, .passed = { 12, 3456 }, .dropped = { 3, 6543 },
		.reasons = { { PIM_PASS_RULE, { 12, 3456 } }, { PIM_DROP_ROLE, { 3, 6543 } },
			     { PIM_DROP_MARTIAN, { 0, 0 } } },
		.reason_count = 3,
		.rules = rule_lines, .rule_count = COUNT(rule_lines),
		.partners = partner_lines, .partner_count = COUNT(partner_lines),
		.flow_table = { 7, 49152, 1234567, 1234560, { 5000000000, 600000000000 } },
	};
	/* clang-format on */

	return report;
}

static void prints_stats_as_the_contract_says(void **state)
{
	/* clang-format off */
	static const struct pim_stamp stamp = {
		.generation = 3, .attached_ns = 1795378501000000000, .loaded_ns = 1795378561000000000,
		.policy_hash = 0xabc, .options.mode = PIM_MODE_OBSERVE,
	};
	/* clang-format on */
	struct pim_stats_report report = stats();
	json_t *compact, *pretty;
	FILE *stream = open_text();

	(void)state;
	pim_output_stats_json(stream, false, "eth1", &stamp, &report);
	close_text(stream);
	assert_string_equal(
		text,
		"{\"interface\":\"eth1\",\"mode\":\"observe\",\"since\":\"2026-11-22T20:15:01Z\","
		"\"loaded\":\"2026-11-22T20:16:01Z\",\"generation\":3,"
		"\"policy_hash\":\"0000000000000abc\",\"reasons\":["
		"{\"reason\":\"rule\",\"verdict\":\"pass\",\"packets\":12,\"bytes\":3456},"
		"{\"reason\":\"role\",\"verdict\":\"drop\",\"packets\":3,\"bytes\":6543},"
		"{\"reason\":\"martian\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0}],"
		"\"rules\":["
		"{\"rule\":\"sip-mtls-in\",\"leg\":\"forward\",\"packets\":12,\"bytes\":3456},"
		"{\"rule\":\"rtp-out\",\"leg\":\"reply\",\"packets\":0,\"bytes\":0}],"
		"\"partners\":["
		"{\"partner\":\"contoso\",\"packets\":9,\"bytes\":1234567},"
		"{\"partner\":\"a 'partner' <&>\",\"packets\":0,\"bytes\":0}],"
		"\"flows\":{\"held\":7,\"slots\":49152,\"inserts\":1234567,\"evictions\":1234560,"
		"\"evicted_packets\":5000000000,\"evicted_bytes\":600000000000}}\n");
	compact = only_json();
	free(text);

	stream = open_text();
	pim_output_stats_json(stream, true, "eth1", &stamp, &report);
	close_text(stream);
	assert_has("\n  \"rules\": [\n");
	pretty = only_json();
	assert_true(json_equal(compact, pretty));
	json_decref(compact);
	json_decref(pretty);
	free(text);
}

static void prints_empty_stats(void **state)
{
	static const struct pim_stamp stamp;
	struct pim_stats_report report = {};
	FILE *stream = open_text();

	(void)state;
	pim_output_stats_json(stream, false, "eth1", &stamp, &report);
	assert_text(
		stream,
		"{\"interface\":\"eth1\",\"mode\":\"enforce\","
		"\"since\":\"1970-01-01T00:00:00Z\",\"loaded\":\"1970-01-01T00:00:00Z\","
		"\"generation\":0,\"policy_hash\":\"0000000000000000\",\"reasons\":[],\"rules\":[],\"partners\":[],"
		"\"flows\":{\"held\":0,\"slots\":0,\"inserts\":0,\"evictions\":0,"
		"\"evicted_packets\":0,\"evicted_bytes\":0}}\n");
}

static void shows_stats_to_people(void **state)
{
	struct pim_stamp info = { .attached_ns = 1795378501000000000 };
	struct pim_stats_report report = stats();
	FILE *stream = open_text();

	(void)state;
	pim_output_stats_text(stream, "eth1", &info, &report);
	close_text(stream);
	assert_neat();
	assert_has("eth1  since 2026-11-22T20:15:01Z\n");
	assert_has("seen                       15 packets                    9,999 bytes\n");
	assert_has("passed                     12 packets                    3,456 bytes\n");
	assert_has("dropped                     3 packets                    6,543 bytes\n");
	assert_has(
		"  reason  verdict  packets  bytes   share  meaning\n"
		"  rule    pass          12  3,456  80.0 %  admitted by a row of the policy\n"
		"  role    drop           3  6,543  20.0 %  a service of the policy, from a source "
		"without its role\n"
		"\n");
	assert_has_not("martian"); /* never seen: no line */
	assert_has("  rule         leg      packets  bytes\n"
		   "  sip-mtls-in  forward       12  3,456\n"
		   "  rtp-out      reply          0      0\n");
	assert_has("  partner          packets      bytes\n"
		   "  contoso                9  1,234,567\n"
		   "  a 'partner' <&>        0          0\n");
	assert_has("\n  flow table: 7 of 49,152 slots held, 1,234,567 inserts, 1,234,560 evictions "
		   "that took 5,000,000,000 packets, 600,000,000,000 bytes along\n");
	assert_has_not("observing");
	free(text);

	info.options.mode = PIM_MODE_OBSERVE;
	report = (struct pim_stats_report){ .rules = rule_lines, .rule_count = 2 };
	stream = open_text();
	pim_output_stats_text(stream, "eth1", &info, &report);
	close_text(stream);
	assert_neat();
	assert_has("observing");
	assert_has("\n  no packets\n");
	assert_has("\n  flow table: 0 of 0 slots held,");
	assert_has_not("partner");
	free(text);
}

/* The name of an interface may hold any byte, JSON may not; the rest of the output must
 * still be there. */
static void prints_interfaces_that_are_no_utf8(void **state)
{
	static const struct pim_stamp stamp;
	struct pim_stats_report report = stats();
	FILE *stream = open_text();
	json_t *value;

	(void)state;
	pim_output_stats_json(stream, false, "eth\xe9", &stamp, &report);
	close_text(stream);
	value = only_json();
	assert_int_equal(json_array_size(json_object_get(value, "rules")), 2);
	json_decref(value);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_stats_as_the_contract_says),
		cmocka_unit_test(prints_empty_stats),
		cmocka_unit_test(shows_stats_to_people),
		cmocka_unit_test(prints_interfaces_that_are_no_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
