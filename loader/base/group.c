/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/group.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Refuses (gid_t)-1, which means "leave the group as it is" to chown(). */
static int parse_number(const char *text, gid_t *group)
{
	unsigned long number;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (*end || errno || number >= (gid_t)-1)
		return -EINVAL;
	*group = number;
	return 0;
}

int pim_group_parse(const char *text, gid_t *group)
{
	struct group *entry;
	int result = -EINVAL;
	FILE *groups;

	if (!parse_number(text, group))
		return 0;
	groups = fopen("/etc/group", "re");
	while (groups && result && (entry = fgetgrent(groups))) {
		if (strcmp(entry->gr_name, text))
			continue;
		*group = entry->gr_gid;
		result = 0;
	}
	if (groups)
		fclose(groups);
	return result;
}
