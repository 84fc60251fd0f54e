/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counters named and summed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/counters.h"
#include "policy/policy.h"
#include "report/count.h"
#include "report/stats.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void count(struct pim_raw *raw, enum pim_outcome outcome, uint64_t packets, uint64_t bytes)
{
	raw->reasons[outcome].packets = packets;
	raw->reasons[outcome].bytes = bytes;
}

/* The only line of a reason, or NULL; more than one fails. */
static const struct pim_reason_line *only_line(const struct pim_stats_report *report,
					       const char *reason)
{
	const struct pim_reason_line *found = NULL;

	for (size_t at = 0; at < report->reason_count; at++) {
		if (strcmp(pim_outcome_reason(report->reasons[at].outcome), reason))
			continue;
		assert_null(found);
		found = &report->reasons[at];
	}
	return found;
}

static void assert_only_line(const struct pim_raw *raw, const struct pim_options *options,
			     const char *reason, enum pim_outcome outcome, uint64_t packets)
{
	struct pim_stats_report report;
	const struct pim_reason_line *line;

	assert_int_equal(pim_stats_report(raw, options, &report), 0);
	line = only_line(&report, reason);
	assert_non_null(line);
	assert_int_equal(line->outcome, outcome);
	assert_int_equal(line->count.packets, packets);
	pim_stats_report_free(&report);
}

/* ---- reasons ---- */

static void shows_every_reason_once_before_any_packet(void **state)
{
	struct pim_options options = {};
	struct pim_raw raw = {};
	struct pim_stats_report report;
	size_t reasons = 0;

	(void)state;
	for (int outcome = 0; outcome < PIM_OUTCOMES; outcome++) {
		bool first = true;

		for (int other = 0; other < outcome; other++)
			first &= strcmp(pim_outcome_reason((enum pim_outcome)other),
					pim_outcome_reason((enum pim_outcome)outcome)) != 0;
		reasons += first;
	}
	/* Every setting of the options that decide a verdict. */
	for (unsigned int setting = 0; setting < 8; setting++) {
		options.non_ip = setting & 1;
		options.not_edge = setting >> 1 & 1;
		options.fragments = setting >> 2 & 1;
		assert_int_equal(pim_stats_report(&raw, &options, &report), 0);
		assert_int_equal(report.reason_count, reasons);
		for (int outcome = 0; outcome < PIM_OUTCOMES; outcome++)
			assert_non_null(
				only_line(&report, pim_outcome_reason((enum pim_outcome)outcome)));
		for (size_t at = 0; at < report.reason_count; at++) {
			assert_int_equal(report.reasons[at].count.packets, 0);
			if (at)
				assert_true(report.reasons[at - 1].outcome <
					    report.reasons[at].outcome);
		}
		pim_stats_report_free(&report);
	}
}

/* Nothing was counted: the verdict is the one that the options would give. */
static void shows_what_the_options_would_do(void **state)
{
	struct pim_options options = {};
	struct pim_raw raw = {};

	(void)state;
	assert_only_line(&raw, &options, "non-ip", PIM_PASS_NON_IP, 0);
	assert_only_line(&raw, &options, "not-edge", PIM_PASS_NOT_EDGE, 0);
	assert_only_line(&raw, &options, "fragment", PIM_DROP_FRAGMENT, 0);
	options = (struct pim_options){ .non_ip = PIM_NON_IP_DROP,
					.not_edge = PIM_NOT_EDGE_DROP,
					.fragments = PIM_FRAGMENTS_PASS };
	assert_only_line(&raw, &options, "non-ip", PIM_DROP_NON_IP, 0);
	assert_only_line(&raw, &options, "not-edge", PIM_DROP_NOT_EDGE, 0);
	assert_only_line(&raw, &options, "fragment", PIM_PASS_FRAGMENT, 0);
}

/* Counted under an earlier policy: what happened takes precedence over what would. */
static void shows_what_happened(void **state)
{
	struct pim_options options = { .fragments = PIM_FRAGMENTS_PASS };
	struct pim_stats_report report;
	struct pim_raw raw = {};
	size_t lines = 0;

	(void)state;
	count(&raw, PIM_DROP_NON_IP, 3, 180);
	assert_only_line(&raw, &options, "non-ip", PIM_DROP_NON_IP, 3);
	count(&raw, PIM_DROP_FRAGMENT, 4, 240);
	assert_only_line(&raw, &options, "fragment", PIM_DROP_FRAGMENT, 4);
	/* Both happened: both lines, the passing one first. */
	count(&raw, PIM_PASS_FRAGMENT, 5, 300);
	assert_int_equal(pim_stats_report(&raw, &options, &report), 0);
	for (size_t at = 0; at < report.reason_count; at++) {
		if (strcmp(pim_outcome_reason(report.reasons[at].outcome), "fragment"))
			continue;
		assert_int_equal(report.reasons[at].outcome,
				 lines ? PIM_DROP_FRAGMENT : PIM_PASS_FRAGMENT);
		assert_int_equal(report.reasons[at].count.packets, lines ? 4 : 5);
		assert_int_equal(report.reasons[at].count.bytes, lines ? 240 : 300);
		lines++;
	}
	assert_int_equal(lines, 2);
	pim_stats_report_free(&report);
}

