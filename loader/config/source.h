/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The files that make up a configuration: their names and contents. */
#ifndef PIMXDP_CONFIG_SOURCE_H
#define PIMXDP_CONFIG_SOURCE_H

#include "policy/policy.h"

/* Adds `name` to policy->files and sets *file to its index. The first name added is
 * the configuration file itself. Later names, if relative, are relative to its
 * directory, and are stored with it ("/etc/pimxdp/contoso.prefixes"). Returns 0, or
 * -ENOMEM and fills *error. */
int pim_source_add(struct pim_policy *policy, const char *name, uint32_t *file,
		   struct pim_error *error);

/* All files of a configuration, prefix files too, have at most so many bytes. A million
 * prefixes are 20 MB. */
#define PIM_SOURCES_MB 256

/* Reads the whole of files[file] into *bytes, with a NUL after the end, and its size in
 * bytes without the NUL into *size, and records the state of the file in files[file].
 * The caller frees *bytes. `from` is where the file was named, and messages start with it
 * ("partners.conf:9: ..."); its line is 0 for the configuration file itself. Refuses a file
 * that is missing, unreadable, not a regular file or too large, and never blocks on a FIFO. A
 * byte order mark is refused: of UTF-16 with -EINVAL, of UTF-8 in policy->errors only. Returns
 * 0 or -errno; the caller frees *bytes only if it is 0. */
int pim_source_read(struct pim_policy *policy, uint32_t file, struct pim_origin from, char **bytes,
		    size_t *size, struct pim_error *error);

#endif
