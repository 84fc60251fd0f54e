/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Interfaces and pins: attach, swap, detach, and finding what is there. */
#include "kernel_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if_arp.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <linux/membarrier.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "carry.skel.h"

/*
 * What is pinned. A swap pins the new generation's own objects under "next_"
 * names, updates the link (the one atomic step), and renames them into place.
 * Whoever finds "next_" pins knows by the program that the link runs whether
 * the swap took place, and finishes or forgets it.
 */
#define NEXT "next_"

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

/* The program's own pin; renamed last, as it tells that a swap is pending. */
#define PROGRAM "program"

const char *pim_attach_mode_name(enum pim_attach_mode mode)
{
	static const char *const names[] = { "unknown", "native", "skb", "offload" };

	return mode < sizeof(names) / sizeof(*names) ? names[mode] : NULL;
}

/* ---- the folder and its lock ---- */

static int check_bpffs(struct pim_error *error)
{
	struct statfs root;

	if (statfs(PIM_PIN_ROOT, &root))
		return pim_fail(error, errno, "%s: %s: expected a BPF file system there: "
				"mount -t bpf bpf %s", PIM_PIN_ROOT, strerror(errno), PIM_PIN_ROOT);
	if ((unsigned long)root.f_type != BPF_FS_MAGIC)
		return pim_fail(error, ENOTSUP, "%s: expected a BPF file system, found another: "
				"mount -t bpf bpf %s", PIM_PIN_ROOT, PIM_PIN_ROOT);
	return 0;
}

/* The process that holds a lock on the folder, from /proc/locks; 0: not found. */
static int lock_holder(const struct stat *folder)
{
	FILE *locks = fopen("/proc/locks", "re");
	char line[256];
	int holder = 0;

	while (locks && !holder && fgets(line, sizeof(line), locks)) {
		unsigned int of_major, of_minor;
		unsigned long inode;
		int pid;

		if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%lu", &pid, &of_major, &of_minor,
			   &inode) == 4 &&
		    inode == folder->st_ino && of_major == major(folder->st_dev) &&
		    of_minor == minor(folder->st_dev))
			holder = pid;
	}
	if (locks)
		fclose(locks);
	return holder;
}

int pim_pins_lock(bool create, int *lock, struct pim_error *error)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	int result;

	*lock = -1;
	result = check_bpffs(error);
	if (result)
		return result;
	for (int attempts = 0; attempts < 500; attempts++) {
		struct stat held, named;
		int folder;

		if (create && mkdir(PIM_PIN_FOLDER, 0755) && errno != EEXIST)
			return pim_fail_kernel(error, errno, "cannot create " PIM_PIN_FOLDER);
		folder = open(PIM_PIN_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (folder < 0 && errno == ENOENT) {
			if (!create)
				return 0;
			continue; /* another one's unlock removed it again */
		}
		if (folder < 0)
			return pim_fail_kernel(error, errno, "cannot open " PIM_PIN_FOLDER);
		fstat(folder, &held);
		if (!flock(folder, LOCK_EX | LOCK_NB)) {
			/* A lock on a folder that was removed meanwhile locks nothing. */
			if (!stat(PIM_PIN_FOLDER, &named) && named.st_ino == held.st_ino) {
				*lock = folder;
				return 0;
			}
			close(folder);
			continue;
		}
		close(folder);
		if (attempts == 499) {
			int holder = lock_holder(&held);

			if (holder)
				return pim_fail(error, EBUSY,
						"%s is locked by another loader (process %d): "
						"wait for it, or end it", PIM_PIN_FOLDER, holder);
			return pim_fail(error, EBUSY, "%s is locked by another loader: wait for it",
					PIM_PIN_FOLDER);
		}
		nanosleep(&pause, NULL);
	}
	return pim_fail(error, EBUSY, "cannot lock " PIM_PIN_FOLDER);
}

void pim_pins_unlock(int lock)
{
	if (lock < 0)
		return;
	rmdir(PIM_PIN_FOLDER); /* only when it is empty */
	close(lock);
}

void pim_pins_share(int *lock)
{
	const struct timespec pause = { .tv_nsec = 10000000 };

	*lock = open(PIM_PIN_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int attempts = 0; *lock >= 0 && flock(*lock, LOCK_SH | LOCK_NB); attempts++) {
		if (attempts == 200) {
			close(*lock);
			*lock = -1;
			return;
		}
		nanosleep(&pause, NULL);
	}
}

