/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A filter onto an interface, and off it. */
#include "kernel/private.h"

#include <dirent.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

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
	struct pim_xdp_program program;
	struct ifreq request;
	int result;

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
	result = pim_xdp_query(ifindex, &program);
	if (result)
		return pim_fail_kernel(error, -result, interface);
	if (!program.id || ((place->state == PIM_PLACE_ATTACHED || pim_place_replaceable(place)) &&
			     program.id == place->program_id))
		return 0;
	return pim_fail(error, EBUSY, "%s: another XDP program is attached: %s%sid %u: detach it with the "
			"tool that attached it (bpftool net show dev %s)", interface, program.name,
			*program.name ? ", " : "", program.id, interface);
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

int pim_write_info(struct pim_filter *filter, const struct pim_info *info, uint32_t ifindex)
{
	struct pim_info stamp = *info;
	const __u32 zero = 0;

	stamp.flow_seed = filter->flow_seed;
	stamp.ifindex = ifindex;
	stamp.program_id = pim_program_id(bpf_program__fd(filter->skeleton->progs.pimxdp));
	return bpf_map_update_elem(bpf_map__fd(filter->skeleton->maps.pim_info), &zero, &stamp,
				   BPF_ANY) ? -errno : 0;
}

int pim_pinned_map(const struct pim_filter *filter, enum pim_pin pin)
{
	return bpf_object__find_map_fd_by_name(filter->skeleton->obj, pim_pin_kinds[pin].name);
}

/* Lets a group have `mode` of a file; its owner keeps what he has. */
static int share(const char *path, gid_t group, mode_t mode, struct pim_error *error)
{
	if (group == PIM_NO_GROUP)
		return 0;
	if (chown(path, -1, group))
		return pim_fail(error, errno, "%s: cannot give it to group %u: %s: run as a member of that "
				"group, or with CAP_CHOWN", path, (unsigned int)group, strerror(errno));
	if (chmod(path, mode))
		return pim_fail_path(path, PIM_TO_CHANGE, errno, error);
	return 0;
}

static bool is_map(const char *name)
{
	for (int pin = 0; pin < PIM_PINS; pin++)
		if (!strcmp(name, pim_pin_kinds[pin].name))
			return true;
	return false;
}

static int share_pin(const char *path, const char *name, gid_t group, struct pim_error *error)
{
	return is_map(name) ? share(path, group, 0640, error) : 0; /* not link and program */
}

int pim_place_share(struct pim_place *place, gid_t group, struct pim_error *error)
{
	char path[PIM_PIN_PATH];
	struct stat folder;
	int result = 0;

	/* The folder of all places belongs to the first group that asks: to list
	 * it, and to lock it while reading. Others read without. */
	if (!stat(PIM_PIN_FOLDER, &folder) && !(folder.st_mode & S_IRGRP))
		result = share(PIM_PIN_FOLDER, group, 0751, error);
	for (int pin = 0; !result && pin < PIM_PINS; pin++) {
		pim_pin_path(place, "", pim_pin_kinds[pin].name, path);
		if (!access(path, F_OK))
			result = share(path, group, 0640, error);
	}
	if (!result)
		result = share(place->directory, group, 0750, error);
	if (!result)
		place->group = group;
	return result;
}

int pim_pin_object(const struct pim_place *place, const char *before, const char *name, int fd,
		   struct pim_error *error)
{
	char path[PIM_PIN_PATH];

	if (bpf_obj_pin(fd, pim_pin_path(place, before, name, path)))
		return pim_fail_path(path, PIM_TO_CHANGE, errno, error);
	return share_pin(path, name, place->group, error);
}

/* "pim_rules", and with "next_" in front while a swap is under way. */
static bool is_known(const char *name)
{
	if (!strncmp(name, PIM_PIN_NEXT, strlen(PIM_PIN_NEXT)))
		name += strlen(PIM_PIN_NEXT);
	return is_map(name) || !strcmp(name, PIM_PIN_PROGRAM) || !strcmp(name, "link");
}

static void remove_pins(const struct pim_place *place, bool known)
{
	DIR *directory = opendir(place->directory);
	struct dirent *entry;
	char path[512];

	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.' || (!known && is_known(entry->d_name)))
			continue;
		snprintf(path, sizeof(path), "%s/%s", place->directory, entry->d_name);
		unlink(path);
	}
	if (directory)
		closedir(directory);
}

void pim_remove_unknown_pins(const struct pim_place *place)
{
	remove_pins(place, false);
}

/* Removes a place's directory and whatever is pinned in it. */
static void remove_place(const struct pim_place *place)
{
	remove_pins(place, true);
	rmdir(place->directory);
}

int pim_filter_attach(struct pim_filter *filter, const struct pim_info *info,
		      const char *interface, gid_t group, enum pim_attach_mode mode,
		      enum pim_attach_mode *got, char note[256], struct pim_error *error)
{
	int program = bpf_program__fd(filter->skeleton->progs.pimxdp), link = -1, result;
	struct pim_place place;

	result = pim_place_open(interface, PIM_TO_CHANGE, &place, error);
	if (result)
		return result;
	if (place.state != PIM_PLACE_EMPTY) {
		result = pim_place_refuse(&place, error);
		pim_place_close(&place);
		return result;
	}
	result = pim_write_info(filter, info, if_nametoindex(interface));
	if (result)
		return pim_fail_kernel(error, -result, "cannot write the stamp");
	if (mkdir(place.directory, 0700))
		return pim_fail_path(place.directory, PIM_TO_CHANGE, errno, error);
	if (group != PIM_NO_GROUP)
		result = pim_place_share(&place, group, error);
	for (int pin = 0; !result && pin < PIM_PINS; pin++)
		result = pim_pin_object(&place, "", pim_pin_kinds[pin].name, pim_pinned_map(filter, pin), error);
	if (!result)
		result = pim_pin_object(&place, "", PIM_PIN_PROGRAM, program, error);
	if (!result) {
		link = create_link(program, interface, mode, got, note, error);
		if (link < 0)
			result = link;
	}
	if (!result)
		result = pim_pin_object(&place, "", "link", link, error);
	if (result)
		remove_place(&place);
	if (link >= 0)
		close(link); /* the pin keeps it; without one, this detaches */
	return result;
}

/* ---- detach ---- */

int pim_place_detach(struct pim_place *place, struct pim_error *error)
{
	char path[PIM_PIN_PATH];

	if (place->state == PIM_PLACE_EMPTY)
		return pim_place_refuse(place, error);
	/* The link first: what is left when we are killed here filters nothing. */
	if (place->link >= 0 && place->ifindex && bpf_link_detach(place->link) && errno != ENOLINK)
		return pim_fail_kernel(error, errno, place->directory);
	if (unlink(pim_pin_path(place, "", "link", path)) && errno != ENOENT)
		return pim_fail_path(path, PIM_TO_CHANGE, errno, error);
	remove_place(place);
	if (!access(place->directory, F_OK))
		return pim_fail(error, EBUSY, "%s: detached, but %s holds something that pimxdp cannot remove",
				place->interface, place->directory);
	return 0;
}
