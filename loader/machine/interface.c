/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The interfaces of this network namespace and how they are stacked, by rtnetlink. */
#include "machine/interface.h"

#include <errno.h>
#include <linux/if.h>
#include <netlink/route/link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy_name(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

static void describe(struct rtnl_link *link, struct pim_interface *interface)
{
	*interface = (struct pim_interface){
		.ifindex = rtnl_link_get_ifindex(link),
		.hardware = rtnl_link_get_arptype(link),
		.up = rtnl_link_get_flags(link) & IFF_UP,
		.running = rtnl_link_get_flags(link) & IFF_RUNNING,
		.mtu_bytes = rtnl_link_get_mtu(link),
		.merged_bytes = pim_interface_merged_bytes(rtnl_link_get_ifindex(link)),
		.rx_queues = rtnl_link_get_num_rx_queues(link),
		.rx_queues_max = rtnl_link_get_num_rx_queues(link),
	};
	copy_name(interface->name, sizeof(interface->name), rtnl_link_get_name(link));
	copy_name(interface->kind, sizeof(interface->kind), rtnl_link_get_type(link));
}

/* Kinds whose IFLA_LINK is the device below them. Other kinds use it differently: a
 * veth names its peer, and a tunnel the device its packets leave by. */
static bool is_stacked(const char *kind)
{
	static const char *const kinds[] = { "vlan",   "macvlan", "macvtap",
					     "ipvlan", "ipvtap",  "macsec" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kind, kinds[i]))
			return true;
	return false;
}

static void add_neighbour(struct pim_neighbours *neighbours, const struct pim_interface *interface)
{
	struct pim_neighbour *neighbour;

	if (neighbours->count++ >= PIM_NEIGHBOURS)
		return;
	neighbour = &neighbours->list[neighbours->count - 1];
	memcpy(neighbour->name, interface->name, sizeof(neighbour->name));
	memcpy(neighbour->kind, interface->kind, sizeof(neighbour->kind));
}

static struct pim_interface *by_index(struct pim_interface *interfaces, size_t count, int ifindex)
{
	for (size_t i = 0; ifindex > 0 && i < count; i++)
		if (interfaces[i].ifindex == (unsigned int)ifindex)
			return &interfaces[i];
	return NULL;
}

static void stack(struct rtnl_link *link, struct pim_interface *interface,
		  struct pim_interface *interfaces, size_t count)
{
	struct pim_interface *master = by_index(interfaces, count, rtnl_link_get_master(link));
	struct pim_interface *lower = NULL;

	if (is_stacked(interface->kind) && rtnl_link_get_link_netnsid(link, &(int32_t){ 0 }))
		lower = by_index(interfaces, count, rtnl_link_get_link(link));
	if (master) {
		memcpy(interface->master, master->name, sizeof(master->name));
		memcpy(interface->master_kind, master->kind, sizeof(master->kind));
		add_neighbour(&master->lower, interface);
	}
	if (lower) {
		add_neighbour(&lower->upper, interface);
		add_neighbour(&interface->lower, lower);
	}
}

static int compare_indexes(const void *a, const void *b)
{
	const struct pim_interface *first = a, *second = b;

	return first->ifindex < second->ifindex ? -1 : first->ifindex > second->ifindex;
}

static struct pim_interface *from_cache(struct nl_cache *links, size_t *count)
{
	struct pim_interface *interfaces = calloc(nl_cache_nitems(links) + 1, sizeof(*interfaces));

	for (struct nl_object *at = nl_cache_get_first(links); interfaces && at;
	     at = nl_cache_get_next(at))
		describe((struct rtnl_link *)at, &interfaces[(*count)++]);
	if (!interfaces)
		return NULL;
	qsort(interfaces, *count, sizeof(*interfaces), compare_indexes);
	for (struct nl_object *at = nl_cache_get_first(links); at; at = nl_cache_get_next(at)) {
		struct rtnl_link *link = (struct rtnl_link *)at;

		stack(link, by_index(interfaces, *count, rtnl_link_get_ifindex(link)), interfaces,
		      *count);
	}
	return interfaces;
}

int pim_interfaces_read(struct pim_interface **interfaces, size_t *count, struct pim_error *error)
{
	struct nl_sock *socket = nl_socket_alloc();
	struct nl_cache *links = NULL;
	int result;

	*interfaces = NULL;
	*count = 0;
	if (!socket)
		return pim_out_of_memory(error);
	result = nl_connect(socket, NETLINK_ROUTE);
	if (!result)
		result = rtnl_link_alloc_cache(socket, AF_UNSPEC, &links);
	nl_socket_free(socket);
	if (result)
		return pim_fail(error, EIO, "cannot list the interfaces: %s", nl_geterror(result));
	*interfaces = from_cache(links, count);
	nl_cache_free(links);
	if (!*interfaces)
		return pim_out_of_memory(error);
	pim_interface_xdp(*interfaces, *count);
	for (size_t i = 0; i < *count; i++)
		pim_interface_ethtool(&(*interfaces)[i]);
	return 0;
}

const struct pim_interface *pim_interface_find(const struct pim_interface *interfaces, size_t count,
					       const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(interfaces[i].name, name))
			return &interfaces[i];
	return NULL;
}
