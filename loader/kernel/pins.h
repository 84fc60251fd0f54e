/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pins keep an attached filter alive after its loader has exited, and let other
 * processes find it. Each interface has a directory of its own below PIM_PIN_DIRECTORY.
 */
#ifndef PIMXDP_KERNEL_PINS_H
#define PIMXDP_KERNEL_PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "kernel/folder.h"

/* The pinned maps of an attached filter. */
enum pim_pin {
	PIM_PIN_REASONS,
	PIM_PIN_RULES,
	PIM_PIN_PARTNERS,
	PIM_PIN_FLOW_STATE,
	PIM_PIN_SLOTS4,
	PIM_PIN_SLOTS6,
	PIM_PIN_FLOWS, /* readable copies of the slots */
	PIM_PIN_ADDRESSES,
	PIM_PIN_POLICY, /* the same, as it was read */
	PIM_PIN_STAMP,
	PIM_PIN_FLOW_SECRET, /* not for a group: who knows it can choose flows that collide */
	PIM_PINS,
};

/* No group may read the pins, only their owner. */
#define PIM_NO_GROUP ((gid_t)-1)

/* Refuses what cannot be the name of an interface: 0, or -EINVAL with a text. */
int pim_interface_name_check(const char *interface, struct pim_error *error);

/* The interfaces that have pins, sorted by name. Returns 0, and the caller frees the list
 * with pim_pins_list_free; or -errno with a text. */
int pim_pins_list(char ***interfaces, size_t *count, struct pim_error *error);
void pim_pins_list_free(char ***interfaces, size_t *count);

/* ---- private to this room ---- */

/* The pinned maps, indexed by enum pim_pin. A map is pinned under its own name. */
struct pim_pin_kind {
	const char *name;
	uint32_t type; /* enum bpf_map_type: a read of another type may return more bytes */
	size_t key_bytes, value_bytes; /* value_bytes 0: varies */
	bool generation;	       /* a swap may replace the map; else it is reused */
	bool secret;		       /* only its owner may open it; readers do without */
};
extern const struct pim_pin_kind pim_pin_kinds[PIM_PINS];

#define PIM_PIN_LINK "link"	  /* pinned last: it makes the attachment outlive the process */
#define PIM_PIN_PROGRAM "program" /* renamed last: until then the swap is pending */
#define PIM_PIN_ITERATOR \
	"flows"		     /* prints the live flows, where the kernel allows it (iterator.h) */
#define PIM_PIN_NEXT "next_" /* prefix of the next generation's pins */

/* In the folder of all pins, the folder that loaders lock: only its owner can open it. No
 * interface has a name that long. */
#define PIM_PIN_LOCK "the-loaders-lock"

/* The path of the directory with an interface's pins. The interface's name must be shorter
 * than IFNAMSIZ. */
void pim_pin_place_path(const char *interface, char directory[PIM_PIN_PLACE_PATH]);

/* The path of a pin; `before` is a prefix of its name (PIM_PIN_NEXT or ""). Returns path. */
const char *pim_pin_path(const char *directory, const char *before, const char *name,
			 char path[PIM_PIN_PATH]);

/* Opens a pin in an open folder. Returns a file descriptor, which the caller closes, or
 * -errno. Links and programs cannot be opened with PIM_TO_READ. */
int pim_pin_open(int folder, const char *before, const char *name, enum pim_access access);

/* Pins a map, a program or a link in the open folder with the path `directory`. A group
 * (PIM_NO_GROUP: none) may read the maps, but for those that are secret, and the iterator. Only the owner may
 * open the program and the link: a process that can run the program can change its
 * counters. Returns 0 or -errno with a text. */
int pim_pin_object(int folder, const char *directory, const char *before, const char *name, int fd,
		   gid_t group, struct pim_error *error);

/* Gives `name` in an open folder, or with "" the folder itself, to a group (PIM_NO_GROUP:
 * does nothing) and sets its mode. The owner does not change. `path` is for the text.
 * Returns 0 or -errno with a text. */
int pim_pin_allow(int folder, const char *name, const char *path, gid_t group, mode_t mode,
		  struct pim_error *error);

/* Checks that every pin of ours in an open folder belongs to the folder's owner and is no
 * link to something else. Missing pins are fine. Returns 0 or -errno with a text. */
int pim_pins_check(int folder, const char *directory, struct pim_error *error);

/* Removes the maps of other schemas: all pins called pim_something except the known maps,
 * with or without PIM_PIN_NEXT. */
void pim_pins_remove_unknown(int folder);
/* Removes the program, the link, the iterator and all maps that a pimxdp pinned, and then the folder
 * `directory`, if it is empty. */
void pim_pins_remove(int folder, const char *directory);
/* The names of what is in an open folder, separated by blanks; "" when it is empty or
 * cannot be read. */
void pim_pins_name(int folder, char names[256]);

#endif
