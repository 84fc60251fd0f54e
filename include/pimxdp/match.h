/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rows as sets of bits: the value of the map pim_match. */
#ifndef PIMXDP_ABI_MATCH_H
#define PIMXDP_ABI_MATCH_H

#include <pimxdp/role.h>
#include <pimxdp/row.h>
#include <pimxdp/types.h>

/* The most rows, built-in and configured, that a policy can have: a set of legs is one
 * 64-bit word. */
#define PIM_ROWS_MAX 64u
#define PIM_PORTS 65536u
#define PIM_PORT_CLASSES 256u

enum pim_port_side { PIM_DESTINATION_PORT, PIM_SOURCE_PORT, PIM_PORT_SIDES };

/*
 * A leg is one direction of a row. At ingress an in-row has its forward leg and an
 * out-row its reply leg, one bit each: forward legs of in-rows in table order first, then
 * reply legs of out-rows, so the lowest bit of a set is the leg that decides.
 *
 * The sets of a packet are selected by its destination port and its source port (a port
 * has a class, a class has a set), by the destination's edge roles and by the source's
 * peer roles.
 */
struct pim_match {
	__u64 legs_by_class[PIM_TRANSPORTS][PIM_PORT_SIDES][PIM_PORT_CLASSES];
	__u64 legs_by_edge[PIM_EDGE_SETS]; /* index: edge roles >> PIM_EDGE_SHIFT */
	__u64 legs_by_peer[PIM_PEER_SETS]; /* index: peer roles >> PIM_PEER_SHIFT */
	__u64 legs_forward;
	__u64 legs_stun;	  /* legs whose payload must have a STUN shape */
	__u16 rule[PIM_ROWS_MAX]; /* key in pim_rules, by leg bit */
	/* Index: a port in network byte order. */
	__u8 class_by_port_be[PIM_TRANSPORTS][PIM_PORT_SIDES][PIM_PORTS];
};
_Static_assert(sizeof(struct pim_match) == 4 * 256 * 8 + 4 * 8 + 8 * 8 + 16 + 128 + 4 * 65536, "AB"
											       "I");

#endif
