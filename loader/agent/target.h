/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the agent keeps for one interface: the policy that is wanted there, and
 * whether it is in force. Logs what happens.
 */
#ifndef PIMXDP_TARGET_H
#define PIMXDP_TARGET_H

#include "control/change.h"
#include "control/collect.h"
#include "agent/watch.h"

enum pim_target_state {
	PIM_TARGET_STARTING,
	PIM_TARGET_WAITING,  /* there is no such interface (yet, or any more) */
	PIM_TARGET_ATTACHED,
	PIM_TARGET_DETACHED, /* somebody took the filter off: it stays off until the next reload */
	PIM_TARGET_ELSEWHERE, /* the interface was renamed, or moved to another namespace */
	PIM_TARGET_FAILED,   /* see problem; it is tried again */
};
const char *pim_target_state_name(enum pim_target_state state); /* "attached" */

/* Zero but for the first group at the start. */
struct pim_target {
	const char *interface, *config;
	enum pim_attach_mode mode;
	gid_t group;
	struct pim_watch *watch;

	enum pim_target_state state;
	bool is_new;	     /* attached by us, not found attached */
	char problem[sizeof(((struct pim_error *)NULL)->text)]; /* of the last try, or "" */
	struct pim_policy policy; /* the last good one, for an interface that comes back */
	bool has_policy;
	bool warned_watch;
	bool retry; /* what the files say is not in force, by no fault of theirs: to be tried again */
	struct pim_files files;	  /* as they were when last read */
	struct pim_target_counts counts;
};

/* Reads the configuration: 0, or what is wrong with it. Touches no interface. */
int pim_target_read(struct pim_target *target, struct pim_error *error);

/* Makes the policy that the files now say the one in force: attaches, adopts what
 * is attached, or reloads it. On any failure what was in force stays. `cause`,
 * for the log: "signal", "change". */
void pim_target_apply(struct pim_target *target, const char *cause);

/* The same after pim_target_read: files that have not changed since are not read
 * again. */
void pim_target_start(struct pim_target *target);

/* Looks whether the filter is where it should be; attaches it when its interface
 * has come back, or when that failed before. */
void pim_target_tend(struct pim_target *target);

void pim_target_free(struct pim_target *target);

#endif
