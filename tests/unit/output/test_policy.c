/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows and their ports, and what a configuration would admit. */
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

#include "output/check.h"
#include "output/policy.h"
#include "policy/policy.h"
#include "unit/output/configuration.h"
#include "unit/output/printed.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ---- rows ---- */

static void formats_ports(void **state)
{
	struct pim_port_range ranges[] = { { 53, 53 }, { 50000, 59999 }, { 1, 65535 } };
	struct pim_row row = { .ranges = ranges };
	char ports[PIM_PORTS_TEXT];

	(void)state;
	row.range_count = 1;
	assert_string_equal(pim_ports_format(&row, ports), "53");
	row.range_count = 2;
	assert_string_equal(pim_ports_format(&row, ports), "53, 50000-59999");
	row.range_count = 3;
	assert_string_equal(pim_ports_format(&row, ports), "53, 50000-59999, 1-65535");
}

/* However many ranges there are, and however long: those shown are shown whole, and dots
 * stand for the others. */
static void formats_many_ports(void **state)
{
	(void)state;
	for (unsigned int narrow = 0; narrow < 12; narrow++) {
		for (unsigned int count = 1; count < 40; count++) {
			struct pim_port_range ranges[40];
			struct pim_row row = { .ranges = ranges, .range_count = count };
			char ports[PIM_PORTS_TEXT], *rest = ports, *part;
			unsigned int shown = 0;

			for (unsigned int at = 0; at < count; at++) {
				ranges[at].low = (uint16_t)(at < narrow ? 1 + at : 10000 + at);
				ranges[at].high = (uint16_t)(at < narrow ? 1 + at : 20000 + at);
			}
			memset(ports, 'x', sizeof(ports));
			pim_ports_format(&row, ports);
			assert_non_null(memchr(ports, '\0', sizeof(ports)));
			while ((part = strsep(&rest, ","))) {
				unsigned int low, high;
				char own[32];

				if (!strcmp(part, " ...")) {
					assert_null(rest);
					assert_true(shown < count);
					break;
				}
				assert_true(shown < count);
				low = ranges[shown].low;
				high = ranges[shown].high;
				if (low == high)
					snprintf(own, sizeof(own), "%s%u", shown ? " " : "", low);
				else
					snprintf(own, sizeof(own), "%s%u-%u", shown ? " " : "", low,
						 high);
				assert_string_equal(part, own);
				shown++;
			}
			if (!part)
				assert_int_equal(shown, count);
		}
	}
}

static void prints_the_table(void **state)
{
	static const char *const keys[] = { "row",   "rule",	  "service", "transport",
					    "ports", "direction", "edge",    "peer" };
	struct pim_policy policy;
	FILE *stream = open_text();
	json_t *rows, *row;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	pim_output_policy_json(stream, false, &policy);
	close_text(stream);
	rows = only_json();
	assert_int_equal(json_array_size(rows), PIM_BUILTIN_ROWS);
	for (size_t at = 0; at < PIM_BUILTIN_ROWS; at++) {
		row = json_array_get(rows, at);
		assert_keys(row, keys, COUNT(keys));
		assert_int_equal(number_of(row, "row"), at + 1);
		assert_string_equal(string_of(row, "rule"), policy.rows[at].name);
	}
	row = json_array_get(rows, 3);
	assert_string_equal(string_of(row, "rule"), "rtp-out");
	assert_string_equal(string_of(row, "service"), "audio/video RTP");
	assert_string_equal(string_of(row, "transport"), "tcp");
	assert_string_equal(string_of(row, "direction"), "out");
	assert_string_equal(string_of(row, "edge"), "av");
	assert_string_equal(string_of(row, "peer"), "messenger");
	row = json_array_get(json_object_get(row, "ports"), 0);
	assert_int_equal(json_integer_value(json_array_get(row, 0)), 50000);
	assert_int_equal(json_integer_value(json_array_get(row, 1)), 59999);
	json_decref(rows);
	free(text);

	stream = open_text();
	pim_output_policy_text(stream, &policy);
	close_text(stream);
	assert_neat();
	assert_has("\n  1  sip-mtls-in   SIP over MTLS    TCP 5061         public IM partner      "
		   "Edge Access interface  partner -> access\n");
	assert_has("\n  4  rtp-out       audio/video RTP  TCP 50000-59999  Edge Access interface  "
		   "Messenger client       av -> messenger\n");
	assert_has("\n  6  stun-in       STUN, MSTURN     UDP 3478         Messenger client       "
		   "Edge Access interface  messenger -> av\n");
	free(text);
	pim_policy_free(&policy);
}

/* ---- what would be admitted ---- */

