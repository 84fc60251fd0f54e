/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prints what a configuration admits, or why it is refused, for review. */
#ifndef PIMXDP_OUTPUT_CHECK_H
#define PIMXDP_OUTPUT_CHECK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "policy/policy.h"

/* `config` is the name of the file, `hash` what identifies the policy once it is in force (struct
 * pim_image.hash). */
void pim_output_check_text(FILE *stream, const char *config, const struct pim_policy *policy,
			   uint64_t hash);

/* The same, and the warnings. For a policy with errors only those, and the hash is not
 * printed. */
void pim_output_check_json(FILE *stream, bool pretty, const char *config,
			   const struct pim_policy *policy, uint64_t hash);

/* A finding a line, "FILE:LINE: ...", each with `before` in front; then how many more there
 * are. */
void pim_output_findings_text(FILE *stream, const char *before, const struct pim_policy *policy,
			      const struct pim_findings *findings);

/* An array with file, line, text and remedy of each. The caller owns it. */
json_t *pim_findings_json(const struct pim_policy *policy, const struct pim_findings *findings);

#endif
