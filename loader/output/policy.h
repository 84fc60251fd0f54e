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

/* The rows, as pim_output_policy_json prints them; the caller owns them. */
json_t *pim_rows_json(const struct pim_policy *policy);

/* The enabled rows that apply to a peer with these roles. */
void pim_output_rows_text(FILE *stream, const struct pim_policy *policy, uint16_t roles);

#endif
