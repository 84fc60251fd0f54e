/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which families of metrics there are, and their values. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/place.h"
#include "output/metrics.h"
#include "policy/policy.h"
#include "report/metrics.h"
#include "report/stats.h"
#include "unit/report/exposition.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ---- families ---- */

static void names_keep_the_conventions(void **state)
{
	(void)state;
	for (enum pim_metric metric = 0; metric < PIM_METRICS; metric++) {
		const struct pim_metric_family *family = &pim_metric_families[metric];
		const char *suffix = pim_metric_suffix(family->type);
		const char *end = family->name + strlen(family->name) - strlen(suffix);

		assert_int_equal(strncmp(family->name, "pimxdp_", 7), 0);
		for (const char *at = family->name; *at; at++)
			assert_true(islower((unsigned char)*at) || *at == '_');
		assert_string_equal(end, suffix);
		/* No other type looks like these. */
		if (family->type == PIM_METRIC_GAUGE)
			assert_false(strstr(family->name, "_total") ||
				     strstr(family->name, "_info"));
		/* The unit is at the end of the name, and a name that ends in one has it as its unit. */
		assert_int_equal(!strncmp(end - 6, "_bytes", 6), !strcmp(family->unit, "bytes"));
		assert_int_equal(!strncmp(end - 8, "_seconds", 8),
				 !strcmp(family->unit, "seconds"));
		assert_int_equal(family->help[strlen(family->help) - 1], '.');
		assert_null(strpbrk(family->help, "\n\\\"|"));
		for (enum pim_metric other = 0; other < metric; other++)
			assert_string_not_equal(family->name, pim_metric_families[other].name);
		for (size_t i = 0; i < PIM_METRIC_LABELS && family->labels[i]; i++)
			assert_false(strstr(family->labels[i], "address") ||
				     strstr(family->labels[i], "port") ||
				     strstr(family->labels[i], "prefix"));
	}
}

/* A family without samples would be a false promise. */
static void every_family_has_samples(void **state)
{
	(void)state;
	print_one(PIM_METRICS_PROMETHEUS, true);
	for (enum pim_metric metric = 0; metric < PIM_METRICS; metric++) {
		char head[128];

		snprintf(head, sizeof(head), "# TYPE %s ", pim_metric_families[metric].name);
		if (beginnings(head) != 1)
			fail_msg("expected one \"%s\", found %zu", head, beginnings(head));
		snprintf(head, sizeof(head), "%s%c", pim_metric_families[metric].name,
			 pim_metric_families[metric].labels[0] ? '{' : ' ');
		if (!beginnings(head))
			fail_msg("expected a sample of %s", head);
	}
	print_one(PIM_METRICS_PROMETHEUS, false);
	assert_null(strstr(text, "pimxdp_agent_"));
}

/* ---- values ---- */

