/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The policy in force at a place, as image/pack.h packs it, in the map pim_policy. */
#ifndef PIMXDP_KERNEL_POLICY_H
#define PIMXDP_KERNEL_POLICY_H

#include "image/pack.h"
#include "kernel/place.h"

/* Copies the policy in force, packed. The caller frees *pack with pim_pack_free; it is empty
 * on failure. Returns 0 or -errno with a text. */
int pim_place_policy(const struct pim_place *place, struct pim_pack *pack, struct pim_error *error);

/* ---- private to this room ---- */

/* The entries that the map needs for a pack: an entry is a page of PIM_POLICY_CHUNK bytes,
 * because old kernels bound the size of one. */
uint32_t pim_policy_entries(const struct pim_pack *pack);

/* Writes a pack into the map of that many entries, and freezes it: from then on nobody
 * changes it. Returns 0 or -errno. */
int pim_policy_write(int map, const struct pim_pack *pack);

#endif
