/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prints metrics in Prometheus' text format 0.0.4 or in OpenMetrics 1.0. */
#ifndef PIMXDP_OUTPUT_METRICS_H
#define PIMXDP_OUTPUT_METRICS_H

#include <stdbool.h>
#include <stdio.h>

#include "report/metrics.h"

/* Both are UTF-8 text. In OpenMetrics the families are named without _total and _info. */
enum pim_metrics_format { PIM_METRICS_PROMETHEUS, PIM_METRICS_OPENMETRICS };
void pim_output_metrics(FILE *stream, enum pim_metrics_format format,
			const struct pim_metrics *metrics);

/* The Content-Type of an HTTP response in that format. */
const char *pim_metrics_content_type(enum pim_metrics_format format);

/* List all families (metrics.def). */
void pim_output_families_text(FILE *stream);
void pim_output_families_json(FILE *stream, bool pretty);

#endif
