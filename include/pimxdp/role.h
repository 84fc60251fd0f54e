/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The roles of an address, derived from roles.def. */
#ifndef PIMXDP_ABI_ROLE_H
#define PIMXDP_ABI_ROLE_H

/* The index of a role's bit, in the order of roles.def. */
enum pim_role_bit {
#define PIM_ROLE(id, kind, name, title) PIM_ROLE_BIT_##id,
#include <pimxdp/roles.def>
#undef PIM_ROLE
	PIM_ROLES,
};

/* The bit itself: an address has a set of these. */
enum pim_role {
#define PIM_ROLE(id, kind, name, title) PIM_ROLE_##id = 1 << PIM_ROLE_BIT_##id,
#include <pimxdp/roles.def>
#undef PIM_ROLE
};

/* The edge roles are adjacent in roles.def, and so are the peer roles: either group,
 * shifted down, is a small table index. */
#define PIM_EDGE_SHIFT PIM_ROLE_BIT_ACCESS
#define PIM_EDGE_SETS 4u
#define PIM_EDGE_ANY (PIM_ROLE_ACCESS | PIM_ROLE_AV)
#define PIM_PEER_SHIFT PIM_ROLE_BIT_PARTNER
#define PIM_PEER_SETS 8u
#define PIM_PEER_ANY (PIM_ROLE_PARTNER | PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER)
_Static_assert(PIM_EDGE_ANY == (PIM_EDGE_SETS - 1) << PIM_EDGE_SHIFT, "edge roles stand together");
_Static_assert(PIM_PEER_ANY == (PIM_PEER_SETS - 1) << PIM_PEER_SHIFT, "peer roles stand together");

#endif
