/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* JSON for all outputs. */
#ifndef PIMXDP_OUTPUT_JSON_H
#define PIMXDP_OUTPUT_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/json.h"

/* Prints a value on one line (several with `pretty`) and frees it. Aborts on NULL (the
 * value could not be built, out of memory), rather than print something that looks valid. */
void pim_json_print(FILE *stream, json_t *value, bool pretty);

/* A JSON string, or null for NULL; owned by the caller. */
static inline json_t *pim_json_text_or_null(const char *bytes)
{
	return bytes ? pim_json_text(bytes) : json_null();
}

/* The names of a set of roles (enum pim_role), as an array; owned by the caller. */
json_t *pim_json_roles(uint16_t roles);

/* A counter for the format I of json_pack; counters stay below 2^63. */
static inline json_int_t pim_json_number(uint64_t value)
{
	return (json_int_t)value;
}

#endif
