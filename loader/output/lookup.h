/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What one address is, written out. */
#ifndef PIMXDP_OUTPUT_LOOKUP_H
#define PIMXDP_OUTPUT_LOOKUP_H

#include <stdbool.h>
#include <stdio.h>

#include "policy/policy.h"

/* `partner`: NULL for none. `policy`: where it is listed and which rows it meets, or
 * NULL where only an attached filter was asked. */
void pim_output_lookup_text(FILE *stream, const struct pim_prefix *address, uint16_t roles,
			    const char *partner, const struct pim_policy *policy);

/* One prefix of an attached filter's lists, as a line: role, prefix, partner. */
void pim_output_address_text(FILE *stream, const struct pim_prefix *prefix, enum pim_role role,
			     const char *partner);

#endif
