/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/quote.h"
#include "config/message.h"

int pim_source_add(struct pim_policy *policy, const char *name, uint32_t *file,
		   struct pim_error *error)
{
	const char *base = policy->file_count ? policy->files[0].path : "";
	const char *slash = strrchr(base, '/');
	size_t folder = name[0] != '/' && slash ? (size_t)(slash + 1 - base) : 0;
	struct pim_source *files;
	char *path;

	files = pim_array_grow(policy->files, policy->file_count, sizeof(*files));
	if (!files)
		return pim_out_of_memory(error);
	policy->files = files;
	path = malloc(folder + strlen(name) + 1);
	if (!path)
		return pim_out_of_memory(error);
	memcpy(path, base, folder);
	strcpy(path + folder, name);
	files[policy->file_count] = (struct pim_source){ .path = path };
	*file = (uint32_t)policy->file_count++;
	return 0;
}

static const char *kind_of_file(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	default:
		return "another kind of file";
	}
}

static int refuse_file(struct pim_policy *policy, uint32_t file, struct pim_origin from,
		       const char *found, struct pim_error *error)
{
	char path[PIM_QUOTE_PATH];

	if (!from.line)
		return pim_refuse_at(policy, from, error, "expected a readable file, found %s",
				     found);
	return pim_refuse_at(policy, from, error, "expected a readable file at %s, found %s",
			     pim_quote_path(policy->files[file].path, path), found);
}

static int refuse_errno(struct pim_policy *policy, uint32_t file, struct pim_origin from, int code,
			struct pim_error *error)
{
	char found[80];

	snprintf(found, sizeof(found), "\"%s\"", strerror(code));
	refuse_file(policy, file, from, code == ENOENT ? "none" : found, error);
	return -code;
}

/* Reads up to the end of the file; `expected` is only a hint. Returns 0 or -errno, which is
 * -EFBIG for a file of more than `most` bytes. */
static int read_all(int descriptor, size_t expected, size_t most, char **bytes, size_t *size)
{
	size_t room = expected < most ? expected + 1 : most + 1, used = 0;
	char *buffer = malloc(room);

	while (buffer) {
		ssize_t got = read(descriptor, buffer + used, room - used);
		char *larger;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int code = errno;

			free(buffer);
			return -code;
		}
		if (got == 0) {
			buffer[used] = '\0'; /* the code below keeps a byte free */
			*bytes = buffer;
			*size = used;
			return 0;
		}
		used += (size_t)got;
		if (used > most) {
			free(buffer);
			return -EFBIG;
		}
		if (used < room)
			continue;
		room += room;
		larger = realloc(buffer, room);
		if (!larger)
			break;
		buffer = larger;
	}
	free(buffer);
	return -ENOMEM;
}

static int refuse_size(struct pim_policy *policy, uint32_t file, struct pim_origin from,
		       struct pim_error *error)
{
	char path[PIM_QUOTE_PATH];

	return pim_refuse_at(
		policy, from, error,
		"expected a configuration of at most %d MB in all its files, found more "
		"with %s: does a file include itself, or is it not a text?",
		PIM_SOURCES_MB, pim_quote_path(policy->files[file].path, path));
}

/* An editor's byte order mark: UTF-16 cannot be read; that of UTF-8 is refused, and becomes
 * blanks, so that the rest can be checked too. */
static int check_mark(struct pim_policy *policy, uint32_t file, char *bytes, size_t size,
		      struct pim_error *error)
{
	struct pim_origin origin = { file, 1 };

	if (size >= 2 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2)))
		return pim_refuse_at(
			policy, origin, error,
			"expected ASCII or UTF-8, found UTF-16, as its byte order mark "
			"says: save the file as UTF-8 without BOM");
	if (size >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3)) {
		pim_refuse_at(policy, origin, error,
			      "expected text, found a byte order mark (BOM) before it: save the "
			      "file as UTF-8 without BOM");
		memset(bytes, ' ', 3);
	}
	return 0;
}

int pim_source_read(struct pim_policy *policy, uint32_t file, struct pim_origin from, char **bytes,
		    size_t *size, struct pim_error *error)
{
	const uint64_t most = PIM_SOURCES_MB * 1000000ull - policy->source_bytes;
	struct pim_source *source = &policy->files[file];
	struct stat status;
	int descriptor, result;

	pim_file_state_look(source->path, &source->state); /* in case it cannot be opened */
	/* O_NONBLOCK: opening a FIFO must not wait for a writer. */
	descriptor = open(source->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (descriptor < 0)
		return refuse_errno(policy, file, from, errno, error);
	if (fstat(descriptor, &status)) {
		result = refuse_errno(policy, file, from, errno, error);
	} else if (!S_ISREG(status.st_mode)) {
		result = refuse_file(policy, file, from, kind_of_file(status.st_mode), error);
	} else {
		pim_file_state_take(&status, &source->state);
		result = read_all(descriptor, (size_t)status.st_size, most, bytes, size);
		if (result == -ENOMEM)
			pim_out_of_memory(error);
		else if (result == -EFBIG)
			result = refuse_size(policy, file, from, error);
		else if (result)
			refuse_errno(policy, file, from, -result, error);
	}
	close(descriptor);
	if (result)
		return result;
	policy->source_bytes += *size;
	result = check_mark(policy, file, *bytes, *size, error);
	if (result)
		free(*bytes);
	return result;
}
