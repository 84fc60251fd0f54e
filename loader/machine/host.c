/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Addresses and routes, by rtnetlink. */
#include "machine/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <netlink/route/addr.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "machine/interface.h"
#include "machine/privilege.h"

struct pim_prefix pim_host_prefix(int family, const void *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, 0xff };
	struct pim_prefix prefix = { .family = PIM_IPV6, .length = 128 };

	if (family == AF_INET6 && memcmp(address, mapped, sizeof(mapped))) {
		memcpy(prefix.address, address, 16);
		return prefix;
	}
	prefix.family = PIM_IPV4;
	prefix.length = 32;
	memcpy(prefix.address, (const uint8_t *)address + (family == AF_INET6 ? sizeof(mapped) : 0),
	       4);
	return prefix;
}

bool pim_host_address_parse(const char *text, struct pim_prefix *address)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		*address = pim_host_prefix(AF_INET, bytes);
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		*address = pim_host_prefix(AF_INET6, bytes);
	else
		return false;
	return true;
}

/* ---- which interfaces are reached by this one ---- */

static bool is_below(const struct pim_interface *lower, const struct pim_interface *upper)
{
	for (size_t i = 0; i < upper->lower.count && i < PIM_NEIGHBOURS; i++)
		if (!strcmp(upper->lower.list[i].name, lower->name))
			return true;
	return *lower->master && !strcmp(lower->master, upper->name);
}

/* Marks, from the interface up, all that its frames come to. */
static void mark_reached(const struct pim_interface *interfaces, size_t count, size_t from,
			 bool *reached)
{
	bool more = true;

	reached[from] = true;
	while (more) {
		more = false;
		for (size_t upper = 0; upper < count; upper++) {
			for (size_t lower = 0; !reached[upper] && lower < count; lower++) {
				if (!reached[lower] ||
				    !is_below(&interfaces[lower], &interfaces[upper]))
					continue;
				reached[upper] = more = true;
			}
		}
	}
}

/* ---- addresses and routes ---- */

