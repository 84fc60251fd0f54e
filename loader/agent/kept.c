/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pimxdp/stamp.h>

#include "base/clock.h"
#include "base/folder.h"
#include "base/quote.h"
#include "base/replace_file.h"
#include "config/config.h"
#include "image/compile.h"

/* The last line of the heading; the configuration follows. `sum` is of its bytes. */
static const char heading[] = "# pimxdp-kept schema=%u hash=%016" PRIx64 " sum=%016" PRIx64
			      " time_ns=%" PRIu64 " of=%s\n";
#define HEADING_READ \
	"# pimxdp-kept schema=%u hash=%" SCNx64 " sum=%" SCNx64 " time_ns=%" SCNu64 " of=%n"

struct heading {
	struct pim_kept kept;
	unsigned int schema;
	char config[PATH_MAX]; /* whose policy it is: config_path() */
};

/* FNV-1a: against damage, not against forgery. Who can write there is root. */
static uint64_t sum_of(const char *bytes, size_t length)
{
	uint64_t sum = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < length; i++)
		sum = (sum ^ (unsigned char)bytes[i]) * 0x100000001b3ull;
	return sum;
}

static int path_of(const char *folder, const char *interface, char path[PATH_MAX],
		   struct pim_error *error)
{
	return snprintf(path, PATH_MAX, "%s/%s.policy", folder, interface) < PATH_MAX ?
		       0 :
		       pim_fail(error, ENAMETOOLONG, "the state folder's name is too long");
}

/* The configuration's absolute path, the same whether the file is there or not. */
static int config_path(const char *config, char path[PATH_MAX], struct pim_error *error)
{
	const char *name = strrchr(config, '/');
	char *folder = name ? strndup(config, (size_t)(name - config) + 1) : strdup(".");
	char *real = folder ? realpath(folder, NULL) : NULL;
	int length = -1;

	name = name ? name + 1 : config;
	if (real)
		length = snprintf(path, PATH_MAX, "%s/%s", strcmp(real, "/") ? real : "", name);
	free(folder);
	free(real);
	if (length < 0 || length >= PATH_MAX || strchr(path, '\n'))
		return pim_refuse(error,
				  "%s: its policy cannot be kept: expected a folder that can be "
				  "entered, and a path without line breaks",
				  config);
	return 0;
}

/* Refuses what belongs to another configuration that is still there: two network namespaces
 * may have an interface of one name. A file that was renamed is the same configuration. */
static int check_owner(const char *path, const char *found, const char *own,
		       struct pim_error *error)
{
	char shown[PIM_QUOTE_PATH], other[PIM_QUOTE_PATH];

	if (!strcmp(found, own) || access(found, F_OK))
		return 0;
	return pim_refuse(error,
			  "%s: is kept for another configuration, %s: give the agent of each "
			  "network namespace a --state of its own, or remove that file",
			  pim_quote_path(path, shown), pim_quote_path(found, other));
}

/* ---- reading ---- */

static int refuse(const char *path, const char *expected, struct pim_error *error)
{
	char shown[PIM_QUOTE_PATH];

	return pim_refuse(
		error,
		"%s: expected %s: it is not used; the next policy that is loaded replaces it",
		pim_quote_path(path, shown), expected);
}

static int read_bytes(int file, size_t size, char **bytes)
{
	size_t used = 0;
	ssize_t got = 1;

	*bytes = malloc(size + 1);
	while (*bytes && used < size && got > 0) {
		got = read(file, *bytes + used, size - used);
		if (got > 0)
			used += (size_t)got;
	}
	if (!*bytes)
		return -ENOMEM;
	if (used < size) {
		free(*bytes);
		return -EIO;
	}
	(*bytes)[size] = '\0';
	return 0;
}

/* Opens the file if only its owner, this user, may change it: then its path may be used, too. */
static int open_ours(const char *path, off_t *size, struct pim_error *error)
{
	char name[NAME_MAX + 1], shown[PIM_QUOTE_PATH];
	struct stat in, found;
	int folder, file, code;

	code = pim_folder_of(path, &folder, name, error);
	if (code)
		return code;
	file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	code = errno;
	if (fstat(folder, &in))
		in = (struct stat){ .st_mode = 0777 };
	close(folder);
	if (file < 0)
		return pim_fail(error, code, "%s: %s", pim_quote_path(path, shown), strerror(code));
	if (pim_folder_is_ours(&in) && !(in.st_mode & 022) && !fstat(file, &found) &&
	    S_ISREG(found.st_mode) && found.st_uid == geteuid() && !(found.st_mode & 022)) {
		*size = found.st_size;
		return file;
	}
	close(file);
	return refuse(path, "a file and a folder that only this user may change, found others",
		      error);
}

