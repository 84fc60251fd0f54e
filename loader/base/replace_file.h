/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Replacing a file atomically: anyone who opens it sees either the old or the new contents. */
#ifndef PIMXDP_BASE_REPLACE_FILE_H
#define PIMXDP_BASE_REPLACE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* Replaces the contents of the file `path`, or creates it, with this mode whatever the
 * umask and the old mode. Writes a hidden temporary file in the same folder, syncs it to
 * disk and renames it. Symbolic links are followed only as pim_folder_of does. On failure
 * the old file stays and the temporary file is removed; only SIGKILL or a crash can leave
 * it behind. Refuses to replace anything but a regular file. Returns 0, or -errno with a
 * text. */
int pim_replace_file(const char *path, const void *bytes, size_t length, mode_t mode,
		     struct pim_error *error);

#endif
