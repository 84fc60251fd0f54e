/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The flows, written out. */
#ifndef PIMXDP_OUTPUT_FLOWS_H
#define PIMXDP_OUTPUT_FLOWS_H

#include <stdbool.h>
#include <stdio.h>

#include "report/flows.h"

/* The first `count` flows of the report: a table, or a line of JSON each. */
void pim_output_flows_text(FILE *stream, const char *interface,
			   const struct pim_flows_report *report, size_t count);
void pim_output_flows_json(FILE *stream, bool pretty, const struct pim_flows_report *report,
			   size_t count);

#endif
