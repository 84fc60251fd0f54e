/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The folder of a file, found without following what a stranger may have put there. A
 * process with more rights than the owner of a folder must not take that user's links for
 * the administrator's.
 */
#ifndef PIMXDP_BASE_FOLDER_H
#define PIMXDP_BASE_FOLDER_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/error.h"

/* Whether only root and this process's effective user decide what is in a folder. With the
 * sticky bit others can add names, and cannot change those of somebody else. */
bool pim_folder_is_ours(const struct stat *folder);

/* Opens the folder of a file (O_PATH; the caller closes it) and writes the file's name in
 * it. Symbolic links are followed, that of the last component too, if root or this user
 * made them and nobody else may replace them; others are refused. The file need not exist.
 * Returns 0, or -errno with a text that begins with the path. */
int pim_folder_of(const char *path, int *folder, char name[NAME_MAX + 1], struct pim_error *error);

#endif
