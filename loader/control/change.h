/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Changes an interface: attach, reload, adopt, detach. Each takes the loader's lock,
 * opens the place and acts; all but detach first finish or undo a swap that another
 * loader left half done. They print nothing, and return 0 or -errno with a text.
 */
#ifndef PIMXDP_CONTROL_CHANGE_H
#define PIMXDP_CONTROL_CHANGE_H

#include "doctor/checks.h"
#include <errno.h>

#include "kernel/attach.h"

/* What the functions below return for a policy that would judge nothing on this host. */
#define PIM_JUDGES_NOTHING (-EADDRNOTAVAIL)

/* What to do. The strings and the policy belong to the caller. */
struct pim_wanted {
	const char *interface;
	const char *config; /* the path of the file that the policy was read from */
	const struct pim_policy *policy;
	enum pim_attach_mode mode;
	unsigned int patience_ms; /* how long to wait for the lock; PIM_PATIENCE_MS for a command */
	gid_t group; /* that may read the pins; PIM_NO_GROUP: unchanged, or none at attach */
	bool force;  /* attach, although nothing that arrives there would be judged */
	void (*progress)(const char *doing); /* before each long step; "" after the last; or NULL */
	/* Gets what the policy would do to this host (doctor/preflight.h), before anything is
	 * changed and unless the policy is in force already; or NULL. */
	void (*preflight)(const struct pim_wanted *wanted, const struct pim_doctor *doctor);
};

enum pim_done {
	PIM_DONE_ATTACHED,
	PIM_DONE_REPLACED, /* a new program; the counters carry on unless from_schema is set */
	PIM_DONE_RELOADED,
	PIM_DONE_UNCHANGED, /* the policy was already in force */
	PIM_DONE_DETACHED,
	PIM_DONE_DETACHED_ELSEWHERE, /* from another interface than the one of this name */
	PIM_DONE_REMOVED,	     /* there were only stale pins */
};

struct pim_change {
	enum pim_done done;
	enum pim_attach_mode mode; /* the mode it is attached in now */
	bool cleared;		   /* stale pins of an earlier attachment were removed first */
	uint32_t from_schema;	   /* of a replaced filter with another schema, else 0 */
	char note[256]; /* why native mode was refused when auto fell back to skb, else "" */
	bool early;	/* the interface has no address yet: what would be judged is not known */
	uint32_t big_tcp_bytes; /* in skb mode, the size of packets that it cannot judge; else 0 */
	struct pim_stamp stamp; /* the stamp now in force; not set by detach */
};

/* Attaches. If pimxdp is attached already, with this schema or another, fails, or with
 * `replace` swaps program and policy. */
int pim_attach(const struct pim_wanted *wanted, bool replace, struct pim_change *change,
	       struct pim_error *error);

/* Changes the policy of the attached filter. Does nothing if it is the same. */
int pim_reload(const struct pim_wanted *wanted, struct pim_change *change, struct pim_error *error);

/* For the agent: reloads an attached filter, replaces one that has another schema, and
 * attaches if there is none. A policy that judges nothing here is refused, even if it is the
 * one in force. */
int pim_adopt(const struct pim_wanted *wanted, struct pim_change *change, struct pim_error *error);

/* Whether the interface has no address still: pim_change.early, without a policy to hold
 * against it. */
bool pim_is_early(const char *interface);

/* Detaches and removes the pins; waits at most PIM_PATIENCE_MS for the lock. -ENOENT when
 * there are no pins. A filter on an interface of another network namespace is taken off
 * only with `elsewhere`, else refused with -EBUSY. */
int pim_detach(const char *interface, bool elsewhere, struct pim_change *change,
	       struct pim_error *error);

#endif
