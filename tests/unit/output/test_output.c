/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Outputs of reports that were made up, through a stream into memory. */
#include <arpa/inet.h>
#include <jansson.h>

#include "unit/config/config_fixture.h"
#include "image/read.h"
#include "output/output.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static char *text; /* what was printed; of one test at a time */
static size_t text_size;

static FILE *open_text(void)
{
	FILE *stream = open_memstream(&text, &text_size);

	assert_non_null(stream);
	return stream;
}

static void close_text(FILE *stream)
{
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(strlen(text), text_size); /* no NUL byte in between */
}

static void assert_text(FILE *stream, const char *expected)
{
	close_text(stream);
	assert_string_equal(text, expected);
	free(text);
}

static void assert_has(const char *part)
{
	if (!strstr(text, part))
		fail_msg("expected \"%s\" in:\n%s", part, text);
}

static void assert_has_not(const char *part)
{
	if (strstr(text, part))
		fail_msg("expected no \"%s\" in:\n%s", part, text);
}

/* What holds for all text: whole lines, nothing behind them, no escapes. */
static void assert_neat(void)
{
	assert_true(text_size > 0);
	assert_int_equal(text[text_size - 1], '\n');
	assert_null(strstr(text, " \n"));
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\t'));
	assert_null(strstr(text, "\n\n\n"));
	assert_null(strstr(text, "(null)"));
}

/* The next JSON value of what was printed, which must stand on a line alone. */
static json_t *next_json(const char **at)
{
	json_error_t error;
	json_t *value;

	value = json_loads(*at, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);
	if (!value)
		fail_msg("no JSON: %s: %s", error.text, *at);
	*at += error.position;
	assert_int_equal(**at, '\n');
	++*at;
	return value;
}

static json_t *only_json(void)
{
	const char *at = text;
	json_t *value = next_json(&at);

	assert_int_equal(*at, '\0');
	return value;
}

/* The keys, all of them, in this order. */
static void assert_keys(json_t *object, const char *const *keys, size_t count)
{
	const char *key;
	json_t *value;
	size_t at = 0;

	assert_true(json_is_object(object));
	json_object_foreach(object, key, value) {
		assert_true(at < count);
		assert_string_equal(key, keys[at++]);
	}
	assert_int_equal(at, count);
}

static const char *string_of(json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	if (!string)
		fail_msg("no string under \"%s\"", key);
	return string;
}

static json_int_t number_of(json_t *object, const char *key)
{
	if (!json_is_integer(json_object_get(object, key)))
		fail_msg("no number under \"%s\"", key);
	return json_integer_value(json_object_get(object, key));
}

/* ---- times and ports ---- */

static void formats_times(void **state)
{
	static const struct {
		uint64_t time_ns;
		const char *seconds, *milliseconds;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z" },
		{ 1795378501000000000, "2026-11-22T20:15:01Z", "2026-11-22T20:15:01.000Z" },
		{ 1795378501999999999, "2026-11-22T20:15:01Z", "2026-11-22T20:15:01.999Z" },
		{ 951827696007000000, "2000-02-29T12:34:56Z", "2000-02-29T12:34:56.007Z" },
	};
	char time[PIM_TIME_TEXT];

	(void)state;
	/* UTC, wherever the reader is. */
	setenv("TZ", "Asia/Tokyo", 1);
	for (size_t at = 0; at < COUNT(cases); at++) {
		assert_string_equal(pim_time_format(cases[at].time_ns, false, time), cases[at].seconds);
		assert_string_equal(pim_time_format(cases[at].time_ns, true, time),
				    cases[at].milliseconds);
	}
	unsetenv("TZ");
}

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

/* However many ranges and however wide: each that is shown is shown whole, and
 * where some are not, dots say so. */
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
					snprintf(own, sizeof(own), "%s%u-%u", shown ? " " : "", low, high);
				assert_string_equal(part, own);
				shown++;
			}
			if (!part)
				assert_int_equal(shown, count);
		}
	}
}

/* ---- one packet of replay ---- */

static const char *const packet_keys[] = { "packet", "verdict", "reason", "rule", "leg", "length" };