bool pim_pins_own(int lock)
{
	return lock >= 0 && !flock(lock, LOCK_EX | LOCK_NB);
}

/* bpffs reserves names with a dot, interface names have no colon. */
static void swap_character(char *name, char from, char to)
{
	for (; *name; name++)
		if (*name == from)
			*name = to;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int pim_pins_list(char ***interfaces, size_t *count, struct pim_error *error)
{
	struct dirent *entry;
	DIR *folder;
	int result;

	*interfaces = NULL;
	*count = 0;
	result = check_bpffs(error);
	if (result)
		return result;
	folder = opendir(PIM_PIN_FOLDER);
	if (!folder)
		return errno == ENOENT ? 0 :
		       pim_fail_kernel(error, errno, "cannot read " PIM_PIN_FOLDER);
	while (!result && (entry = readdir(folder))) {
		char **grown;

		if (entry->d_name[0] == '.')
			continue;
		grown = realloc(*interfaces, (*count + 1) * sizeof(**interfaces));
		if (grown)
			*interfaces = grown;
		if (!grown || !(grown[*count] = strdup(entry->d_name)))
			result = pim_fail(error, ENOMEM, "out of memory");
		else
			swap_character(grown[(*count)++], ':', '.');
	}
	closedir(folder);
	if (*count)
		qsort(*interfaces, *count, sizeof(**interfaces), compare_names);
	return result;
}

/* ---- a place ---- */

#define PIN_PATH 128

static const char *pin_path(const struct pim_place *place, const char *before, const char *name,
			    char path[PIN_PATH])
{
	snprintf(path, PIN_PATH, "%s/%s%s", place->directory, before, name);
	return path;
}

static int open_pin(const struct pim_place *place, const char *before, const char *name)
{
	char path[PIN_PATH];
	int fd = bpf_obj_get(pin_path(place, before, name, path));

	return fd < 0 ? -errno : fd;
}

static int object_info(int fd, void *info, __u32 size)
{
	memset(info, 0, size);
	return bpf_obj_get_info_by_fd(fd, info, &size) ? -errno : 0;
}

static uint32_t program_id(int fd)
{
	struct bpf_prog_info info;

	return object_info(fd, &info, sizeof(info)) ? 0 : info.id;
}

/* Whether a pinned map has the layout of this build. */
static bool has_layout(int fd, size_t key_bytes, size_t value_bytes)
{
	struct bpf_map_info info;

	return !object_info(fd, &info, sizeof(info)) && info.key_size == key_bytes &&
	       (info.value_size == value_bytes || !value_bytes);
}

/* A swap that was interrupted behind its atomic step: the link runs the program
 * that is pinned as the next one. */
static bool swap_pending(const struct pim_place *place)
{
	int program = open_pin(place, NEXT, PROGRAM);
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
	int map = *before ? open_pin(place, before, name) : -ENOENT;

	if (map < 0)
		return open_pin(place, "", name);
	*outgrown = open_pin(place, "", name);
	return map;
}

/* How the interface runs the program; PIM_ATTACH_AUTO: it does not. */
static enum pim_attach_mode find_mode(uint32_t ifindex, uint32_t id)
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
	const char *before = swap_pending(place) ? NEXT : "";
	const __u32 zero = 0;

	for (int pin = 0; pin < PIM_PINS; pin++) {
		const struct pim_pin_kind *kind = &pim_pin_kinds[pin];

		place->maps[pin] = kind->generation ?
			open_grown(place, before, kind->name, &place->outgrown[pin]) :
			open_pin(place, "", kind->name);
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
	swap_character(name, '.', ':');
	snprintf(place->directory, sizeof(place->directory), "%s/%s", PIM_PIN_FOLDER, name);
	if (stat(place->directory, &folder)) {
		if (errno == ENOENT)
			return 0;
		return pim_fail_kernel(error, errno, place->directory);
	}

	place->link = open_pin(place, "", "link");
	if (place->link == -ENOENT) {
		place->state = PIM_PLACE_UNFINISHED;
		return 0;
	}
	if (place->link < 0 || object_info(place->link, &link, sizeof(link))) {
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
	place->mode = find_mode(if_nametoindex(interface), place->program_id);
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
		if (find_mode(place->ifindex, place->program_id) != PIM_ATTACH_AUTO &&
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

/* ---- the interface ---- */

static int interface_request(const char *interface, unsigned long request, struct ifreq *answer)
{
	int result = 0, socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (socket_fd < 0)
		socket_fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (socket_fd < 0)
		return -errno;
	*answer = (struct ifreq){};
	snprintf(answer->ifr_name, sizeof(answer->ifr_name), "%s", interface);
	if (ioctl(socket_fd, request, answer))
		result = -errno;
	close(socket_fd);
	return result;
}

int pim_interface_check(const struct pim_place *place, struct pim_error *error)
{
	const char *interface = place->interface;
	unsigned int ifindex = if_nametoindex(interface);
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	struct bpf_prog_info program;
	struct ifreq request;
	__u32 id;
	int fd, result;

	if (!ifindex)
		return pim_fail(error, ENODEV, "%s: no such interface here: ip link shows those there are",
				interface);
	result = interface_request(interface, SIOCGIFHWADDR, &request);
	if (result)
		return pim_fail(error, -result, "%s: %s", interface, strerror(-result));
	if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER &&
	    request.ifr_hwaddr.sa_family != ARPHRD_LOOPBACK)
		return pim_fail(error, ENOTSUP, "%s: expected an Ethernet interface, found hardware type "
				"%u: attach to the interface whose frames have Ethernet headers",
				interface, request.ifr_hwaddr.sa_family);
	result = bpf_xdp_query(ifindex, 0, &query);
	if (result)
		return pim_fail_kernel(error, -result, interface);
	id = query.prog_id ? query.prog_id : query.drv_prog_id;
	if (!id)
		id = query.skb_prog_id ? query.skb_prog_id : query.hw_prog_id;
	if (!id || (place->state == PIM_PLACE_ATTACHED && id == place->program_id))
		return 0;
	fd = bpf_prog_get_fd_by_id(id); /* needs CAP_SYS_ADMIN: without, the id must do */
	result = fd < 0 ? -errno : object_info(fd, &program, sizeof(program));
	if (fd >= 0)
		close(fd);
	return pim_fail(error, EBUSY, "%s: another XDP program is attached: %s%sid %u: detach it with the "
			"tool that attached it (bpftool net show dev %s)",
			interface, result ? "" : program.name, result ? "" : ", ", id, interface);
}

/* The driver's own words for why it refused native mode. A link does not carry
 * them, a netlink request does: ask again that way. Returns true when that
 * succeeded, and was undone: what stood in the way is gone. */
static bool ask_why(int program, unsigned int ifindex, int code, char why[256])
{
	const __u32 flags = XDP_FLAGS_DRV_MODE | XDP_FLAGS_UPDATE_IF_NOEXIST;
	bool attached;

	pim_said_clear();
	attached = !bpf_xdp_attach(ifindex, program, flags, NULL);
	if (attached) {
		LIBBPF_OPTS(bpf_xdp_attach_opts, ours, .old_prog_fd = program);

		bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE | XDP_FLAGS_REPLACE, &ours);
	}
	snprintf(why, 256, "%s", *pim_said() ? pim_said() : strerror(code));
	pim_said_clear();
	return attached;
}

static int create_link(int program, const char *interface, enum pim_attach_mode mode,
		       enum pim_attach_mode *got, char note[256], struct pim_error *error)
{
	unsigned int ifindex = if_nametoindex(interface);
	struct ifreq mtu;
	int link, code;

	note[0] = '\0';
	if (mode != PIM_ATTACH_SKB) {
		LIBBPF_OPTS(bpf_link_create_opts, native, .flags = XDP_FLAGS_DRV_MODE);

		*got = PIM_ATTACH_NATIVE;
		link = bpf_link_create(program, ifindex, BPF_XDP, &native);
		if (link >= 0)
			return link;
		code = errno;
		if (code == EPERM || code == EACCES || code == EBUSY || code == ENODEV)
			return pim_fail_kernel(error, code, interface);
		if (ask_why(program, ifindex, code, note)) {
			link = bpf_link_create(program, ifindex, BPF_XDP, &native);
			if (link >= 0) {
				note[0] = '\0';
				return link;
			}
		}
		if (mode == PIM_ATTACH_NATIVE) {
			if (strcasestr(note, "mtu") &&
			    !interface_request(interface, SIOCGIFMTU, &mtu))
				return pim_fail(error, code, "%s: the driver refuses native mode: %s: lower "
						"the MTU, now %d, or use --mode skb",
						interface, note, mtu.ifr_mtu);
			return pim_fail(error, code, "%s: the driver refuses native mode: %s: use --mode "
					"skb, or auto", interface, note);
		}
	}
	LIBBPF_OPTS(bpf_link_create_opts, skb, .flags = XDP_FLAGS_SKB_MODE);
	*got = PIM_ATTACH_SKB;
	link = bpf_link_create(program, ifindex, BPF_XDP, &skb);
	if (link < 0)
		return pim_fail_kernel(error, errno, interface);
	return link;
}

/* ---- attach ---- */

static int write_info(struct pim_filter *filter, const struct pim_info *info)
{
	struct pim_info stamp = *info;
	const __u32 zero = 0;

	stamp.flow_seed = filter->flow_seed;
	return bpf_map_update_elem(bpf_map__fd(filter->skeleton->maps.pim_info), &zero, &stamp,
				   BPF_ANY) ? -errno : 0;
}

static int pinned_map(const struct pim_filter *filter, enum pim_pin pin)
{
	return bpf_object__find_map_fd_by_name(filter->skeleton->obj, pim_pin_kinds[pin].name);
}

static int pin_object(const struct pim_place *place, const char *before, const char *name, int fd,
		      struct pim_error *error)
{
	char path[PIN_PATH];

	if (bpf_obj_pin(fd, pin_path(place, before, name, path)))
		return pim_fail_kernel(error, errno, path);
	return 0;
}

/* Removes a place's directory and whatever is pinned in it. */
static void remove_pins(const struct pim_place *place)
{
	DIR *directory = opendir(place->directory);
	struct dirent *entry;
	char path[512];

	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", place->directory, entry->d_name);
		unlink(path);
	}
	if (directory)
		closedir(directory);
	rmdir(place->directory);
}

int pim_filter_attach(struct pim_filter *filter, const struct pim_info *info,
		      const char *interface, enum pim_attach_mode mode,
		      enum pim_attach_mode *got, char note[256], struct pim_error *error)
{
	int program = bpf_program__fd(filter->skeleton->progs.pimxdp), link = -1, result;
	struct pim_place place;

	result = pim_place_open(interface, &place, error);
	if (result)
		return result;
	if (place.state != PIM_PLACE_EMPTY) {
		result = pim_place_refuse(&place, error);
		pim_place_close(&place);
		return result;
	}
	result = write_info(filter, info);
	if (result)
		return pim_fail_kernel(error, -result, "cannot write the stamp");
	if (mkdir(place.directory, 0755))
		return pim_fail_kernel(error, errno, place.directory);
	for (int pin = 0; !result && pin < PIM_PINS; pin++)
		result = pin_object(&place, "", pim_pin_kinds[pin].name, pinned_map(filter, pin), error);
	if (!result)
		result = pin_object(&place, "", PROGRAM, program, error);
	if (!result) {
		link = create_link(program, interface, mode, got, note, error);
		if (link < 0)
			result = link;
	}
	if (!result)
		result = pin_object(&place, "", "link", link, error);
	if (result)
		remove_pins(&place);
	if (link >= 0)
		close(link); /* the pin keeps it; without one, this detaches */
	return result;
}

/* ---- swap ---- */

/* Waits until no CPU runs a program that was replaced before the call. */
static void wait_for_packets(void)
{
	const struct timespec long_enough = { .tv_nsec = 100000000 };

	if (syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0)) /* an RCU grace period */
		nanosleep(&long_enough, NULL);
}

