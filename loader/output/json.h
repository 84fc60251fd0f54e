/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shared by the outputs in JSON. */
#ifndef PIMXDP_OUTPUT_JSON_H
#define PIMXDP_OUTPUT_JSON_H

#include <jansson.h>

#include "output/output.h"

/* Prints a value as a line (or, pretty, as lines) and frees it. NULL, a value that
 * could not be made for want of memory, must not look like one: it aborts. */
void pim_json_print(FILE *stream, json_t *value, bool pretty);

#endif
