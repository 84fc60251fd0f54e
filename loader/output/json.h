/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* JSON, as every output prints it. */
#ifndef PIMXDP_OUTPUT_JSON_H
#define PIMXDP_OUTPUT_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/json.h"

/* Prints a value as a line (or, pretty, as lines) and frees it. NULL, a value that
 * could not be made for want of memory, must not look like one: it aborts. */
void pim_json_print(FILE *stream, json_t *value, bool pretty);

/* A string, or null for NULL; owned by the caller. */
static inline json_t *pim_json_text_or_null(const char *bytes)
{
	return bytes ? pim_json_text(bytes) : json_null();
}

/* A counter for json_pack's I: counts stay below 2^63. */
static inline json_int_t pim_json_number(uint64_t value)
{
	return (json_int_t)value;
}

#endif
