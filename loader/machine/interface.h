/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Facts about network interfaces for `pimxdp doctor`, read by rtnetlink, generic
 * netlink and ethtool. Needs no privilege. */
#ifndef PIMXDP_MACHINE_INTERFACE_H
#define PIMXDP_MACHINE_INTERFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A feature of the device, as `ethtool -k` shows it. */
struct pim_feature {
	bool known; /* the kernel reported it */
	bool on;
	bool fixed; /* cannot be changed */
};

/* An interface directly above or below this one in a stack. */
struct pim_neighbour {
	char name[16];
	char kind[16];
};
#define PIM_NEIGHBOURS 8u

struct pim_neighbours {
	struct pim_neighbour list[PIM_NEIGHBOURS];
	size_t count; /* of all; may be more than the list holds */
};

struct pim_interface {
	char name[16];
	unsigned int ifindex;
	uint16_t hardware; /* ARPHRD_* */
	bool up, running;  /* IFF_UP; IFF_RUNNING */
	char kind[16];	   /* "veth", "bond", "vlan"; "": a plain device */
	uint32_t mtu_bytes;
	char driver[32];       /* "": unknown */
	bool xdp_known;	       /* the kernel reported xdp_features (Linux 6.3 and newer) */
	uint64_t xdp_features; /* set of PIM_XDP_* */
	struct pim_feature lro, gro_hw, rx_vlan;
	uint32_t merged_bytes;	/* the largest packet that GRO or GSO makes; 0: not told */
	uint32_t rx_queues;	/* in use */
	uint32_t rx_queues_max; /* supported by the device */
	char master[16];	/* the bond, bridge, ... it is a port of; "": none */
	char master_kind[16];
	struct pim_neighbours upper; /* vlan, macvlan, ... on top of it */
	struct pim_neighbours lower; /* its ports, or the device below it */
};

/* From enum netdev_xdp_act in include/uapi/linux/netdev.h, since Linux 6.3. */
enum pim_xdp_features {
	PIM_XDP_BASIC = 1 << 0, /* native mode */
	PIM_XDP_RX_SG = 1 << 5, /* frames in several buffers (multi-buffer XDP) */
};

/* Lists the interfaces of this network namespace, ordered by ifindex. The caller frees
 * *interfaces. Returns 0 or -errno. */
int pim_interfaces_read(struct pim_interface **interfaces, size_t *count, struct pim_error *error);

/* The interface called `name`, or NULL. */
const struct pim_interface *pim_interface_find(const struct pim_interface *interfaces, size_t count,
					       const char *name);

/* The largest packet, in bytes, that the kernel may make of several for this interface, of
 * either IP version (gro_max_size, gso_max_size, and those for IPv4); 0: not told. */
uint32_t pim_interface_merged_bytes(unsigned int ifindex);

/* An IP header cannot say the length of a packet that is larger than this (BIG TCP). In
 * skb mode XDP sees packets after they are merged, and cannot judge such a packet. */
#define PIM_IP_BYTES_MAX 65536u

/* What to do about it; a format for the interface's name. Sizes up to this one also hold for
 * IPv4. */
#define PIM_BIG_TCP_OFF "ip link set dev %s gro_max_size 65536 gso_max_size 65536"

/* ---- private to this room ---- */

/* Parts of pim_interfaces_read. Each fills in what the kernel reports and leaves the rest. */
void pim_interface_ethtool(struct pim_interface *interface);
void pim_interface_xdp(struct pim_interface *interfaces, size_t count);

#endif
