/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef PIMXDP_GROUP_H
#define PIMXDP_GROUP_H

#include <sys/types.h>

/* A group by its number, or by its name in /etc/group: name services cannot be
 * linked statically. Returns 0 or -EINVAL. */
int pim_group_parse(const char *text, gid_t *group);

#endif
