/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/quote.h"

static int fail(struct pim_error *error, int code, const char *path)
{
	char shown[PIM_QUOTE_PATH];

	return pim_fail(error, code, "%s: %s", pim_quote_path(path, shown), strerror(code));
}

/* Whether the name is free, or that of a regular file. */
static int check_target(int folder, const char *name, const char *path, struct pim_error *error)
{
	char shown[PIM_QUOTE_PATH];
	struct stat status;

	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : fail(error, errno, path);
	if (S_ISREG(status.st_mode))
		return 0;
	return pim_refuse(error, "%s: expected a regular file to replace, or none, found %s",
			  pim_quote_path(path, shown),
			  S_ISDIR(status.st_mode) ? "a directory" : "something else");
}

static int write_all(int file, const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(file, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		bytes += written;
		length -= written;
	}
	return 0;
}

static int write_temporary(int file, const void *bytes, size_t length, mode_t mode)
{
	int result = write_all(file, bytes, length);

	if (!result && (fchmod(file, mode) || fsync(file)))
		result = -errno;
	if (close(file) && !result)
		result = -errno;
	return result;
}

/* Makes the rename durable as well. Failure is ignored: not every file system can do
 * this, and the file is complete either way. */
static void sync_folder(int folder)
{
	int readable = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (readable < 0)
		return;
	fsync(readable);
	close(readable);
}

/* Creates a file with a name that nobody can have foreseen. */
static int create_temporary(int folder, char name[32])
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -errno;
	snprintf(name, 32, ".pimxdp.%016llx", (unsigned long long)random);
	return openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static int replace(int folder, const char *name, const void *bytes, size_t length, mode_t mode)
{
	char temporary[32];
	int file = create_temporary(folder, temporary), result;

	if (file < 0)
		return -errno;
	result = write_temporary(file, bytes, length, mode);
	/* A link that came in between is replaced, not followed. */
	if (!result && renameat(folder, temporary, folder, name))
		result = -errno;
	if (result)
		unlinkat(folder, temporary, 0);
	else
		sync_folder(folder);
	return result;
}

int pim_replace_file(const char *path, const void *bytes, size_t length, mode_t mode,
		     struct pim_error *error)
{
	char name[NAME_MAX + 1], shown[PIM_QUOTE_PATH];
	size_t path_length = strlen(path);
	sigset_t all, before;
	int folder, result;

	if (!path_length || path[path_length - 1] == '/')
		return pim_refuse(error, "expected the name of a file, found '%s'",
				  pim_quote_path(path, shown));
	result = pim_folder_of(path, &folder, name, error);
	if (result)
		return result;
	result = check_target(folder, name, path, error);
	if (!result) {
		/* Hold back signals that would end the process until the temporary file is gone. */
		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, &before);
		result = replace(folder, name, bytes, length, mode);
		sigprocmask(SIG_SETMASK, &before, NULL);
		if (result)
			fail(error, -result, path);
	}
	close(folder);
	return result;
}
