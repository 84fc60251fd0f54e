/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A policy as flat bytes, and back: what attach keeps beside a filter, so that the policy
 * in force can be printed. Where a value was read, and the warnings about it, are not
 * kept. Integers are in host byte order: the bytes stay on the machine that made them.
 *
 *	header    u32 magic, u32 version, u64 bytes of all, header included
 *	options   u8 count, a byte each in the order of struct pim_options; u8 flags
 *	partners  u32 count; of each: u8 length, its name
 *	rows      u32 count; of each: name, service, u8 transport, direction, port end,
 *	          shape, enabled; u16 edge role, peer role; u32 count of ranges, u16 low,
 *	          high of each
 *	prefixes  u64 count; in their order, in runs of equal family, roles and partner:
 *	          u8 family, u16 roles, u16 partner, u32 count, and of each prefix its
 *	          address (4 or 16 bytes) and u8 length
 */
#ifndef PIMXDP_IMAGE_PACK_H
#define PIMXDP_IMAGE_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"

/* Owns its bytes. */
struct pim_pack {
	uint8_t *bytes;
	size_t size_bytes;
};

/* Packs a policy. Returns 0 or -ENOMEM. Whatever the result, the caller frees *pack with
 * pim_pack_free. */
int pim_policy_pack(const struct pim_policy *policy, struct pim_pack *pack);
void pim_pack_free(struct pim_pack *pack);

/* The bytes that the pack at the start of `bytes` has, or 0 if there is none of this
 * version or `size_bytes` cannot hold it. More bytes may follow it. */
size_t pim_pack_size(const uint8_t *bytes, size_t size_bytes);

/* Turns a pack back into a policy, with one file, "", and no origins. Every length, count
 * and value is checked: -EBADMSG if the bytes are not what pim_policy_pack makes. Returns
 * 0, -EBADMSG or -ENOMEM; whatever the result, the caller frees *policy with
 * pim_policy_free. */
int pim_policy_unpack(const uint8_t *bytes, size_t size_bytes, struct pim_policy *policy);

#endif
