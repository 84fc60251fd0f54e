/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shared by kernel*.c alone. */
#ifndef PIMXDP_KERNEL_PRIVATE_H
#define PIMXDP_KERNEL_PRIVATE_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kernel/kernel.h"

#include "pimxdp.skel.h"

struct pim_filter {
	struct pimxdp_bpf *skeleton;
	size_t rule_count, partner_count;
	uint64_t flow_seed;
};

/* The maps that are pinned, by enum pim_pin: under their own names. */
struct pim_pin_kind {
	const char *name;
	size_t key_bytes, value_bytes; /* value 0: varies */
	bool generation;	       /* a swap may bring another; else it carries on */
};
extern const struct pim_pin_kind pim_pin_kinds[PIM_PINS];

/* What libbpf or, through it, the kernel last said (its warnings are not
 * printed); "" where nothing. Cleared by pim_said_clear. */
const char *pim_said(void);
void pim_said_clear(void);

/* The id of a program; 0: unknown. */
uint32_t pim_program_id(int program);

/* One more than the highest number that a CPU can have. */
unsigned int pim_cpu_numbers(void);

/* A failed bpf(2) or netlink call, in words: "TRYING: why"; what forbids it is
 * looked for (capabilities, user namespace, seccomp filter) and named. Returns
 * -code. */
int pim_fail_kernel(struct pim_error *error, int code, const char *trying);

/* The same for a program that pim_said's listener heard the verifier refuse, or that
 * failed to load for what this kernel lacks. */
int pim_fail_load(struct pim_error *error, int code);

/* How many entries a map has room for. Returns 0 or -errno. */
int pim_map_entries(int map, uint32_t *entries);

/* ---- pins ---- */

#define PIM_PIN_ROOT "/sys/fs/bpf"
#define PIM_PIN_FOLDER PIM_PIN_ROOT "/pimxdp"
#define PIM_PIN_PROGRAM "program" /* renamed last: it tells that a swap is pending */
#define PIM_PIN_NEXT "next_"	  /* in front of the pins of a generation to come */
#define PIM_PIN_PATH 128

/* Whether a path is in a BPF file system; false, with errno, where it cannot be told. */
bool pim_is_bpffs(const char *path);

/* Between an interface's name and its folder's: bpffs reserves names with a dot,
 * interface names have no colon. */
void pim_swap_character(char *name, char from, char to);

/* The path of a pin, `before` in front of its name; returns path. */
const char *pim_pin_path(const struct pim_place *place, const char *before, const char *name,
			 char path[PIM_PIN_PATH]);
/* Opens a pin: a file descriptor, or -errno. A link or program cannot be opened
 * to read alone. */
int pim_open_pin(const struct pim_place *place, const char *before, const char *name,
		 enum pim_access access);
/* Pins a map or program of the filter's, readable as the place is: programs by
 * the owner alone, since who can run one can make it count. Returns 0 or -errno
 * with a text. */
int pim_pin_object(const struct pim_place *place, const char *before, const char *name, int fd,
		   struct pim_error *error);
/* Describes a BPF object: `info` is the struct bpf_*_info of its kind. */
int pim_object_info(int fd, void *info, __u32 size);
/* The filter's map that a pin is of: a file descriptor of the filter's. */
int pim_pinned_map(const struct pim_filter *filter, enum pim_pin pin);
/* Writes the stamp into the filter's own map. Returns 0 or -errno. */
int pim_write_info(struct pim_filter *filter, const struct pim_info *info, uint32_t ifindex);
/* Why something at a path below the BPF file system failed with `code`: a seccomp
 * filter, the first directory on the way that this process may not pass, its mode,
 * or what errno says. Returns -code. */
int pim_fail_path(const char *path, enum pim_access wanted, int code, struct pim_error *error);

/* Whether an error tells of this process's want of descriptors or memory, and
 * nothing of the pin that it wanted to open. */
bool pim_is_shortage(int result);

/* Whether a swap was interrupted behind its atomic step: the link runs the
 * program that is pinned as the next one. Returns 1, 0 or -errno. */
int pim_swap_pending(const struct pim_place *place);

/* Whether the pins of an interrupted swap are those of a filter that shares nothing
 * with the one before it, which was of another schema. */
bool pim_counts_anew(const struct pim_place *place);

/* Removes every pin of a place but the link, its program and the known maps. */
void pim_remove_unknown_pins(const struct pim_place *place);

/* How the interface runs the program; PIM_ATTACH_AUTO: it does not. */
enum pim_attach_mode pim_find_mode(uint32_t ifindex, uint32_t id);

#endif
