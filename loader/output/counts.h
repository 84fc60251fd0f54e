/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lines and tables of counters that several outputs share. */
#ifndef PIMXDP_OUTPUT_COUNTS_H
#define PIMXDP_OUTPUT_COUNTS_H

#include "output/table.h"
#include "report/stats.h"

/* Adds the cells packets and bytes, and with `whole` (may be NULL) the share of its
 * packets. */
void pim_count_cells(struct pim_table *table, const struct pim_count *count,
		     const struct pim_count *whole);

/* "seen   84 packets   18,177 bytes". */
void pim_count_line(FILE *stream, const char *name, const struct pim_count *count);

/* The reasons that were counted, with their share of the packets seen. */
void pim_reasons_table(FILE *stream, const struct pim_reason_line *lines, size_t count,
		       const struct pim_count *seen);
void pim_rules_table(FILE *stream, const struct pim_rule_line *lines, size_t count);

#endif
