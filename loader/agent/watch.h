/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Files that are watched for change. inotify only says when to look: what counts
 * is whether a path leads to another file, or to other contents, than when it
 * was last read. So a file that is written in place, one that an editor renames
 * over it, and a symbolic link on the way that is swapped (as Kubernetes does
 * with a ConfigMap) are all the same.
 */
#ifndef PIMXDP_WATCH_H
#define PIMXDP_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct pim_watch;

/* The caller frees *watch. */
int pim_watch_new(struct pim_watch **watch, struct pim_error *error);
void pim_watch_free(struct pim_watch *watch); /* NULL is allowed */

/* Readable when something may have changed; pim_watch_drain makes it unreadable
 * again. Owned by the watch. */
int pim_watch_descriptor(const struct pim_watch *watch);
void pim_watch_drain(struct pim_watch *watch);

/* Watches the directories on the way to a file, through every symbolic link.
 * False: not all of them, for want of inotify watches or of rights. */
bool pim_watch_path(struct pim_watch *watch, const char *path);

#endif
