/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flows, as JSON and for people. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "output/flows.h"
#include "report/flows.h"
#include "unit/output/printed.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* clang-format off */
static struct pim_flow_line flow_lines[] = {
	{ "tcp", "203.0.113.10", "198.51.100.10", 49152, 5061, "sip-mtls-in", "forward", "contoso",
	  { 3, 1800 }, 1795378501250000000, 1795378502000999999, "SYN,ACK" },
	{ "udp", "2001:db8::1", "2001:db8::2", 3478, 65535, "stun-out", "reply", NULL,
	  { 1, 62 }, 1795378503000000000, 1795378503000000000, "" },
};
/* clang-format on */

static void prints_a_line_a_flow(void **state)
{
	struct pim_flows_report report = { flow_lines, COUNT(flow_lines), { 4, 1862 } };
	FILE *stream = open_text();
	const char *at;

	(void)state;
	pim_output_flows_json(stream, false, &report, 2);
	close_text(stream);
	at = strchr(text, '\n') + 1;
	assert_memory_equal(
		text,
		"{\"protocol\":\"tcp\",\"source\":\"203.0.113.10\",\"source_port\":49152,"
		"\"destination\":\"198.51.100.10\",\"destination_port\":5061,"
		"\"rule\":\"sip-mtls-in\",\"leg\":\"forward\",\"partner\":\"contoso\","
		"\"packets\":3,\"bytes\":1800,\"first\":\"2026-11-22T20:15:01.250Z\","
		"\"last\":\"2026-11-22T20:15:02.000Z\",\"tcp_flags\":\"SYN,ACK\"}\n",
		at - text);
	assert_string_equal(at,
			    "{\"protocol\":\"udp\",\"source\":\"2001:db8::1\",\"source_port\":3478,"
			    "\"destination\":\"2001:db8::2\",\"destination_port\":65535,"
			    "\"rule\":\"stun-out\",\"leg\":\"reply\",\"partner\":null,"
			    "\"packets\":1,\"bytes\":62,\"first\":\"2026-11-22T20:15:03.000Z\","
			    "\"last\":\"2026-11-22T20:15:03.000Z\",\"tcp_flags\":\"\"}\n");
	at = text;
	json_decref(next_json(&at));
	json_decref(next_json(&at));
	assert_int_equal(*at, '\0');
	free(text);

	stream = open_text();
	pim_output_flows_json(stream, false, &report, 1); /* only the first */
	close_text(stream);
	json_decref(only_json());
	free(text);
	stream = open_text();
	pim_output_flows_json(stream, false, &report, 0);
	assert_text(stream, "");
}

static void shows_flows_to_people(void **state)
{
	struct pim_flows_report report = { flow_lines, COUNT(flow_lines), { 4, 1862 } };
	FILE *stream = open_text();

	(void)state;
	pim_output_flows_text(stream, "eth1", &report, 2);
	close_text(stream);
	assert_neat();
	assert_has("eth1  2 of 2 flows, largest first\n");
	assert_has(
		"  tcp    203.0.113.10:49152  198.51.100.10:5061   sip-mtls-in  forward  contoso "
		"       3  1,800  2026-11-22T20:15:01Z  2026-11-22T20:15:02Z  SYN,ACK\n");
	assert_has(
		"  udp    [2001:db8::1]:3478  [2001:db8::2]:65535  stun-out     reply    -       "
		"       1     62  2026-11-22T20:15:03Z  2026-11-22T20:15:03Z  -\n");
	free(text);

	stream = open_text();
	pim_output_flows_text(stream, "eth1", &report, 1);
	close_text(stream);
	assert_neat();
	assert_has("1 of 2 flows");
	assert_has_not("stun-out");
	free(text);
	stream = open_text();
	pim_output_flows_text(stream, "eth1", &(struct pim_flows_report){}, 0);
	assert_text(stream, "eth1  0 of 0 flows, largest first\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_a_line_a_flow),
		cmocka_unit_test(shows_flows_to_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