static void prints_packets_as_the_contract_says(void **state)
{
	static const struct {
		struct pim_replayed packet;
		const char *line;
	} cases[] = {
		/* DESIGN's own example. */
		{ { 1, { .length_bytes = 74, .outcome = PIM_DROP_ROLE }, "sip-mtls-in", "forward" },
		  "{\"packet\":1,\"verdict\":\"drop\",\"reason\":\"role\",\"rule\":\"sip-mtls-in\","
		  "\"leg\":\"forward\",\"length\":74}\n" },
		{ { 2, { .length_bytes = 9216, .outcome = PIM_PASS_RULE }, "rtp-out", "reply" },
		  "{\"packet\":2,\"verdict\":\"pass\",\"reason\":\"rule\",\"rule\":\"rtp-out\","
		  "\"leg\":\"reply\",\"length\":9216}\n" },
		{ { 18446744073, { .length_bytes = 60, .outcome = PIM_PASS_ARP }, NULL, NULL },
		  "{\"packet\":18446744073,\"verdict\":\"pass\",\"reason\":\"arp\",\"rule\":null,"
		  "\"leg\":null,\"length\":60}\n" },
		{ { 4, { .length_bytes = 1, .outcome = PIM_DROP_FRAGMENT }, NULL, NULL },
		  "{\"packet\":4,\"verdict\":\"drop\",\"reason\":\"fragment\",\"rule\":null,"
		  "\"leg\":null,\"length\":1}\n" },
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

/* ---- stats ---- */

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
	struct pim_stats_report report = {
		.seen = { 15, 9999 }, .passed = { 12, 3456 }, .dropped = { 3, 6543 },
		.reasons = { { PIM_PASS_RULE, { 12, 3456 } }, { PIM_DROP_ROLE, { 3, 6543 } },
			     { PIM_DROP_MARTIAN, { 0, 0 } } },
		.reason_count = 3,
		.rules = rule_lines, .rule_count = COUNT(rule_lines),
		.partners = partner_lines, .partner_count = COUNT(partner_lines),
		.flow_table = { 7, 49152, 1234567, 1234560, { 5000000000, 600000000000 } },
	};

	return report;
}

static void prints_stats_as_the_contract_says(void **state)
{
	struct pim_stats_report report = stats();
	json_t *compact, *pretty;
	FILE *stream = open_text();

	(void)state;
	pim_output_stats_json(stream, false, "eth1", &report);
	close_text(stream);
	assert_string_equal(text,
		"{\"interface\":\"eth1\",\"reasons\":["
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
	pim_output_stats_json(stream, true, "eth1", &report);
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
	struct pim_stats_report report = {};
	FILE *stream = open_text();

	(void)state;
	pim_output_stats_json(stream, false, "eth1", &report);
	assert_text(stream, "{\"interface\":\"eth1\",\"reasons\":[],\"rules\":[],\"partners\":[],"
		    "\"flows\":{\"held\":0,\"slots\":0,\"inserts\":0,\"evictions\":0,"
		    "\"evicted_packets\":0,\"evicted_bytes\":0}}\n");
}

static void shows_stats_to_people(void **state)
{
	struct pim_info info = { .attached_ns = 1795378501000000000 };
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
	assert_has("  reason  verdict  packets  bytes   share  meaning\n"
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

/* ---- flows ---- */

static struct pim_flow_line flow_lines[] = {
	{ "tcp", "203.0.113.10", "198.51.100.10", 49152, 5061, "sip-mtls-in", "forward", "contoso",
	  { 3, 1800 }, 1795378501250000000, 1795378502000999999, "SYN,ACK" },
	{ "udp", "2001:db8::1", "2001:db8::2", 3478, 65535, "stun-out", "reply", NULL,
	  { 1, 62 }, 1795378503000000000, 1795378503000000000, "" },
};

static void prints_a_line_a_flow(void **state)
{
	struct pim_flows_report report = { flow_lines, COUNT(flow_lines), { 4, 1862 } };
	FILE *stream = open_text();
	const char *at;

	(void)state;
	pim_output_flows_json(stream, false, &report, 2);
	close_text(stream);
	at = strchr(text, '\n') + 1;
	assert_memory_equal(text,
		"{\"protocol\":\"tcp\",\"source\":\"203.0.113.10\",\"source_port\":49152,"
		"\"destination\":\"198.51.100.10\",\"destination_port\":5061,"
		"\"rule\":\"sip-mtls-in\",\"leg\":\"forward\",\"partner\":\"contoso\","
		"\"packets\":3,\"bytes\":1800,\"first\":\"2026-11-22T20:15:01.250Z\","
		"\"last\":\"2026-11-22T20:15:02.000Z\",\"tcp_flags\":\"SYN,ACK\"}\n", at - text);
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
	assert_has("  tcp    203.0.113.10:49152  198.51.100.10:5061   sip-mtls-in  forward  contoso "
		   "       3  1,800  2026-11-22T20:15:01Z  2026-11-22T20:15:02Z  SYN,ACK\n");
	assert_has("  udp    [2001:db8::1]:3478  [2001:db8::2]:65535  stun-out     reply    -       "
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

/* ---- status ---- */

static struct pim_place attached_place(void)
{
	return (struct pim_place){
		.interface = "eth1", .directory = "/sys/fs/bpf/pimxdp/eth1",
		.state = PIM_PLACE_ATTACHED, .group = PIM_NO_GROUP, .ifindex = 3, .program_id = 41, .link_id = 42,
		.mode = PIM_ATTACH_NATIVE,
		.info = { .magic = PIM_MAGIC, .schema = PIM_SCHEMA, .generation = 7,
			  .attached_ns = 1795378501000000000, .loaded_ns = 1795378562000000000,
			  .policy_hash = 0x0123456789abcdef, .interface = "eth1", .version = "9.8.7",
			  .config = "/etc/pimxdp/partners.conf" },
	};
}

static void prints_status(void **state)
{
	static const enum pim_place_state without[] = { PIM_PLACE_EMPTY, PIM_PLACE_UNFINISHED,
							PIM_PLACE_FOREIGN };
	struct pim_place places[2 + COUNT(without)];
	FILE *stream = open_text();
	json_t *list, *one;

	(void)state;
	places[0] = places[1] = attached_place();
	places[1].state = PIM_PLACE_GONE;
	for (size_t at = 0; at < COUNT(without); at++) {
		places[2 + at] = attached_place();
		places[2 + at].state = without[at];
	}
	pim_output_status_json(stream, false, places, COUNT(places));
	close_text(stream);
	list = only_json();
	assert_true(json_is_array(list));
	assert_int_equal(json_array_size(list), COUNT(places));
	one = json_array_get(list, 0);
	assert_string_equal(string_of(one, "interface"), "eth1");
	assert_string_equal(string_of(one, "state"), "attached");
	assert_string_equal(string_of(one, "pins"), "/sys/fs/bpf/pimxdp/eth1");
	assert_string_equal(string_of(one, "attach_mode"), "native");
	assert_string_equal(string_of(one, "mode"), "enforce");
	assert_string_equal(string_of(one, "replies"), "stateless");
	assert_int_equal(number_of(one, "program_id"), 41);
	assert_int_equal(number_of(one, "link_id"), 42);
	assert_int_equal(number_of(one, "generation"), 7);
	assert_int_equal(number_of(one, "schema"), PIM_SCHEMA);
	assert_string_equal(string_of(one, "config"), "/etc/pimxdp/partners.conf");
	assert_string_equal(string_of(one, "policy_hash"), "0123456789abcdef");
	assert_string_equal(string_of(one, "version"), "9.8.7");
	assert_string_equal(string_of(one, "attached"), "2026-11-22T20:15:01Z");
	assert_string_equal(string_of(one, "loaded"), "2026-11-22T20:16:02Z");
	for (size_t at = 0; at < COUNT(places); at++) /* every state has its own word */
		for (size_t other = 0; other < at; other++)
			assert_string_not_equal(string_of(json_array_get(list, at), "state"),
						string_of(json_array_get(list, other), "state"));
	/* Where nothing is known, nothing is said. */
	assert_int_equal(json_object_size(json_array_get(list, 2)), 3);
	json_decref(list);
	free(text);

	stream = open_text();
	pim_output_status_json(stream, false, NULL, 0);
	assert_text(stream, "[]\n");
}

static void shows_status_to_people(void **state)
{
	struct pim_place place = attached_place();
	FILE *stream = open_text();

	(void)state;
	pim_output_status_text(stream, &place);
	close_text(stream);
	assert_neat();
	assert_has("eth1");
	assert_has("native");
	assert_has("enforce");
	assert_has("stateless");
	assert_has("/etc/pimxdp/partners.conf");
	assert_has("2026-11-22T20:15:01Z");
	assert_has("2026-11-22T20:16:02Z, generation 7");
	assert_has("0123456789abcdef");
	assert_has("/sys/fs/bpf/pimxdp/eth1");
	assert_has_not("everything passes");
	free(text);

	place.info.options.mode = PIM_MODE_OBSERVE;
	place.info.config[0] = '\0';
	stream = open_text();
	pim_output_status_text(stream, &place);
	close_text(stream);
	assert_neat();
	assert_has("observe");
	assert_has("everything passes");
	free(text);
}

/* What is not attached: one line with what to do, whatever the state. */
static void shows_other_states_in_a_line(void **state)
{
	static const enum pim_place_state states[] = { PIM_PLACE_EMPTY, PIM_PLACE_GONE,
						       PIM_PLACE_UNFINISHED, PIM_PLACE_FOREIGN };

	(void)state;
	for (size_t at = 0; at < COUNT(states); at++) {
		struct pim_place place = attached_place();
		FILE *stream = open_text();

		place.state = states[at];
		place.foreign_schema = PIM_SCHEMA + 1;
		pim_output_status_text(stream, &place);
		close_text(stream);
		assert_neat();
		assert_has("eth1");
		assert_ptr_equal(strchr(text, '\n'), text + text_size - 1);
		free(text);
	}
}

/* A name of a file or an interface may hold any byte; JSON may not, and must not
 * lose everything beside it. */
static void prints_names_that_are_no_utf8(void **state)
{
	struct pim_stats_report report = stats();
	struct pim_place place = attached_place();
	FILE *stream = open_text();
	json_t *value;

	(void)state;
	strcpy(place.info.config, "/etc/caf\xe9.conf");
	pim_output_status_json(stream, false, &place, 1);
	close_text(stream);
	value = only_json();
	assert_int_equal(number_of(json_array_get(value, 0), "link_id"), 42);
	assert_true(strstr(string_of(json_array_get(value, 0), "config"), "/etc/caf") != NULL);
	json_decref(value);
	free(text);

	stream = open_text();
	pim_output_stats_json(stream, false, "eth\xe9", &report);
	close_text(stream);
	value = only_json();
	assert_int_equal(json_array_size(json_object_get(value, "rules")), 2);
	json_decref(value);
	free(text);
}

/* ---- policy ---- */

static void prints_the_table(void **state)
{
	static const char *const keys[] = { "row", "rule", "service", "transport", "ports",
					    "direction", "edge", "peer" };
	struct pim_policy policy;
	FILE *stream = open_text();
	json_t *rows, *row;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	pim_output_policy_json(stream, false, &policy);
	close_text(stream);
	rows = only_json();
	assert_int_equal(json_array_size(rows), 6);
	for (size_t at = 0; at < 6; at++) {
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

/* ---- check and lookup ---- */

static char folder[64];

static int set_up(void **state)
{
	(void)state;
	enter_new_folder(folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

static void read_policy(const char *configuration, struct pim_policy *policy)
{
	struct pim_error error = {};

	write_text("edge.conf", configuration);
	if (pim_config_read("edge.conf", policy, &error))
		fail_msg("%s", error.text);
}

static const char configuration[] =
	"edge = { access = [ \"198.51.100.10\", \"2001:db8:10::10\" ] }\n"
	"partners = ( { name = \"contoso\" addresses = [ \"203.0.113.0/24\" ] },\n"
	"             { name = \"nobody yet\" } )\n"
	"clients = { addresses = [ \"0.0.0.0/0\", \"192.0.2.0/24\", \"192.0.2.1\", \"192.0.2.2\", \"192.0.2.3\" ] }\n"
	"block = { addresses = [ \"203.0.113.66\" ] }\n"
	"failsafe = { addresses = [ \"203.0.113.99\" ] }\n"
	"services = ( { name = \"dns-reply\", transport = \"udp\", direction = \"out\", edge = \"access\"\n"
	"               peers = \"client\", ports = [ \"53\", \"853-854\" ] } )\n"
	"disable = [ \"rtp-out\", \"stun-out\" ]\n"
	"options = { mode = \"observe\", stun-shape = \"strict\" }\n";

static void shows_what_would_be_admitted(void **state)
{
	struct pim_policy policy;
	FILE *stream = open_text();

	(void)state;
	read_policy(configuration, &policy);
	pim_output_check_text(stream, "edge.conf", &policy);
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
	assert_has("192.0.2.2, ...");	/* four, then dots */
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
		pim_output_check_text(stream, "edge.conf", &policy);
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
	read_policy("edge = { access = [ \"198.51.100.10\" ] av = [ \"198.51.100.11\" ] }\n"
		    "messenger = { addresses = [ \"::/0\" ] }\n"
		    "clients = { addresses = [ \"0.0.0.0/1\", \"128.0.0.0/1\", \"::/0\", \"0.0.0.0/0\" ] }\n",
		    &policy);
	pim_output_check_text(stream, "edge.conf", &policy);
	close_text(stream);
	assert_neat();
	assert_has("every address");
	assert_has("every IPv6 address");
	assert_has_not("by default");
	assert_has_not("disabled");
	free(text);
	pim_policy_free(&policy);
}

static void looks_addresses_up(void **state)
{
	static const struct {
		const char *address;
		const char *has[6]; /* up to a NULL */
		const char *has_not;
	} cases[] = {
		{ "203.0.113.9",
		  { "203.0.113.9\n", "roles      partner, client, messenger\n", "partner    contoso\n",
		    "judged by the rows", "203.0.113.0/24  contoso  edge.conf:2\n" }, "dropped" },
		{ "203.0.113.66",
		  { "roles      partner, client, messenger, block\n", "partner    contoso\n",
		    "dropped whatever it sends (blocked)\n", "203.0.113.66/32", "edge.conf:5\n" },
		  "sip-tls-in" },
		{ "203.0.113.99", { "failsafe\n", "passed whatever it sends (failsafe)\n" }, "sip-tls-in" },
		{ "198.51.100.10", { "roles      access, av", "an address of the Edge" }, "sip-tls-in" },
		{ "8.8.8.8", { "roles      client, messenger\n", "partner    none\n",
		    "sip-tls-in", "stun-in", "dns-reply", "0.0.0.0/0" }, "sip-mtls-in" },
		{ "2001:db8::1", { "roles      none\n", "partner    none\n", "dropped, but for ICMP that hosts need\n" },
		  "sip-tls-in" },
	};
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	read_policy(configuration, &policy);
	assert_int_equal(pim_compile(&policy, NULL, &image, NULL), 0);
	for (size_t at = 0; at < COUNT(cases); at++) {
		FILE *stream = open_text();
		struct pim_address_value value;
		struct pim_prefix address;

		assert_int_equal(pim_prefix_parse(cases[at].address, &address, NULL), 0);
		value = pim_addresses_look_up(image.addresses.words, &address);
		pim_output_lookup_text(stream, &address, value.roles,
				       value.partner ? image.names.partners[value.partner] : NULL,
				       &policy);
		close_text(stream);
		assert_neat();
		for (size_t part = 0; part < COUNT(cases[at].has) && cases[at].has[part]; part++)
			assert_has(cases[at].has[part]);
		assert_has_not(cases[at].has_not);
		free(text);
	}
	pim_image_free(&image);
	pim_policy_free(&policy);
}

/* An attached filter knows neither where an address is listed nor the rows'
 * places in a file: what it does know is shown in the same words. */
static void looks_addresses_up_without_a_policy(void **state)
{
	static const struct {
		uint16_t roles;
		const char *partner, *text;
	} cases[] = {
		{ PIM_ROLE_PARTNER | PIM_ROLE_CLIENT, "contoso",
		  "2001:db8::1\n  roles      partner, client\n  partner    contoso\n"
		  "  as source  judged by the rows of the policy\n" },
		{ PIM_ROLE_MESSENGER, NULL,
		  "2001:db8::1\n  roles      messenger\n  partner    none\n"
		  "  as source  judged by the rows of the policy\n" },
		{ PIM_ROLE_PARTNER | PIM_ROLE_BLOCK, "contoso",
		  "2001:db8::1\n  roles      partner, block\n  partner    contoso\n"
		  "  as source  dropped whatever it sends (blocked)\n" },
		{ PIM_ROLE_BLOCK | PIM_ROLE_FAILSAFE, NULL,
		  "2001:db8::1\n  roles      block, failsafe\n  partner    none\n"
		  "  as source  passed whatever it sends (failsafe)\n" },
		{ (1 << PIM_ROLES) - 1, "contoso",
		  "2001:db8::1\n  roles      access, av, partner, client, messenger, block, failsafe\n"
		  "  partner    contoso\n  as source  dropped: an address of the Edge does not arrive\n" },
		{ 0, NULL,
		  "2001:db8::1\n  roles      none\n  partner    none\n"
		  "  as source  dropped, but for ICMP that hosts need\n" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		FILE *stream = open_text();
		struct pim_prefix address;

		assert_int_equal(pim_prefix_parse("2001:db8::1", &address, NULL), 0);
		pim_output_lookup_text(stream, &address, cases[at].roles, cases[at].partner, NULL);
		assert_text(stream, cases[at].text);
	}
}

/* Columns that awk and a person read alike; a host without its length. */
static void prints_an_address_a_line(void **state)
{
	static const struct {
		const char *prefix;
		enum pim_role role;
		const char *partner, *line;
	} cases[] = {
		{ "203.0.113.0/24", PIM_ROLE_PARTNER, "contoso", "partner    203.0.113.0/24  contoso\n" },
		{ "203.0.113.7", PIM_ROLE_PARTNER, "A name", "partner    203.0.113.7  A name\n" },
		{ "192.0.2.1", PIM_ROLE_AV, NULL, "av         192.0.2.1\n" },
		{ "::/0", PIM_ROLE_MESSENGER, NULL, "messenger  ::/0\n" },
		{ "2001:db8::/127", PIM_ROLE_FAILSAFE, NULL, "failsafe   2001:db8::/127\n" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		FILE *stream = open_text();
		struct pim_prefix prefix;

		assert_int_equal(pim_prefix_parse(cases[at].prefix, &prefix, NULL), 0);
		pim_output_address_text(stream, &prefix, cases[at].role, cases[at].partner);
		assert_text(stream, cases[at].line);
	}
}

/* ---- replay ---- */

static void shows_a_replay_to_people(void **state)
{
	struct pim_dropped_source sources[13] = {
		{ PIM_IPV6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x77 }, PIM_DROP_STUN_SHAPE, { 1234, 99999 } },
	};
	struct pim_replay_report report = {
		.seen = { 2000, 100000 }, .passed = { 500, 1 }, .dropped = { 1500, 99999 },
		.reasons = { { PIM_DROP_STUN_SHAPE, { 1234, 99999 } }, { PIM_PASS_RULE, { 500, 1 } },
			     { PIM_DROP_ROLE, { 266, 5 } }, { PIM_PASS_ARP, { 0, 0 } } },
		.rules = rule_lines, .rule_count = COUNT(rule_lines),
		.sources = sources, .source_count = COUNT(sources),
	};
	FILE *stream;

	(void)state;
	for (uint8_t at = 1; at < COUNT(sources); at++)
		sources[at] = (struct pim_dropped_source){ PIM_IPV4, { 198, 51, 100, at },
							   PIM_DROP_ROLE, { 20u - at, 100 } };
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
	assert_has("  dropped source  reason      packets   bytes\n"
		   "  2001:db8::77    stun-shape    1,234  99,999\n"
		   "  198.51.100.1    role             19     100\n");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_times),
		cmocka_unit_test(formats_ports),
		cmocka_unit_test(formats_many_ports),
		cmocka_unit_test(prints_packets_as_the_contract_says),
		cmocka_unit_test(names_every_outcome_in_packets),
		cmocka_unit_test(prints_stats_as_the_contract_says),
		cmocka_unit_test(prints_empty_stats),
		cmocka_unit_test(shows_stats_to_people),
		cmocka_unit_test(prints_a_line_a_flow),
		cmocka_unit_test(shows_flows_to_people),
		cmocka_unit_test(prints_status),
		cmocka_unit_test(shows_status_to_people),
		cmocka_unit_test(shows_other_states_in_a_line),
		cmocka_unit_test(prints_names_that_are_no_utf8),
		cmocka_unit_test(prints_the_table),
		cmocka_unit_test(shows_what_would_be_admitted),
		cmocka_unit_test(names_the_side_of_the_rtp_ports),
		cmocka_unit_test(shows_every_address_of_both_families),
		cmocka_unit_test(looks_addresses_up),
		cmocka_unit_test(looks_addresses_up_without_a_policy),
		cmocka_unit_test(prints_an_address_a_line),
		cmocka_unit_test(shows_a_replay_to_people),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
