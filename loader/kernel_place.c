/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A place: what is pinned for an interface, found and described. */
#include "kernel_private.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct pim_pin_kind pim_pin_kinds[PIM_PINS] = {
	[PIM_PIN_REASONS] = { "pim_reasons", 4, sizeof(struct pim_reason_entry), false },
	[PIM_PIN_RULES] = { "pim_rules", 4, sizeof(struct pim_rule_entry), true },
	[PIM_PIN_PARTNERS] = { "pim_partners", 4, sizeof(struct pim_partner_entry), true },
	[PIM_PIN_FLOW_STATE] = { "pim_flow_state", 4, sizeof(struct pim_flow_state), false },
	[PIM_PIN_SLOTS4] = { "pim_slots4", 4, sizeof(struct pim_slot4), false },
	[PIM_PIN_SLOTS6] = { "pim_slots6", 4, sizeof(struct pim_slot6), false },
	[PIM_PIN_FLOWS] = { "pim_flows", sizeof(struct pim_flow_text_key),
			    sizeof(struct pim_flow_text), false },
	[PIM_PIN_ADDRESSES] = { "pim_addresses", 4, 0, true },
	[PIM_PIN_INFO] = { "pim_info", 4, sizeof(struct pim_info), true },
};

const char *pim_attach_mode_name(enum pim_attach_mode mode)
{
	static const char *const names[] = { "unknown", "native", "skb", "offload" };

	return mode < sizeof(names) / sizeof(*names) ? names[mode] : NULL;
}

const char *pim_pin_path(const struct pim_place *place, const char *before, const char *name,
			 char path[PIM_PIN_PATH])
{
	snprintf(path, PIM_PIN_PATH, "%s/%s%s", place->directory, before, name);
	return path;
}

int pim_open_pin(const struct pim_place *place, const char *before, const char *name)
{
	char path[PIM_PIN_PATH];
	int fd = bpf_obj_get(pim_pin_path(place, before, name, path));

	return fd < 0 ? -errno : fd;
}

int pim_object_info(int fd, void *info, __u32 size)
{
	memset(info, 0, size);
	return bpf_obj_get_info_by_fd(fd, info, &size) ? -errno : 0;
}

static uint32_t program_id(int fd)
{
	struct bpf_prog_info info;

	return pim_object_info(fd, &info, sizeof(info)) ? 0 : info.id;
}

/* Whether a pinned map has the layout of this build. */
static bool has_layout(int fd, size_t key_bytes, size_t value_bytes)
{
	struct bpf_map_info info;

	return !pim_object_info(fd, &info, sizeof(info)) && info.key_size == key_bytes &&
	       (info.value_size == value_bytes || !value_bytes);
}

/* A swap that was interrupted behind its atomic step: the link runs the program
 * that is pinned as the next one. */
bool pim_swap_pending(const struct pim_place *place)
{
	int program = pim_open_pin(place, PIM_PIN_NEXT, PIM_PIN_PROGRAM);
	bool pending = program >= 0 && program_id(program) == place->program_id;

	if (program >= 0)
		close(program);
	return pending;
}

/* A counter map of the generation in force. During a swap that needed a larger
 * one, the outgrown map still holds what was counted before. */
static int open_grown(const struct pim_place *place, const char *before, const char *name,
		      int *outgrown)
{
	int map = *before ? pim_open_pin(place, before, name) : -ENOENT;

	if (map < 0)
		return pim_open_pin(place, "", name);
	*outgrown = pim_open_pin(place, "", name);
	return map;
}

/* How the interface runs the program; PIM_ATTACH_AUTO: it does not. */
enum pim_attach_mode pim_find_mode(uint32_t ifindex, uint32_t id)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	if (!ifindex || bpf_xdp_query(ifindex, 0, &query))
		return PIM_ATTACH_AUTO;
	return query.drv_prog_id == id ? PIM_ATTACH_NATIVE :
	       query.skb_prog_id == id ? PIM_ATTACH_SKB :
	       query.hw_prog_id == id  ? PIM_ATTACH_OFFLOAD : PIM_ATTACH_AUTO;
}

static void forget(struct pim_place *place)
{
	place->link = -1;
	for (int pin = 0; pin < PIM_PINS; pin++)
		place->maps[pin] = place->outgrown[pin] = -1;
}

