/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/quote.h"

static int fail(struct pim_error *error, int code, const char *path)
{
	char shown[PIM_QUOTE_PATH];

	return pim_fail(error, code, "%s: %s", pim_quote_path(path, shown), strerror(code));
}

/* Where the file really is, with symbolic links resolved, or where it will be created. */
static int resolve(const char *path, char resolved[PATH_MAX], struct pim_error *error)
{
	size_t length = strlen(path);
	char shown[PIM_QUOTE_PATH];
	struct stat status;

	if (!stat(path, &status)) {
		if (!S_ISREG(status.st_mode))
			return pim_refuse(
				error, "%s: expected a regular file to replace, or none, found %s",
				pim_quote_path(path, shown),
				S_ISDIR(status.st_mode) ? "a directory" : "something else");
		return realpath(path, resolved) ? 0 : fail(error, errno, path);
	}
	if (errno != ENOENT)
		return fail(error, errno, path);
	if (!length || path[length - 1] == '/')
		return pim_refuse(error, "expected the name of a file, found '%s'",
				  pim_quote_path(path, shown));
	/* Room for the temporary file's name. */
	if (length + sizeof("./.XXXXXX") > PATH_MAX)
		return fail(error, ENAMETOOLONG, path);
	memcpy(resolved, path, length + 1);
	return 0;
}

/* The directory of a path, and a mkostemp() template for a hidden file in it. */
static void split(const char *path, char folder[PATH_MAX + 16], char temporary[PATH_MAX + 16])
{
	const char *slash = strrchr(path, '/');
	int length = slash ? slash - path + 1 : 0;

	snprintf(folder, PATH_MAX + 16, "%.*s.", length, path);
	snprintf(temporary, PATH_MAX + 16, "%.*s.%s.XXXXXX", length, path, path + length);
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

static int write_temporary(int file, const void *bytes, size_t length)
{
	int result = write_all(file, bytes, length);

	if (!result && (fchmod(file, 0644) || fsync(file)))
		result = -errno;
	if (close(file) && !result)
		result = -errno;
	return result;
}

/* Makes the rename durable as well. Failure is ignored: not every file system can do
 * this, and the file is complete either way. */
static void sync_folder(const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return;
	fsync(folder);
	close(folder);
}

static int replace(const char *path, const void *bytes, size_t length)
{
	char folder[PATH_MAX + 16], temporary[PATH_MAX + 16];
	int file, result;

	split(path, folder, temporary);
	file = mkostemp(temporary, O_CLOEXEC);
	if (file < 0)
		return -errno;
	result = write_temporary(file, bytes, length);
	if (!result && rename(temporary, path))
		result = -errno;
	if (result)
		unlink(temporary);
	else
		sync_folder(folder);
	return result;
}

int pim_replace_file(const char *path, const void *bytes, size_t length, struct pim_error *error)
{
	char resolved[PATH_MAX];
	sigset_t all, before;
	int result = resolve(path, resolved, error);

	if (result)
		return result;
	/* Hold back signals that would end the process until the temporary file is gone. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	result = replace(resolved, bytes, length);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result ? fail(error, -result, path) : 0;
}
