/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which file a path leads to, and the state it is in: two looks that find the same
 * state are two looks at the same contents.
 */
#ifndef PIMXDP_FILE_STATE_H
#define PIMXDP_FILE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct pim_file_state {
	bool exists;
	/* Changed in the tick of the file system's clock in which it was looked at: what
	 * changes it later in that tick leaves no trace. */
	bool doubtful;
	dev_t device;
	ino_t inode;
	off_t size_bytes;
	struct timespec modified, changed;
};

/* As it stands now; `found` is of stat or fstat just done. */
void pim_file_state_take(const struct stat *found, struct pim_file_state *state);

/* As what the path leads to stands now, through links. */
void pim_file_state_look(const char *path, struct pim_file_state *state);

/* Whether both looks found the same file in the same state, or no file; `doubtful` is
 * not compared. */
bool pim_file_state_same(const struct pim_file_state *a, const struct pim_file_state *b);

/* A file that was read. */
struct pim_source {
	char *path; /* owned: as named to the user */
	struct pim_file_state state; /* before its first byte was read */
};

/* A set of files in the state in which they were read. */
struct pim_files {
	struct pim_source *files; /* owned, with their paths */
	size_t count;
};
void pim_files_free(struct pim_files *files);

/* Replaces what *files holds by a copy of `sources`. Returns 0, or -ENOMEM and the set
 * is empty. */
int pim_files_take(struct pim_files *files, const struct pim_source *sources, size_t count);

/* Whether any of them is another file now than the one that was read, or changed
 * while it was read; true for an empty set. *missing: whether any cannot be found, as
 * in the moment between two steps of an editor. */
bool pim_files_changed(const struct pim_files *files, bool *missing);

#endif
