/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "kernel/pins.h"

/* The process that holds a lock on the directory, from /proc/locks; 0: not found. */
static int lock_holder(const struct stat *directory)
{
	FILE *locks = fopen("/proc/locks", "re");
	char line[256];
	int holder = 0;

	while (locks && !holder && fgets(line, sizeof(line), locks)) {
		unsigned int of_major, of_minor;
		unsigned long inode;
		int pid;

		if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%lu", &pid, &of_major, &of_minor,
			   &inode) == 4 &&
		    inode == directory->st_ino && of_major == major(directory->st_dev) &&
		    of_minor == minor(directory->st_dev))
			holder = pid;
	}
	if (locks)
		fclose(locks);
	return holder;
}

int pim_lock_loader(bool create, unsigned int patience_ms, int *lock, struct pim_error *error)
{
	enum { PAUSE_MS = 20 };
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
	const unsigned int last = patience_ms / PAUSE_MS;
	int result;

	*lock = -1;
	result = pim_bpffs_check(error);
	if (result)
		return result;
	for (unsigned int attempts = 0; attempts <= last; attempts++) {
		struct stat held, named;
		int directory;

		/* Not readable by others: any process that can open it can lock it. */
		if (create && mkdir(PIM_PIN_DIRECTORY, 0711) && errno != EEXIST)
			return pim_fail_path(PIM_PIN_DIRECTORY, PIM_TO_CHANGE, errno, error);
		directory = open(PIM_PIN_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (directory < 0 && errno == ENOENT) {
			if (!create)
				return 0;
			continue; /* another process removed it when it unlocked */
		}
		if (directory < 0)
			return pim_fail_path(PIM_PIN_DIRECTORY, PIM_TO_CHANGE, errno, error);
		fstat(directory, &held);
		if (!flock(directory, LOCK_EX | LOCK_NB)) {
			/* If the directory was removed in the meantime, the lock is worth nothing. */
			if (!stat(PIM_PIN_DIRECTORY, &named) && named.st_ino == held.st_ino) {
				*lock = directory;
				return 0;
			}
			close(directory);
			continue;
		}
		close(directory);
		if (attempts == last) {
			int holder = lock_holder(&held);

			if (holder)
				return pim_fail(error, EBUSY,
						"%s is locked by another loader (process %d): "
						"wait for it, or end it",
						PIM_PIN_DIRECTORY, holder);
			return pim_fail(error, EBUSY, "%s is locked by another loader: wait for it",
					PIM_PIN_DIRECTORY);
		}
		nanosleep(&pause, NULL);
	}
	return pim_fail(error, EBUSY, "cannot lock " PIM_PIN_DIRECTORY);
}

void pim_unlock_loader(int lock)
{
	if (lock < 0)
		return;
	close(lock);
}

void pim_lock_reader(int *lock)
{
	const struct timespec pause = { .tv_nsec = 10000000 };

	*lock = open(PIM_PIN_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int attempts = 0; *lock >= 0 && flock(*lock, LOCK_SH | LOCK_NB); attempts++) {
		if (attempts == 200) {
			close(*lock);
			*lock = -1;
			return;
		}
		nanosleep(&pause, NULL);
	}
}

void pim_unlock_reader(int lock)
{
	if (lock >= 0)
		close(lock);
}

bool pim_lock_upgrade(int lock)
{
	return lock >= 0 && !flock(lock, LOCK_EX | LOCK_NB);
}
