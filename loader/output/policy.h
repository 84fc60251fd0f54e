/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prints a policy for review: its rows, lists and options. */
#ifndef PIMXDP_OUTPUT_POLICY_H
#define PIMXDP_OUTPUT_POLICY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "policy/policy.h"

void pim_output_policy_text(FILE *stream, const struct pim_policy *policy);
void pim_output_policy_json(FILE *stream, bool pretty, const struct pim_policy *policy);

/* The policy of the filter on an interface: what the stamp knows of it, rows, options, and
 * the listed prefixes in their order, those that have the same meaning together. */
void pim_output_policy_in_force_json(FILE *stream, bool pretty, const char *interface,
				     const struct pim_stamp *stamp,
				     const struct pim_policy *policy);

/* The rows, as pim_output_policy_json prints them; the caller owns them. */
json_t *pim_rows_json(const struct pim_policy *policy);

/* The enabled rows that apply to a peer with these roles. */
void pim_output_rows_text(FILE *stream, const struct pim_policy *policy, uint16_t roles);

#endif
