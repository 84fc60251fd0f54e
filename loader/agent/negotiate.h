/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Content negotiation: which format of metrics an HTTP request asks for. */
#ifndef PIMXDP_NEGOTIATE_H
#define PIMXDP_NEGOTIATE_H

#include "output/metrics.h"

/* By the value of the request's Accept header (RFC 9110 12.5.1); NULL: it has
 * none. OpenMetrics where its weight is the higher one, else Prometheus' text,
 * which is also the answer to what cannot be read or asks for neither. */
enum pim_metrics_format pim_metrics_negotiate(const char *accept);

#endif
