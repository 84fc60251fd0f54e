/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/json.h"

#include <stdlib.h>

void pim_json_print(FILE *stream, json_t *value, bool pretty)
{
	if (!value)
		abort();
	json_dumpf(value, stream, pretty ? JSON_INDENT(2) : JSON_COMPACT);
	fputc('\n', stream);
	json_decref(value);
}
