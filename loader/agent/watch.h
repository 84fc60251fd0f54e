/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Watches files for changes. inotify only says when to look; what counts is whether
 * a path now leads to another file, or to other contents, than when it was last read
 * (base/file_state.h). So a file that is written in place, one that an editor renames
 * over it, and a swapped symbolic link on the way (as Kubernetes does with a
 * ConfigMap) are handled alike.
 */
#ifndef PIMXDP_AGENT_WATCH_H
#define PIMXDP_AGENT_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct pim_watch;

/* Returns 0 or -errno. The caller frees *watch. */
int pim_watch_new(struct pim_watch **watch, struct pim_error *error);
void pim_watch_free(struct pim_watch *watch); /* NULL is allowed */

/* A file descriptor that is readable when something may have changed, until
 * pim_watch_drain takes the events. Owned by the watch. */
int pim_watch_descriptor(const struct pim_watch *watch);

enum pim_watch_seen {
	PIM_SEEN_NOTHING, /* of what is watched: only other files of the same directories */
	PIM_SEEN_SWAPPED, /* a whole file or link was put in place of another */
	PIM_SEEN_WRITTEN, /* a file was written where it is, or made anew: more may follow */
};
enum pim_watch_seen pim_watch_drain(struct pim_watch *watch);

/* The name of a file that somebody has written to and not closed yet; NULL: none. */
const char *pim_watch_open(const struct pim_watch *watch);

/* Watches the directory of a file and, if that is a symbolic link, of each file that it
 * leads to. Returns false if one cannot be watched, for lack of inotify watches or of
 * permission. */
bool pim_watch_path(struct pim_watch *watch, const char *path);

#endif
