/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/place.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/object.h"

const char *pim_place_state_name(enum pim_place_state state)
{
	static const char *const names[] = {
		[PIM_PLACE_EMPTY] = "detached",	       [PIM_PLACE_ATTACHED] = "attached",
		[PIM_PLACE_ELSEWHERE] = "elsewhere",   [PIM_PLACE_GONE] = "interface-gone",
		[PIM_PLACE_UNFINISHED] = "unfinished", [PIM_PLACE_FOREIGN] = "other-schema",
	};

	return state < sizeof(names) / sizeof(*names) ? names[state] : NULL;
}

/* Whether a pinned map is of the type and has the key and value sizes of this build: then what
 * is read from it fits where it goes, whoever pinned it. */
static bool has_layout(int fd, enum pim_pin pin)
{
	const struct pim_pin_kind *kind = &pim_pin_kinds[pin];
	struct bpf_map_info info;

	return !pim_object_info(fd, &info, sizeof(info)) && info.type == kind->type &&
	       info.key_size == kind->key_bytes &&
	       (info.value_size == kind->value_bytes || !kind->value_bytes);
}

bool pim_counts_anew(const struct pim_place *place)
{
	char name[PIM_PIN_PATH];

	snprintf(name, sizeof(name), PIM_PIN_NEXT "%s", pim_pin_kinds[PIM_PIN_REASONS].name);
	return !faccessat(place->folder, name, F_OK, 0);
}

int pim_swap_pending(const struct pim_place *place)
{
	int program = pim_pin_open(place->folder, PIM_PIN_NEXT, PIM_PIN_PROGRAM, PIM_TO_CHANGE);
	int pending = program >= 0 && pim_program_id(program) == place->program_id;

	if (pim_is_shortage(program))
		return program;
	if (program >= 0)
		close(program);
	return pending;
}

/* Opens a map of the filter in force. While a swap to a larger counter map is unfinished,
 * the outgrown map still holds the earlier counts. */
static int open_map(const struct pim_place *place, const char *before, enum pim_pin pin,
		    enum pim_access access, int *outgrown)
{
	const char *name = pim_pin_kinds[pin].name;
	int map = *before ? pim_pin_open(place->folder, before, name, access) : -ENOENT;

	if (pim_is_shortage(map))
		return map;
	if (map < 0)
		return pim_pin_open(place->folder, "", name, access);
	if ((pin == PIM_PIN_RULES || pin == PIM_PIN_PARTNERS) && !pim_counts_anew(place))
		*outgrown = pim_pin_open(place->folder, "", name, access);
	return map;
}

static void forget(struct pim_place *place)
{
	place->folder = place->link = -1;
	for (int pin = 0; pin < PIM_PINS; pin++)
		place->maps[pin] = place->outgrown[pin] = -1;
}

void pim_place_close(struct pim_place *place)
{
	if (place->folder >= 0)
		close(place->folder);
	if (place->link >= 0)
		close(place->link);
	for (int pin = 0; pin < PIM_PINS; pin++) {
		if (place->maps[pin] >= 0)
			close(place->maps[pin]);
		if (place->outgrown[pin] >= 0)
			close(place->outgrown[pin]);
	}
	forget(place);
}

/* The schema of a stamp: all versions begin with the same fields. 0: not a stamp. */
static uint32_t schema_of(int map)
{
	const __u32 zero = 0;
	struct bpf_map_info info;
	uint32_t schema = 0;
	struct pim_stamp *stamp;

	if (map < 0 || pim_object_info(map, &info, sizeof(info)) ||
	    info.type != BPF_MAP_TYPE_ARRAY || info.key_size != sizeof(zero) ||
	    info.value_size < sizeof(stamp->magic) + sizeof(stamp->schema))
		return 0;
	stamp = malloc(info.value_size);
	if (stamp && !bpf_map_lookup_elem(map, &zero, stamp) && stamp->magic == PIM_MAGIC)
		schema = stamp->schema;
	free(stamp);
	return schema;
}

int pim_stamp_read(int map, struct pim_stamp *stamp)
{
	const __u32 zero = 0;

	if (map < 0 || !has_layout(map, PIM_PIN_STAMP) || bpf_map_lookup_elem(map, &zero, stamp) ||
	    stamp->magic != PIM_MAGIC || stamp->schema != PIM_SCHEMA)
		return -EPROTO;
	/* Whoever wrote it may not have ended its texts. */
	stamp->interface[sizeof(stamp->interface) - 1] = '\0';
	stamp->version[sizeof(stamp->version) - 1] = '\0';
	stamp->config[sizeof(stamp->config) - 1] = '\0';
	return 0;
}

/* For readers that may not open the link: takes program and interface from the stamp. If
 * a swap was interrupted, uses the stamp whose program the interface runs. Returns the
 * prefix of its pins. */