static int carry(int from, int to)
{
	static const char frame[64];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = 1);
	struct carry_bpf *skeleton;
	uint32_t entries;
	int result;

	result = pim_map_entries(from, &entries);
	if (result)
		return result;
	skeleton = carry_bpf__open();
	if (!skeleton)
		return -errno;
	*(__u32 *)&skeleton->rodata->entries = entries;
	*(__u32 *)&skeleton->rodata->cpus = libbpf_num_possible_cpus();
	result = bpf_map__reuse_fd(skeleton->maps.from, from);
	if (!result)
		result = bpf_map__reuse_fd(skeleton->maps.to, to);
	if (!result)
		result = carry_bpf__load(skeleton);
	if (!result && bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.carry), &options))
		result = -errno;
	else if (!result && options.retval != XDP_PASS)
		result = -EIO;
	carry_bpf__destroy(skeleton);
	return result;
}

static int move_pin(const struct pim_place *place, const char *name, struct pim_error *error)
{
	char from[PIN_PATH], to[PIN_PATH];

	if (rename(pin_path(place, NEXT, name, from), pin_path(place, "", name, to)))
		return pim_fail_kernel(error, errno, from);
	return 0;
}

/* Behind the atomic step: counters of outgrown maps move over, names move into
 * place. Every part can be repeated. */
