/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/pins.h"

#include <bpf/bpf.h>

#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <pimxdp/abi.h>

const struct pim_pin_kind pim_pin_kinds[PIM_PINS] = {
	[PIM_PIN_REASONS] = { "pim_reasons", 4, sizeof(struct pim_reason_entry) },
	[PIM_PIN_RULES] = { "pim_rules", 4, sizeof(struct pim_rule_entry), true },
	[PIM_PIN_PARTNERS] = { "pim_partners", 4, sizeof(struct pim_partner_entry), true },
	[PIM_PIN_FLOW_STATE] = { "pim_flow_state", 4, sizeof(struct pim_flow_state) },
	[PIM_PIN_SLOTS4] = { "pim_slots4", 4, sizeof(struct pim_slot4) },
	[PIM_PIN_SLOTS6] = { "pim_slots6", 4, sizeof(struct pim_slot6) },
	[PIM_PIN_FLOWS] = { "pim_flows", sizeof(struct pim_flow_text_key),
			    sizeof(struct pim_flow_text) },
	[PIM_PIN_ADDRESSES] = { "pim_addresses", 4, 0, true },
	[PIM_PIN_STAMP] = { "pim_info", 4, sizeof(struct pim_stamp), true },
	[PIM_PIN_FLOW_SECRET] = { "pim_flow_secret", 4, sizeof(struct pim_flow_secret),
				  .secret = true },
};

const char *pim_pin_path(const char *directory, const char *before, const char *name,
			 char path[PIM_PIN_PATH])
{
	snprintf(path, PIM_PIN_PATH, "%s/%s%s", directory, before, name);
	return path;
}

int pim_pin_open(const char *directory, const char *before, const char *name,
		 enum pim_access access)
{
	LIBBPF_OPTS(bpf_obj_get_opts, options,
		    .file_flags = access == PIM_TO_READ ? BPF_F_RDONLY : 0);
	char path[PIM_PIN_PATH];
	int fd = bpf_obj_get_opts(pim_pin_path(directory, before, name, path), &options);

	return fd < 0 ? -errno : fd;
}

bool pim_is_bpffs(const char *path)
{
	struct statfs system;

	errno = 0;
	return !statfs(path, &system) && (unsigned long)system.f_type == BPF_FS_MAGIC;
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

int pim_pin_allow(const char *path, gid_t group, mode_t mode, struct pim_error *error)
{
	if (group == PIM_NO_GROUP)
		return 0;
	if (chown(path, -1, group))
		return pim_fail(error, errno,
				"%s: cannot give it to group %u: %s: run as a member of that "
				"group, or with CAP_CHOWN",
				path, (unsigned int)group, strerror(errno));
	if (chmod(path, mode))
		return pim_fail_path(path, PIM_TO_CHANGE, errno, error);
	return 0;
}

static const struct pim_pin_kind *kind_of(const char *name)
{
	for (int pin = 0; pin < PIM_PINS; pin++)
		if (!strcmp(name, pim_pin_kinds[pin].name))
			return &pim_pin_kinds[pin];
	return NULL;
}

int pim_pin_object(const char *directory, const char *before, const char *name, int fd, gid_t group,
		   struct pim_error *error)
{
	const struct pim_pin_kind *kind = kind_of(name);
	char path[PIM_PIN_PATH];

	if (bpf_obj_pin(fd, pim_pin_path(directory, before, name, path)))
		return pim_fail_path(path, PIM_TO_CHANGE, errno, error);
	if (!strcmp(name, PIM_PIN_ITERATOR)) /* to write would be to open the link */
		return pim_pin_allow(path, group, 0440, error);
	return kind && !kind->secret ? pim_pin_allow(path, group, 0640, error) : 0;
}

/* Accepts "pim_rules" and, from a swap in progress, "next_pim_rules". */
static bool is_known(const char *name)
{
	if (!strncmp(name, PIM_PIN_NEXT, strlen(PIM_PIN_NEXT)))
		name += strlen(PIM_PIN_NEXT);
	return kind_of(name) || !strcmp(name, PIM_PIN_PROGRAM) || !strcmp(name, PIM_PIN_LINK) ||
	       !strcmp(name, PIM_PIN_ITERATOR);
}

static void remove_pins(const char *directory, bool known)
{
	DIR *stream = opendir(directory);
	struct dirent *entry;
	char path[512];

	while (stream && (entry = readdir(stream))) {
		if (entry->d_name[0] == '.' || (!known && is_known(entry->d_name)))
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		unlink(path);
	}
	if (stream)
		closedir(stream);
}

void pim_pins_remove_unknown(const char *directory)
{
	remove_pins(directory, false);
}

void pim_pins_remove(const char *directory)
{
	remove_pins(directory, true);
	rmdir(directory);
}

int pim_bpffs_check(struct pim_error *error)
{
	/* In a container, only the directory may be mounted. */
	if (pim_is_bpffs(PIM_PIN_DIRECTORY) || pim_is_bpffs(PIM_PIN_ROOT))
		return 0;
	if (errno)
		return pim_fail(error, errno,
				"%s: %s: expected a BPF file system there: "
				"mount -t bpf bpf %s",
				PIM_PIN_ROOT, strerror(errno), PIM_PIN_ROOT);
	return pim_fail(error, ENOTSUP,
			"%s: expected a BPF file system, found another: "
			"mount -t bpf bpf %s",
			PIM_PIN_ROOT, PIM_PIN_ROOT);
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
	DIR *stream;
	int result;

	*interfaces = NULL;
	*count = 0;
	result = pim_bpffs_check(error);
	if (result)
		return result;
	stream = opendir(PIM_PIN_DIRECTORY);
	if (!stream)
		return errno == ENOENT ?
			       0 :
			       pim_fail_path(PIM_PIN_DIRECTORY, PIM_TO_READ, errno, error);
	while (!result && (entry = readdir(stream))) {
		char **grown;

		if (entry->d_name[0] == '.')
			continue;
		grown = realloc(*interfaces, (*count + 1) * sizeof(**interfaces));
		if (grown)
			*interfaces = grown;
		if (!grown || !(grown[*count] = strdup(entry->d_name)))
			result = pim_out_of_memory(error);
		else
			swap_character(grown[(*count)++], ':', '.');
	}
	closedir(stream);
	if (result)
		pim_pins_list_free(interfaces, count);
	if (*count)
		qsort(*interfaces, *count, sizeof(**interfaces), compare_names);
	return result;
}