static const char *follow_stamp(struct pim_place *place)
{
	static const char *const candidates[] = { PIM_PIN_NEXT, "" };

	for (size_t i = 0; i < 2; i++) {
		int map = pim_pin_open(place->folder, candidates[i],
				       pim_pin_kinds[PIM_PIN_STAMP].name, PIM_TO_READ);
		struct pim_stamp stamp = {};
		bool in_force = !pim_stamp_read(map, &stamp) &&
				pim_xdp_runs(stamp.ifindex, stamp.program_id);

		if (map >= 0)
			close(map);
		place->program_id = stamp.program_id;
		place->ifindex = stamp.ifindex;
		if (in_force)
			return candidates[i];
	}
	return "";
}

/* Opens every pinned map. Returns -EPROTO when one is missing or has another layout. */
static int open_maps(struct pim_place *place, const char *before, enum pim_access access)
{
	for (int pin = 0; pin < PIM_PINS; pin++) {
		const struct pim_pin_kind *kind = &pim_pin_kinds[pin];

		if (kind->secret && access == PIM_TO_READ)
			continue;
		place->maps[pin] = open_map(place, before, pin, access, &place->outgrown[pin]);
		if (place->maps[pin] == -EACCES || place->maps[pin] == -EPERM ||
		    place->maps[pin] == -ENOSYS || pim_is_shortage(place->maps[pin]))
			return place->maps[pin];
		if (pim_is_shortage(place->outgrown[pin]))
			return place->outgrown[pin];
	}
	if (pim_stamp_read(place->maps[PIM_PIN_STAMP], &place->stamp))
		return -EPROTO;
	for (int pin = 0; pin < PIM_PINS; pin++) {
		const struct pim_pin_kind *kind = &pim_pin_kinds[pin];

		if (kind->secret && access == PIM_TO_READ)
			continue;
		if (place->maps[pin] < 0 || !has_layout(place->maps[pin], pin) ||
		    (place->outgrown[pin] >= 0 && !has_layout(place->outgrown[pin], pin)))
			return -EPROTO;
	}
	return 0;
}

/* Opens the interface's folder, if there is one, and checks whose it is and whose pins are in
 * it. Returns 0 or -errno with a text; -ENOENT without one when there is no folder. */
static int open_folder(const char *interface, enum pim_access access, struct pim_place *place,
		       struct pim_error *error)
{
	int result = pim_interface_name_check(interface, error), pins;
	struct stat folder;

	if (result)
		return result;
	memcpy(place->interface, interface, strlen(interface) + 1);
	pim_pin_place_path(interface, place->directory);
	result = pim_folder_open(access, &pins, error);
	if (result)
		return result;
	result = pim_folder_open_in(pins, place->directory, access, &place->folder, error);
	close(pins);
	if (result)
		return result;
	if (!fstat(place->folder, &folder) && folder.st_mode & S_IRGRP)
		place->group = folder.st_gid;
	return pim_pins_check(place->folder, place->directory, error);
}

/* Opens the link; for a reader that may not, uses the stamp. *before receives the prefix
 * of the pins in force. Returns 0 or -errno. */
static int open_link(struct pim_place *place, enum pim_access access, const char **before)
{
	struct bpf_link_info link;
	int pending;

	*before = "";
	place->link = pim_pin_open(place->folder, "", PIM_PIN_LINK, PIM_TO_CHANGE);
	if (place->link == -EACCES && access == PIM_TO_READ) {
		place->link = -1;
		*before = follow_stamp(place);
		return 0;
	}
	if (place->link < 0)
		return place->link;
	if (pim_object_info(place->link, &link, sizeof(link)))
		return -errno;
	if (link.type != BPF_LINK_TYPE_XDP)
		return -EPROTO;
	place->link_id = link.id;
	place->program_id = link.prog_id;
	place->ifindex = link.xdp.ifindex;
	pending = pim_swap_pending(place);
	*before = pending ? PIM_PIN_NEXT : "";
	return pending < 0 ? pending : 0;
}

/* A pin survives when its interface is renamed, and is visible in other network
 * namespaces, so compare more than the name. Returns 0 or -errno. */
static int judge_state(struct pim_place *place)
{
	uint32_t named = if_nametoindex(place->interface);
	/* if_nametoindex() does not report why it could not open its socket. */
	int result = named || errno == ENODEV ? 0 : -EMFILE;

	if (!result)
		result = pim_xdp_mode(named, place->program_id, &place->mode);
	if (!place->ifindex)
		place->state = PIM_PLACE_GONE;
	else if (named == place->ifindex && place->mode != PIM_ATTACH_AUTO)
		place->state = PIM_PLACE_ATTACHED;
	else
		place->state = PIM_PLACE_ELSEWHERE;
	return result;
}

