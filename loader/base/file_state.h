/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which file a path leads to, and its state. If the state is the same at two times, and
 * was not `doubtful`, so are the contents.
 */
#ifndef PIMXDP_BASE_FILE_STATE_H
#define PIMXDP_BASE_FILE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct pim_file_state {
	bool exists;
	/* The file changed in the same clock tick in which this state was taken: another
	 * change in that tick may leave the timestamps the same. */
	bool doubtful;
	dev_t device;
	ino_t inode;
	off_t size_bytes;
	struct timespec modified, changed;
};

/* Fills *state from `found`, the result of a stat() or fstat() made just before. */
void pim_file_state_take(const struct stat *found, struct pim_file_state *state);

/* Fills *state for the file at `path`, following symbolic links. A file that stat() cannot
 * reach counts as missing. */
void pim_file_state_look(const char *path, struct pim_file_state *state);

/* A file that was read. */
struct pim_source {
	char *path;		     /* owned; as messages name it */
	struct pim_file_state state; /* before its first byte was read */
};

/* A set of files, each with the state in which it was read. */
struct pim_files {
	struct pim_source *files; /* owned, with their paths */
	size_t count;
};
void pim_files_free(struct pim_files *files);

/* Replaces the contents of *files with a copy of `sources`. Returns 0, or -ENOMEM and
 * leaves the set empty. */
int pim_files_take(struct pim_files *files, const struct pim_source *sources, size_t count);

/* Whether any of the files has changed or been replaced since it was read, or may have
 * changed while it was read; true for an empty set. Sets *missing to whether any of them
 * is not there now, as can happen briefly while an editor saves it. */
bool pim_files_changed(const struct pim_files *files, bool *missing);

/* A number for the states in which the files are now; another one when a file has changed. */
uint64_t pim_files_fingerprint(const struct pim_files *files);

#endif
