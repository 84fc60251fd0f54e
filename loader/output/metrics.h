/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Metrics as Prometheus' text format 0.0.4, or as OpenMetrics 1.0. */
#ifndef PIMXDP_OUTPUT_METRICS_H
#define PIMXDP_OUTPUT_METRICS_H

#include <stdbool.h>
#include <stdio.h>

#include "report/metrics.h"

/* Both of them UTF-8 text. Counter families of OpenMetrics are named without _total. */
enum pim_metrics_format { PIM_METRICS_PROMETHEUS, PIM_METRICS_OPENMETRICS };
void pim_output_metrics(FILE *stream, enum pim_metrics_format format,
			const struct pim_metrics *metrics);

/* What an HTTP answer in that format calls itself, in Content-Type. */
const char *pim_metrics_content_type(enum pim_metrics_format format);

/* Every family that there is (metrics.def). */
void pim_output_families_text(FILE *stream);
void pim_output_families_json(FILE *stream, bool pretty);

#endif
