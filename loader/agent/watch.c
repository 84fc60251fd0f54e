/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
	EVENTS = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
		 IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR,
	LINKS_MAX = 40, /* as many as the kernel follows */
};

struct pim_watch {
	int inotify;
};

int pim_watch_new(struct pim_watch **watch, struct pim_error *error)
{
	*watch = calloc(1, sizeof(**watch));
	if (!*watch)
		return pim_out_of_memory(error);
	(*watch)->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if ((*watch)->inotify < 0) {
		int code = errno;

		free(*watch);
		*watch = NULL;
		return pim_fail(error, code, "cannot watch files: %s%s", strerror(code),
				code == EMFILE ? ": raise fs.inotify.max_user_instances" : "");
	}
	return 0;
}

void pim_watch_free(struct pim_watch *watch)
{
	if (watch)
		close(watch->inotify);
	free(watch);
}

int pim_watch_descriptor(const struct pim_watch *watch)
{
	return watch->inotify;
}

void pim_watch_drain(struct pim_watch *watch)
{
	_Alignas(struct inotify_event) char events[4096];

	while (read(watch->inotify, events, sizeof(events)) > 0)
		;
}

/* The directory part of a path. */
static void directory_of(const char *path, char directory[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		strcpy(directory, ".");
	else if (slash == path)
		strcpy(directory, "/");
	else
		snprintf(directory, PATH_MAX, "%.*s", (int)(slash - path), path);
}

/* Replaces a symbolic link by its target, which is relative to the link's directory unless
 * absolute. Returns false if the path is not a link. */
static bool follow(const char *directory, char path[PATH_MAX])
{
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof(target) - 1);

	if (length < 0)
		return false;
	target[length] = '\0';
	if (*target == '/')
		return snprintf(path, PATH_MAX, "%s", target) < PATH_MAX;
	return snprintf(path, PATH_MAX, "%s/%s", directory, target) < PATH_MAX;
}

bool pim_watch_path(struct pim_watch *watch, const char *path)
{
	char at[PATH_MAX], directory[PATH_MAX];
	bool all = true;

	if (snprintf(at, sizeof(at), "%s", path) >= (int)sizeof(at))
		return false;
	for (int links = 0; links < LINKS_MAX; links++) {
		directory_of(at, directory);
		/* Watching a directory again changes nothing. */
		all = inotify_add_watch(watch->inotify, directory, EVENTS) >= 0 && all;
		if (!follow(directory, at))
			break;
	}
	return all;
}