static int finish_swap(const struct pim_place *place, struct pim_error *error)
{
	bool waited = false;

	for (int pin = 0; pin < PIM_PINS; pin++) {
		const char *name = pim_pin_kinds[pin].name;
		int old, new = open_pin(place, NEXT, name), result = 0;

		if (new < 0)
			continue;
		if (pin == PIM_PIN_RULES || pin == PIM_PIN_PARTNERS) {
			old = open_pin(place, "", name);
			if (!waited)
				wait_for_packets();
			waited = true;
			if (old >= 0)
				result = carry(old, new);
			if (old >= 0)
				close(old);
		}
		close(new);
		if (result)
			return pim_fail_kernel(error, -result, "cannot carry the counters over");
		result = move_pin(place, name, error);
		if (result)
			return result;
	}
	return move_pin(place, PROGRAM, error);
}

static void forget_swap(const struct pim_place *place)
{
	char path[PIN_PATH];

	for (int pin = 0; pin < PIM_PINS; pin++)
		unlink(pin_path(place, NEXT, pim_pin_kinds[pin].name, path));
	unlink(pin_path(place, NEXT, PROGRAM, path));
}

int pim_place_settle(struct pim_place *place, struct pim_error *error)
{
	char interface[sizeof(place->interface)];
	int result;

	if (place->state != PIM_PLACE_ATTACHED)
		return 0;
	if (!swap_pending(place)) {
		forget_swap(place);
		return 0;
	}
	result = finish_swap(place, error);
	if (result)
		return result;
	memcpy(interface, place->interface, sizeof(interface));
	pim_place_close(place);
	return pim_place_open(interface, place, error);
}

