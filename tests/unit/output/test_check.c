/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The review of a configuration with as many partners as there can be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "output/check.h"
#include "unit/output/configuration.h"

/* What it costs to read and print so many partners, in seconds of this process: its own, so
 * that other work on the machine does not count. The least of a few. */
static double cost_s(unsigned int partners)
{
	size_t room = 64 + (size_t)partners * 64, used;
	char *text = malloc(room);
	double least = 1e9;

	assert_non_null(text);
	used = (size_t)sprintf(text, "edge = { access = [ \"198.51.100.10\" ] } partners = (");
	for (unsigned int at = 0; at < partners; at++)
		used += (size_t)sprintf(text + used,
					"%s\n{ name = \"p%u\", addresses = [ \"10.%u.%u.0/24\" ] }",
					at ? "," : "", at, at >> 8, at & 255);
	strcpy(text + used, ")\n");
	for (int round = 0; round < 3; round++) {
		FILE *nowhere = fopen("/dev/null", "w");
		struct timespec begin, end;
		struct pim_policy policy;
		double took;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
		read_policy(text, &policy);
		assert_int_equal(policy.partner_count, partners);
		pim_output_check_text(nowhere, "edge.conf", &policy, 0);
		pim_output_check_json(nowhere, false, "edge.conf", &policy, 0);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
		took = (double)(end.tv_sec - begin.tv_sec) +
		       (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
		least = took < least ? took : least;
		pim_policy_free(&policy);
		fclose(nowhere);
	}
	free(text);
	return least;
}

/* Sixteen times as many take about sixteen times as long. If each partner's prefixes were looked
 * for among all, it would be 256 times. */
static void costs_in_proportion_to_the_partners(void **state)
{
	double few = cost_s(4095), many = cost_s(65520);

	(void)state;
	if (many > 64 * few)
		fail_msg("%.3f s for 4,095 partners, and %.3f s for 65,520", few, many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(costs_in_proportion_to_the_partners),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