int pim_place_open(const char *interface, enum pim_access access, struct pim_place *place,
		   struct pim_error *error)
{
	bool foreign = false;
	const char *before;
	int result;

	*place = (struct pim_place){ .state = PIM_PLACE_EMPTY, .group = PIM_NO_GROUP };
	forget(place);
	result = open_folder(interface, access, place, error);
	if (result == -ENOENT)
		return 0;
	if (result == -ENOTSUP && access == PIM_TO_READ)
		pim_error_prefix(error, "%s: unknown whether a filter is attached: ", interface);
	if (result) {
		pim_place_close(place);
		return result;
	}
	result = open_link(place, access, &before);
	if (result == -ENOENT) {
		place->state = PIM_PLACE_UNFINISHED;
		return 0;
	}
	if (!result)
		result = open_maps(place, before, access);
	if (result == -EPROTO) {
		foreign = true;
		result = 0;
		place->foreign_schema = schema_of(place->maps[PIM_PIN_STAMP]);
		if (place->foreign_schema == PIM_SCHEMA) /* our schema, but another layout */
			place->foreign_schema = 0;
	}
	if (!result)
		result = judge_state(place);
	if (foreign) {
		place->foreign_state = place->state;
		place->state = PIM_PLACE_FOREIGN;
	}
	if (result) {
		pim_place_close(place);
		return pim_fail_path(place->directory, access, -result, error);
	}
	return 0;
}

bool pim_place_of_program(uint32_t ifindex, uint32_t program_id, char interface[16])
{
	struct pim_error unused = {};
	bool found = false;
	char **names;
	size_t count;

	if (!program_id || pim_pins_list(&names, &count, &unused))
		return false;
	for (size_t i = 0; !found && i < count; i++) {
		struct pim_place place;

		if (pim_place_open(names[i], PIM_TO_READ, &place, &unused))
			continue;
		found = place.ifindex == ifindex && place.program_id == program_id;
		if (found)
			memcpy(interface, place.interface, sizeof(place.interface));
		pim_place_close(&place);
	}
	pim_pins_list_free(&names, &count);
	return found;
}

int pim_interface_vacant(const char *interface, uint32_t ours, struct pim_error *error)
{
	int result = pim_interface_check(interface, ours, error);
	struct pim_xdp_program program;
	char before[16];
	uint32_t ifindex;

	if (result != -EBUSY)
		return result;
	ifindex = if_nametoindex(interface);
	if (pim_xdp_query(ifindex, &program) || !pim_place_of_program(ifindex, program.id, before))
		return result;
	return pim_fail(error, EBUSY,
			"%s: pimxdp is attached already (program id %u), since this interface was "
			"named %s: pimxdp detach %s, or rename it back",
			interface, program.id, before, before);
}

/* Why nothing is pinned for this name. */
static int refuse_empty(const struct pim_place *place, struct pim_error *error)
{
	uint32_t ifindex = if_nametoindex(place->interface);
	struct pim_xdp_program program;
	char before[16];

	if (!ifindex && errno == ENODEV)
		return pim_fail(error, ENOENT,
				"%s: no filter is attached, and no such interface is here: ip link "
				"shows those there are",
				place->interface);
	if (!ifindex || pim_xdp_query(ifindex, &program))
		program = (struct pim_xdp_program){};
	if (program.id && pim_place_of_program(ifindex, program.id, before))
		return pim_fail(
			error, ENOENT,
			"%s: its filter (program id %u) is pinned as %s, which is what this "
			"interface was named: use that name, or rename it back",
			place->interface, program.id, before);
	if (!strcmp(program.name, "pimxdp"))
		return pim_fail(
			error, ENOENT,
			"%s: a filter is attached (program id %u), and its pins are not in %s here: "
			"another BPF file system holds them, which may be mounted below this one: "
			"findmnt %s shows how many there are",
			place->interface, program.id, PIM_PIN_DIRECTORY, PIM_PIN_ROOT);
	return pim_fail(error, ENOENT, "%s: no filter is attached: pimxdp attach %s --config FILE",
			place->interface, place->interface);
}

bool pim_place_is_elsewhere(const struct pim_place *place)
{
	return (place->state == PIM_PLACE_ELSEWHERE ||
		(place->state == PIM_PLACE_FOREIGN &&
		 place->foreign_state == PIM_PLACE_ELSEWHERE)) &&
	       !pim_xdp_runs(place->ifindex, place->program_id);
}

/* 0 when there is no map. */
static uint32_t map_id(int map)
{
	struct bpf_map_info info;

	return map < 0 || pim_object_info(map, &info, sizeof(info)) ? 0 : info.id;
}

