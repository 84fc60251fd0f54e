/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an interface is, asked of the kernel by rtnetlink, generic netlink and
 * ethtool: facts for `pimxdp doctor`. Needs no privilege. */
#ifndef PIMXDP_INTERFACE_H
#define PIMXDP_INTERFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* One of the driver's features, as ethtool -k shows it. */
struct pim_feature {
	bool known; /* the kernel told */
	bool on;
	bool fixed; /* cannot be changed */
};

/* An interface that this one is stacked with. */
struct pim_neighbour {
	char name[16];
	char kind[16];
};
#define PIM_NEIGHBOURS 8u

struct pim_neighbours {
	struct pim_neighbour list[PIM_NEIGHBOURS];
	size_t count; /* may be more than the list holds */
};

struct pim_interface {
	char name[16];
	unsigned int ifindex;
	uint16_t hardware; /* ARPHRD_* */
	bool up, running;  /* IFF_UP; carrier, too */
	char kind[16];	   /* "veth", "bond", "vlan"; "": of a device */
	uint32_t mtu_bytes;
	char driver[32];   /* "": it does not say */
	bool xdp_known;	   /* xdp_features are the kernel's word (Linux 6.3 and newer) */
	uint64_t xdp_features; /* PIM_XDP_* */
	struct pim_feature lro, gro_hw, rx_vlan;
	uint32_t rx_queues;	/* in use */
	uint32_t rx_queues_max; /* that the device has */
	char master[16];	/* that it is a member or port of; "": none */
	char master_kind[16];
	struct pim_neighbours upper; /* vlan, macvlan, ... on it */
	struct pim_neighbours lower; /* that it is made of */
};

/* Of enum netdev_xdp_act, include/uapi/linux/netdev.h since Linux 6.3. */
enum pim_xdp_features {
	PIM_XDP_BASIC = 1 << 0, /* native mode */
	PIM_XDP_RX_SG = 1 << 5, /* frames in several buffers */
};

/* Interfaces of this network namespace, ordered by ifindex; the caller frees
 * *interfaces. Returns 0 or -errno. */
int pim_interfaces_read(struct pim_interface **interfaces, size_t *count, struct pim_error *error);

/* The one of that name among them, or NULL. */
const struct pim_interface *pim_interface_find(const struct pim_interface *interfaces, size_t count,
					       const char *name);

/* Parts of pim_interfaces_read. Each fills what it is told and leaves the rest. */
void pim_interface_ethtool(struct pim_interface *interface);
void pim_interface_xdp(struct pim_interface *interfaces, size_t count);

#endif
