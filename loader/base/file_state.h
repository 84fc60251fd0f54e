/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which file a path led to, and how that stood: two looks that find the same are
 * two looks at the same contents.
 */
#ifndef PIMXDP_FILE_STATE_H
#define PIMXDP_FILE_STATE_H

#include <stdbool.h>
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

/* Doubts aside. */
bool pim_file_state_same(const struct pim_file_state *a, const struct pim_file_state *b);

#endif
