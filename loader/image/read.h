/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads an address image (described in pimxdp/image.h), whatever made it: looks up
 * addresses, and turns it back into prefixes. `words` belong to the caller and are only
 * read: the mapped value of a pinned map will do.
 */
#ifndef PIMXDP_IMAGE_READ_H
#define PIMXDP_IMAGE_READ_H

#include <stddef.h>

#include <pimxdp/role.h>
#include <pimxdp/types.h>

#include "image/claim.h"

/* The roles and the partner of an address (a host prefix), as the program finds them. The
 * image is trusted: use pim_addresses_check first on one that came from elsewhere. */
struct pim_address_value pim_addresses_look_up(const __u32 *words,
					       const struct pim_prefix *address);

/* Calls `visit`, in order, for the fewest prefixes that cover each run of addresses with the
 * role. Other roles do not split a run; for the partner role, a change of the partner
 * does. If `visit` returns other than 0, the walk ends and returns that. The image is
 * checked during the walk: -EBADMSG if it is not a tree or leads outside `word_count`. */
int pim_addresses_merge(const __u32 *words, size_t word_count, enum pim_role role,
			int (*visit)(const struct pim_prefix *prefix,
				     struct pim_address_value value, void *context),
			void *context);

/* Checks that lookups in an image from elsewhere are safe. Returns 0 or -EBADMSG. */
int pim_addresses_check(const __u32 *words, size_t word_count);

#endif
