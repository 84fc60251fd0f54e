/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Replacing a file atomically: anyone who opens it sees either the old or the new contents. */
#ifndef PIMXDP_BASE_REPLACE_FILE_H
#define PIMXDP_BASE_REPLACE_FILE_H

#include <stddef.h>

#include "base/error.h"

/* Replaces the contents of the file `path`, or creates it, with mode 0644. Writes a
 * temporary file in the same directory (hidden, and without the file's suffix at its
 * end), syncs it to disk and renames it. A symbolic link to a file is followed. On
 * failure the old file stays and the temporary file is removed; only SIGKILL or a crash
 * can leave it behind. Refuses to replace anything but a regular file. Returns 0 or
 * -errno. */
int pim_replace_file(const char *path, const void *bytes, size_t length, struct pim_error *error);

#endif
