/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The sockets of this network namespace, by sock_diag. libnl-idiag knows TCP alone. */
#include "machine/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"

struct reading {
	struct pim_host *host;
	enum pim_transport transport;
	bool out_of_memory;
};

static bool is_any(int family, const void *address)
{
	static const uint8_t none[16];

	return !memcmp(address, none, family == AF_INET ? 4 : 16);
}

static struct pim_prefix end_of(int family, const void *address)
{
	if (is_any(family, address))
		return (struct pim_prefix){ .family = family == AF_INET ? PIM_IPV4 : PIM_IPV6 };
	return pim_host_prefix(family, address);
}

static int take(struct nl_msg *message, void *context)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	const struct inet_diag_msg *diag = nlmsg_data(header);
	struct reading *reading = context;
	struct pim_host *host = reading->host;
	struct pim_host_socket *grown;
	struct nlattr *v6only;
	int family;

	if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY || !nlmsg_valid_hdr(header, sizeof(*diag)))
		return NL_SKIP;
	family = diag->idiag_family;
	if (family != AF_INET && family != AF_INET6)
		return NL_SKIP;
	grown = pim_array_grow(host->sockets, host->socket_count, sizeof(*grown));
	if (!grown) {
		reading->out_of_memory = true;
		return NL_STOP;
	}
	host->sockets = grown;
	grown = &grown[host->socket_count++];
	*grown = (struct pim_host_socket){
		.transport = reading->transport,
		.connected = diag->idiag_state == TCP_ESTABLISHED,
		.local = end_of(family, diag->id.idiag_src),
		.remote = end_of(family, diag->id.idiag_dst),
		.local_port = ntohs(diag->id.idiag_sport),
		.remote_port = ntohs(diag->id.idiag_dport),
		.ifindex = diag->id.idiag_if,
	};
	v6only = nlmsg_find_attr(header, sizeof(*diag), INET_DIAG_SKV6ONLY);
	grown->both_families =
		family == AF_INET6 && !grown->local.length && !(v6only && nla_get_u8(v6only));
	return NL_OK;
}

/* Returns 0 or a negative error of libnl. */
static int dump(struct nl_sock *socket, int family, struct reading *reading)
{
	bool tcp = reading->transport == PIM_TCP;
	struct inet_diag_req_v2 request = {
		.sdiag_family = family,
		.sdiag_protocol = tcp ? IPPROTO_TCP : IPPROTO_UDP,
		/* An unconnected UDP socket is in the state "close". */
		.idiag_states = 1u << TCP_ESTABLISHED | 1u << (tcp ? TCP_LISTEN : TCP_CLOSE),
	};
	int result =
		nl_send_simple(socket, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &request, sizeof(request));

	return result < 0 ? result : nl_recvmsgs_default(socket);
}

void pim_host_read_sockets(struct pim_host *host)
{
	struct reading reading = { .host = host };
	struct nl_sock *socket = nl_socket_alloc();
	int result = socket ? 0 : -NLE_NOMEM;

	if (!result)
		result = nl_connect(socket, NETLINK_SOCK_DIAG);
	if (!result)
		result = nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, take, &reading);
	for (int transport = PIM_TCP; !result && transport <= PIM_UDP; transport++) {
		reading.transport = transport;
		result = dump(socket, AF_INET, &reading);
		if (!result)
			result = dump(socket, AF_INET6, &reading);
	}
	if (result < 0 || reading.out_of_memory)
		snprintf(host->sockets_unknown, sizeof(host->sockets_unknown), "sock_diag: %s",
			 reading.out_of_memory ? strerror(ENOMEM) : nl_geterror(result));
	nl_socket_free(socket);
}
