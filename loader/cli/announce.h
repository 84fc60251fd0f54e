/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Putting a policy into force for people: progress, and what was done. */
#ifndef PIMXDP_CLI_ANNOUNCE_H
#define PIMXDP_CLI_ANNOUNCE_H

#include "cli/verb.h"
#include "control/change.h"

/* Reads the configuration named, does the work with it, and says what was done. */
enum pim_exit pim_put_in_force(const struct pim_arguments *arguments,
			       int (*work)(const struct pim_wanted *wanted,
					   const struct pim_arguments *arguments,
					   struct pim_change *change, struct pim_error *error));

/* What was done, in a word or some; returns it, in text or not. */
const char *pim_done_text(const struct pim_change *change, char text[64]);

#endif