void pim_place_close(struct pim_place *place)
{
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

/* Opens every pinned map; -EPROTO when one is not of this build. */
static int open_maps(struct pim_place *place)
{
	const char *before = pim_swap_pending(place) ? PIM_PIN_NEXT : "";
	const __u32 zero = 0;

	for (int pin = 0; pin < PIM_PINS; pin++) {
		const struct pim_pin_kind *kind = &pim_pin_kinds[pin];

		place->maps[pin] = kind->generation ?
			open_grown(place, before, kind->name, &place->outgrown[pin]) :
			pim_open_pin(place, "", kind->name);
		if (place->maps[pin] == -EACCES || place->maps[pin] == -EPERM)
			return -EACCES;
	}
	if (place->maps[PIM_PIN_INFO] < 0 ||
	    !has_layout(place->maps[PIM_PIN_INFO], sizeof(zero), sizeof(place->info)) ||
	    bpf_map_lookup_elem(place->maps[PIM_PIN_INFO], &zero, &place->info) ||
	    place->info.magic != PIM_MAGIC || place->info.schema != PIM_SCHEMA)
		return -EPROTO;
	for (int pin = 0; pin < PIM_PINS; pin++)
		if (place->maps[pin] < 0 || !has_layout(place->maps[pin], pim_pin_kinds[pin].key_bytes,
							pim_pin_kinds[pin].value_bytes))
			return -EPROTO;
	return 0;
}

int pim_place_open(const char *interface, struct pim_place *place, struct pim_error *error)
{
	struct bpf_link_info link;
	struct stat folder;
	char name[16];
	int result;

	*place = (struct pim_place){ .state = PIM_PLACE_EMPTY };
	forget(place);
	if (!*interface || strlen(interface) >= sizeof(place->interface) ||
	    strpbrk(interface, "/: \t\n") || !strcmp(interface, ".") || !strcmp(interface, ".."))
		return pim_refuse(error, "expected an interface name, found '%s'", interface);
	memcpy(place->interface, interface, strlen(interface) + 1);
	memcpy(name, place->interface, sizeof(name));
	pim_swap_character(name, '.', ':');
	snprintf(place->directory, sizeof(place->directory), "%s/%s", PIM_PIN_FOLDER, name);
	if (stat(place->directory, &folder)) {
		if (errno == ENOENT)
			return 0;
		return pim_fail_kernel(error, errno, place->directory);
	}

	place->link = pim_open_pin(place, "", "link");
	if (place->link == -ENOENT) {
		place->state = PIM_PLACE_UNFINISHED;
		return 0;
	}
	if (place->link < 0 || pim_object_info(place->link, &link, sizeof(link))) {
		int code = place->link < 0 ? -place->link : errno;

		pim_place_close(place);
		return pim_fail_kernel(error, code, place->directory);
	}
	if (link.type != BPF_LINK_TYPE_XDP) {
		place->state = PIM_PLACE_FOREIGN;
		return 0;
	}
	place->link_id = link.id;
	place->program_id = link.prog_id;
	place->ifindex = link.xdp.ifindex;
	result = open_maps(place);
	if (result == -EACCES) {
		pim_place_close(place);
		return pim_fail(error, EACCES, "%s: not permitted to read the pins: run as root, or as "
				"a user that their mode admits", place->directory);
	}
	if (result) {
		place->state = PIM_PLACE_FOREIGN;
		if (place->info.magic == PIM_MAGIC && place->info.schema != PIM_SCHEMA)
			place->foreign_schema = place->info.schema;
		return 0;
	}
	/* A pin outlives a rename, and is seen from other network namespaces: the
	 * name alone does not say that this is the interface. */
	place->mode = pim_find_mode(if_nametoindex(interface), place->program_id);
	if (!place->ifindex)
		place->state = PIM_PLACE_GONE;
	else if (if_nametoindex(interface) == place->ifindex && place->mode != PIM_ATTACH_AUTO)
		place->state = PIM_PLACE_ATTACHED;
	else
		place->state = PIM_PLACE_ELSEWHERE;
	return 0;
}

int pim_place_refuse(const struct pim_place *place, struct pim_error *error)
{
	char name[IF_NAMESIZE];

	switch (place->state) {
	case PIM_PLACE_EMPTY:
		return pim_fail(error, ENOENT, "%s: no filter is attached: pimxdp attach %s --config FILE",
				place->interface, place->interface);
	case PIM_PLACE_UNFINISHED:
		return pim_fail(error, ENOENT, "%s: no filter is attached, an attach or detach was "
				"interrupted: pimxdp detach %s removes what it left in %s",
				place->interface, place->interface, place->directory);
	case PIM_PLACE_GONE:
		return pim_fail(error, ENODEV, "%s: the interface of this filter is gone, or a detach was "
				"interrupted: pimxdp detach %s removes what is left in %s",
				place->interface, place->interface, place->directory);
	case PIM_PLACE_ELSEWHERE:
		if (pim_find_mode(place->ifindex, place->program_id) != PIM_ATTACH_AUTO &&
		    if_indextoname(place->ifindex, name))
			return pim_fail(error, EBUSY, "%s: the filter pinned in %s is on an interface that "
					"is now named %s: rename it back, or pimxdp detach %s takes "
					"that filter off",
					place->interface, place->directory, name, place->interface);
		return pim_fail(error, EBUSY, "%s: the filter pinned in %s is in another network "
				"namespace: work on it there, or pimxdp detach %s takes it off",
				place->interface, place->directory, place->interface);
	case PIM_PLACE_FOREIGN:
		if (place->foreign_schema)
			return pim_fail(error, EPROTO, "%s: the pins in %s were left by a pimxdp of schema "
					"%u, this one (%s) has schema %u: use that pimxdp, or pimxdp "
					"detach %s and attach anew",
					place->interface, place->directory, place->foreign_schema,
					PIM_VERSION, PIM_SCHEMA, place->interface);
		return pim_fail(error, EPROTO, "%s: the pins in %s are not of a pimxdp of schema %u: use "
				"the pimxdp that made them, or pimxdp detach %s and attach anew",
				place->interface, place->directory, PIM_SCHEMA, place->interface);
	case PIM_PLACE_ATTACHED:
		break;
	}
	return pim_fail(error, EBUSY, "%s: pimxdp is attached already (program id %u): pimxdp reload %s "
			"--config FILE changes its policy, attach --replace its program too",
			place->interface, place->program_id, place->interface);
}

