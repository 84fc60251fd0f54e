/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/hook_xdp.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kernel/failure.h"
#include "kernel/object.h"

const char *pim_attach_mode_name(enum pim_attach_mode mode)
{
	static const char *const names[] = { "unknown", "native", "skb", "offload" };

	return mode < sizeof(names) / sizeof(*names) ? names[mode] : NULL;
}

int pim_xdp_mode(uint32_t ifindex, uint32_t program_id, enum pim_attach_mode *mode)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int result = ifindex ? bpf_xdp_query(ifindex, 0, &query) : 0;

	*mode = !ifindex || result		? PIM_ATTACH_AUTO :
		query.drv_prog_id == program_id ? PIM_ATTACH_NATIVE :
		query.skb_prog_id == program_id ? PIM_ATTACH_SKB :
		query.hw_prog_id == program_id	? PIM_ATTACH_OFFLOAD :
						  PIM_ATTACH_AUTO;
	return pim_is_shortage(result) ? result : 0;
}

bool pim_xdp_runs(uint32_t ifindex, uint32_t program_id)
{
	enum pim_attach_mode mode;

	pim_xdp_mode(ifindex, program_id, &mode);
	return mode != PIM_ATTACH_AUTO;
}

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

int pim_interface_check(const char *interface, uint32_t ours, struct pim_error *error)
{
	unsigned int ifindex = if_nametoindex(interface);
	struct pim_xdp_program program;
	struct ifreq request;
	int result;

	if (!ifindex)
		return pim_fail(error, ENODEV,
				"%s: no such interface here: ip link shows those there are",
				interface);
	result = interface_request(interface, SIOCGIFHWADDR, &request);
	if (result)
		return pim_fail(error, -result, "%s: %s", interface, strerror(-result));
	if (request.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK)
		return pim_fail(
			error, ENOTSUP,
			"%s: expected an Ethernet interface, found the loopback, by which "
			"nothing from another host arrives: attach to the interface that faces "
			"the Internet (ip link shows those there are)",
			interface);
	if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return pim_fail(error, ENOTSUP,
				"%s: expected an Ethernet interface, found hardware type "
				"%u: attach to the interface whose frames have Ethernet headers",
				interface, request.ifr_hwaddr.sa_family);
	result = pim_xdp_query(ifindex, &program);
	if (result)
		return pim_fail_kernel(error, -result, interface);
	if (!program.id || program.id == ours)
		return 0;
	return pim_fail(error, EBUSY,
			"%s: another XDP program is attached: %s%sid %u: detach it with the "
			"tool that attached it (bpftool net show dev %s)",
			interface, program.name, *program.name ? ", " : "", program.id, interface);
}

/* Gets the driver's message for refusing native mode. BPF_LINK_CREATE does not return
 * it, netlink does, so attach again by netlink. Returns true when this attach succeeded
 * (it is undone again): the cause of the refusal is gone. */
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

int pim_xdp_attach(int program, const char *interface, enum pim_attach_mode mode,
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
				return pim_fail(error, code,
						"%s: the driver refuses native mode: %s: lower "
						"the MTU, now %d, or use --mode skb",
						interface, note, mtu.ifr_mtu);
			return pim_fail(error, code,
					"%s: the driver refuses native mode: %s: use --mode "
					"skb, or auto",
					interface, note);
		}
	}
	LIBBPF_OPTS(bpf_link_create_opts, skb, .flags = XDP_FLAGS_SKB_MODE);
	*got = PIM_ATTACH_SKB;
	link = bpf_link_create(program, ifindex, BPF_XDP, &skb);
	if (link < 0)
		return pim_fail_kernel(error, errno, interface);
	return link;
}

int pim_xdp_query(uint32_t ifindex, struct pim_xdp_program *program)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	struct bpf_prog_info info;
	int result, fd;

	*program = (struct pim_xdp_program){};
	result = bpf_xdp_query(ifindex, 0, &query);
	if (result)
		return result;
	program->id = query.drv_prog_id ? query.drv_prog_id :
		      query.skb_prog_id ? query.skb_prog_id :
		      query.hw_prog_id	? query.hw_prog_id :
					  query.prog_id;
	if (!program->id)
		return 0;
	program->mode = program->id == query.drv_prog_id ? PIM_ATTACH_NATIVE :
			program->id == query.skb_prog_id ? PIM_ATTACH_SKB :
			program->id == query.hw_prog_id	 ? PIM_ATTACH_OFFLOAD :
							   PIM_ATTACH_AUTO;
	fd = bpf_prog_get_fd_by_id(program->id);
	if (fd < 0)
		return 0;
	if (!pim_object_info(fd, &info, sizeof(info)))
		snprintf(program->name, sizeof(program->name), "%s", info.name);
	close(fd);
	return 0;
}
