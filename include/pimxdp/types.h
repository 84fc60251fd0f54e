/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel's integer types, in BPF programs and user space: __u8 .. __u64, __be16, __be32. */
#ifndef PIMXDP_ABI_TYPES_H
#define PIMXDP_ABI_TYPES_H

#ifdef __bpf__
#include <vmlinux.h>
#else
#include <linux/types.h>
#endif

#endif
