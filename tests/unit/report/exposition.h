/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Expositions of made-up places, in both formats. */
#ifndef PIMXDP_TESTS_REPORT_EXPOSITION_H
#define PIMXDP_TESTS_REPORT_EXPOSITION_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/counters.h"
#include "kernel/hook_xdp.h"
#include "kernel/place.h"
#include "output/metrics.h"
#include "report/metrics.h"
#include "report/stats.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SECOND 1000000000ULL

static char *text; /* the exposition of the test that runs */
static size_t text_size;

static inline int free_text(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

/* ---- what is measured ---- */

/* One interface as a place, its counters and its report. */
struct made {
	struct pim_place place;
	struct pim_rule_entry rules[2];
	struct pim_partner_entry partners[3];
	struct pim_raw raw;
	struct pim_stats_report report;
	struct pim_prefix_counts prefixes;
	struct pim_target_counts agent;
};

static inline void make(struct made *made, const char *interface)
{
	*made = (struct made){
		.place = {
			.state = PIM_PLACE_ATTACHED,
			.mode = PIM_ATTACH_SKB,
			.stamp = { .generation = 7, .attached_ns = 1795378501000000007, .loaded_ns = 5 * SECOND,
				  .policy_hash = 0xab, .options = { .mode = PIM_MODE_OBSERVE } },
		},
		.rules = { { 11, 1100, "sip-tls-in", "forward" }, { 0, 0, "stun-out", "reply" } },
		.partners = { { 1, 1, "" }, { 21, 2100, "fabrikam" }, { 22, 2200, "contoso" } },
		.prefixes = { .known = true },
		.agent = { .reload_successes = 3, .reload_failures = 2, .last_reload_failed = true,
			   .last_reload_ns = 6 * SECOND + 5, .last_reload_success_ns = 4 * SECOND,
			   .fell_back = true },
	};
	strcpy(made->place.interface, interface);
	for (unsigned int bit = 0; bit < PIM_ROLES; bit++)
		made->prefixes.by_role[bit] = 100 + bit;
	made->raw = (struct pim_raw){
		.rules = made->rules,
		.rule_count = COUNT(made->rules),
		.partners = made->partners,
		.partner_count = COUNT(made->partners),
		.flow_state = { .inserts = 60,
				.evictions = 20,
				.evicted_packets = 41,
				.evicted_bytes = 4100 },
		.flow_slots = 98304,
	};
	made->raw.reasons[PIM_PASS_RULE] =
		(struct pim_reason_entry){ .packets = 11, .bytes = 1100 };
	made->raw.reasons[PIM_DROP_ROLE] =
		(struct pim_reason_entry){ .packets = UINT64_MAX, .bytes = 64 };
	assert_int_equal(pim_stats_report(&made->raw, &made->place.stamp.options, &made->report),
			 0);
}

static inline struct pim_observed observed(const struct made *made)
{
	return (struct pim_observed){ made->place.interface, &made->place, &made->report,
				      &made->prefixes, NULL };
}

/* ---- what is printed ---- */

static inline void print(enum pim_metrics_format format, const struct pim_observed *interfaces,
			 size_t count, const struct pim_agent_counts *agent)
{
	struct pim_metrics metrics;
	FILE *stream;

	free(text);
	stream = open_memstream(&text, &text_size);
	assert_non_null(stream);
	assert_int_equal(pim_metrics_compute(interfaces, count, agent, &metrics), 0);
	pim_output_metrics(stream, format, &metrics);
	pim_metrics_free(&metrics);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(strlen(text), text_size);
	assert_int_equal(text[text_size - 1], '\n');
}

/* Prints one interface, eth1, with or without the agent's metrics. */
static inline void print_one(enum pim_metrics_format format, bool with_agent)
{
	const struct pim_agent_counts agent = { .start_ns = 3 * SECOND, .last_scrape_ns = 1500000 };
	struct pim_observed interface;
	struct made made;

	make(&made, "eth1");
	interface = observed(&made);
	if (with_agent)
		interface.agent = &made.agent;
	print(format, &interface, 1, with_agent ? &agent : NULL);
	pim_stats_report_free(&made.report);
}

/* How often the exposition has this whole line. */
static inline size_t lines(const char *line)
{
	size_t length = strlen(line), found = 0;

	for (const char *at = text; (at = strstr(at, line)); at += length)
		found += (at == text || at[-1] == '\n') && at[length] == '\n';
	return found;
}

static inline void assert_line(const char *line)
{
	if (lines(line) != 1)
		fail_msg("expected the line \"%s\" once, found it %zu times in:\n%s", line,
			 lines(line), text);
}

static inline size_t beginnings(const char *beginning)
{
	size_t found = 0;

	for (const char *at = text; (at = strstr(at, beginning)); at++)
		found += at == text || at[-1] == '\n';
	return found;
}

#endif
