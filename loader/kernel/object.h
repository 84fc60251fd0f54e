/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Helpers for BPF objects, by file descriptor. Private to this room. */
#ifndef PIMXDP_KERNEL_OBJECT_H
#define PIMXDP_KERNEL_OBJECT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

/* Reads the information on a BPF object. `info` is the struct bpf_*_info for its type, of
 * `size` bytes; it is zeroed first. Returns 0 or -errno. */
int pim_object_info(int fd, void *info, __u32 size);

/* The id of a program; 0 when unknown. */
uint32_t pim_program_id(int program);

/* The max_entries of a map. Returns 0 or -errno. */
int pim_map_entries(int map, uint32_t *entries);

/* One more than the highest possible CPU number. */
unsigned int pim_cpu_numbers(void);

/* Whether an error (a negative errno) means a shortage of file descriptors or memory. It
 * then says nothing about the object that was to be opened. */
bool pim_is_shortage(int result);

#endif
