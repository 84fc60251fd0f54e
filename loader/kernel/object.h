/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* BPF objects by their descriptors. Private to this room. */
#ifndef PIMXDP_KERNEL_OBJECT_H
#define PIMXDP_KERNEL_OBJECT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

/* Describes a BPF object: `info` is the struct bpf_*_info of its kind, of `size` bytes.
 * Returns 0 or -errno. */
int pim_object_info(int fd, void *info, __u32 size);

/* The id of a program; 0: unknown. */
uint32_t pim_program_id(int program);

/* How many entries a map has room for. Returns 0 or -errno. */
int pim_map_entries(int map, uint32_t *entries);

/* One more than the highest number that a CPU can have. */
unsigned int pim_cpu_numbers(void);

/* Whether an error tells of this process's want of descriptors or memory, and
 * nothing of the object that it wanted to open. */
bool pim_is_shortage(int result);

#endif
