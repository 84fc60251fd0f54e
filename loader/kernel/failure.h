/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel and libbpf say, and why something failed. */
#ifndef PIMXDP_KERNEL_FAILURE_H
#define PIMXDP_KERNEL_FAILURE_H

#include "base/error.h"

/* Once, before anything else: from here on what libbpf has to say goes into our
 * errors, not to stderr. With PIMXDP_DEBUG in the environment it goes to both. */
void pim_kernel_start(void);

/* ---- private to this room ---- */

/* To read takes no more than read access to the pinned maps; to change, all of it. */
enum pim_access { PIM_TO_READ, PIM_TO_CHANGE };

/* What libbpf or, through it, the kernel last said (its warnings are not
 * printed); "" where nothing. Cleared by pim_said_clear. */
const char *pim_said(void);
void pim_said_clear(void);

/* A failed bpf(2) or netlink call, in words: "TRYING: why"; what forbids it is
 * looked for (capabilities, user namespace, seccomp filter) and named. Returns
 * -code. */
int pim_fail_kernel(struct pim_error *error, int code, const char *trying);

/* The same for a program that the verifier refused, as pim_said's listener heard it, or
 * that failed to load for what this kernel lacks. */
int pim_fail_load(struct pim_error *error, int code);

/* Why something at a path below the BPF file system failed with `code`: a seccomp
 * filter, the first directory on the way that this process may not pass, its mode,
 * or what errno says. Returns -code. */
int pim_fail_path(const char *path, enum pim_access wanted, int code, struct pim_error *error);

#endif
