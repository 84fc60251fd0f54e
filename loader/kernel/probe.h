/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A look before anything is changed: what this kernel does, and where pins go. */
#ifndef PIMXDP_KERNEL_PROBE_H
#define PIMXDP_KERNEL_PROBE_H

#include <stdbool.h>
#include <stdint.h>

/* The outcome of loading the least XDP program there is, attached to nothing and
 * gone again. */
struct pim_trial {
	int error;	/* errno; 0: it loaded */
	bool jit_known; /* `jited` is the kernel's word */
	bool jited;	/* compiled to machine code */
};
void pim_kernel_try(struct pim_trial *trial);

/* Where pins go, and whether this process may put them there. */
struct pim_bpffs {
	const char *root;
	bool mounted;	    /* a BPF file system is there */
	int error;	    /* errno, where nothing is there */
	const char *folder; /* that takes the next pins: ours, or the root where it is not there */
	bool passable, writable;
	uint32_t uid, gid, mode; /* of the folder */
};
void pim_bpffs_look(struct pim_bpffs *bpffs);

#endif
