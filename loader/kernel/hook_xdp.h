/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The XDP hook of an interface: which program runs there, and attaching ours to it. */
#ifndef PIMXDP_KERNEL_HOOK_XDP_H
#define PIMXDP_KERNEL_HOOK_XDP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum pim_attach_mode { PIM_ATTACH_AUTO, PIM_ATTACH_NATIVE, PIM_ATTACH_SKB, PIM_ATTACH_OFFLOAD };
const char *pim_attach_mode_name(enum pim_attach_mode mode); /* "native"; auto: "unknown" */

/* The XDP program that runs on an interface, ours or not. */
struct pim_xdp_program {
	uint32_t id; /* 0: none */
	enum pim_attach_mode mode;
	char name[16]; /* "" when unknown: the kernel tells it only with CAP_SYS_ADMIN */
};
/* Returns 0 or -errno. */
int pim_xdp_query(uint32_t ifindex, struct pim_xdp_program *program);

/* ---- private to this room ---- */

/* Checks that the interface exists, is Ethernet, and has no XDP program other than the one
 * with the id `ours` (0: none). Returns 0 or -errno with a text (-EBUSY:
 * another program). */
int pim_interface_check(const char *interface, uint32_t ours, struct pim_error *error);

/* The mode in which the interface runs the program; PIM_ATTACH_AUTO when it does not run
 * it, there is no such interface (ifindex 0), or the query fails. Returns 0, or -errno if
 * it failed for a shortage of file descriptors or memory. */
int pim_xdp_mode(uint32_t ifindex, uint32_t program_id, enum pim_attach_mode *mode);
/* Whether the interface runs the program; false also when the query fails. */
bool pim_xdp_runs(uint32_t ifindex, uint32_t program_id);

/* Attaches the program by a BPF link. Returns the link's file descriptor, which the
 * caller closes, or -errno with a text. *got receives the mode in use, note the reason
 * why native mode was refused when auto fell back to skb, else "". */
int pim_xdp_attach(int program, const char *interface, enum pim_attach_mode mode,
		   enum pim_attach_mode *got, char note[256], struct pim_error *error);

#endif
