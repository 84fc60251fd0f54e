/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The last good policy of an interface, kept in the state folder for a start whose
 * configuration is refused. It is one whole configuration, with includes and prefix files
 * expanded, in a file for each interface that only its owner can read.
 */
#ifndef PIMXDP_AGENT_KEPT_H
#define PIMXDP_AGENT_KEPT_H

#include "policy/policy.h"

struct pim_kept {
	uint64_t hash;	  /* of the policy, compiled anew: the one that `check` shows */
	uint64_t time_ns; /* CLOCK_REALTIME: when it was kept */
};

/* Reads what is kept. Returns 0; -ENOENT if nothing is; -EINVAL for a file that was cut
 * short, damaged or edited, that somebody else may change, or that is of another configuration
 * than `config`, which is still there: another agent's, of another network namespace; each
 * with a text that says so. The caller frees *policy if the result is 0. */
int pim_kept_read(const char *folder, const char *interface, const char *config,
		  struct pim_policy *policy, struct pim_kept *kept, struct pim_error *error);

/* Keeps a policy, atomically, unless *kept says that it is kept already. Makes the folder if
 * it is missing. Refuses one that somebody else may change, and to replace the policy of another
 * configuration that is still there. Returns 0 and updates *kept, or
 * -errno with a text. */
int pim_kept_write(const char *folder, const char *interface, const char *config,
		   const struct pim_policy *policy, struct pim_kept *kept, struct pim_error *error);

#endif
