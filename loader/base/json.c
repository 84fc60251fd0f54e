/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

json_t *pim_json_text(const char *bytes)
{
	json_t *value = json_string(bytes);
	char *copy;

	if (value || !(copy = strdup(bytes)))
		return value;
	for (char *at = copy; *at; at++)
		if (*at & 0x80)
			*at = '?';
	value = json_string(copy);
	free(copy);
	return value;
}
