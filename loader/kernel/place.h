/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A place: an interface and its pins, found and described. */
#ifndef PIMXDP_KERNEL_PLACE_H
#define PIMXDP_KERNEL_PLACE_H

#include <pimxdp/abi.h>

#include "kernel/hook_xdp.h"
#include "kernel/pins.h"

enum pim_place_state {
	PIM_PLACE_EMPTY,      /* no pins */
	PIM_PLACE_ATTACHED,   /* the link is pinned and holds its interface */
	PIM_PLACE_ELSEWHERE,  /* the link holds another interface than the one of this name here:
				 it was renamed, or is in another network namespace; to a reader
				 who may not open the link, it may also be gone */
	PIM_PLACE_GONE,	      /* the link is pinned, and holds no interface any more */
	PIM_PLACE_UNFINISHED, /* pins without a link: an attach or detach was killed */
	PIM_PLACE_FOREIGN,    /* pins of a pimxdp with another schema */
};
/* "attached"; NULL for a value out of range. */
const char *pim_place_state_name(enum pim_place_state state);

/* What pim_place_open found; read-only for the caller. */
struct pim_place {
	char interface[16];
	char directory[PIM_PIN_PLACE];
	enum pim_place_state state;
	gid_t group; /* whose members may read the pins; PIM_NO_GROUP: only the owner */
	/* Only when foreign: the schema of its stamp, 0 where that is no pimxdp's, and what
	 * the state would be if it were ours (attached, elsewhere, gone). */
	uint32_t foreign_schema;
	enum pim_place_state foreign_state;

	/* Only when attached, elsewhere or gone: */
	struct pim_stamp stamp;
	uint32_t ifindex; /* 0 when gone */
	uint32_t program_id;
	uint32_t link_id; /* only when the link is open */
	enum pim_attach_mode mode; /* PIM_ATTACH_AUTO where the kernel does not say */
	int link;	       /* file descriptor; -1 also where a reader may not open it */
	int maps[PIM_PINS];    /* the same */
	int outgrown[PIM_PINS]; /* of an unfinished swap: what they counted adds up */
};

/* Looks at the pins of `interface`. An empty place is no error. The caller closes. */
int pim_place_open(const char *interface, enum pim_access access, struct pim_place *place,
		   struct pim_error *error);
void pim_place_close(struct pim_place *place);

/* Whether there are counters to read: also of a filter that is elsewhere, or whose
 * interface is gone. */
static inline bool pim_place_counts(const struct pim_place *place)
{
	return place->state == PIM_PLACE_ATTACHED || place->state == PIM_PLACE_ELSEWHERE ||
	       place->state == PIM_PLACE_GONE;
}

/* Whether it is a filter of another schema that runs on this interface, so that
 * pim_filter_swap can put one of ours in its place. */
static inline bool pim_place_replaceable(const struct pim_place *place)
{
	return place->state == PIM_PLACE_FOREIGN && place->foreign_schema &&
	       place->foreign_state == PIM_PLACE_ATTACHED && place->link >= 0;
}

/* One line for a state that a command cannot work with: what it is, what to do.
 * Returns -errno. */
int pim_place_refuse(const struct pim_place *place, struct pim_error *error);

/* Lets the members of a group read the pins of this place, and of those that
 * later swaps make. The lock must be held. */
int pim_place_allow(struct pim_place *place, gid_t group, struct pim_error *error);

/* ---- private to this room ---- */

/* Whether a swap was interrupted after its atomic step: the link runs the
 * program that is pinned as the next one. Returns 1, 0 or -errno. */
int pim_swap_pending(const struct pim_place *place);

/* Whether the pins of an interrupted swap are those of a filter that shares nothing
 * with the one before it, which was of another schema. */
bool pim_counts_anew(const struct pim_place *place);

#endif
