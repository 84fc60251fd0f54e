/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/file_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/splitmix64.h"

/* Since Linux 6.13 a timestamp can be finer than the coarse clock, and ahead of it by less
 * than a tick. HZ is 100 or more, so a tick is at most 10 ms. */
enum { TICK_NS = 10000000 };

static long long nanoseconds(const struct timespec *time)
{
	return time->tv_sec * 1000000000ll + time->tv_nsec;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

void pim_file_state_take(const struct stat *found, struct pim_file_state *state)
{
	long long ahead_ns;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now); /* the clock of file timestamps */
	ahead_ns = nanoseconds(&found->st_ctim) - nanoseconds(&now);
	*state = (struct pim_file_state){
		.exists = true,
		.doubtful = ahead_ns >= 0 && ahead_ns <= TICK_NS, /* beyond: clock set back */
		.device = found->st_dev,
		.inode = found->st_ino,
		.size_bytes = found->st_size,
		.modified = found->st_mtim,
		.changed = found->st_ctim,
	};
}

void pim_file_state_look(const char *path, struct pim_file_state *state)
{
	struct stat found;

	*state = (struct pim_file_state){};
	if (!stat(path, &found))
		pim_file_state_take(&found, state);
}

/* Whether both are the same file in the same state, or both no file. Does not compare
 * `doubtful`. */
static bool same_state(const struct pim_file_state *a, const struct pim_file_state *b)
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

int pim_files_take(struct pim_files *files, const struct pim_source *sources, size_t count)
{
	pim_files_free(files);
	files->files = calloc(count + 1, sizeof(*files->files));
	for (; files->files && files->count < count; files->count++) {
		struct pim_source *file = &files->files[files->count];

		*file = sources[files->count];
		file->path = strdup(file->path);
		if (!file->path)
			break;
	}
	if (files->count == count)
		return 0;
	pim_files_free(files);
	return -ENOMEM;
}

bool pim_files_changed(const struct pim_files *files, bool *missing)
{
	bool changed = !files->count; /* nothing to compare with */

	*missing = false;
	for (size_t i = 0; i < files->count; i++) {
		const struct pim_source *file = &files->files[i];
		struct pim_file_state now;

		pim_file_state_look(file->path, &now);
		*missing = *missing || !now.exists;
		changed = changed || file->state.doubtful || !same_state(&file->state, &now);
	}
	return changed;
}

uint64_t pim_files_fingerprint(const struct pim_files *files)
{
	uint64_t sum = files->count;

	for (size_t i = 0; i < files->count; i++) {
		struct pim_file_state now;
		uint64_t parts[6];

		pim_file_state_look(files->files[i].path, &now);
		parts[0] = now.exists;
		parts[1] = now.device;
		parts[2] = now.inode;
		parts[3] = (uint64_t)now.size_bytes;
		parts[4] = (uint64_t)nanoseconds(&now.modified);
		parts[5] = (uint64_t)nanoseconds(&now.changed);
		for (size_t part = 0; part < sizeof(parts) / sizeof(*parts); part++) {
			uint64_t state = sum ^ parts[part];

			sum = pim_splitmix64(&state);
		}
	}
	return sum;
}