static int add_address(struct pim_host *host, struct rtnl_addr *address,
		       const struct pim_interface *interfaces, size_t count, const bool *reached)
{
	struct nl_addr *local = rtnl_addr_get_local(address);
	unsigned int ifindex = rtnl_addr_get_ifindex(address);
	struct pim_host_address *grown;
	size_t at = 0;

	/* Scope host is lo's own 127.0.0.1 and ::1. */
	if (!local || rtnl_addr_get_scope(address) != RT_SCOPE_UNIVERSE ||
	    (nl_addr_get_family(local) != AF_INET && nl_addr_get_family(local) != AF_INET6))
		return 0;
	while (at < count && interfaces[at].ifindex != ifindex)
		at++;
	if (at == count)
		return 0;
	grown = pim_array_grow(host->addresses, host->address_count, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	host->addresses = grown;
	grown[host->address_count] = (struct pim_host_address){
		.address =
			pim_host_prefix(nl_addr_get_family(local), nl_addr_get_binary_addr(local)),
		.ifindex = ifindex,
		.here = reached[at],
		.portable = interfaces[at].hardware == ARPHRD_LOOPBACK ||
			    !strcmp(interfaces[at].kind, "dummy"),
	};
	memcpy(grown[host->address_count++].interface, interfaces[at].name,
	       sizeof(interfaces[at].name));
	return 0;
}

static int compare_addresses(const void *a, const void *b)
{
	const struct pim_host_address *first = a, *second = b;

	return pim_prefix_compare(&first->address, &second->address);
}

static void read_addresses(struct pim_host *host, struct nl_sock *socket,
			   const struct pim_interface *interfaces, size_t count,
			   const bool *reached)
{
	struct nl_cache *addresses;
	int result = rtnl_addr_alloc_cache(socket, &addresses);

	if (result) {
		snprintf(host->addresses_unknown, sizeof(host->addresses_unknown), "rtnetlink: %s",
			 nl_geterror(result));
		return;
	}
	for (struct nl_object *at = nl_cache_get_first(addresses); at && !result;
	     at = nl_cache_get_next(at))
		result = add_address(host, (struct rtnl_addr *)at, interfaces, count, reached);
	nl_cache_free(addresses);
	if (result)
		snprintf(host->addresses_unknown, sizeof(host->addresses_unknown), "%s",
			 strerror(-result));
	if (host->address_count)
		qsort(host->addresses, host->address_count, sizeof(*host->addresses),
		      compare_addresses);
}

/* Asks the kernel for the route to an address; the caller puts it. NULL: there is none. */
static struct rtnl_route *route_to(struct nl_sock *socket, const struct pim_prefix *address)
{
	bool ipv4 = address->family == PIM_IPV4;
	struct nl_addr *to =
		nl_addr_build(ipv4 ? AF_INET : AF_INET6, address->address, ipv4 ? 4 : 16);
	struct rtnl_route *route = NULL;

	if (to && rtnl_route_lookup(socket, to, &route))
		route = NULL;
	nl_addr_put(to);
	return route;
}

/* From which address this host would ask the server. */
static void find_source(struct nl_sock *socket, struct pim_host_server *server)
{
	struct rtnl_route *route =
		server->address.family ? route_to(socket, &server->address) : NULL;
	struct nl_addr *from = route ? rtnl_route_get_pref_src(route) : NULL;

	if (from)
		server->source =
			pim_host_prefix(nl_addr_get_family(from), nl_addr_get_binary_addr(from));
	if (route)
		rtnl_route_put(route);
}

void pim_host_look_behind(struct pim_host *host, const struct pim_prefix *prefix)
{
	struct pim_prefix *grown;
	struct nl_sock *socket = nl_socket_alloc();
	struct rtnl_route *route = NULL;
	struct rtnl_nexthop *hop = NULL;
	bool elsewhere = false;

	if (socket && !nl_connect(socket, NETLINK_ROUTE))
		route = route_to(socket, prefix);
	if (route && rtnl_route_get_nnexthops(route) > 0)
		hop = rtnl_route_nexthop_n(route, 0);
	if (hop)
		elsewhere = rtnl_route_nh_get_ifindex(hop) != (int)host->ifindex;
	if (route)
		rtnl_route_put(route);
	nl_socket_free(socket);
	grown = elsewhere ? pim_array_grow(host->behind, host->behind_count, sizeof(*grown)) : NULL;
	if (!grown)
		return;
	host->behind = grown;
	grown[host->behind_count++] = *prefix;
}

static int compare_sockets(const void *a, const void *b)
{
	const struct pim_host_socket *first = a, *second = b;

	return first->connected != second->connected ?
		       first->connected - second->connected :
	       first->transport != second->transport ?
		       (int)first->transport - (int)second->transport :
	       first->local_port != second->local_port ?
		       first->local_port - second->local_port :
		       pim_prefix_compare(&first->local, &second->local);
}

int pim_host_read(const char *interface, struct pim_host *host, struct pim_error *error)
{
	const struct pim_interface *found = NULL;
	struct pim_interface *interfaces;
	struct nl_sock *socket = NULL;
	bool *reached = NULL;
	size_t count;
	int result;

	*host = (struct pim_host){};
	snprintf(host->interface, sizeof(host->interface), "%s", interface);
	result = pim_interfaces_read(&interfaces, &count, error);
	if (result) { /* a fact that cannot be had, not a failure */
		snprintf(host->addresses_unknown, sizeof(host->addresses_unknown), "%.*s",
			 PIM_UNKNOWN_TEXT - 1, error->text);
		*error = (struct pim_error){};
	} else {
		found = pim_interface_find(interfaces, count, interface);
		if (!found)
			result = pim_fail(
				error, ENODEV,
				"%s: no such interface here: ip link shows those there are",
				interface);
		reached = calloc(count + 1, sizeof(*reached));
		socket = nl_socket_alloc();
		if (!result && (!reached || !socket))
			result = pim_out_of_memory(error);
		if (result)
			goto out;
		host->ifindex = found->ifindex;
		host->bridged = !strcmp(found->master_kind, "bridge");
		mark_reached(interfaces, count, found - interfaces, reached);
		result = nl_connect(socket, NETLINK_ROUTE);
		if (!result)
			read_addresses(host, socket, interfaces, count, reached);
		else
			snprintf(host->addresses_unknown, sizeof(host->addresses_unknown),
				 "rtnetlink: %s", nl_geterror(result));
	}
	result = 0;
	pim_host_read_settings(host);
	pim_host_read_sockets(host);
	if (host->socket_count)
		qsort(host->sockets, host->socket_count, sizeof(*host->sockets), compare_sockets);
	for (size_t i = 0; socket && i < host->server_count; i++)
		find_source(socket, &host->servers[i]);
out:
	nl_socket_free(socket);
	free(reached);
	free(interfaces);
	return result;
}

void pim_host_free(struct pim_host *host)
{
	free(host->addresses);
	free(host->sockets);
	free(host->servers);
	free(host->behind);
	*host = (struct pim_host){};
}
