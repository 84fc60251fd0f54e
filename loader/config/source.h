/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The files that make up a configuration: their names and their bytes. */
#ifndef PIMXDP_CONFIG_SOURCE_H
#define PIMXDP_CONFIG_SOURCE_H

#include "policy/policy.h"

/* Adds `name` to policy->files; *file is its index. A relative name is taken
 * from the folder of files[0] and stored so ("/etc/pimxdp/contoso.prefixes").
 * The first name added is the configuration's own. Returns 0 or -ENOMEM with a
 * text. */
int pim_source_add(struct pim_policy *policy, const char *name, uint32_t *file,
		   struct pim_error *error);

/* Reads the whole of files[file] into *bytes (heap, a NUL behind the end, the
 * caller frees it) and *size, and notes how the file stood. `from` is where the
 * file was named; messages start there ("partners.conf:9: ..."), or with the file's
 * own name if from.line is 0. Refuses what is missing, unreadable or no regular file, and
 * never waits for a FIFO. */
int pim_source_read(struct pim_policy *policy, uint32_t file, struct pim_origin from,
		    char **bytes, size_t *size, struct pim_error *error);

#endif
