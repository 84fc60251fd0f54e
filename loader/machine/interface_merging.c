/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How large the packets get that the kernel merges (GRO) or does not cut (GSO), by
 * rtnetlink; libnl has no accessors for these attributes. */
#include "machine/interface.h"

#include <linux/if_link.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

/* From include/uapi/linux/if_link.h since Linux 6.3, which older headers lack. */
enum { GSO_IPV4_MAX_SIZE = 63, GRO_IPV4_MAX_SIZE = 64, ATTRIBUTES = 65 };

static int keep_largest(struct nl_msg *message, void *argument)
{
	static const int sizes[] = { IFLA_GSO_MAX_SIZE, IFLA_GRO_MAX_SIZE, GSO_IPV4_MAX_SIZE,
				     GRO_IPV4_MAX_SIZE };
	struct nlattr *attributes[ATTRIBUTES] = {};
	uint32_t *largest = argument;

	if (nlmsg_parse(nlmsg_hdr(message), sizeof(struct ifinfomsg), attributes, ATTRIBUTES - 1,
			NULL))
		return NL_OK;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		if (attributes[sizes[i]] && nla_get_u32(attributes[sizes[i]]) > *largest)
			*largest = nla_get_u32(attributes[sizes[i]]);
	return NL_OK;
}

uint32_t pim_interface_merged_bytes(unsigned int ifindex)
{
	const struct ifinfomsg request = { .ifi_index = (int)ifindex };
	struct nl_sock *socket = nl_socket_alloc();
	uint32_t largest = 0;

	if (!socket)
		return 0;
	nl_socket_disable_auto_ack(socket); /* there is one reply: no ACK to wait for */
	if (!nl_connect(socket, NETLINK_ROUTE) &&
	    nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, keep_largest, &largest) >= 0 &&
	    nl_send_simple(socket, RTM_GETLINK, 0, (void *)&request, sizeof(request)) >= 0)
		nl_recvmsgs_default(socket);
	nl_socket_free(socket);
	return largest;
}
