/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counts in lines and tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "output/counts.h"
#include "unit/output/printed.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A share has one decimal; where there is nothing to have a share of, a dash. */
static void prints_shares(void **state)
{
	static const struct pim_column columns[] = {
		{ "packets", PIM_RIGHT },
		{ "bytes", PIM_RIGHT },
		{ "share", PIM_RIGHT },
		{},
	};
	static const struct {
		struct pim_count count;
		uint64_t whole;
		const char *text;
	} cases[] = {
		{ { 0, 0 }, 0, "packets  bytes  share\n      0      0      -\n" },
		{ { 0, 0 }, 1, "packets  bytes  share\n      0      0  0.0 %\n" },
		{ { 1, 60 }, 1, "packets  bytes    share\n      1     60  100.0 %\n" },
		{ { 1, 60 }, 3, "packets  bytes   share\n      1     60  33.3 %\n" },
		{ { 2, 1500 }, 3, "packets  bytes   share\n      2  1,500  66.7 %\n" },
		{ { 1, 60 }, 1000000, "packets  bytes  share\n      1     60  0.0 %\n" },
		{ { 999400, 60 }, 1000000, "packets  bytes   share\n999,400     60  99.9 %\n" },
		{ { 999600, 60 }, 1000000, "packets  bytes    share\n999,600     60  100.0 %\n" },
		{ { 1ULL << 62, 60 },
		  1ULL << 63,
		  "                  packets  bytes   share\n"
		  "4,611,686,018,427,387,904     60  50.0 %\n" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		/* Of packets: the whole's bytes do not matter. */
		struct pim_count whole = { cases[at].whole, 7 };
		struct pim_table *table = pim_table_new(columns);
		FILE *stream = open_text();

		pim_count_cells(table, &cases[at].count, &whole);
		pim_table_print(table, stream, 0);
		assert_text(stream, cases[at].text);
	}
}

static void prints_no_share_of_nothing(void **state)
{
	static const struct pim_column columns[] = {
		{ "packets", PIM_RIGHT },
		{ "bytes", PIM_RIGHT },
		{},
	};
	static const struct pim_count counts[] = { { 0, 0 }, { 1234, 5678901 } };
	struct pim_table *table = pim_table_new(columns);
	FILE *stream = open_text();

	(void)state;
	for (size_t at = 0; at < COUNT(counts); at++)
		pim_count_cells(table, &counts[at], NULL);
	pim_table_print(table, stream, 0);
	assert_text(stream, "packets      bytes\n"
			    "      0          0\n"
			    "  1,234  5,678,901\n");
}

static void prints_a_count_a_line(void **state)
{
	static const struct {
		const char *name;
		struct pim_count count;
		const char *line;
	} cases[] = {
		{ "seen",
		  { 84, 18177 },
		  "  seen                       84 packets                   18,177 bytes\n" },
		{ "dropped",
		  { 0, 0 },
		  "  dropped                     0 packets                        0 bytes\n" },
		{ "passed",
		  { 999, 1000 },
		  "  passed                    999 packets                    1,000 bytes\n" },
		{ "seen",
		  { UINT64_MAX, UINT64_MAX },
		  "  seen     18,446,744,073,709,551,615 packets 18,446,744,073,709,551,615 bytes\n" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		FILE *stream = open_text();

		pim_count_line(stream, cases[at].name, &cases[at].count);
		assert_text(stream, cases[at].line);
	}
}

/* A reason that was not counted has no line, in whatever place it stands. */
static void prints_reasons_that_were_counted(void **state)
{
	static const struct pim_reason_line lines[] = {
		{ PIM_PASS_ARP, { 0, 0 } },
		{ PIM_PASS_RULE, { 3, 4500 } },
		{ PIM_DROP_MARTIAN, { 1, 60 } },
		{ PIM_DROP_ROLE, { 0, 0 } },
	};
	static const struct pim_count seen = { 4, 4560 }, nothing = {};
	FILE *stream = open_text();

	(void)state;
	pim_reasons_table(stream, lines, COUNT(lines), &seen);
	assert_text(
		stream,
		"  reason   verdict  packets  bytes   share  meaning\n"
		"  rule     pass           3  4,500  75.0 %  admitted by a row of the policy\n"
		"  martian  drop           1     60  25.0 %  a source address that cannot be\n");
	stream = open_text();
	pim_reasons_table(stream, lines, 1, &nothing);
	assert_text(stream, "  no packets\n");
	stream = open_text();
	pim_reasons_table(stream, lines, 0, &nothing);
	assert_text(stream, "  no packets\n");
}

/* Rules that admitted nothing are shown: that is what one looks for. */
static void prints_every_rule(void **state)
{
	static const struct pim_rule_line lines[] = {
		{ "sip-mtls-in", "forward", { 1, 60 } },
		{ "rtp-out", "reply", { 0, 0 } },
	};
	FILE *stream = open_text();

	(void)state;
	pim_rules_table(stream, lines, COUNT(lines));
	assert_text(stream, "  rule         leg      packets  bytes\n"
			    "  sip-mtls-in  forward        1     60\n"
			    "  rtp-out      reply          0      0\n");
	stream = open_text();
	pim_rules_table(stream, lines, 0);
	assert_text(stream, "  rule  leg  packets  bytes\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_shares),
		cmocka_unit_test(prints_no_share_of_nothing),
		cmocka_unit_test(prints_a_count_a_line),
		cmocka_unit_test(prints_reasons_that_were_counted),
		cmocka_unit_test(prints_every_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
