/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef PIMXDP_JSON_TEXT_H
#define PIMXDP_JSON_TEXT_H

#include <jansson.h>

/* A JSON string, owned by the caller. Names of files and interfaces are bytes, JSON
 * is UTF-8: what is not UTF-8 shows its other bytes as '?'. NULL when out of
 * memory. */
json_t *pim_json_text(const char *bytes);

#endif
