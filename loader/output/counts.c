/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/counts.h"

#include "base/text.h"
#include "policy/policy.h"

void pim_count_cells(struct pim_table *table, const struct pim_count *count,
		     const struct pim_count *whole)
{
	pim_table_number(table, count->packets);
	pim_table_number(table, count->bytes);
	if (!whole)
		return;
	if (whole->packets)
		pim_table_cell(table, "%.1f %%", 100.0 * count->packets / whole->packets);
	else
		pim_table_cell(table, "-");
}

void pim_count_line(FILE *stream, const char *name, const struct pim_count *count)
{
	char packets[PIM_GROUPED], bytes[PIM_GROUPED];

	fprintf(stream, "  %-8s %20s packets %24s bytes\n", name,
		pim_grouped(count->packets, packets), pim_grouped(count->bytes, bytes));
}

void pim_reasons_table(FILE *stream, const struct pim_reason_line *lines, size_t count,
		       const struct pim_count *seen)
{
	static const struct pim_column columns[] = {
		{ "reason", PIM_LEFT },
		{ "verdict", PIM_LEFT },
		{ "packets", PIM_RIGHT },
		{ "bytes", PIM_RIGHT },
		{ "share", PIM_RIGHT },
		{ "meaning", PIM_LEFT },
		{},
	};
	struct pim_table *table;

	if (!seen->packets) {
		fprintf(stream, "  no packets\n");
		return;
	}
	table = pim_table_new(columns);
	for (size_t i = 0; i < count; i++) {
		enum pim_outcome outcome = lines[i].outcome;

		if (!lines[i].count.packets)
			continue;
		pim_table_cell(table, "%s", pim_outcome_reason(outcome));
		pim_table_cell(table, "%s", pim_verdict_name(pim_outcome_verdict(outcome)));
		pim_count_cells(table, &lines[i].count, seen);
		pim_table_cell(table, "%s", pim_outcome_meaning(outcome));
	}
	pim_table_print(table, stream, 2);
}

void pim_rules_table(FILE *stream, const struct pim_rule_line *lines, size_t count)
{
	static const struct pim_column columns[] = {
		{ "rule", PIM_LEFT },
		{ "leg", PIM_LEFT },
		{ "packets", PIM_RIGHT },
		{ "bytes", PIM_RIGHT },
		{},
	};
	struct pim_table *table = pim_table_new(columns);

	for (size_t i = 0; i < count; i++) {
		pim_table_cell(table, "%s", lines[i].rule);
		pim_table_cell(table, "%s", lines[i].leg);
		pim_count_cells(table, &lines[i].count, NULL);
	}
	pim_table_print(table, stream, 2);
}
