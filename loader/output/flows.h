/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prints the flows. */
#ifndef PIMXDP_OUTPUT_FLOWS_H
#define PIMXDP_OUTPUT_FLOWS_H

#include <stdbool.h>
#include <stdio.h>

#include "report/flows.h"

/* Print the first `count` flows of the report, which must not exceed its flow_count: as a
 * table, or as one JSON object each. */
void pim_output_flows_text(FILE *stream, const char *interface,
			   const struct pim_flows_report *report, size_t count);
void pim_output_flows_json(FILE *stream, bool pretty, const struct pim_flows_report *report,
			   size_t count);

#endif
