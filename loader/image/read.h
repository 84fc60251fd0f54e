/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads an address image (pimxdp/image.h tells its form), whoever made it: looks
 * addresses up, and walks it back into prefixes. `words` are the caller's, and
 * need no more than to be readable: the mapped value of a pinned map will do.
 */
#ifndef PIMXDP_IMAGE_READ_H
#define PIMXDP_IMAGE_READ_H

#include <stddef.h>

#include <pimxdp/role.h>
#include <pimxdp/types.h>

#include "image/claim.h"

/* What the image says of an address (a host prefix): the program's answer. The
 * image is trusted: check one that came from elsewhere before. */
struct pim_address_value pim_addresses_look_up(const __u32 *words,
					       const struct pim_prefix *address);

/* Calls `visit` for every run of addresses that have the role, in order, as the
 * fewest prefixes that cover it. Other roles do not part a run; for the partner
 * role the partner charged does. A visit that returns other than 0 ends the
 * walk, which returns that. The image is checked while it is walked: -EBADMSG
 * for one that is no tree, or leads outside `word_count`. */
int pim_addresses_merge(const __u32 *words, size_t word_count, enum pim_role role,
			int (*visit)(const struct pim_prefix *prefix,
				     struct pim_address_value value, void *context),
			void *context);

/* Whether an image that came from elsewhere can be looked up in: 0 or -EBADMSG. */
int pim_addresses_check(const __u32 *words, size_t word_count);

#endif
