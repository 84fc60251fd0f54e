/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rows of the policy table, derived from policy.def, and the properties of a row. */
#ifndef PIMXDP_ABI_ROW_H
#define PIMXDP_ABI_ROW_H

/* Built-in rows, in table order. */
enum pim_row_id {
#define PIM_ROW(id, ...) PIM_ROW_##id,
#include <pimxdp/policy.def>
#undef PIM_ROW
	PIM_BUILTIN_ROWS,
};

enum pim_transport { PIM_TCP, PIM_UDP, PIM_TRANSPORTS };

/* Who sends first: the peer, or the Edge. */
enum pim_direction { PIM_IN, PIM_OUT };

/* One direction of a row's traffic: from the end that sends first, or back to it. */
enum pim_leg { PIM_FORWARD, PIM_REPLY, PIM_LEGS };

/* Which end a row's ports belong to: the one that is asked, or the one that the option
 * rtp-port-end names. */
enum pim_port_end { PIM_PORT_END_SERVER, PIM_PORT_END_OPTION };

/* What a row requires of a UDP payload. */
enum pim_shape { PIM_SHAPE_ANY, PIM_SHAPE_STUN };

#endif
