/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/pins.h"

#include <bpf/bpf.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pimxdp/abi.h>

const struct pim_pin_kind pim_pin_kinds[PIM_PINS] = {
	[PIM_PIN_REASONS] = { "pim_reasons", BPF_MAP_TYPE_PERCPU_ARRAY, 4,
			      sizeof(struct pim_reason_entry) },
	[PIM_PIN_RULES] = { "pim_rules", BPF_MAP_TYPE_PERCPU_ARRAY, 4,
			    sizeof(struct pim_rule_entry), true },
	[PIM_PIN_PARTNERS] = { "pim_partners", BPF_MAP_TYPE_PERCPU_ARRAY, 4,
			       sizeof(struct pim_partner_entry), true },
	[PIM_PIN_FLOW_STATE] = { "pim_flow_state", BPF_MAP_TYPE_PERCPU_ARRAY, 4,
				 sizeof(struct pim_flow_state) },
	[PIM_PIN_SLOTS4] = { "pim_slots4", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct pim_slot4) },
	[PIM_PIN_SLOTS6] = { "pim_slots6", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct pim_slot6) },
	[PIM_PIN_FLOWS] = { "pim_flows", BPF_MAP_TYPE_HASH, sizeof(struct pim_flow_text_key),
			    sizeof(struct pim_flow_text) },
	[PIM_PIN_ADDRESSES] = { "pim_addresses", BPF_MAP_TYPE_ARRAY, 4, 0, true },
	[PIM_PIN_POLICY] = { "pim_policy", BPF_MAP_TYPE_ARRAY, 4, PIM_POLICY_CHUNK, true },
	[PIM_PIN_STAMP] = { "pim_info", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct pim_stamp), true },
	[PIM_PIN_FLOW_SECRET] = { "pim_flow_secret", BPF_MAP_TYPE_ARRAY, 4,
				  sizeof(struct pim_flow_secret), .secret = true },
};

const char *pim_pin_path(const char *directory, const char *before, const char *name,
			 char path[PIM_PIN_PATH])
{
	snprintf(path, PIM_PIN_PATH, "%s/%s%s", directory, before, name);
	return path;
}

int pim_pin_open(int folder, const char *before, const char *name, enum pim_access access)
{
	LIBBPF_OPTS(bpf_obj_get_opts, options,
		    .file_flags = access == PIM_TO_READ ? BPF_F_RDONLY : 0);
	char path[PIM_PIN_PATH];
	int fd = bpf_obj_get_opts(pim_folder_path(folder, before, name, path), &options);

	return fd < 0 ? -errno : fd;
}

/* Converts between the names of an interface and of its directory: bpffs does not allow a
 * dot in a name, and an interface name has no colon. */
static void swap_character(char *name, char from, char to)
{
	for (; *name; name++)
		if (*name == from)
			*name = to;
}

int pim_interface_name_check(const char *interface, struct pim_error *error)
{
	if (!*interface || strlen(interface) >= IFNAMSIZ || strpbrk(interface, "/: \t\n") ||
	    !strcmp(interface, ".") || !strcmp(interface, ".."))
		return pim_refuse(error, "expected an interface name, found '%s'", interface);
	return 0;
}

void pim_pin_place_path(const char *interface, char directory[PIM_PIN_PLACE_PATH])
{
	int front = snprintf(directory, PIM_PIN_PLACE_PATH, "%s/%s", PIM_PIN_DIRECTORY, interface) -
		    strlen(interface);

	swap_character(directory + front, '.', ':');
}

int pim_pin_allow(int folder, const char *name, const char *path, gid_t group, mode_t mode,
		  struct pim_error *error)
{
	char by_descriptor[PIM_PIN_PATH];
	int file, result = 0;

