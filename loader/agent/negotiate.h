/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Content negotiation: which format of metrics an HTTP request asks for. */
#ifndef PIMXDP_AGENT_NEGOTIATE_H
#define PIMXDP_AGENT_NEGOTIATE_H

#include "output/metrics.h"

/* The format to answer in, by the value of the request's Accept header (RFC 9110 12.5.1);
 * NULL: it has none. OpenMetrics if its weight is higher; else Prometheus' text format,
 * also for a header that cannot be parsed or asks for neither. */
enum pim_metrics_format pim_metrics_negotiate(const char *accept);

#endif
