/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prints the roles of an address. */
#ifndef PIMXDP_OUTPUT_LOOKUP_H
#define PIMXDP_OUTPUT_LOOKUP_H

#include <stdbool.h>
#include <stdio.h>

#include "policy/policy.h"

/* `partner` is NULL for none. With `policy`, also prints where the address is listed and
 * which rows apply to it; NULL for the lookup in an attached filter. */
void pim_output_lookup_text(FILE *stream, const struct pim_prefix *address, uint16_t roles,
			    const char *partner, const struct pim_policy *policy);

/* The same as one JSON object; without a policy it has no "listed" and no "rules". */
void pim_output_lookup_json(FILE *stream, bool pretty, const struct pim_prefix *address,
			    uint16_t roles, const char *partner, const struct pim_policy *policy);

/* One prefix of an attached filter: role, prefix, partner (may be NULL). */
void pim_output_address_json(FILE *stream, bool pretty, const struct pim_prefix *prefix,
			     enum pim_role role, const char *partner);
/* The same as a line. */
void pim_output_address_text(FILE *stream, const struct pim_prefix *prefix, enum pim_role role,
			     const char *partner);

#endif
