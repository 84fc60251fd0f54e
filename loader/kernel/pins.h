/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pins: what keeps an attached filter when its loader has exited, and by which others
 * find it. An interface has a folder of its own below PIM_PIN_FOLDER.
 */
#ifndef PIMXDP_KERNEL_PINS_H
#define PIMXDP_KERNEL_PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "kernel/failure.h"

#define PIM_PIN_ROOT "/sys/fs/bpf"
#define PIM_PIN_FOLDER PIM_PIN_ROOT "/pimxdp"

/* The maps that an attached filter has pinned. */
enum pim_pin {
	PIM_PIN_REASONS,
	PIM_PIN_RULES,
	PIM_PIN_PARTNERS,
	PIM_PIN_FLOW_STATE,
	PIM_PIN_SLOTS4,
	PIM_PIN_SLOTS6,
	PIM_PIN_FLOWS, /* readable copies of the slots */
	PIM_PIN_ADDRESSES,
	PIM_PIN_STAMP,
	PIM_PINS,
};

/* No group may read: only the owner. */
#define PIM_NO_GROUP ((gid_t)-1)

/* Interfaces that have pins, sorted; the caller frees each and the list. */
int pim_pins_list(char ***interfaces, size_t *count, struct pim_error *error);

/* ---- private to this room ---- */

/* The maps that are pinned, by enum pim_pin: under their own names. */
struct pim_pin_kind {
	const char *name;
	size_t key_bytes, value_bytes; /* value 0: varies */
	bool generation;	       /* a swap may bring another; else it carries on */
};
extern const struct pim_pin_kind pim_pin_kinds[PIM_PINS];

#define PIM_PIN_LINK "link"	  /* made last: it makes the attachment outlive the process */
#define PIM_PIN_PROGRAM "program" /* renamed last: it tells that a swap is pending */
#define PIM_PIN_NEXT "next_"	  /* in front of the pins of a generation to come */
#define PIM_PIN_PATH 128
#define PIM_PIN_PLACE 64 /* PIM_PIN_FOLDER, '/', an interface's name, and the NUL */

/* Whether a path is in a BPF file system; false, with errno, where it cannot be told. */
bool pim_is_bpffs(const char *path);
/* Whether pins can be: 0, or -errno with what to mount. */
int pim_bpffs_check(struct pim_error *error);

/* The folder of an interface's pins; its name is shorter than IFNAMSIZ. */
void pim_pin_place(const char *interface, char folder[PIM_PIN_PLACE]);

/* The path of a pin, `before` in front of its name; returns path. */
const char *pim_pin_path(const char *folder, const char *before, const char *name,
			 char path[PIM_PIN_PATH]);

/* Opens a pin: a file descriptor, or -errno. A link or program cannot be opened
 * to read alone. */
int pim_pin_open(const char *folder, const char *before, const char *name, enum pim_access access);

/* Pins a map, a program or a link. A group (PIM_NO_GROUP: none) may read the maps;
 * programs and links are the owner's alone, since who can run a program can make it
 * count. Returns 0 or -errno with a text. */
int pim_pin_object(const char *folder, const char *before, const char *name, int fd, gid_t group,
		   struct pim_error *error);

/* Lets a group have `mode` of a file; its owner keeps what it has. */
int pim_pin_allow(const char *path, gid_t group, mode_t mode, struct pim_error *error);

/* Removes every pin in the folder but the link, its program and the known maps. */
void pim_pins_remove_unknown(const char *folder);
/* Removes the folder and whatever is pinned in it. */
void pim_pins_remove(const char *folder);

#endif
