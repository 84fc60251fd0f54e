/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A place: an interface with its pins. */
#ifndef PIMXDP_KERNEL_PLACE_H
#define PIMXDP_KERNEL_PLACE_H

#include <pimxdp/abi.h>

#include "kernel/hook_xdp.h"
#include "kernel/pins.h"

enum pim_place_state {
	PIM_PLACE_EMPTY,      /* no pins */
	PIM_PLACE_ATTACHED,   /* the link is pinned and attached to this interface */
	PIM_PLACE_ELSEWHERE,  /* the link is attached to another interface: it was renamed, or
				 is in another network namespace; for a reader that may not
				 open the link, the interface may also be gone */
	PIM_PLACE_GONE,	      /* the link is pinned, but its interface no longer exists */
	PIM_PLACE_UNFINISHED, /* pins without a link: an attach or detach was interrupted */
	PIM_PLACE_FOREIGN,    /* pins of a pimxdp with another schema, or of something else */
};
/* "attached"; NULL when out of range. */
const char *pim_place_state_name(enum pim_place_state state);

/* What pim_place_open found. Read-only for the caller. */
struct pim_place {
	char interface[16];
	char directory[PIM_PIN_PLACE_PATH]; /* for texts: work is done by the descriptor */
	int folder; /* descriptor of that directory, for openat(2); negative: there is none */
	enum pim_place_state state;
	gid_t group; /* whose members may read the pins; PIM_NO_GROUP: only the owner */
	/* Only when foreign: the schema of its stamp (0: not a stamp of another pimxdp), and
	 * the state that the place would have otherwise (attached, elsewhere, gone). */
	uint32_t foreign_schema;
	enum pim_place_state foreign_state;

	/* Only when attached, elsewhere or gone: */
	struct pim_stamp stamp;
	uint32_t ifindex; /* 0 when gone */
	uint32_t program_id;
	uint32_t link_id;	   /* 0 when the link could not be opened */
	enum pim_attach_mode mode; /* PIM_ATTACH_AUTO when not attached here */
	int link;		/* file descriptor; negative: none, or a reader may not open it */
	int maps[PIM_PINS];	/* file descriptors; negative when there is none */
	int outgrown[PIM_PINS]; /* maps that an unfinished swap replaces: add their counters */
};

/* Examines the pins of `interface`. An empty place is not an error. Returns 0 or -errno
 * with a text (-EINVAL: not an interface name; -ENOTSUP: no BPF file system, so nothing is
 * known of a filter; -EPERM: somebody else's folder or pins); on failure nothing stays open. The caller
 * closes *place with pim_place_close. */
int pim_place_open(const char *interface, enum pim_access access, struct pim_place *place,
		   struct pim_error *error);
void pim_place_close(struct pim_place *place);

/* Whether there are counters to read. This includes a filter that is elsewhere or whose
 * interface is gone. */
static inline bool pim_place_counts(const struct pim_place *place)
{
	return place->state == PIM_PLACE_ATTACHED || place->state == PIM_PLACE_ELSEWHERE ||
	       place->state == PIM_PLACE_GONE;
}

/* Whether a filter of another schema runs on this interface, so that pim_filter_swap can
 * replace it. */
static inline bool pim_place_replaceable(const struct pim_place *place)
{
	return place->state == PIM_PLACE_FOREIGN && place->foreign_schema &&
	       place->foreign_state == PIM_PLACE_ATTACHED && place->link >= 0;
}

/* Checks that the interface exists, is Ethernet, and has no XDP program other than the one
 * with the id `ours` (0: none). Returns 0 or -errno with a text (-EBUSY: another program,
 * which may be ours under an earlier name of the interface). */
int pim_interface_vacant(const char *interface, uint32_t ours, struct pim_error *error);

/* Finds the name under which a filter of this pimxdp was attached that the interface runs as
 * this program: its interface has been renamed since. False when no pins are of that program,
 * or they cannot be read. */
bool pim_place_of_program(uint32_t ifindex, uint32_t program_id, char interface[16]);

/* Fills *error for a state that a command cannot work with: what the state is, and what
 * to do. Returns -errno. */
int pim_place_refuse(const struct pim_place *place, struct pim_error *error);

/* Whether its filter is on an interface that this network namespace does not have: one that
 * was renamed is here. */
bool pim_place_is_elsewhere(const struct pim_place *place);

/* For readers, which take no lock: whether two openings of a place found the same state and
 * the same maps. Between them no loader has put others in force, or a counter map in the
 * place of another; moves within those maps are counted by the stamp. */
bool pim_place_same(const struct pim_place *a, const struct pim_place *b);

/* Lets the members of a group read the pins of this place, and the pins that later swaps
 * create. The loader's lock must be held. Returns 0 or -errno with a text. */
int pim_place_allow(struct pim_place *place, gid_t group, struct pim_error *error);

/* ---- private to this room ---- */

/* Reads the stamp from its map. Returns 0, or -EPROTO when it does not have this build's
 * schema, or there is none (a negative `map`). */
int pim_stamp_read(int map, struct pim_stamp *stamp);

/* Whether a swap was interrupted after its atomic step: the link already runs the program
 * that is pinned with PIM_PIN_NEXT. Returns 1, 0 or -errno. */
int pim_swap_pending(const struct pim_place *place);

/* Whether the PIM_PIN_NEXT pins belong to a filter that reuses no map, because the filter
 * before it had another schema. */
bool pim_counts_anew(const struct pim_place *place);

#endif
