/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/json.h"

#include <stdlib.h>

#include "policy/policy.h"

json_t *pim_json_roles(uint16_t roles)
{
	json_t *names = json_array();

	for (unsigned int bit = 0; bit < PIM_ROLES; bit++)
		if (roles >> bit & 1)
			json_array_append_new(names, json_string(pim_role_name(1u << bit)));
	return names;
}

void pim_json_print(FILE *stream, json_t *value, bool pretty)
{
	if (!value)
		abort();
	json_dumpf(value, stream, pretty ? JSON_INDENT(2) : JSON_COMPACT);
	fputc('\n', stream);
	json_decref(value);
}
