/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What changes an interface: attach, reload, detach. Each takes the lock, looks
 * at the place, settles what a killed loader left, and acts. They print nothing.
 */
#ifndef PIMXDP_CHANGE_H
#define PIMXDP_CHANGE_H

#include "kernel/attach.h"

/* What is wanted. Strings and the policy belong to the caller. */
struct pim_wanted {
	const char *interface;
	const char *config; /* the path of the file that the policy was read from */
	const struct pim_policy *policy;
	enum pim_attach_mode mode;
	unsigned int patience_ms; /* for another loader, PIM_PATIENCE_MS for a command */
	gid_t group; /* that may read the pins; PIM_NO_GROUP: as it is, or nobody */
	void (*progress)(const char *doing); /* before each long step, "" behind the last; may be NULL */
};

enum pim_done {
	PIM_DONE_ATTACHED,
	PIM_DONE_REPLACED,  /* another program, the same counters */
	PIM_DONE_RELOADED,
	PIM_DONE_UNCHANGED, /* the policy in force is the one wanted */
	PIM_DONE_DETACHED,
	PIM_DONE_DETACHED_ELSEWHERE, /* the filter was on another interface */
	PIM_DONE_REMOVED,   /* there were stale pins only */
};

struct pim_change {
	enum pim_done done;
	enum pim_attach_mode mode; /* in which it is attached now */
	bool cleared;	/* stale pins of an earlier attachment were removed first */
	uint32_t from_schema; /* of the filter that was replaced, where another: counters began anew */
	char note[256]; /* why native mode was refused when auto fell back to skb, else "" */
	struct pim_stamp stamp; /* the stamp now in force; not behind a detach */
};

/* Attaches. Where pimxdp is attached already, of this schema or another: refuses, or
 * with `replace` swaps program and policy. A failure leaves the machine as it was. */
int pim_attach(const struct pim_wanted *wanted, bool replace, struct pim_change *change,
	       struct pim_error *error);

/* Changes the policy of what is attached; nothing where it is the same. */
int pim_reload(const struct pim_wanted *wanted, struct pim_change *change, struct pim_error *error);

/* Takes over what is attached, as a reload, or with a program of this schema where it
 * is of another, or else attaches: for the agent. */
int pim_adopt(const struct pim_wanted *wanted, struct pim_change *change, struct pim_error *error);

int pim_detach(const char *interface, struct pim_change *change, struct pim_error *error);

#endif
