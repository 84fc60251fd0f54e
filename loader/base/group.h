/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef PIMXDP_BASE_GROUP_H
#define PIMXDP_BASE_GROUP_H

#include <sys/types.h>

/* Finds a group by its number, or by its name in /etc/group. Reads the file itself,
 * because NSS does not work in a static binary. Returns 0 or -EINVAL. */
int pim_group_parse(const char *text, gid_t *group);

#endif
