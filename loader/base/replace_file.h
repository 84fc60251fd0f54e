/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A file that readers see whole, old or new, never in part. */
#ifndef PIMXDP_REPLACE_FILE_H
#define PIMXDP_REPLACE_FILE_H

#include <stddef.h>

#include "base/error.h"

/* Puts the bytes in the place of the file `path`, mode 0644, by a temporary file
 * beside it (hidden, ending in none of the file's suffix), which is on the disk
 * before it takes the name. A symbolic link is followed. On failure the old file
 * stays and the temporary one is gone; only a kill -9 can leave it. What exists
 * and is no regular file is refused. Returns 0 or -errno. */
int pim_replace_file(const char *path, const void *bytes, size_t length, struct pim_error *error);

#endif
