/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * This host as it is reached by one interface: its addresses, its sockets, the servers it
 * asks, and the session of who runs this. All of it is of the network namespace of this
 * process, and needs no privilege. What cannot be read is left out, and the fact says why.
 */
#ifndef PIMXDP_MACHINE_HOST_H
#define PIMXDP_MACHINE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pimxdp/row.h>

#include "base/error.h"
#include "policy/prefix.h"

/* A global address of this host. */
struct pim_host_address {
	struct pim_prefix address; /* a host prefix */
	char interface[16];	   /* which has it */
	uint32_t ifindex;	   /* of that */
	bool here;     /* on the interface asked about, or on one that is reached by it: what is
		      stacked on it (vlan, macvlan), or what it is a port of (bridge, bond) */
	bool portable; /* on lo or a dummy: reached by whichever interface leads here */
};

/* A TCP or UDP socket. Ports are in host byte order. */
struct pim_host_socket {
	enum pim_transport transport;
	bool connected;		  /* else it takes whoever comes */
	struct pim_prefix local;  /* a host prefix; length 0: every address of the family */
	bool both_families;	  /* local is every IPv6 address, and every IPv4 address, too */
	uint32_t ifindex;	  /* it is bound to; 0: none */
	struct pim_prefix remote; /* only when connected */
	uint16_t local_port, remote_port;
};

/* A server that this host is configured to ask. */
enum pim_server_kind { PIM_SERVER_NAMES, PIM_SERVER_TIME };
struct pim_host_server {
	enum pim_server_kind kind;
	char name[64];		   /* as it is written */
	struct pim_prefix address; /* family 0: it is a name */
	char file[64];		   /* that lists it */
	struct pim_prefix source;  /* the address that it is asked from; family 0: unknown */
};

struct pim_port_pair {
	uint16_t low, high; /* both inclusive */
};
#define PIM_RESERVED 32u

/* A login by ssh. */
struct pim_host_session {
	struct pim_prefix peer, local; /* host prefixes; family 0: there is none */
	uint16_t peer_port, local_port;
};

/* Why a kind of facts is not known; "" if it is. */
#define PIM_UNKNOWN_TEXT 160

struct pim_host {
	char interface[16];
	uint32_t ifindex;
	bool bridged;		   /* it is a port of a bridge */
	bool forwards4, forwards6; /* it takes packets that are for others */

	struct pim_host_address *addresses;
	size_t address_count;
	char addresses_unknown[PIM_UNKNOWN_TEXT];

	/* Of those that pim_host_look_behind was called with: to which this host leads on. */
	struct pim_prefix *behind;
	size_t behind_count;

	struct pim_host_socket *sockets;
	size_t socket_count;
	char sockets_unknown[PIM_UNKNOWN_TEXT];

	struct pim_host_server *servers;
	size_t server_count;

	struct pim_port_pair local_ports; /* that the kernel gives to calls; 0: unknown */
	struct pim_port_pair reserved[PIM_RESERVED]; /* but for these */
	size_t reserved_count;

	struct pim_host_session session; /* of who runs this, as far as the environment tells */
	uint16_t ssh_port;		 /* where sshd is configured to listen */
};

/* Reads it all. -ENODEV with a text if there is no such interface, else 0; the caller frees
 * *host with pim_host_free in either case. */
int pim_host_read(const char *interface, struct pim_host *host, struct pim_error *error);
void pim_host_free(struct pim_host *host);

/* Adds the prefix to those behind this host, if the route to its first address leads on by
 * another interface. */
void pim_host_look_behind(struct pim_host *host, const struct pim_prefix *prefix);

/* ---- private to this room ---- */

/* Parts of pim_host_read. */
void pim_host_read_sockets(struct pim_host *host);
void pim_host_read_settings(struct pim_host *host);

/* Reads "192.0.2.1" or an IPv6 address without a zone. IPv4-mapped IPv6 is IPv4. */
bool pim_host_address_parse(const char *text, struct pim_prefix *address);
/* The host prefix of an address in network byte order; `family` is AF_INET or AF_INET6. */
struct pim_prefix pim_host_prefix(int family, const void *address);

#endif
