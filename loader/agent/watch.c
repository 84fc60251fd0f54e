/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/array.h"

enum {
	EVENTS = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
		 IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR,
	LINKS_MAX = 40, /* as many as the kernel follows */
};

/* A file or link on the way to one, by its directory's watch. */
struct name {
	int directory;
	char *name;
	bool open; /* written to, and not closed since */
};

struct pim_watch {
	int inotify;
	struct name *names;
	size_t count;
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
	if (watch) {
		close(watch->inotify);
		for (size_t i = 0; i < watch->count; i++)
			free(watch->names[i].name);
		free(watch->names);
	}
	free(watch);
}

int pim_watch_descriptor(const struct pim_watch *watch)
{
	return watch->inotify;
}

/* A directory that is gone has no names to wait for, and no watch is numbered like it again. */
static void forget(struct pim_watch *watch, int directory)
{
	size_t left = 0;

	for (size_t i = 0; i < watch->count; i++) {
		if (watch->names[i].directory == directory)
			free(watch->names[i].name);
		else
			watch->names[left++] = watch->names[i];
	}
	watch->count = left;
}

static enum pim_watch_seen look_at(struct pim_watch *watch, const struct inotify_event *event)
{
	enum pim_watch_seen seen = event->len ? PIM_SEEN_NOTHING : PIM_SEEN_SWAPPED;

	for (size_t i = 0; i < watch->count; i++) {
		struct name *name = &watch->names[i];

		if (event->mask & IN_Q_OVERFLOW) /* what was lost is not known */
			name->open = false;
		if (!event->len || event->wd != name->directory || strcmp(event->name, name->name))
			continue;
		if (event->mask & IN_MODIFY)
			name->open = true;
		else if (!(event->mask & IN_ATTRIB))
			name->open = false;
		if (!(event->mask & (IN_MOVED_TO | IN_ATTRIB)))
			return PIM_SEEN_WRITTEN;
		seen = PIM_SEEN_SWAPPED;
	}
	if (event->mask & IN_IGNORED)
		forget(watch, event->wd);
	return event->mask & IN_Q_OVERFLOW ? PIM_SEEN_WRITTEN : seen;
}

enum pim_watch_seen pim_watch_drain(struct pim_watch *watch)
{
	_Alignas(struct inotify_event) char events[4096];
	enum pim_watch_seen seen = PIM_SEEN_NOTHING;
	ssize_t got;

	while ((got = read(watch->inotify, events, sizeof(events))) > 0) {
		for (char *at = events; at < events + got;) {
			const struct inotify_event *event = (const struct inotify_event *)at;
			enum pim_watch_seen one = look_at(watch, event);

			seen = one > seen ? one : seen;
			at += sizeof(*event) + event->len;
		}
	}
	return seen;
}

const char *pim_watch_open(const struct pim_watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		if (watch->names[i].open)
			return watch->names[i].name;
	return NULL;
}

static bool add_name(struct pim_watch *watch, int directory, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	struct name *names;

	for (size_t i = 0; i < watch->count; i++)
		if (watch->names[i].directory == directory && !strcmp(watch->names[i].name, name))
			return true;
	names = pim_array_grow(watch->names, watch->count, sizeof(*names));
	if (!names)
		return false;
	watch->names = names;
	names[watch->count] = (struct name){ .directory = directory, .name = strdup(name) };
	if (!names[watch->count].name)
		return false;
	watch->count++;
	return true;
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
	int watched;

	if (snprintf(at, sizeof(at), "%s", path) >= (int)sizeof(at))
		return false;
	for (int links = 0; links < LINKS_MAX; links++) {
		directory_of(at, directory);
		/* Watching a directory again changes nothing. */
		watched = inotify_add_watch(watch->inotify, directory, EVENTS);
		all = watched >= 0 && add_name(watch, watched, at) && all;
		if (!follow(directory, at))
			break;
	}
	return all;
}
