/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/names.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

int pim_name_find(const char *const *names, const char *name)
{
	for (int at = 0; names[at]; at++)
		if (!strcmp(names[at], name))
			return at;
	return -1;
}

char *pim_name_list(const char *const *names, char text[PIM_NAME_LIST])
{
	static const char more[] = ", ...";
	size_t used = 0;

	text[0] = '\0';
	for (; *names; names++) {
		const char *join = used == 0 ? "" : names[1] ? ", " : " or ";

		if (used + strlen(join) + strlen(*names) + sizeof(more) > PIM_NAME_LIST) {
			strcpy(text + used, more);
			break;
		}
		used += (size_t)sprintf(text + used, "%s%s", join, *names);
	}
	return text;
}
