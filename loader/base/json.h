/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef PIMXDP_BASE_JSON_H
#define PIMXDP_BASE_JSON_H

#include <jansson.h>

/* A JSON string, owned by the caller. Names of files and interfaces are arbitrary bytes,
 * but JSON is UTF-8: if `bytes` is not valid UTF-8, every non-ASCII byte becomes '?'.
 * Returns NULL when out of memory. */
json_t *pim_json_text(const char *bytes);

#endif
