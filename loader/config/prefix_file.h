/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Prefix files: one prefix per line. `#` starts a comment, also after a prefix. Blank
 * lines, blanks around a prefix and a CR before the newline are allowed.
 */
#ifndef PIMXDP_CONFIG_PREFIX_FILE_H
#define PIMXDP_CONFIG_PREFIX_FILE_H

#include "policy/policy.h"

#define PIM_PREFIX_FILE_LINE 256 /* bytes, without the newline and a CR before it */

/* Adds every prefix of the file `name` to the policy, with the roles and the partner of
 * *like; like->origin is where the configuration names the file. Each line that is wrong is
 * refused. Returns 0 or -errno. */
int pim_prefix_file_read(struct pim_policy *policy, const char *name, const struct pim_listed *like,
			 struct pim_error *error);

#endif
