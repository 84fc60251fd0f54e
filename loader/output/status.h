/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prints the status of places. */
#ifndef PIMXDP_OUTPUT_STATUS_H
#define PIMXDP_OUTPUT_STATUS_H

#include <stdbool.h>
#include <stdio.h>

#include "report/status.h"

void pim_output_status_text(FILE *stream, const struct pim_status_report *report);
/* All reports as one JSON array. */
void pim_output_status_json(FILE *stream, bool pretty, const struct pim_status_report *reports,
			    size_t count);

#endif