static void sums_by_verdict(void **state)
{
	struct pim_stats_report report;
	struct pim_options options = {};
	struct pim_raw raw = {};
	struct pim_count passed = {}, dropped = {}, shown = {};

	(void)state;
	for (int outcome = 0; outcome < PIM_OUTCOMES; outcome++) {
		struct pim_count *sum = outcome <= PIM_PASS_RULE ? &passed : &dropped;

		/* Numbers of which no two sums are equal. */
		count(&raw, (enum pim_outcome)outcome, 1ULL << outcome, 1ULL << (outcome + 32));
		sum->packets += 1ULL << outcome;
		sum->bytes += 1ULL << (outcome + 32);
	}
	assert_int_equal(pim_stats_report(&raw, &options, &report), 0);
	assert_int_equal(report.reason_count, PIM_OUTCOMES);
	assert_int_equal(report.passed.packets, passed.packets);
	assert_int_equal(report.passed.bytes, passed.bytes);
	assert_int_equal(report.dropped.packets, dropped.packets);
	assert_int_equal(report.dropped.bytes, dropped.bytes);
	assert_int_equal(report.seen.packets, passed.packets + dropped.packets);
	assert_int_equal(report.seen.bytes, passed.bytes + dropped.bytes);
	for (size_t at = 0; at < report.reason_count; at++) {
		shown.packets += report.reasons[at].count.packets;
		shown.bytes += report.reasons[at].count.bytes;
	}
	assert_int_equal(shown.packets, report.seen.packets);
	assert_int_equal(shown.bytes, report.seen.bytes);
	pim_stats_report_free(&report);
	assert_int_equal(report.rule_count, 0);
	pim_stats_report_free(&report); /* twice is allowed */
}

/* ---- rules, partners, flow tables ---- */

static void lists_rules_and_partners(void **state)
{
	struct pim_rule_entry rules[] = {
		{ 10, 1000, "sip-tls-in", "forward" },
		{ 0, 0, "rtp-out", "reply" },
		{ 7, 700, "another", "forward" },
	};
	/* clang-format off */
	struct pim_partner_entry partners[] = {
		{ 99, 9900, "" }, /* no partner */
		{ 1, 100, "northwind" },
		{ 2, 200, "Contoso" },
		{ 3, 300, "fabrikam" },
		{ 0, 0, "contoso" },
	};
	/* clang-format on */
	static const char *const names[] = { "Contoso", "contoso", "fabrikam", "northwind" };
	static const unsigned int packets[] = { 2, 0, 3, 1 };
	struct pim_raw raw = { .rules = rules,
			       .rule_count = COUNT(rules),
			       .partners = partners,
			       .partner_count = COUNT(partners) };
	struct pim_options options = {};
	struct pim_stats_report report;

	(void)state;
	assert_int_equal(pim_stats_report(&raw, &options, &report), 0);
	assert_int_equal(report.rule_count, COUNT(rules));
	for (size_t at = 0; at < COUNT(rules); at++) { /* in policy order */
		assert_string_equal(report.rules[at].rule, rules[at].rule);
		assert_string_equal(report.rules[at].leg, rules[at].leg);
		assert_int_equal(report.rules[at].count.packets, rules[at].packets);
		assert_int_equal(report.rules[at].count.bytes, rules[at].bytes);
	}
	assert_int_equal(report.partner_count, COUNT(names));
	for (size_t at = 0; at < COUNT(names); at++) {
		assert_string_equal(report.partners[at].partner, names[at]);
		assert_int_equal(report.partners[at].count.packets, packets[at]);
		assert_int_equal(report.partners[at].count.bytes, 100 * packets[at]);
	}
	pim_stats_report_free(&report);

	raw.partner_count = 0; /* as of an empty image */
	raw.rule_count = 0;
	assert_int_equal(pim_stats_report(&raw, &options, &report), 0);
	assert_int_equal(report.partner_count, 0);
	assert_int_equal(report.rule_count, 0);
	pim_stats_report_free(&report);
}

/* The raw counters are already summed over all CPUs. */
static void tells_how_full_the_flow_tables_are(void **state)
{
	/* clang-format off */
	struct pim_raw raw = {
		.flow_state = { .inserts = 5000000000, .evictions = 4999999000,
				.evicted_packets = 1ULL << 40, .evicted_bytes = 1ULL << 50,
				.ticks = 77, .ns = 88 },
		.flow_slots = 49152,
	};
	/* clang-format on */
	struct pim_options options = {};
	struct pim_stats_report report;

	(void)state;
	assert_int_equal(pim_stats_report(&raw, &options, &report), 0);
	assert_int_equal(report.flow_table.held, 1000);
	assert_int_equal(report.flow_table.slots, 49152);
	assert_int_equal(report.flow_table.inserts, 5000000000);
	assert_int_equal(report.flow_table.evictions, 4999999000);
	assert_int_equal(report.flow_table.evicted.packets, 1ULL << 40);
	assert_int_equal(report.flow_table.evicted.bytes, 1ULL << 50);
	pim_stats_report_free(&report);
	raw = (struct pim_raw){};
	assert_int_equal(pim_stats_report(&raw, &options, &report), 0);
	assert_int_equal(report.flow_table.held | report.flow_table.slots |
				 report.flow_table.inserts | report.flow_table.evictions |
				 report.flow_table.evicted.packets |
				 report.flow_table.evicted.bytes,
			 0);
	pim_stats_report_free(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_every_reason_once_before_any_packet),
		cmocka_unit_test(shows_what_the_options_would_do),
		cmocka_unit_test(shows_what_happened),
		cmocka_unit_test(sums_by_verdict),
		cmocka_unit_test(lists_rules_and_partners),
		cmocka_unit_test(tells_how_full_the_flow_tables_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