static void shows_what_would_be_admitted(void **state)
{
	struct pim_policy policy;
	FILE *stream = open_text();

	(void)state;
	read_policy(configuration, &policy);
	pim_output_check_text(stream, "edge.conf", &policy, 0x12345678);
	close_text(stream);
	assert_neat();
	assert_has("edge.conf");
	assert_has("  sip-mtls-in   TCP to port 5061");
	assert_has("  sip-mtls-out  TCP from port 5061");
	assert_has("never a bare SYN");
	assert_has("UDP from port 53, 853-854");
	assert_has("payload shape: strict");
	assert_has("disabled: rtp-out, stun-out\n");
	assert_has_not("50000");
	assert_has("every IPv4 address");
	assert_has_not("every address");
	assert_has("192.0.2.2, ..."); /* four, then dots */
	assert_has_not("192.0.2.3");
	assert_has("av is access, messenger is the clients\n");
	assert_has("mode = observe");
	assert_has("stun-shape = strict");
	assert_has("rtp-port-end = either");
	/* Forward legs before reply legs: the order that decides. */
	assert_true(strstr(text, "  stun-in ") < strstr(text, "  sip-mtls-out "));
	free(text);
	pim_policy_free(&policy);
}

static void names_the_side_of_the_rtp_ports(void **state)
{
	static const struct {
		uint8_t end;
		const char *text;
	} cases[] = {
		{ PIM_RTP_PORT_END_EITHER, "TCP to or from port 50000-59999" },
		{ PIM_RTP_PORT_END_EDGE, "TCP to port 50000-59999" },
		{ PIM_RTP_PORT_END_PEER, "TCP from port 50000-59999" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct pim_policy policy;
		FILE *stream = open_text();

		assert_int_equal(pim_policy_init(&policy), 0);
		policy.options.rtp_port_end = cases[at].end;
		pim_output_check_text(stream, "edge.conf", &policy, 0x12345678);
		close_text(stream);
		assert_neat();
		assert_has(cases[at].text);
		assert_has_not("by default");
		assert_has("nobody");
		free(text);
		pim_policy_free(&policy);
	}
}

static void shows_every_address_of_both_families(void **state)
{
	struct pim_policy policy;
	FILE *stream = open_text();

	(void)state;
	read_policy(
		"edge = { access = [ \"198.51.100.10\" ] av = [ \"198.51.100.11\" ] }\n"
		"messenger = { addresses = [ \"::/0\" ] }\n"
		"clients = { addresses = [ \"0.0.0.0/1\", \"128.0.0.0/1\", \"::/0\", \"0.0.0.0/0\" ] }\n",
		&policy);
	pim_output_check_text(stream, "edge.conf", &policy, 0x12345678);
	close_text(stream);
	assert_neat();
	assert_has("every address");
	assert_has("every IPv6 address");
	assert_has_not("by default");
	assert_has_not("disabled");
	free(text);
	pim_policy_free(&policy);
}

/* To the letter: programs read it. */
static void prints_the_policy_in_force_for_machines(void **state)
{
	/* clang-format off */
	static const struct pim_stamp stamp = {
		.generation = 7, .loaded_ns = 1795378501000000000, .policy_hash = 0xabc,
	};
	/* clang-format on */
	struct pim_policy policy;
	FILE *stream = open_text();

	(void)state;
	read_policy(
		"edge = { access = [ \"198.51.100.10\" ] }\n"
		"partners = ( { name = \"contoso\" addresses = [ \"203.0.113.0/24\", \"2001:db8::/32\" ] } )\n"
		"services = ( { name = \"xmpp\", transport = \"tcp\", direction = \"in\", edge = \"access\"\n"
		"               peers = \"partner\", ports = [ \"5269-5270\", \"5280\" ] } )\n"
		"disable = [ \"sip-tls-in\", \"rtp-out\", \"stun-in\", \"stun-out\", \"sip-mtls-in\" ]\n",
		&policy);
	pim_output_policy_in_force_json(stream, false, "eth1", &stamp, &policy);
	close_text(stream);
	assert_has(
		"{\"interface\":\"eth1\",\"generation\":7,\"loaded\":\"2026-11-22T20:15:01Z\","
		"\"policy_hash\":\"0000000000000abc\",\"rows\":[{\"row\":1,\"rule\":\"sip-mtls-in\",");
	assert_has("{\"row\":2,\"rule\":\"sip-mtls-out\",\"service\":\"SIP over MTLS\","
		   "\"transport\":\"tcp\",\"ports\":[[5061,5061]],\"direction\":\"out\","
		   "\"edge\":\"access\",\"peer\":\"partner\",\"enabled\":true}");
	assert_has(
		"{\"row\":7,\"rule\":\"xmpp\",\"service\":\"xmpp\",\"transport\":\"tcp\","
		"\"ports\":[[5269,5270],[5280,5280]],\"direction\":\"in\",\"edge\":\"access\","
		"\"peer\":\"partner\",\"enabled\":true}],\"lists\":["
		"{\"roles\":[\"access\",\"av\"],\"partner\":null,\"prefixes\":[\"198.51.100.10/32\"]},"
		"{\"roles\":[\"partner\"],\"partner\":\"contoso\","
		"\"prefixes\":[\"203.0.113.0/24\",\"2001:db8::/32\"]}],"
		"\"options\":{\"mode\":\"enforce\",");
	json_decref(only_json());
	free(text);
	pim_policy_free(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_ports),
		cmocka_unit_test(formats_many_ports),
		cmocka_unit_test(prints_the_table),
		cmocka_unit_test(shows_what_would_be_admitted),
		cmocka_unit_test(names_the_side_of_the_rtp_ports),
		cmocka_unit_test(prints_the_policy_in_force_for_machines),
		cmocka_unit_test(shows_every_address_of_both_families),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
