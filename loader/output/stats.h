/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prints the counters by reason, rule and partner. */
#ifndef PIMXDP_OUTPUT_STATS_H
#define PIMXDP_OUTPUT_STATS_H

#include <stdbool.h>
#include <stdio.h>

#include "report/stats.h"

void pim_output_stats_text(FILE *stream, const char *interface, const struct pim_stamp *stamp,
			   const struct pim_stats_report *report);
void pim_output_stats_json(FILE *stream, bool pretty, const char *interface,
			   const struct pim_stamp *stamp, const struct pim_stats_report *report);

#endif
