/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The folder of all pins, and its lock. */
#include "kernel/private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "machine/privilege.h"

bool pim_is_bpffs(const char *path)
{
	struct statfs system;

	errno = 0;
	return !statfs(path, &system) && (unsigned long)system.f_type == BPF_FS_MAGIC;
}

static int check_bpffs(struct pim_error *error)
{
	/* A container may be given the folder alone. */
	if (pim_is_bpffs(PIM_PIN_FOLDER) || pim_is_bpffs(PIM_PIN_ROOT))
		return 0;
	if (errno)
		return pim_fail(error, errno, "%s: %s: expected a BPF file system there: "
				"mount -t bpf bpf %s", PIM_PIN_ROOT, strerror(errno), PIM_PIN_ROOT);
	return pim_fail(error, ENOTSUP, "%s: expected a BPF file system, found another: "
			"mount -t bpf bpf %s", PIM_PIN_ROOT, PIM_PIN_ROOT);
}

/* Which part of a path the file modes keep this process from. */
static int fail_mode(const char *path, enum pim_access wanted, struct pim_error *error)
{
	char part[PIM_PIN_PATH] = "";
	struct stat found = {};

	for (const char *end = path; (end = strchr(end + 1, '/'));) {
		snprintf(part, sizeof(part), "%.*s", (int)(end - path), path);
		if (eaccess(part, X_OK) && errno == EACCES)
			return pim_fail(error, EACCES, "%s: this user may not pass %s: run as root, or let "
					"users pass it: chmod o+x %s", path, part, part);
	}
	if (stat(path, &found) && !stat(part, &found))
		return pim_fail(error, EACCES, "%s: this user may not write to %s: run as root, or as user %u, "
				"whose it is", path, part, (unsigned int)found.st_uid);
	if (wanted == PIM_TO_CHANGE)
		return pim_fail(error, EACCES, "%s: only its owner may change it: run as user %u", path,
				(unsigned int)found.st_uid);
	if (found.st_mode & S_IRGRP)
		return pim_fail(error, EACCES, "%s: this user may not read it: run as root, or as a member of "
				"group %u", path, (unsigned int)found.st_gid);
	return pim_fail(error, EACCES, "%s: this user may not read it: run as root, or attach with --group "
			"to let a group read", path);
}

int pim_fail_path(const char *path, enum pim_access wanted, int code, struct pim_error *error)
{
	struct pim_privilege privilege;
	char why[PIM_PRIVILEGE_TEXT];
	int result;

	if (code != EACCES && code != EPERM && code != ENOSYS)
		return pim_fail(error, code, "%s: %s", path, strerror(code));
	pim_privilege_read(&privilege);
	if (pim_privilege_hinders(&privilege, 0, why))
		return pim_fail(error, code, "%s: not permitted: %s", path, why);
	if (code != EACCES)
		return pim_fail_kernel(error, code, path);
	result = fail_mode(path, wanted, error);
	if (privilege.user_namespace) /* "root" may be nobody outside */
		pim_error_prefix(error, "in a user namespace of its own (a rootless container): ");
	return result;
}

/* The process that holds a lock on the folder, from /proc/locks; 0: not found. */
static int lock_holder(const struct stat *folder)
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
		    inode == folder->st_ino && of_major == major(folder->st_dev) &&
		    of_minor == minor(folder->st_dev))
			holder = pid;
	}
	if (locks)
		fclose(locks);
	return holder;
}

int pim_pins_lock(bool create, unsigned int patience_ms, int *lock, struct pim_error *error)
{
	enum { PAUSE_MS = 20 };
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
	const unsigned int last = patience_ms / PAUSE_MS;
	int result;

	*lock = -1;
	result = check_bpffs(error);
	if (result)
		return result;
	for (unsigned int attempts = 0; attempts <= last; attempts++) {
		struct stat held, named;
		int folder;

		/* Who can read it can lock it: not just anyone. */
		if (create && mkdir(PIM_PIN_FOLDER, 0711) && errno != EEXIST)
			return pim_fail_path(PIM_PIN_FOLDER, PIM_TO_CHANGE, errno, error);
		folder = open(PIM_PIN_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (folder < 0 && errno == ENOENT) {
			if (!create)
				return 0;
			continue; /* another one's unlock removed it again */
		}
		if (folder < 0)
			return pim_fail_path(PIM_PIN_FOLDER, PIM_TO_CHANGE, errno, error);
		fstat(folder, &held);
		if (!flock(folder, LOCK_EX | LOCK_NB)) {
			/* A lock on a folder that was removed meanwhile locks nothing. */
			if (!stat(PIM_PIN_FOLDER, &named) && named.st_ino == held.st_ino) {
				*lock = folder;
				return 0;
			}
			close(folder);
			continue;
		}
		close(folder);
		if (attempts == last) {
			int holder = lock_holder(&held);

			if (holder)
				return pim_fail(error, EBUSY,
						"%s is locked by another loader (process %d): "
						"wait for it, or end it", PIM_PIN_FOLDER, holder);
			return pim_fail(error, EBUSY, "%s is locked by another loader: wait for it",
					PIM_PIN_FOLDER);
		}
		nanosleep(&pause, NULL);
	}
	return pim_fail(error, EBUSY, "cannot lock " PIM_PIN_FOLDER);
}

void pim_pins_unlock(int lock)
{
	if (lock < 0)
		return;
	rmdir(PIM_PIN_FOLDER); /* only when it is empty */
	close(lock);
}

void pim_pins_share(int *lock)
{
	const struct timespec pause = { .tv_nsec = 10000000 };

	*lock = open(PIM_PIN_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int attempts = 0; *lock >= 0 && flock(*lock, LOCK_SH | LOCK_NB); attempts++) {
		if (attempts == 200) {
			close(*lock);
			*lock = -1;
			return;
		}
		nanosleep(&pause, NULL);
	}
}

void pim_pins_unshare(int lock)
{
	if (lock >= 0)
		close(lock);
}

bool pim_pins_own(int lock)
{
	return lock >= 0 && !flock(lock, LOCK_EX | LOCK_NB);
}

void pim_swap_character(char *name, char from, char to)
{
	for (; *name; name++)
		if (*name == from)
			*name = to;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int pim_pins_list(char ***interfaces, size_t *count, struct pim_error *error)
{
	struct dirent *entry;
	DIR *folder;
	int result;

	*interfaces = NULL;
	*count = 0;
	result = check_bpffs(error);
	if (result)
		return result;
	folder = opendir(PIM_PIN_FOLDER);
	if (!folder)
		return errno == ENOENT ? 0 :
		       pim_fail_path(PIM_PIN_FOLDER, PIM_TO_READ, errno, error);
	while (!result && (entry = readdir(folder))) {
		char **grown;

		if (entry->d_name[0] == '.')
			continue;
		grown = realloc(*interfaces, (*count + 1) * sizeof(**interfaces));
		if (grown)
			*interfaces = grown;
		if (!grown || !(grown[*count] = strdup(entry->d_name)))
			result = pim_fail(error, ENOMEM, "out of memory");
		else
			pim_swap_character(grown[(*count)++], ':', '.');
	}
	closedir(folder);
	if (*count)
		qsort(*interfaces, *count, sizeof(**interfaces), compare_names);
	return result;
}

