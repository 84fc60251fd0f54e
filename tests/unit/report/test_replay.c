/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The packets of a capture: summed, ordered, and their sources counted. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/prefix.h"
#include "report/replay.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct pim_rule_key keys[] = {
	{ "sip-mtls-in", PIM_FORWARD },
	{ "rtp-out", PIM_REPLY },
};
static const struct pim_names names = { .rules = keys, .rule_count = COUNT(keys) };

static void start(struct pim_replay_report *report)
{
	memset(report, 0xaa, sizeof(*report)); /* every field must be written */
	assert_int_equal(pim_replay_report_start(&names, report), 0);
}

static void add(struct pim_replay_report *report, struct pim_decision decision)
{
	const struct pim_replayed packet = { .number = 1, .decision = decision };

	assert_int_equal(pim_replay_report_add(report, &packet, false), 0);
}

/* A dropped packet from the source that has this number in its last four bytes. */
static void drop_from(struct pim_replay_report *report, uint8_t family, uint32_t number,
		      enum pim_outcome outcome)
{
	struct pim_decision decision = { .length_bytes = 100,
					 .rule = PIM_NO_RULE,
					 .outcome = (uint8_t)outcome,
					 .family = family };
	uint8_t *end = decision.source + (family == PIM_IPV4 ? 4 : 16);

	for (int byte = 1; byte <= 4; byte++, number >>= 8)
		end[-byte] = (uint8_t)number;
	add(report, decision);
}