static int read_heading(const char *path, struct heading *found, struct pim_error *error)
{
	char *bytes, *line, *text;
	uint64_t sum;
	off_t size = 0;
	int file = open_ours(path, &size, error), result, at = 0;

	if (file < 0)
		return file;
	result = read_bytes(file, (size_t)size, &bytes);
	close(file);
	if (result)
		return pim_fail(error, -result, "%s: %s", path, strerror(-result));
	line = strstr(bytes, "# pimxdp-kept ");
	text = line ? strchr(line, '\n') : NULL;
	if (!text ||
	    sscanf(line, HEADING_READ, &found->schema, &found->kept.hash, &sum,
		   &found->kept.time_ns, &at) != 4 ||
	    !at || text - line - at >= (ptrdiff_t)sizeof(found->config) ||
	    sum_of(text + 1, (size_t)(bytes + size - text - 1)) != sum)
		result = refuse(path, "what the agent wrote, found it damaged or edited", error);
	else
		snprintf(found->config, sizeof(found->config), "%.*s", (int)(text - line - at),
			 line + at);
	free(bytes);
	return result;
}

int pim_kept_read(const char *folder, const char *interface, const char *config,
		  struct pim_policy *policy, struct pim_kept *kept, struct pim_error *error)
{
	struct heading found = {};
	char path[PATH_MAX], own[PATH_MAX];
	uint64_t hash = 0;
	int result = path_of(folder, interface, path, error);

	if (!result)
		result = config_path(config, own, error);
	if (!result)
		result = read_heading(path, &found, error);
	if (!result)
		result = check_owner(path, found.config, own, error);
	if (result)
		return result;
	result = pim_config_read(path, policy, error);
	if (!result)
		result = pim_policy_hash(policy, &hash, error);
	/* Another version may compile the same text to something else. */
	if (!result && found.schema == PIM_SCHEMA && hash != found.kept.hash)
		result = refuse(path, "the policy of its hash, found another", error);
	if (result) {
		pim_policy_free(policy);
		*policy = (struct pim_policy){};
		return result;
	}
	*kept = (struct pim_kept){ .hash = hash, .time_ns = found.kept.time_ns };
	return 0;
}

/* ---- writing ---- */

static int check_folder(const char *folder, struct pim_error *error)
{
	char shown[PIM_QUOTE_PATH];
	struct stat found;

	if (mkdir(folder, 0700) && errno != EEXIST)
		return pim_fail(error, errno, "%s: cannot make the state folder: %s",
				pim_quote_path(folder, shown), strerror(errno));
	if (stat(folder, &found))
		return pim_fail(error, errno, "%s: %s", pim_quote_path(folder, shown),
				strerror(errno));
	if (pim_folder_is_ours(&found) && found.st_uid == geteuid() && !(found.st_mode & 022))
		return 0;
	return pim_fail(
		error, EPERM,
		"%s: expected a state folder that belongs to this user (%u) and that nobody else "
		"may change, found owner %u, mode %04o: chown and chmod it, or give another by --state",
		pim_quote_path(folder, shown), geteuid(), found.st_uid, found.st_mode & 07777);
}

/* Whether the file may be replaced: it is ours, or of no use. */
static int check_replaced(const char *path, const char *own, struct pim_error *error)
{
	struct heading found = {};
	struct pim_error unseen = {};

	return read_heading(path, &found, &unseen) ? 0 :
						     check_owner(path, found.config, own, error);
}

int pim_kept_write(const char *folder, const char *interface, const char *config,
		   const struct pim_policy *policy, struct pim_kept *kept, struct pim_error *error)
{
	struct pim_kept next = { .time_ns = pim_realtime_ns() };
	char path[PATH_MAX], own[PATH_MAX], *text, *whole = NULL;
	size_t size = 0;
	FILE *stream;
	int result = pim_policy_hash(policy, &next.hash, error);

	if (!result)
		result = path_of(folder, interface, path, error);
	if (!result)
		result = check_folder(folder, error);
	if (result || (kept->time_ns && kept->hash == next.hash && !access(path, R_OK)))
		return result;
	result = config_path(config, own, error);
	if (!result)
		result = check_replaced(path, own, error);
	if (result)
		return result;
	text = pim_config_print(policy);
	stream = text ? open_memstream(&whole, &size) : NULL;
	if (stream) {
		fprintf(stream,
			"# The last good policy of %s, for a start whose configuration is refused.\n"
			"# Kept by pimxdp's agent. Not to be edited: it would be refused.\n",
			interface);
		fprintf(stream, heading, PIM_SCHEMA, next.hash, sum_of(text, strlen(text)),
			next.time_ns, own);
		fputs(text, stream);
		result = fclose(stream) ? pim_out_of_memory(error) :
					  pim_replace_file(path, whole, size, 0600, error);
	} else {
		result = pim_out_of_memory(error);
	}
	free(whole);
	free(text);
	if (!result)
		*kept = next;
	return result;
}