bool pim_place_same(const struct pim_place *a, const struct pim_place *b)
{
	bool same = a->state == b->state && a->foreign_state == b->foreign_state &&
		    a->program_id == b->program_id && a->ifindex == b->ifindex &&
		    a->link_id == b->link_id && a->stamp.generation == b->stamp.generation;

	for (int pin = 0; same && pin < PIM_PINS; pin++)
		same = map_id(a->maps[pin]) == map_id(b->maps[pin]) &&
		       map_id(a->outgrown[pin]) == map_id(b->outgrown[pin]);
	return same;
}

int pim_place_refuse(const struct pim_place *place, struct pim_error *error)
{
	const char *flag = pim_place_is_elsewhere(place) ? " --elsewhere" : "";
	char name[IF_NAMESIZE];

	switch (place->state) {
	case PIM_PLACE_EMPTY:
		return refuse_empty(place, error);
	case PIM_PLACE_UNFINISHED:
		return pim_fail(error, ENOENT,
				"%s: no filter is attached, an attach or detach was "
				"interrupted: pimxdp detach %s removes what it left in %s",
				place->interface, place->interface, place->directory);
	case PIM_PLACE_GONE:
		return pim_fail(error, ENODEV,
				"%s: the interface of this filter is gone, or a detach was "
				"interrupted: pimxdp detach %s removes what is left in %s",
				place->interface, place->interface, place->directory);
	case PIM_PLACE_ELSEWHERE:
		if (pim_xdp_runs(place->ifindex, place->program_id) &&
		    if_indextoname(place->ifindex, name))
			return pim_fail(
				error, EBUSY,
				"%s: the filter pinned in %s is on an interface that "
				"is now named %s: rename it back, or pimxdp detach %s takes "
				"that filter off",
				place->interface, place->directory, name, place->interface);
		return pim_fail(error, EBUSY,
				"%s: the filter pinned in %s is in another network "
				"namespace%s: work on it there, or pimxdp detach %s --elsewhere "
				"takes it off there",
				place->interface, place->directory,
				place->link < 0 ? ", or its interface is gone" : "",
				place->interface);
	case PIM_PLACE_FOREIGN:
		if (pim_place_replaceable(place))
			return pim_fail(
				error, EPROTO,
				"%s: the attached filter is of a pimxdp of schema %u, "
				"this one (%s) has schema %u: use that pimxdp, or pimxdp attach %s "
				"--config FILE --replace, with which counters begin anew",
				place->interface, place->foreign_schema, PIM_VERSION, PIM_SCHEMA,
				place->interface);
		if (place->foreign_schema)
			return pim_fail(
				error, EPROTO,
				"%s: the pins in %s were left by a pimxdp of schema "
				"%u, this one (%s) has schema %u: use that pimxdp, or pimxdp "
				"detach %s%s and attach anew",
				place->interface, place->directory, place->foreign_schema,
				PIM_VERSION, PIM_SCHEMA, place->interface, flag);
		return pim_fail(error, EPROTO,
				"%s: the pins in %s are not of a pimxdp of schema %u: use "
				"the pimxdp that made them, or pimxdp detach %s%s and attach anew",
				place->interface, place->directory, PIM_SCHEMA, place->interface,
				flag);
	case PIM_PLACE_ATTACHED:
		break;
	}
	return pim_fail(error, EBUSY,
			"%s: pimxdp is attached already (program id %u): pimxdp reload %s "
			"--config FILE changes its policy, attach --replace its program too",
			place->interface, place->program_id, place->interface);
}

int pim_place_allow(struct pim_place *place, gid_t group, struct pim_error *error)
{
	char path[PIM_PIN_PATH];
	struct stat directory;
	int pins, result;

	result = pim_folder_open(PIM_TO_CHANGE, &pins, error);
	if (result)
		return result;
	/* The first group that is allowed also gets the folder of all places, to list it. */
	if (!fstat(pins, &directory) && !(directory.st_mode & S_IRGRP))
		result = pim_pin_allow(pins, "", PIM_PIN_DIRECTORY, group, 0751, error);
	close(pins);
	for (int pin = 0; !result && pin < PIM_PINS; pin++) {
		const char *name = pim_pin_kinds[pin].name;

		pim_pin_path(place->directory, "", name, path);
		if (!pim_pin_kinds[pin].secret && !faccessat(place->folder, name, F_OK, 0))
			result = pim_pin_allow(place->folder, name, path, group, 0640, error);
	}
	pim_pin_path(place->directory, "", PIM_PIN_ITERATOR, path);
	if (!result && !faccessat(place->folder, PIM_PIN_ITERATOR, F_OK, 0))
		result = pim_pin_allow(place->folder, PIM_PIN_ITERATOR, path, group, 0440, error);
	if (!result)
		result = pim_pin_allow(place->folder, "", place->directory, group, 0750, error);
	if (!result)
		place->group = group;
	return result;
}
