/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A policy for review: its rows, its lists, its options. */
#ifndef PIMXDP_OUTPUT_POLICY_H
#define PIMXDP_OUTPUT_POLICY_H

#include <stdbool.h>
#include <stdio.h>

#include "policy/policy.h"

void pim_output_policy_text(FILE *stream, const struct pim_policy *policy);
void pim_output_policy_json(FILE *stream, bool pretty, const struct pim_policy *policy);

/* What a configuration would admit, for a colleague to review. */
void pim_output_check_text(FILE *stream, const char *config, const struct pim_policy *policy);

/* The enabled rows that a peer with these roles meets. */
void pim_output_rows_text(FILE *stream, const struct pim_policy *policy, uint16_t roles);

/* Port ranges of a row as "LOW-HIGH, PORT, ..."; ends in "..." where they do not fit. Returns text. */
#define PIM_PORTS_TEXT 128
char *pim_ports_format(const struct pim_row *row, char text[PIM_PORTS_TEXT]);

#endif