static uint32_t number_of(const struct pim_dropped_source *source)
{
	const uint8_t *bytes = source->source + (source->family == PIM_IPV4 ? 0 : 12);

	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static void assert_count(const struct pim_count *count, uint64_t packets, uint64_t bytes)
{
	assert_int_equal(count->packets, packets);
	assert_int_equal(count->bytes, bytes);
}

/* ---- sums ---- */

static void starts_with_every_reason_and_leg(void **state)
{
	static const struct pim_names no_names = {};
	struct pim_replay_report report;

	(void)state;
	start(&report);
	assert_count(&report.seen, 0, 0);
	assert_count(&report.passed, 0, 0);
	assert_count(&report.dropped, 0, 0);
	assert_int_equal(report.padded, 0);
	assert_int_equal(report.source_count, 0);
	for (size_t at = 0; at < PIM_OUTCOMES; at++) {
		assert_int_equal(report.reasons[at].outcome, at);
		assert_count(&report.reasons[at].count, 0, 0);
	}
	assert_int_equal(report.rule_count, 2);
	assert_string_equal(report.rules[0].rule, "sip-mtls-in");
	assert_string_equal(report.rules[0].leg, "forward");
	assert_string_equal(report.rules[1].rule, "rtp-out");
	assert_string_equal(report.rules[1].leg, "reply");
	assert_count(&report.rules[1].count, 0, 0);
	pim_replay_report_finish(&report); /* a capture without a packet */
	assert_int_equal(report.source_count, 0);
	assert_int_equal(report.reasons[PIM_OUTCOMES - 1].outcome, PIM_OUTCOMES - 1);
	pim_replay_report_free(&report);

	assert_int_equal(pim_replay_report_start(&no_names, &report), 0);
	assert_int_equal(report.rule_count, 0);
	add(&report, (struct pim_decision){ .length_bytes = 60, .outcome = PIM_PASS_RULE });
	assert_count(&report.passed, 1, 60);
	pim_replay_report_finish(&report);
	pim_replay_report_free(&report);
}

static void sums_every_outcome_by_its_verdict(void **state)
{
	uint64_t passed = 0, dropped = 0, passed_bytes = 0, dropped_bytes = 0;
	struct pim_replay_report report;

	(void)state;
	start(&report);
	for (int outcome = 0; outcome < PIM_OUTCOMES; outcome++) {
		bool passes = outcome <= PIM_PASS_RULE;
		uint32_t bytes = 1u << outcome; /* every sum is its own */

		for (int packet = 0; packet <= outcome; packet++)
			add(&report, (struct pim_decision){ .length_bytes = bytes,
							    .rule = PIM_NO_RULE,
							    .outcome = (uint8_t)outcome });
		*(passes ? &passed : &dropped) += (uint64_t)outcome + 1;
		*(passes ? &passed_bytes : &dropped_bytes) += ((uint64_t)outcome + 1) * bytes;
		assert_count(&report.reasons[outcome].count, (uint64_t)outcome + 1,
			     ((uint64_t)outcome + 1) * bytes);
	}
	assert_count(&report.passed, passed, passed_bytes);
	assert_count(&report.dropped, dropped, dropped_bytes);
	assert_count(&report.seen, passed + dropped, passed_bytes + dropped_bytes);
	assert_int_equal(report.padded, 0);
	pim_replay_report_finish(&report);
	for (size_t at = 0; at < PIM_OUTCOMES; at++) { /* most packets first */
		assert_int_equal(report.reasons[at].outcome, PIM_OUTCOMES - 1 - at);
		assert_int_equal(report.reasons[at].count.packets, PIM_OUTCOMES - at);
	}
	pim_replay_report_free(&report);
}

/* Bytes do not matter to the order, and reasons with equal counts keep that of
 * reasons.def. */
static void orders_reasons_by_packets_then_by_the_list(void **state)
{
	static const enum pim_outcome expected[] = { PIM_DROP_MARTIAN, PIM_PASS_RULE, PIM_DROP_ROLE,
						     PIM_PASS_ARP, PIM_PASS_NON_IP };
	struct pim_replay_report report;

	(void)state;
	start(&report);
	add(&report, (struct pim_decision){ .length_bytes = 60, .outcome = PIM_DROP_MARTIAN });
	add(&report, (struct pim_decision){ .length_bytes = 60, .outcome = PIM_DROP_MARTIAN });
	add(&report, (struct pim_decision){ .length_bytes = 9000, .outcome = PIM_DROP_ROLE });
	add(&report, (struct pim_decision){ .length_bytes = 61, .outcome = PIM_PASS_RULE });
	pim_replay_report_finish(&report);
	for (size_t at = 0; at < COUNT(expected); at++)
		assert_int_equal(report.reasons[at].outcome, expected[at]);
	pim_replay_report_free(&report);
}

/* Rules count what they admitted: not what they only name, and not past their number. */
static void sums_admitted_packets_by_rule(void **state)
{
	struct pim_replay_report report;

	(void)state;
	start(&report);
	add(&report,
	    (struct pim_decision){ .length_bytes = 70, .rule = 0, .outcome = PIM_PASS_RULE });
	add(&report,
	    (struct pim_decision){ .length_bytes = 80, .rule = 1, .outcome = PIM_PASS_RULE });
	add(&report,
	    (struct pim_decision){ .length_bytes = 90, .rule = 1, .outcome = PIM_PASS_RULE });
	add(&report,
	    (struct pim_decision){ .length_bytes = 10, .rule = 0, .outcome = PIM_DROP_ROLE });
	add(&report,
	    (struct pim_decision){ .length_bytes = 10, .rule = 1, .outcome = PIM_DROP_STUN_SHAPE });
	add(&report,
	    (struct pim_decision){ .length_bytes = 10, .rule = 0, .outcome = PIM_PASS_ICMP });
	add(&report,
	    (struct pim_decision){ .length_bytes = 1, .rule = 2, .outcome = PIM_PASS_RULE });
	add(&report, (struct pim_decision){
			     .length_bytes = 1, .rule = PIM_NO_RULE, .outcome = PIM_PASS_RULE });
	pim_replay_report_finish(&report);
	assert_count(&report.rules[0].count, 1, 70);
	assert_count(&report.rules[1].count, 2, 170);
	assert_string_equal(report.rules[0].rule, "sip-mtls-in"); /* in policy order all the same */
	pim_replay_report_free(&report);
}

static void counts_packets_that_were_cut_short(void **state)
{
	static const struct {
		bool padded;
		enum pim_outcome outcome;
	} packets[] = { { true, PIM_PASS_RULE },
			{ false, PIM_PASS_RULE },
			{ true, PIM_DROP_ROLE },
			{ true, PIM_PASS_ARP },
			{ false, PIM_DROP_TRUNCATED } };
	struct pim_replay_report report;

	(void)state;
	start(&report);
	for (size_t at = 0; at < COUNT(packets); at++) {
		struct pim_replayed packet = { .number = at + 1,
					       .decision.outcome = (uint8_t)packets[at].outcome };

		assert_int_equal(pim_replay_report_add(&report, &packet, packets[at].padded), 0);
	}
	assert_int_equal(report.padded, 3);
	assert_int_equal(report.seen.packets, COUNT(packets)); /* they count like any other */
	pim_replay_report_finish(&report);
	assert_int_equal(report.padded, 3);
	pim_replay_report_free(&report);
}

/* ---- sources ---- */

static void counts_sources_of_dropped_packets_alone(void **state)
{
	struct pim_replay_report report;

	(void)state;
	start(&report);
	drop_from(&report, PIM_IPV4, 1, PIM_PASS_RULE);
	drop_from(&report, PIM_IPV6, 2, PIM_PASS_ICMP);
	drop_from(&report, 0, 3, PIM_DROP_TRUNCATED); /* the source was not reached */
	assert_int_equal(report.source_count, 0);
	assert_count(&report.dropped, 1, 100);
	drop_from(&report, PIM_IPV4, 4, PIM_DROP_TRUNCATED);
	pim_replay_report_finish(&report);
	assert_int_equal(report.source_count, 1);
	assert_int_equal(number_of(&report.sources[0]), 4);
	assert_count(&report.sources[0].count, 1, 100);
	pim_replay_report_free(&report);
}

/* 192.0.2.1 and c000:201:: differ in nothing but their family. */
static void keeps_families_with_the_same_bytes_apart(void **state)
{
	static const uint8_t bytes[16] = { 192, 0, 2, 1 };
	static const uint8_t families[] = { PIM_IPV4, PIM_IPV6, PIM_IPV6 };
	struct pim_replay_report report;

	(void)state;
	start(&report);
	for (size_t at = 0; at < COUNT(families); at++) {
		struct pim_decision decision = { .length_bytes = 60,
						 .outcome = PIM_DROP_ROLE,
						 .family = families[at] };

		memcpy(decision.source, bytes, sizeof(bytes));
		add(&report, decision);
	}
	pim_replay_report_finish(&report);
	assert_int_equal(report.source_count, 2);
	assert_int_equal(report.sources[0].family, PIM_IPV6);
	assert_count(&report.sources[0].count, 2, 120);
	assert_int_equal(report.sources[1].family, PIM_IPV4);
	assert_count(&report.sources[1].count, 1, 60);
	for (size_t at = 0; at < 2; at++)
		assert_memory_equal(report.sources[at].source, bytes, sizeof(bytes));
	pim_replay_report_free(&report);
}

/* A source's packets of one protocol are a line: with its ports, and whether they differ. */
static void keeps_the_ports_of_a_source(void **state)
{
	static const struct {
		uint8_t protocol;
		uint16_t from, to;
	} packets[] = { { 6, 40000, 443 }, { 6, 40001, 443 },  { 17, 5000, 3478 },
			{ 6, 40000, 443 }, { 17, 5000, 3478 }, { 1, 0, 0 } };
	struct pim_replay_report report;

	(void)state;
	start(&report);
	for (size_t at = 0; at < COUNT(packets); at++)
		add(&report, (struct pim_decision){ .length_bytes = 60,
						    .outcome = PIM_DROP_ROLE,
						    .family = PIM_IPV4,
						    .protocol = packets[at].protocol,
						    .source_port_be = htons(packets[at].from),
						    .destination_port_be = htons(packets[at].to) });
	pim_replay_report_finish(&report);
	assert_int_equal(report.source_count, 3);
	assert_int_equal(report.sources[0].protocol, 6);
	assert_count(&report.sources[0].count, 3, 180);
	assert_true(report.sources[0].from.known && report.sources[0].from.several);
	assert_int_equal(report.sources[0].from.port, 40000);
	assert_true(report.sources[0].to.known && !report.sources[0].to.several);
	assert_int_equal(report.sources[0].to.port, 443);
	assert_int_equal(report.sources[1].protocol, 17);
	assert_true(report.sources[1].from.known && !report.sources[1].from.several);
	assert_int_equal(report.sources[1].from.port, 5000);
	assert_int_equal(report.sources[2].protocol, 1);
	assert_false(report.sources[2].from.known || report.sources[2].from.several);
	pim_replay_report_free(&report);
}

static void keeps_reasons_of_a_source_apart(void **state)
{
	struct pim_replay_report report;

	(void)state;
	start(&report);
	drop_from(&report, PIM_IPV4, 7, PIM_DROP_NO_SERVICE);
	drop_from(&report, PIM_IPV4, 7, PIM_DROP_ROLE);
	drop_from(&report, PIM_IPV4, 7, PIM_DROP_NO_SERVICE);
	pim_replay_report_finish(&report);
	assert_int_equal(report.source_count, 2);
	assert_int_equal(report.sources[0].outcome, PIM_DROP_NO_SERVICE);
	assert_count(&report.sources[0].count, 2, 200);
	assert_int_equal(report.sources[1].outcome, PIM_DROP_ROLE);
	assert_count(&report.sources[1].count, 1, 100);
	pim_replay_report_free(&report);

	/* So many that some share a run of slots in the hash. */
	start(&report);
	for (int packet = 0; packet < 2; packet++)
		for (uint32_t number = 0; number < 300; number++)
			for (int outcome = PIM_PASS_OUTCOMES; outcome < PIM_OUTCOMES; outcome++)
				drop_from(&report, PIM_IPV6, number * 2654435761u,
					  (enum pim_outcome)outcome);
	pim_replay_report_finish(&report);
	assert_int_equal(report.source_count, 300 * (PIM_OUTCOMES - PIM_PASS_OUTCOMES));
	for (size_t at = 0; at < report.source_count; at++)
		assert_count(&report.sources[at].count, 2, 200);
	pim_replay_report_free(&report);
}

/* Most packets first; then IPv4 before IPv6, by reason, by address. */
static void orders_sources(void **state)
{
	static const struct {
		uint8_t family;
		uint32_t number;
		enum pim_outcome outcome;
		unsigned int packets;
	} expected[] = {
		{ PIM_IPV6, 9, PIM_DROP_STUN_SHAPE, 3 },
		{ PIM_IPV4, 0xff000001, PIM_DROP_MARTIAN, 2 },
		{ PIM_IPV4, 1, PIM_DROP_BLOCKED, 2 },
		{ PIM_IPV4, 2, PIM_DROP_BLOCKED, 2 },
		{ PIM_IPV4, 0x80000000, PIM_DROP_BLOCKED, 2 },
		{ PIM_IPV4, 1, PIM_DROP_ROLE, 2 },
		{ PIM_IPV6, 0, PIM_DROP_MARTIAN, 2 },
		{ PIM_IPV6, 1, PIM_DROP_BLOCKED, 2 },
		{ PIM_IPV4, 0, PIM_DROP_MARTIAN, 1 },
	};
	struct pim_replay_report report;

	(void)state;
	for (int backwards = 0; backwards < 2; backwards++) {
		start(&report);
		for (size_t at = 0; at < COUNT(expected); at++) {
			size_t one = backwards ? COUNT(expected) - 1 - at : at;

			for (unsigned int packet = 0; packet < expected[one].packets; packet++)
				drop_from(&report, expected[one].family, expected[one].number,
					  expected[one].outcome);
		}
		pim_replay_report_finish(&report);
		assert_int_equal(report.source_count, COUNT(expected));
		for (size_t at = 0; at < COUNT(expected); at++) {
			assert_int_equal(report.sources[at].family, expected[at].family);
			assert_int_equal(number_of(&report.sources[at]), expected[at].number);
			assert_int_equal(report.sources[at].outcome, expected[at].outcome);
			assert_int_equal(report.sources[at].count.packets, expected[at].packets);
		}
		pim_replay_report_free(&report);
	}
}

/* On both sides of where the hash grows, and far past it: each source is there once, with
 * what was counted before and after it moved. */
static void counts_any_number_of_sources(void **state)
{
	static const uint32_t counts[] = { 1, 511, 512, 513, 1023, 1024, 1025, 2048, 2049, 5000 };

	(void)state;
	for (size_t at = 0; at < COUNT(counts); at++) {
		struct pim_replay_report report;
		uint64_t packets = 0;

		start(&report);
		for (uint32_t round = 0; round < 3; round++)
			for (uint32_t number = round; number < counts[at]; number += round + 1) {
				drop_from(&report, number & 1 ? PIM_IPV6 : PIM_IPV4, number,
					  PIM_DROP_ROLE);
				packets++;
				assert_int_equal(report.source_slots & (report.source_slots - 1),
						 0);
				assert_true(2 * report.source_count <= report.source_slots);
			}
		assert_int_equal(report.source_count, counts[at]);
		pim_replay_report_finish(&report);
		assert_int_equal(report.source_count, counts[at]);
		for (size_t one = 0; one < report.source_count; one++) {
			const struct pim_dropped_source *source = &report.sources[one];
			uint32_t number = number_of(source);
			unsigned int expected = 1 + (number % 2 == 1) + (number % 3 == 2);

			assert_true(number < counts[at]);
			assert_int_equal(source->family, number & 1 ? PIM_IPV6 : PIM_IPV4);
			assert_count(&source->count, expected, 100 * expected);
			packets -= source->count.packets;
			if (one) /* of equal counts by family, then by address: none comes twice */
				assert_true(source[-1].count.packets > source->count.packets ||
					    source[-1].family < source->family ||
					    number_of(&source[-1]) < number);
		}
		assert_int_equal(packets, 0);
		pim_replay_report_free(&report);
	}
}

/* ---- the end ---- */

static void frees_what_was_never_started(void **state)
{
	static const struct pim_replay_report empty;
	struct pim_replay_report report = {};

	(void)state;
	pim_replay_report_free(&report);
	assert_memory_equal(&report, &empty, sizeof(empty));
	start(&report);
	drop_from(&report, PIM_IPV4, 1, PIM_DROP_ROLE);
	pim_replay_report_free(&report); /* not finished */
	assert_memory_equal(&report, &empty, sizeof(empty));
	pim_replay_report_free(&report); /* twice */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_with_every_reason_and_leg),
		cmocka_unit_test(sums_every_outcome_by_its_verdict),
		cmocka_unit_test(orders_reasons_by_packets_then_by_the_list),
		cmocka_unit_test(sums_admitted_packets_by_rule),
		cmocka_unit_test(counts_packets_that_were_cut_short),
		cmocka_unit_test(counts_sources_of_dropped_packets_alone),
		cmocka_unit_test(keeps_families_with_the_same_bytes_apart),
		cmocka_unit_test(keeps_the_ports_of_a_source),
		cmocka_unit_test(keeps_reasons_of_a_source_apart),
		cmocka_unit_test(orders_sources),
		cmocka_unit_test(counts_any_number_of_sources),
		cmocka_unit_test(frees_what_was_never_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
