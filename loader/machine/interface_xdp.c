/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* XDP support of the drivers, by the generic netlink family "netdev" (since Linux 6.3). */
#include "machine/interface.h"

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

/* From include/uapi/linux/netdev.h, which older kernel headers lack. */
enum { NETDEV_COMMAND_DEV_GET = 1 };
enum { NETDEV_IFINDEX = 1, NETDEV_XDP_FEATURES = 3, NETDEV_ATTRIBUTES };

static int keep_features(struct nl_msg *message, void *argument)
{
	struct nlattr *attributes[NETDEV_ATTRIBUTES] = {};
	struct pim_interface *interface = argument;

	if (!genlmsg_parse(nlmsg_hdr(message), 0, attributes, NETDEV_ATTRIBUTES - 1, NULL) &&
	    attributes[NETDEV_XDP_FEATURES]) {
		interface->xdp_features = nla_get_u64(attributes[NETDEV_XDP_FEATURES]);
		interface->xdp_known = true;
	}
	return NL_OK;
}

static void ask(struct nl_sock *socket, int family, struct pim_interface *interface)
{
	struct nl_msg *message = nlmsg_alloc();

	if (message &&
	    nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, keep_features, interface) >= 0 &&
	    genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, 0, NETDEV_COMMAND_DEV_GET,
			1) &&
	    !nla_put_u32(message, NETDEV_IFINDEX, interface->ifindex) &&
	    nl_send_auto(socket, message) >= 0)
		nl_recvmsgs_default(socket);
	nlmsg_free(message);
}

void pim_interface_xdp(struct pim_interface *interfaces, size_t count)
{
	struct nl_sock *socket = nl_socket_alloc();
	int family;

	if (!socket)
		return;
	if (!genl_connect(socket) && (family = genl_ctrl_resolve(socket, "netdev")) >= 0) {
		nl_socket_disable_auto_ack(socket); /* there is one reply: no ACK to wait for */
		for (size_t i = 0; i < count; i++)
			ask(socket, family, &interfaces[i]);
	}
	nl_socket_free(socket);
}
