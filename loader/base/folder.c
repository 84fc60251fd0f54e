/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/quote.h"

enum { LINKS_MAX = 40 }; /* as many as the kernel follows */

/* What is left of a path, and the folder in which that begins. */
struct walk {
	const char *path; /* for messages */
	char rest[PATH_MAX];
	int folder, links;
};

static bool is_ours(uid_t owner)
{
	return owner == 0 || owner == geteuid();
}

bool pim_folder_is_ours(const struct stat *folder)
{
	return is_ours(folder->st_uid) &&
	       (!(folder->st_mode & (S_IWGRP | S_IWOTH)) || folder->st_mode & S_ISVTX);
}

static int fail(const struct walk *walk, int code, struct pim_error *error)
{
	char shown[PIM_QUOTE_PATH];

	return pim_fail(error, code, "%s: %s", pim_quote_path(walk->path, shown), strerror(code));
}

/* Enters the root if the rest is absolute. */
static int enter_root(struct walk *walk, struct pim_error *error)
{
	size_t slashes = strspn(walk->rest, "/");
	int root;

	if (!slashes)
		return 0;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return fail(walk, errno, error);
	close(walk->folder);
	walk->folder = root;
	memmove(walk->rest, walk->rest + slashes, strlen(walk->rest + slashes) + 1);
	return 0;
}

/* Takes the first component off the rest, with the slashes after it. */
static int next(struct walk *walk, char name[NAME_MAX + 1], struct pim_error *error)
{
	size_t length = strcspn(walk->rest, "/"), slashes = strspn(walk->rest + length, "/");

	if (length > NAME_MAX)
		return fail(walk, ENAMETOOLONG, error);
	memcpy(name, walk->rest, length);
	name[length] = '\0';
	memmove(walk->rest, walk->rest + length + slashes,
		strlen(walk->rest + length + slashes) + 1);
	return 0;
}

/* The target of a link in the folder, and what it is: both of the same file, whatever
 * becomes of its name meanwhile. Returns 1, 0 if the name is not that of a link, or
 * -errno. */
static int look(int folder, const char *name, char target[PATH_MAX], struct stat *link)
{
	int file = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), result = 1;
	ssize_t length;

	if (file < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(file, link))
		result = -errno;
	else if (!S_ISLNK(link->st_mode))
		result = 0;
	if (result > 0) {
		length = readlinkat(file, "", target, PATH_MAX - 1);
		if (length < 0)
			result = -errno;
		else
			target[length] = '\0';
	}
	close(file);
	return result;
}

/* Puts the target of a link before the rest. Returns 1, 0 if the name is not a link, or
 * -errno with a text. */
static int follow(struct walk *walk, const char *name, struct pim_error *error)
{
	char target[PATH_MAX], whole[PATH_MAX], shown[PIM_QUOTE_PATH], link_shown[PIM_QUOTE_PATH];
	struct stat folder, link;
	int result = look(walk->folder, name, target, &link);

	if (result <= 0)
		return result ? fail(walk, -result, error) : 0;
	if (fstat(walk->folder, &folder))
		return fail(walk, errno, error);
	if (!is_ours(link.st_uid) || !pim_folder_is_ours(&folder))
		return pim_fail(
			error, ELOOP,
			"%s: '%s' is a symbolic link that another user can change: name the "
			"file or folder that is meant, without a link",
			pim_quote_path(walk->path, shown), pim_quote_path(name, link_shown));
	if (++walk->links > LINKS_MAX)
		return fail(walk, ELOOP, error);
	if (snprintf(whole, sizeof(whole), "%s%s%s", target, *walk->rest ? "/" : "", walk->rest) >=
	    (int)sizeof(whole))
		return fail(walk, ENAMETOOLONG, error);
	strcpy(walk->rest, whole);
	result = enter_root(walk, error);
	return result ? result : 1;
}

static int enter(struct walk *walk, const char *name, struct pim_error *error)
{
	int folder = openat(walk->folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int result;

	if (folder >= 0) {
		close(walk->folder);
		walk->folder = folder;
		return 0;
	}
	if (errno != ENOTDIR)
		return fail(walk, errno, error);
	result = follow(walk, name, error);
	return result > 0 ? 0 : result < 0 ? result : fail(walk, ENOTDIR, error);
}

static int find(struct walk *walk, char name[NAME_MAX + 1], struct pim_error *error)
{
	int result = enter_root(walk, error);

	while (!result) {
		if (!*walk->rest) { /* a link to a folder, or "/" itself */
			strcpy(name, ".");
			return 0;
		}
		result = next(walk, name, error);
		if (result)
			break;
		if (*walk->rest) {
			result = enter(walk, name, error);
			continue;
		}
		result = follow(walk, name, error);
		if (result <= 0)
			break;
		result = 0;
	}
	return result;
}

int pim_folder_of(const char *path, int *folder, char name[NAME_MAX + 1], struct pim_error *error)
{
	struct walk walk = { .path = path };
	int result;

	*folder = -1;
	if (strlen(path) >= sizeof(walk.rest))
		return fail(&walk, ENAMETOOLONG, error);
	strcpy(walk.rest, path);
	walk.folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (walk.folder < 0)
		return fail(&walk, errno, error);
	result = find(&walk, name, error);
	if (result)
		close(walk.folder);
	else
		*folder = walk.folder;
	return result;
}
