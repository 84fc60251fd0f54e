/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Messages of the kernel and libbpf, and explanations of failures. */
#ifndef PIMXDP_KERNEL_FAILURE_H
#define PIMXDP_KERNEL_FAILURE_H

#include "base/error.h"

/* Must be called before anything else that uses libbpf; may be called again. From here
 * on the messages of libbpf go into our errors instead of stderr, or into both when
 * PIMXDP_DEBUG is set in the environment. */
void pim_kernel_start(void);

/* PIM_TO_READ needs only read access to the pinned maps; PIM_TO_CHANGE needs full access. */
enum pim_access { PIM_TO_READ, PIM_TO_CHANGE };

/* ---- private to this room ---- */

/* The kernel's last error message (the netlink extended ack, as libbpf reports it); ""
 * if there is none. A static buffer, valid until the next call of libbpf.
 * pim_said_clear also clears what is kept of the verifier's log. */
const char *pim_said(void);
void pim_said_clear(void);

/* Describes a failed bpf(2) or netlink call as "TRYING: why". Where it was not
 * permitted, the text names the cause if it can be found: missing capabilities, a user
 * namespace, a seccomp filter. `code` is a positive errno. Returns -code. */
int pim_fail_kernel(struct pim_error *error, int code, const char *trying);

/* The same for a program that failed to load, because the verifier rejected it or
 * because this kernel lacks something. Returns a negative errno: -ENOTSUP where the
 * kernel lacks something, else -code. */
int pim_fail_load(struct pim_error *error, int code);

/* Explains why an operation on a path in the BPF file system failed with `code` (a
 * positive errno): a seccomp filter, a directory of the path that this process may not
 * search, the mode of the file, or the text of the errno. Returns -code. */
int pim_fail_path(const char *path, enum pim_access wanted, int code, struct pim_error *error);

#endif
