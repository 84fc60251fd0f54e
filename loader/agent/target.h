/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Keeps the policy of one interface in force, and logs what happens to it. */
#ifndef PIMXDP_AGENT_TARGET_H
#define PIMXDP_AGENT_TARGET_H

#include "agent/target_state.h"

const char *pim_target_state_name(enum pim_target_state state); /* "attached" */

/* Reads the kept policy and the configuration into the target. Touches no interface.
 * Returns 0 if the configuration is good, or if it is refused and the kept policy or the
 * one in force can go on; else -errno. */
int pim_target_prepare(struct pim_target *target, struct pim_error *error);

/* Reads the files and puts their policy into force: attaches, adopts what is attached, or
 * reloads it. On any failure, what was in force stays. */
enum pim_cause {
	PIM_CAUSE_SIGNAL, /* a person's act: lists may shrink */
	PIM_CAUSE_CHANGE,
};
/* Returns false if the files changed while they were read: nothing was done. */
bool pim_target_apply(struct pim_target *target, enum pim_cause cause);

/* The same after pim_target_prepare: the files are read again only if they have changed
 * since. If they are refused, what is in force stays, and an interface without a filter
 * gets the kept policy. */
void pim_target_start(struct pim_target *target);

/* Checks whether the filter is where it should be. Attaches it if its interface has come
 * back, or if an earlier attempt failed. */
void pim_target_tend(struct pim_target *target);

/* Frees what the target holds, not the target itself. */
void pim_target_free(struct pim_target *target);

#endif
