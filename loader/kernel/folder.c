/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { OTHERS_WRITE = S_IWGRP | S_IWOTH };

bool pim_is_bpffs(const char *path)
{
	struct statfs system;

	errno = 0;
	return !statfs(path, &system) && (unsigned long)system.f_type == BPF_FS_MAGIC;
}

int pim_bpffs_check(struct pim_error *error)
{
	/* In a container, only the directory may be mounted. */
	if (pim_is_bpffs(PIM_PIN_DIRECTORY) || pim_is_bpffs(PIM_PIN_ROOT))
		return 0;
	if (errno)
		return pim_fail(error, errno,
				PIM_PIN_ROOT
				": %s: expected a BPF file system there: " PIM_BPFFS_MOUNT,
				strerror(errno));
	return pim_fail(error, ENOTSUP,
			PIM_PIN_ROOT
			": expected a BPF file system, found another: " PIM_BPFFS_MOUNT);
}

const char *pim_folder_path(int folder, const char *before, const char *name,
			    char path[PIM_PIN_PATH])
{
	snprintf(path, PIM_PIN_PATH, "/proc/self/fd/%d/%s%s", folder, before, name);
	return path;
}

/* Whether only root, this user or `owner` can have put something into this folder. */
static bool is_closed(const struct stat *above, uid_t owner)
{
	return !(above->st_mode & OTHERS_WRITE) &&
	       (!above->st_uid || above->st_uid == geteuid() || above->st_uid == owner);
}

static int judge_owner(const struct stat *found, bool put_there, const char *path,
		       enum pim_access access, struct pim_folder_flaw *flaw)
{
	unsigned int owner = found->st_uid, user = geteuid();

	if (owner == user || (access == PIM_TO_READ && (!owner || put_there)))
		return 0;
	if (put_there || !owner) {
		snprintf(flaw->wrong, sizeof(flaw->wrong), "%s: only its owner may change it",
			 path);
		snprintf(flaw->remedy, sizeof(flaw->remedy), "run as user %u", owner);
		return -EACCES;
	}
	snprintf(flaw->wrong, sizeof(flaw->wrong),
		 "%s: expected a folder of user %u, found one of user %u, in a folder where "
		 "anybody may make one",
		 path, user, owner);
	snprintf(flaw->remedy, sizeof(flaw->remedy),
		 "unless that user's pimxdp made it: rm -r %s; "
		 "then close the root of the file system: chmod 0700 %s",
		 path, PIM_PIN_ROOT);
	return -EPERM;
}

int pim_folder_judge(int folder, int above, const char *path, enum pim_access access,
		     struct pim_folder_flaw *flaw)
{
	struct stat found, over;
	struct statfs system;
	int result;

	if (fstatfs(folder, &system) || fstat(folder, &found) || fstat(above, &over)) {
		result = -errno;
		snprintf(flaw->wrong, sizeof(flaw->wrong), "%s: %s", path, strerror(-result));
		snprintf(flaw->remedy, sizeof(flaw->remedy), "see what is there: ls -ld %s", path);
		return result;
	}
	if ((unsigned long)system.f_type != BPF_FS_MAGIC) {
		snprintf(flaw->wrong, sizeof(flaw->wrong),
			 "%s: expected a folder of the BPF file system, found one of another",
			 path);
		snprintf(flaw->remedy, sizeof(flaw->remedy),
			 "see what is mounted there, and take it away: findmnt --target %s", path);
		return -ENOTSUP;
	}
	result = judge_owner(&found, found.st_dev != over.st_dev || is_closed(&over, found.st_uid),
			     path, access, flaw);
	if (result || !(found.st_mode & OTHERS_WRITE))
		return result;
	snprintf(flaw->wrong, sizeof(flaw->wrong),
		 "%s: expected a folder that only its owner may write to, found mode %04o", path,
		 (unsigned int)found.st_mode & 07777);
	snprintf(flaw->remedy, sizeof(flaw->remedy), "see what is in it, then: chmod go-w %s",
		 path);
	return -EPERM;
}

/* bpf(2) gets paths below /proc/self/fd: without them a pin that is there looks absent. */
static int check_proc(int folder, struct pim_error *error)
{
	struct stat by_path, by_descriptor;
	char path[PIM_PIN_PATH];

	if (!stat(pim_folder_path(folder, "", ".", path), &by_path) &&
	    !fstat(folder, &by_descriptor) && by_path.st_ino == by_descriptor.st_ino &&
	    by_path.st_dev == by_descriptor.st_dev)
		return 0;
	if (!access("/proc/self/fd", F_OK))
		return 0; /* this user may not pass the folder: the next step says so */
	return pim_fail(error, ENOTSUP,
			"/proc/self/fd: expected the proc file system, found none: "
			"mount -t proc proc /proc");
}

static int fail_open(int above, const char *path, enum pim_access access, int code,
		     struct pim_error *error)
{
	struct stat found;

	if (code != ENOTDIR && code != ELOOP)
		return pim_fail_path(path, access, code, error);
	if (fstatat(above, strrchr(path, '/') + 1, &found, AT_SYMLINK_NOFOLLOW))
		return pim_fail_path(path, access, errno, error);
	return pim_fail(
		error, code,
		"%s: expected a folder, found a %s of user %u: nothing was done: rm %s, and "
		"close the root of the file system: chmod 0700 " PIM_PIN_ROOT,
		path, S_ISLNK(found.st_mode) ? "link" : "file", (unsigned int)found.st_uid, path);
}

int pim_folder_open_in(int above, const char *directory, enum pim_access access, int *folder,
		       struct pim_error *error)
{
	struct pim_folder_flaw flaw;
	int result;

	*folder = openat(above, strrchr(directory, '/') + 1,
			 O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*folder < 0)
		return errno == ENOENT ? -ENOENT :
					 fail_open(above, directory, access, errno, error);
	result = pim_folder_judge(*folder, above, directory, access, &flaw);
	if (result)
		pim_fail(error, -result, "%s: %s", flaw.wrong, flaw.remedy);
	else
		result = check_proc(*folder, error);
	if (result) {
		close(*folder);
		*folder = -1;
	}
	return result;
}

int pim_folder_open(enum pim_access access, int *folder, struct pim_error *error)
{
	int root = open(PIM_PIN_ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC), result;

	*folder = -1;
	if (root < 0 && errno != ENOENT)
		return pim_fail_path(PIM_PIN_ROOT, access, errno, error);
	if (root < 0) {
		pim_bpffs_check(error);
		return -ENOTSUP;
	}
	result = pim_folder_open_in(root, PIM_PIN_DIRECTORY, access, folder, error);
	close(root);
	if (result == -ENOENT && pim_bpffs_check(error))
		result = -ENOTSUP;
	return result;
}
