/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Puts a policy into force and tells the user about it: progress, and what was done. */
#ifndef PIMXDP_CLI_ANNOUNCE_H
#define PIMXDP_CLI_ANNOUNCE_H

#include "cli/verb.h"
#include "control/change.h"

/* Reads the configuration, calls `work` with it, and prints what was done. Returns the exit
 * status. */
enum pim_exit pim_put_in_force(const struct pim_arguments *arguments,
			       int (*work)(const struct pim_wanted *wanted,
					   const struct pim_arguments *arguments,
					   struct pim_change *change, struct pim_error *error));

/* What was done, in a few words: either a constant string, or `text`. */
const char *pim_done_text(const struct pim_change *change, char text[64]);

#endif