static void has_the_reports_numbers(void **state)
{
	static const char *const expected[] = {
		"pimxdp_read_success{interface=\"eth1\"} 1",
		"pimxdp_attached{interface=\"eth1\"} 1",
		"pimxdp_state{interface=\"eth1\",state=\"attached\"} 1",
		"pimxdp_state{interface=\"eth1\",state=\"detached\"} 0",
		"pimxdp_attach_mode{interface=\"eth1\",mode=\"skb\"} 1",
		"pimxdp_attach_mode{interface=\"eth1\",mode=\"native\"} 0",
		"pimxdp_attach_mode{interface=\"eth1\",mode=\"offload\"} 0",
		"pimxdp_attach_timestamp_seconds{interface=\"eth1\"} 1795378501.000000007",
		"pimxdp_policy_info{interface=\"eth1\",hash=\"00000000000000ab\",mode=\"observe\"} 1",
		"pimxdp_policy_generation{interface=\"eth1\"} 7",
		"pimxdp_policy_load_timestamp_seconds{interface=\"eth1\"} 5.000000000",
		"pimxdp_policy_prefixes{interface=\"eth1\",role=\"access\"} 100",
		"pimxdp_policy_prefixes{interface=\"eth1\",role=\"failsafe\"} 106",
		"pimxdp_reason_packets_total{interface=\"eth1\",reason=\"rule\",verdict=\"pass\"} 11",
		"pimxdp_reason_bytes_total{interface=\"eth1\",reason=\"rule\",verdict=\"pass\"} 1100",
		"pimxdp_reason_packets_total{interface=\"eth1\",reason=\"role\",verdict=\"drop\"} "
		"18446744073709551615",
		"pimxdp_reason_bytes_total{interface=\"eth1\",reason=\"role\",verdict=\"drop\"} 64",
		"pimxdp_rule_packets_total{interface=\"eth1\",rule=\"sip-tls-in\",leg=\"forward\"} 11",
		"pimxdp_rule_bytes_total{interface=\"eth1\",rule=\"sip-tls-in\",leg=\"forward\"} 1100",
		"pimxdp_partner_packets_total{interface=\"eth1\",partner=\"contoso\"} 22",
		"pimxdp_partner_bytes_total{interface=\"eth1\",partner=\"fabrikam\"} 2100",
		"pimxdp_flow_table_flows{interface=\"eth1\"} 40",
		"pimxdp_flow_table_slots{interface=\"eth1\"} 98304",
		"pimxdp_flow_table_inserts_total{interface=\"eth1\"} 60",
		"pimxdp_flow_table_evictions_total{interface=\"eth1\"} 20",
		"pimxdp_flow_table_evicted_packets_total{interface=\"eth1\"} 41",
		"pimxdp_flow_table_evicted_bytes_total{interface=\"eth1\"} 4100",
		"pimxdp_agent_start_timestamp_seconds 3.000000000",
		"pimxdp_agent_last_scrape_duration_seconds 0.001500000",
		"pimxdp_agent_reloads_total{interface=\"eth1\",result=\"success\"} 3",
		"pimxdp_agent_reloads_total{interface=\"eth1\",result=\"failure\"} 2",
		"pimxdp_agent_last_reload_successful{interface=\"eth1\"} 0",
		"pimxdp_agent_last_reload_timestamp_seconds{interface=\"eth1\"} 6.000000005",
		"pimxdp_agent_last_reload_success_timestamp_seconds{interface=\"eth1\"} 4.000000000",
		"pimxdp_agent_skb_fallback{interface=\"eth1\"} 1",
	};

	(void)state;
	for (enum pim_metrics_format format = 0; format <= PIM_METRICS_OPENMETRICS; format++) {
		print_one(format, true);
		for (size_t at = 0; at < COUNT(expected); at++)
			assert_line(expected[at]);
		/* The entry for "no partner" is not shown. */
		assert_int_equal(beginnings("pimxdp_partner_packets_total{"), 2);
	}
}

/* rate() sees a counter's first step only when there was a 0 before. */
static void zero_counters_are_there(void **state)
{
	char line[128];

	(void)state;
	print_one(PIM_METRICS_PROMETHEUS, false);
	assert_int_equal(beginnings("pimxdp_reason_packets_total{"), PIM_OUTCOMES);
	assert_int_equal(beginnings("pimxdp_reason_bytes_total{"), PIM_OUTCOMES);
	for (enum pim_outcome outcome = 0; outcome < PIM_OUTCOMES; outcome++) {
		if (outcome == PIM_PASS_RULE || outcome == PIM_DROP_ROLE)
			continue;
		snprintf(
			line, sizeof(line),
			"pimxdp_reason_packets_total{interface=\"eth1\",reason=\"%s\",verdict=\"%s\"} 0",
			pim_outcome_reason(outcome),
			pim_verdict_name(pim_outcome_verdict(outcome)));
		assert_line(line);
	}
	assert_line(
		"pimxdp_rule_packets_total{interface=\"eth1\",rule=\"stun-out\",leg=\"reply\"} 0");
	assert_int_equal(beginnings("pimxdp_policy_prefixes{"), PIM_ROLES);
}