static bool same_map(int a, int b)
{
	struct bpf_map_info first, second;

	return !object_info(a, &first, sizeof(first)) && !object_info(b, &second, sizeof(second)) &&
	       first.id == second.id;
}

int pim_filter_swap(struct pim_filter *filter, struct pim_place *place,
		    const struct pim_info *info, struct pim_error *error)
{
	int program = bpf_program__fd(filter->skeleton->progs.pimxdp), result;

	result = write_info(filter, info);
	if (result)
		return pim_fail_kernel(error, -result, "cannot write the stamp");
	for (int pin = 0; !result && pin < PIM_PINS; pin++)
		if (pim_pin_kinds[pin].generation &&
		    !same_map(pinned_map(filter, pin), place->maps[pin]))
			result = pin_object(place, NEXT, pim_pin_kinds[pin].name,
					    pinned_map(filter, pin), error);
	if (!result)
		result = pin_object(place, NEXT, PROGRAM, program, error);
	if (!result && bpf_link_update(place->link, program, NULL))
		result = pim_fail_kernel(error, errno, "cannot swap the program");
	if (result) {
		forget_swap(place);
		return result;
	}
	result = finish_swap(place, error);
	if (result)
		pim_error_prefix(error, "%s: the new policy is in force, but its pins are not in place: "
				 "run the command again: ", place->interface);
	return result;
}

/* ---- detach ---- */

int pim_place_detach(struct pim_place *place, struct pim_error *error)
{
	char path[PIN_PATH];

	if (place->state == PIM_PLACE_EMPTY)
		return pim_place_refuse(place, error);
	/* The link first: what is left when we are killed here filters nothing. */
	if (place->link >= 0 && place->ifindex && bpf_link_detach(place->link) && errno != ENOLINK)
		return pim_fail_kernel(error, errno, place->directory);
	if (unlink(pin_path(place, "", "link", path)) && errno != ENOENT)
		return pim_fail_kernel(error, errno, path);
	remove_pins(place);
	if (!access(place->directory, F_OK))
		return pim_fail(error, EBUSY, "%s: detached, but %s holds something that pimxdp cannot remove",
				place->interface, place->directory);
	return 0;
}
