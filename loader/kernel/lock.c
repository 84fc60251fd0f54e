/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
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

_Static_assert(sizeof(PIM_PIN_LOCK) > IFNAMSIZ, "an interface may have the lock's name");

/* Opens the folder that is locked, after making it if necessary. Returns 0 or -errno with a
 * text; -ENOENT without one when another loader has just removed what it is in. */
static int open_lock(int pins, int *lock, struct pim_error *error)
{
	static const char path[] = PIM_PIN_DIRECTORY "/" PIM_PIN_LOCK;
	int folder, result;
	struct stat found;

	/* Not for others to read: any process that can open it can lock it. */
	if (mkdirat(pins, PIM_PIN_LOCK, 0700) && errno != EEXIST)
		return errno == ENOENT ? -ENOENT : pim_fail_path(path, PIM_TO_CHANGE, errno, error);
	result = pim_folder_open_in(pins, path, PIM_TO_CHANGE, &folder, error);
	if (result)
		return result;
	if (fstat(folder, &found) || found.st_mode & (S_IRWXG | S_IRWXO))
		result = pim_fail(error, EPERM,
				  "%s: expected a folder that only its owner can open, found "
				  "mode %04o: chmod 0700 %s",
				  path, (unsigned int)found.st_mode & 07777, path);
	if (!result) {
		*lock = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (*lock < 0)
			result = pim_fail_path(path, PIM_TO_CHANGE, errno, error);
	}
	close(folder);
	return result;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/* If the folders were removed while this process waited, the lock is worth nothing. */
static bool still_there(int pins, const struct stat *held)
{
	struct stat lock, own, named;

	return !fstatat(pins, PIM_PIN_LOCK, &lock, AT_SYMLINK_NOFOLLOW) && same_file(&lock, held) &&
	       !fstat(pins, &own) && !lstat(PIM_PIN_DIRECTORY, &named) && same_file(&own, &named);
}

static int fail_busy(const struct stat *held, struct pim_error *error)
{
	int holder = lock_holder(held);

	if (holder)
		return pim_fail(error, EBUSY,
				"%s is locked by another loader (process %d): "
				"wait for it, or end it",
				PIM_PIN_DIRECTORY, holder);
	return pim_fail(error, EBUSY, "%s is locked by another loader: wait for it",
			PIM_PIN_DIRECTORY);
}

/* One attempt. Returns 0; -EAGAIN when another loader has the lock, with *held the locked
 * folder; -ENOENT when something was removed meanwhile, or is not there; otherwise -errno
 * with a text. */
static int try_lock(bool create, int *lock, struct stat *held, struct pim_error *error)
{
	int pins, result;

	if (create && mkdir(PIM_PIN_DIRECTORY, 0711) && errno != EEXIST)
		return pim_fail_path(PIM_PIN_DIRECTORY, PIM_TO_CHANGE, errno, error);
	result = pim_folder_open(PIM_TO_CHANGE, &pins, error);
	if (result)
		return result;
	result = open_lock(pins, lock, error);
	if (!result) {
		fstat(*lock, held);
		if (flock(*lock, LOCK_EX | LOCK_NB))
			result = -EAGAIN;
		else if (!still_there(pins, held))
			result = -ENOENT;
	}
	if (result && *lock >= 0) {
		close(*lock);
		*lock = -1;
	}
	close(pins);
	return result;
}

int pim_lock_loader(bool create, unsigned int patience_ms, int *lock, struct pim_error *error)
{
	enum { PAUSE_MS = 20 };
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
	const unsigned int last = patience_ms / PAUSE_MS;
	struct stat held;
	int result;

	*lock = -1;
	result = pim_bpffs_check(error);
	for (unsigned int attempts = 0; !result && attempts <= last; attempts++) {
		result = try_lock(create, lock, &held, error);
		if (!result)
			return 0;
		if (result == -EAGAIN && attempts == last)
			return fail_busy(&held, error);
		if (result == -EAGAIN)
			nanosleep(&pause, NULL);
		else if (result != -ENOENT || (!create && access(PIM_PIN_DIRECTORY, F_OK)))
			return result == -ENOENT ? 0 : result;
		result = 0;
	}
	return result ? result : pim_fail(error, EBUSY, "cannot lock " PIM_PIN_DIRECTORY);
}

void pim_unlock_loader(int lock, bool tidy)
{
	char names[256];
	int pins;

	if (lock < 0)
		return;
	pins = openat(lock, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (pins >= 0) {
		pim_pins_name(pins, names);
		/* Who waits for the lock sees that it is gone. */
		if (!strcmp(names, PIM_PIN_LOCK)) {
			unlinkat(pins, PIM_PIN_LOCK, AT_REMOVEDIR);
			if (tidy)
				unlinkat(AT_FDCWD, PIM_PIN_DIRECTORY,
					 AT_REMOVEDIR); /* if it is empty */
		}
		close(pins);
	}
	close(lock);
}
