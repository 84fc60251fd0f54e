/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shared by kernel*.c alone. */
#ifndef PIMXDP_KERNEL_PRIVATE_H
#define PIMXDP_KERNEL_PRIVATE_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kernel.h"

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

/* One more than the highest number that a CPU can have. */
unsigned int pim_cpu_numbers(void);

/* A failed bpf(2) or netlink call, in words: "TRYING: why", with the missing
 * capabilities by name on EPERM. Returns -code. */
int pim_fail_kernel(struct pim_error *error, int code, const char *trying);

/* How many entries a map has room for. Returns 0 or -errno. */
int pim_map_entries(int map, uint32_t *entries);

#define PIM_PIN_ROOT "/sys/fs/bpf"
#define PIM_PIN_FOLDER PIM_PIN_ROOT "/pimxdp"

#endif