	if (group == PIM_NO_GROUP)
		return 0;
	file = openat(folder, *name ? name : ".", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (file < 0)
		return pim_fail_path(path, PIM_TO_CHANGE, errno, error);
	if (fchownat(file, "", -1, group, AT_EMPTY_PATH))
		result = pim_fail(error, errno,
				  "%s: cannot give it to group %u: %s: run as a member of that "
				  "group, or with CAP_CHOWN",
				  path, (unsigned int)group, strerror(errno));
	/* fchmod(2) refuses such a descriptor. */
	snprintf(by_descriptor, sizeof(by_descriptor), "/proc/self/fd/%d", file);
	if (!result && chmod(by_descriptor, mode))
		result = pim_fail_path(path, PIM_TO_CHANGE, errno, error);
	close(file);
	return result;
}

static const struct pim_pin_kind *kind_of(const char *name)
{
	for (int pin = 0; pin < PIM_PINS; pin++)
		if (!strcmp(name, pim_pin_kinds[pin].name))
			return &pim_pin_kinds[pin];
	return NULL;
}

int pim_pin_object(int folder, const char *directory, const char *before, const char *name, int fd,
		   gid_t group, struct pim_error *error)
{
	const struct pim_pin_kind *kind = kind_of(name);
	char path[PIM_PIN_PATH], whole[PIM_PIN_PATH];

	pim_pin_path(directory, before, name, whole);
	if (bpf_obj_pin(fd, pim_folder_path(folder, before, name, path)))
		return pim_fail_path(whole, PIM_TO_CHANGE, errno, error);
	if (!strcmp(name, PIM_PIN_ITERATOR)) /* to write would be to open the link */
		return pim_pin_allow(folder, strrchr(whole, '/') + 1, whole, group, 0440, error);
	return kind && !kind->secret ?
		       pim_pin_allow(folder, strrchr(whole, '/') + 1, whole, group, 0640, error) :
		       0;
}

static int check_pin(int folder, const char *directory, const char *before, const char *name,
		     uid_t owner, struct pim_error *error)
{
	char path[PIM_PIN_PATH];
	struct stat pin;

	pim_pin_path(directory, before, name, path);
	/* What cannot be looked at cannot be opened either, and is told then. */
	if (fstatat(folder, strrchr(path, '/') + 1, &pin, AT_SYMLINK_NOFOLLOW))
		return 0;
	if (S_ISREG(pin.st_mode) && pin.st_uid == owner)
		return 0;
	return pim_fail(error, EPERM,
			"%s: expected a pin of user %u, found %s of user %u: see what it is, "
			"then: rm %s",
			path, (unsigned int)owner,
			S_ISREG(pin.st_mode) ? "one" :
			S_ISLNK(pin.st_mode) ? "a link" :
					       "a folder",
			(unsigned int)pin.st_uid, path);
}

int pim_pins_check(int folder, const char *directory, struct pim_error *error)
{
	static const char *const befores[] = { "", PIM_PIN_NEXT };
	struct stat own;
	int result = 0;

	if (fstat(folder, &own))
		return pim_fail_path(directory, PIM_TO_READ, errno, error);
	for (int i = 0; !result && i < 2; i++) {
		for (int pin = 0; !result && pin < PIM_PINS; pin++)
			result = check_pin(folder, directory, befores[i], pim_pin_kinds[pin].name,
					   own.st_uid, error);
		if (!result)
			result = check_pin(folder, directory, befores[i], PIM_PIN_PROGRAM,
					   own.st_uid, error);
		if (!result)
			result = check_pin(folder, directory, befores[i], PIM_PIN_ITERATOR,
					   own.st_uid, error);
	}
	return result ? result : check_pin(folder, directory, "", PIM_PIN_LINK, own.st_uid, error);
}

/* Accepts "pim_rules" and, from a swap in progress, "next_pim_rules". */
static const char *without_next(const char *name)
{
	return strncmp(name, PIM_PIN_NEXT, strlen(PIM_PIN_NEXT)) ? name :
								   name + strlen(PIM_PIN_NEXT);
}

static bool is_known(const char *name)
{
	name = without_next(name);
	return kind_of(name) || !strcmp(name, PIM_PIN_PROGRAM) || !strcmp(name, PIM_PIN_LINK) ||
	       !strcmp(name, PIM_PIN_ITERATOR);
}

/* The maps of all schemas are called so. */
static bool is_ours(const char *name)
{
	return is_known(name) || !strncmp(without_next(name), "pim_", 4);
}

/* A folder that was opened to work in it cannot be read by that descriptor. */
static DIR *list(int folder)
{
	int readable = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = readable < 0 ? NULL : fdopendir(readable);

	if (!stream && readable >= 0)
		close(readable);
	return stream;
}

static void remove_pins(int folder, bool known)
{
	DIR *stream = list(folder);
	struct dirent *entry;

	while (stream && (entry = readdir(stream)))
		if (is_ours(entry->d_name) && (known || !is_known(entry->d_name)))
			unlinkat(folder, entry->d_name, 0); /* no folder, and never behind a link */
	if (stream)
		closedir(stream);
}

void pim_pins_remove_unknown(int folder)
{
	remove_pins(folder, false);
}

void pim_pins_remove(int folder, const char *directory)
{
	int above = openat(folder, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	remove_pins(folder, true);
	if (above < 0)
		return;
	unlinkat(above, strrchr(directory, '/') + 1, AT_REMOVEDIR);
	close(above);
}

void pim_pins_name(int folder, char names[256])
{
	DIR *stream = list(folder);
	struct dirent *entry;
	size_t length = 0;

	names[0] = '\0';
	while (stream && (entry = readdir(stream))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (length + strlen(entry->d_name) + 6 > 256) {
			snprintf(names + length, 256 - length, " ...");
			break;
		}
		length += snprintf(names + length, 256 - length, "%s%s", length ? " " : "",
				   entry->d_name);
	}
	if (stream)
		closedir(stream);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void pim_pins_list_free(char ***interfaces, size_t *count)
{
	while (*count)
		free((*interfaces)[--*count]);
	free(*interfaces);
	*interfaces = NULL;
}

int pim_pins_list(char ***interfaces, size_t *count, struct pim_error *error)
{
	struct dirent *entry;
	int folder, result;
	DIR *stream;

	*interfaces = NULL;
	*count = 0;
	result = pim_folder_open(PIM_TO_READ, &folder, error);
	if (result)
		return result == -ENOENT ? 0 : result;
	stream = list(folder);
	if (!stream)
		result = pim_fail_path(PIM_PIN_DIRECTORY, PIM_TO_READ, errno, error);
	close(folder);
	while (!result && (entry = readdir(stream))) {
		char **grown;

		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, PIM_PIN_LOCK))
			continue;
		grown = realloc(*interfaces, (*count + 1) * sizeof(**interfaces));
		if (grown)
			*interfaces = grown;
		if (!grown || !(grown[*count] = strdup(entry->d_name)))
			result = pim_out_of_memory(error);
		else
			swap_character(grown[(*count)++], ':', '.');
	}
	if (stream)
		closedir(stream);
	if (result)
		pim_pins_list_free(interfaces, count);
	if (*count)
		qsort(*interfaces, *count, sizeof(**interfaces), compare_names);
	return result;
}