/* The exposition outlives the data that it was made from. */
static void owns_its_texts(void **state)
{
	struct pim_metrics metrics;
	struct pim_observed interface;
	struct made *made = malloc(sizeof(*made));
	char *name = strdup("eth1");

	(void)state;
	assert_non_null(made);
	make(made, name);
	interface = observed(made);
	interface.interface = name;
	assert_int_equal(pim_metrics_compute(&interface, 1, NULL, &metrics), 0);
	pim_stats_report_free(&made->report);
	free(made);
	free(name);
	assert_string_equal(metrics.families[PIM_METRIC_RULE_BYTES].samples[0].labels[0], "eth1");
	assert_string_equal(metrics.families[PIM_METRIC_RULE_BYTES].samples[0].labels[1],
			    "sip-tls-in");
	pim_metrics_free(&metrics);
	assert_int_equal(metrics.families[PIM_METRIC_RULE_BYTES].count, 0);
	pim_metrics_free(&metrics); /* empty is allowed */
}

/* ---- interfaces ---- */

static void several_interfaces_stand_together(void **state)
{
	struct pim_observed interfaces[3];
	struct made one, two;

	(void)state;
	make(&one, "eth1");
	make(&two, "eth2");
	two.place.stamp.generation = 1;
	interfaces[0] = observed(&one);
	interfaces[1] = observed(&two);
	interfaces[2] = (struct pim_observed){ .interface = "eth3" };
	print(PIM_METRICS_PROMETHEUS, interfaces, 3, NULL);
	for (enum pim_metric metric = 0; metric < PIM_METRICS; metric++) {
		char head[128];

		snprintf(head, sizeof(head), "# HELP %s ", pim_metric_families[metric].name);
		assert_int_equal(beginnings(head),
				 pim_metric_families[metric].of == PIM_METRIC_OF_FILTER);
	}
	assert_non_null(strstr(text, "pimxdp_policy_generation{interface=\"eth1\"} 7\n"
				     "pimxdp_policy_generation{interface=\"eth2\"} 1\n"));
	assert_non_null(strstr(text, "pimxdp_read_success{interface=\"eth1\"} 1\n"
				     "pimxdp_read_success{interface=\"eth2\"} 1\n"
				     "pimxdp_read_success{interface=\"eth3\"} 0\n"));
	/* An interface that could not be read has no other samples. */
	assert_int_equal(beginnings("pimxdp_attached{"), 2);
	assert_null(strstr(strstr(text, "interface=\"eth3\"") + 1, "interface=\"eth3\""));
	pim_stats_report_free(&one.report);
	pim_stats_report_free(&two.report);
}

/* Anything but attached is 0, whatever is left of the filter; counters that are left are
 * still shown. */
static void what_is_not_attached_is_0(void **state)
{
	(void)state;
	for (enum pim_place_state at = 0; pim_place_state_name(at); at++) {
		struct pim_observed interface;
		struct made made;
		char line[128];
		bool counts;

		make(&made, "eth1");
		made.place.state = at;
		counts = pim_place_counts(&made.place);
		interface = observed(&made);
		if (!counts) {
			interface.report = NULL;
			interface.prefixes = NULL;
		}
		print(PIM_METRICS_PROMETHEUS, &interface, 1, NULL);
		snprintf(line, sizeof(line), "pimxdp_attached{interface=\"eth1\"} %d",
			 at == PIM_PLACE_ATTACHED);
		assert_line(line);
		snprintf(line, sizeof(line), "pimxdp_state{interface=\"eth1\",state=\"%s\"} 1",
			 pim_place_state_name(at));
		assert_line(line);
		snprintf(line, sizeof(line),
			 "pimxdp_attach_mode{interface=\"eth1\",mode=\"skb\"} %d",
			 at == PIM_PLACE_ATTACHED);
		assert_line(line);
		assert_int_equal(beginnings("pimxdp_flow_table_flows{"), counts);
		pim_stats_report_free(&made.report);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_keep_the_conventions),
		cmocka_unit_test(every_family_has_samples),
		cmocka_unit_test(has_the_reports_numbers),
		cmocka_unit_test(zero_counters_are_there),
		cmocka_unit_test(owns_its_texts),
		cmocka_unit_test(several_interfaces_stand_together),
		cmocka_unit_test(what_is_not_attached_is_0),
	};

	return cmocka_run_group_tests(tests, NULL, free_text);
}
