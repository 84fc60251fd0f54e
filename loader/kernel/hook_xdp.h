/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The XDP hook of an interface: what runs there, and a link of ours onto it. */
#ifndef PIMXDP_KERNEL_HOOK_XDP_H
#define PIMXDP_KERNEL_HOOK_XDP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum pim_attach_mode { PIM_ATTACH_AUTO, PIM_ATTACH_NATIVE, PIM_ATTACH_SKB, PIM_ATTACH_OFFLOAD };
const char *pim_attach_mode_name(enum pim_attach_mode mode); /* "native"; of auto: "unknown" */

/* The XDP program that runs on an interface, anybody's. */
struct pim_xdp_program {
	uint32_t id; /* 0: none */
	enum pim_attach_mode mode;
	char name[16]; /* "" without CAP_SYS_ADMIN, which asking for it needs */
};
/* Returns 0 or -errno. */
int pim_xdp_query(uint32_t ifindex, struct pim_xdp_program *program);

/* Whether the interface exists, is Ethernet, and carries no XDP program but the one with
 * the id `ours` (0: none is). */
int pim_interface_check(const char *interface, uint32_t ours, struct pim_error *error);

/* ---- private to this room ---- */

/* How the interface runs the program; PIM_ATTACH_AUTO: it does not. Returns 0, or -errno
 * when that could not be asked; an interface that is not there (0) runs nothing. */
int pim_xdp_mode(uint32_t ifindex, uint32_t program_id, enum pim_attach_mode *mode);
/* Whether it runs it, as far as that can be asked. */
bool pim_xdp_runs(uint32_t ifindex, uint32_t program_id);

/* Attaches the program by a link: its file descriptor, or -errno with a text. *got is
 * the mode that was had; note: why native mode was refused when auto fell back to skb,
 * else "". */
int pim_xdp_attach(int program, const char *interface, enum pim_attach_mode mode,
		   enum pim_attach_mode *got, char note[256], struct pim_error *error);

#endif
