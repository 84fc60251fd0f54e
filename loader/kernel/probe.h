/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Probes, without changing anything, what this kernel can do and where pins go. */
#ifndef PIMXDP_KERNEL_PROBE_H
#define PIMXDP_KERNEL_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/folder.h"

/* The result of loading a minimal XDP program. It is not attached, and is unloaded
 * again. */
struct pim_trial {
	int error;	/* positive errno; 0: it loaded */
	bool jit_known; /* `jited` is valid: the kernel reported it */
	bool jited;	/* compiled to machine code */
};
void pim_kernel_try(struct pim_trial *trial);

/* Whether this kernel is built with PREEMPT_RT. */
bool pim_kernel_realtime(void);

/* Where pins go, and whether this process may put them there. */
struct pim_bpffs {
	const char *root;
	bool mounted;	       /* there is a BPF file system at root */
	int error;	       /* positive errno when root does not exist, else 0 */
	const char *directory; /* where new pins go: PIM_PIN_DIRECTORY, or if missing its parent */
	bool passable, writable; /* search and write permission */
	uint32_t uid, gid, mode; /* of the directory */
	uint32_t root_mode;	 /* of root; only when mounted */
	/* Why a loader refuses PIM_PIN_DIRECTORY, if it is there and passable, else empty. */
	struct pim_folder_flaw flaw;
};
void pim_bpffs_look(struct pim_bpffs *bpffs);

#endif
