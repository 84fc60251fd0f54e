/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Prefix files: one prefix a line; `#` starts a comment, also behind a prefix;
 * blank lines, blanks around a prefix and CR before the newline are allowed.
 */
#ifndef PIMXDP_PREFIX_FILE_H
#define PIMXDP_PREFIX_FILE_H

#include "policy/policy.h"

#define PIM_PREFIX_FILE_LINE 256 /* characters, without the newline */

/* Adds every prefix of the file `name`, with the roles and the partner of
 * *like; like->origin is where the file was named. */
int pim_prefix_file_read(struct pim_policy *policy, const char *name,
			 const struct pim_listed *like, struct pim_error *error);

#endif
