/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How the two formats of metrics are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "output/metrics.h"
#include "report/metrics.h"
#include "report/stats.h"
#include "unit/report/exposition.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void prometheus_names_the_samples(void **state)
{
	(void)state;
	print_one(PIM_METRICS_PROMETHEUS, true);
	assert_line("# TYPE pimxdp_rule_bytes_total counter");
	assert_line("# TYPE pimxdp_policy_info gauge");
	assert_line("# TYPE pimxdp_attached gauge");
	assert_int_equal(beginnings("# UNIT"), 0);
	assert_null(strstr(text, "# EOF"));
	assert_non_null(strstr(pim_metrics_content_type(PIM_METRICS_PROMETHEUS), "version=0.0.4"));
}

static void openmetrics_names_the_families(void **state)
{
	(void)state;
	print_one(PIM_METRICS_OPENMETRICS, true);
	assert_line("# TYPE pimxdp_rule_bytes counter");
	assert_line("# UNIT pimxdp_rule_bytes bytes");
	assert_line("# TYPE pimxdp_policy info");
	assert_line("# TYPE pimxdp_attached gauge");
	assert_line("# UNIT pimxdp_attach_timestamp_seconds seconds");
	assert_null(strstr(text, "_total counter"));
	assert_null(strstr(text, "# HELP pimxdp_rule_bytes_total"));
	assert_string_equal(text + text_size - 6, "# EOF\n");
	assert_int_equal(beginnings("# EOF"), 1);
	assert_non_null(strstr(pim_metrics_content_type(PIM_METRICS_OPENMETRICS),
			       "application/openmetrics-text; version=1.0.0"));
}

static void no_interface_is_an_exposition_too(void **state)
{
	char schema[96];

	(void)state;
	print(PIM_METRICS_OPENMETRICS, NULL, 0, NULL);
	snprintf(schema, sizeof(schema), "pimxdp_build_info{version=\"%s\",schema=\"%u\"} 1",
		 PIM_VERSION, PIM_SCHEMA);
	assert_line(schema);
	assert_string_equal(text + text_size - 6, "# EOF\n");
	assert_int_equal(beginnings("# TYPE "), 1);
}

static void escapes_label_values(void **state)
{
	static const struct {
		const char *name, *shown;
	} cases[] = {
		{ "plain-1", "plain-1" },
		{ "a\"b", "a\\\"b" },
		{ "a\\b", "a\\\\b" },
		{ "a\nb", "a\\nb" },
		{ "\\n", "\\\\n" },
		{ "{a=\"b\"}", "{a=\\\"b\\\"}" },
		{ "caf\xc3\xa9", "caf\xc3\xa9" }, /* UTF-8 stays */
		{ "\x1b[2J\x7f", "\\\\x1b[2J\\\\x7f" },
		{ "caf\xe9", "caf\\\\xe9" }, /* Latin-1 */
		{ "\xc3\xa9\xff", "\\\\xc3\\\\xa9\\\\xff" },
		{ "\xed\xa0\x80", "\\\\xed\\\\xa0\\\\x80" }, /* a surrogate is no UTF-8 */
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct pim_observed interface;
		struct made made;
		char line[160];

		make(&made, "eth1");
		strcpy(made.partners[1].partner, cases[at].name);
		interface = observed(&made);
		print(PIM_METRICS_PROMETHEUS, &interface, 1, NULL);
		snprintf(line, sizeof(line),
			 "pimxdp_partner_packets_total{interface=\"eth1\",partner=\"%s\"} 21",
			 cases[at].shown);
		assert_line(line);
		pim_stats_report_free(&made.report);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prometheus_names_the_samples),
		cmocka_unit_test(openmetrics_names_the_families),
		cmocka_unit_test(no_interface_is_an_exposition_too),
		cmocka_unit_test(escapes_label_values),
	};

	return cmocka_run_group_tests(tests, NULL, free_text);
}
