/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the agent keeps for one interface: the policy that it should have, and
 * whether it is in force. Logs what happens.
 */
#ifndef PIMXDP_AGENT_TARGET_H
#define PIMXDP_AGENT_TARGET_H

#include "agent/kept.h"
#include "agent/watch.h"
#include "control/change.h"
#include "control/collect.h"

enum pim_target_state {
	PIM_TARGET_STARTING,
	PIM_TARGET_WAITING, /* there is no such interface (yet, or any more) */
	PIM_TARGET_ATTACHED,
	PIM_TARGET_DETACHED,  /* somebody took the filter off: it stays off until the next reload */
	PIM_TARGET_ELSEWHERE, /* the interface was renamed or moved to another network namespace,
			       * or its pins have another schema */
	PIM_TARGET_FAILED,    /* see problem; it is retried */
};
const char *pim_target_state_name(enum pim_target_state state); /* "attached" */

/* All zero at the start, except for the first group of members. */
struct pim_target {
	const char *interface, *config;
	enum pim_attach_mode mode;
	bool observe; /* whatever the configuration says */
	bool force;   /* as in struct pim_wanted */
	gid_t group;
	struct pim_watch *watch;
	const char *state_folder;    /* the folder of the last good policy */
	unsigned int shrink_percent; /* of a list that may go without being told */

	enum pim_target_state state;
	bool is_new; /* attached by us, not found attached */
	char problem[sizeof(((struct pim_error *)NULL)->text)]; /* of the last attempt, or "" */
	char reload_problem[sizeof(((struct pim_error *)NULL)->text)]; /* of the last failed load */
	bool unseen;		    /* it cannot be looked at: `state` is what was seen last */
	struct pim_policy policy;   /* the last valid one, for an interface that comes back */
	uint8_t own_mode;	    /* that policy's mode, whatever --observe makes of it */
	bool has_policy, from_kept; /* it is the kept one, not the files' */
	bool unread;		    /* the files were refused when prepared */
	bool settling;	      /* set by the agent: the files are changing, and not to be read */
	struct pim_kept kept; /* time 0: nothing is kept */
	bool warned_kept, warned_recall;
	uint64_t generation, attached_ns; /* of the filter, as last loaded or seen */
	bool warned_watch;
	bool retry; /* the files' policy is not in force, but they are not to blame: try again */
	struct pim_files files; /* as they were when last read */
	struct pim_target_counts counts;
};

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
