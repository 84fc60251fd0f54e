/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "watch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
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
		return pim_fail(error, ENOMEM, "out of memory");
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

/* Splits off the last part of a path. */
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

/* Where a link leads, beside the link unless absolute. False: it is none. */
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

/* ---- a set of files ---- */

struct pim_file_state {
	char *path;
	bool exists, doubtful;
	dev_t device;
	ino_t inode;
	off_t size_bytes;
	struct timespec modified, changed;
};

static void look(struct pim_file_state *file)
{
	struct stat found;

	file->exists = !stat(file->path, &found);
	if (!file->exists)
		return;
	file->device = found.st_dev;
	file->inode = found.st_ino;
	file->size_bytes = found.st_size;
	file->modified = found.st_mtim;
	file->changed = found.st_ctim;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same_file(const struct pim_file_state *a, const struct pim_file_state *b)
{
	if (!a->exists || !b->exists)
		return a->exists == b->exists;
	return a->device == b->device && a->inode == b->inode && a->size_bytes == b->size_bytes &&
	       same_time(&a->modified, &b->modified) && same_time(&a->changed, &b->changed);
}

void pim_files_free(struct pim_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->files[i].path);
	free(files->files);
	*files = (struct pim_files){};
}

/* Changed since reading began, by a clock of ticks; a time to come says nothing. */
static bool is_doubtful(const struct timespec *changed, unsigned long long begin_ns)
{
	enum { TICK_NS = 10000000 };
	unsigned long long changed_ns = changed->tv_sec * 1000000000ull + changed->tv_nsec;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return changed_ns + TICK_NS >= begin_ns &&
	       changed_ns <= now.tv_sec * 1000000000ull + now.tv_nsec;
}

void pim_files_look(struct pim_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		look(&files->files[i]);
		files->files[i].doubtful = false;
	}
}

int pim_files_take(struct pim_files *files, char *const *paths, size_t count,
		   unsigned long long begin_ns)
{
	struct pim_files taken = { calloc(count + 1, sizeof(*taken.files)), 0 };
	bool missing, doubtful = files->count && pim_files_changed(files, &missing);

	for (size_t i = 0; taken.files && i < count; i++) {
		struct pim_file_state *file = &taken.files[i];

		file->path = strdup(paths[i]);
		if (!file->path)
			break;
		taken.count++;
		look(file);
		file->doubtful = doubtful || (file->exists && is_doubtful(&file->changed, begin_ns));
	}
	if (!taken.files || taken.count < count) {
		pim_files_free(&taken);
		return -ENOMEM;
	}
	pim_files_free(files);
	*files = taken;
	return 0;
}

bool pim_files_changed(const struct pim_files *files, bool *missing)
{
	bool changed = !files->count; /* nothing is known */

	*missing = false;
	for (size_t i = 0; i < files->count; i++) {
		struct pim_file_state now = { .path = files->files[i].path };

		look(&now);
		*missing = *missing || !now.exists;
		changed = changed || files->files[i].doubtful || !same_file(&files->files[i], &now);
	}
	return changed;
}
