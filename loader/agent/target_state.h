/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the agent keeps for one interface. */
#ifndef PIMXDP_AGENT_TARGET_STATE_H
#define PIMXDP_AGENT_TARGET_STATE_H

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
	bool early; /* it is in force, and the interface had no address to hold it against */
	time_t early_since; /* pim_monotonic_s(); 0: long enough */
	bool retry; /* the files' policy is not in force, but they are not to blame: try again */
	struct pim_files files; /* as they were when last read */
	struct pim_target_counts counts;
};

#endif
