/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The address image that is in force at a place. */
#ifndef PIMXDP_KERNEL_ADDRESSES_H
#define PIMXDP_KERNEL_ADDRESSES_H

#include "kernel/place.h"

/* Copies the address image in force: *word_count words of 32 bits, in host byte order.
 * The caller frees *words, which is NULL on failure. Returns 0 or -errno with a text. */
int pim_place_addresses(const struct pim_place *place, __u32 **words, size_t *word_count,
			struct pim_error *error);

#endif
