/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/negotiate.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void assert_accepted(const char *const *headers, size_t count,
			    enum pim_metrics_format expected)
{
	for (size_t at = 0; at < count; at++)
		if (pim_metrics_negotiate(headers[at]) != expected)
			fail_msg("expected format %d for: %s", expected, headers[at]);
}

static void gives_openmetrics_where_it_is_wanted_most(void **state)
{
	static const char *const headers[] = {
		/* Prometheus 2.42, and 3 */
		"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
		"text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
		"application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,"
		"text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
		"application/openmetrics-text",
		"application/openmetrics-text; version=1.0.0",
		"Application/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=0.2 , text/plain;q=0.1",
		"text/plain;q=0.5, application/openmetrics-text;q=0.501",
		"text/plain;q=0, application/openmetrics-text;q=0.001",
		"*/*;q=0.1,application/openmetrics-text",
		"application/*",
	};

	(void)state;
	assert_accepted(headers, COUNT(headers), PIM_METRICS_OPENMETRICS);
}

static void gives_prometheus_text_else(void **state)
{
	static const char *const headers[] = {
		NULL,
		"",
		",",
		";",
		"*/*",
		"text/plain",
		"text/html,application/xhtml+xml,*/*;q=0.8",
		"text/plain,application/openmetrics-text", /* equal weights */
		"text/plain;q=0.5,application/openmetrics-text;q=0.499",
		"application/openmetrics-text;version=0.0.1",
		"application/openmetrics-text;version=2.0.0,text/plain;q=0.1",
		"application/openmetrics-text;q=0",
		"application/openmetrics-text;q=none",
		"application/openmetrics-text;q=0.9,text/*",
		"application/openmetrics-textual",
		"application/json",
		"q=1;version=1.0.0",
	};

	(void)state;
	assert_accepted(headers, COUNT(headers), PIM_METRICS_PROMETHEUS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_openmetrics_where_it_is_wanted_most),
		cmocka_unit_test(gives_prometheus_text_else),
	};

	return cmocka_run_group_tests_name("accept", tests, NULL, NULL);
}
