/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a place is, and what that means: state, replies, refusal. */
#ifndef PIMXDP_REPORT_STATUS_H
#define PIMXDP_REPORT_STATUS_H

#include "kernel/place.h"

struct pim_status_report {
	const struct pim_place *place; /* belongs to the caller, and outlives the report */
	const char *state;	       /* "attached" */
	bool attached;		       /* it judges the packets of its interface */
	bool counts;		       /* there are counters, a stamp and a policy to speak of */
	const char *mode;	       /* of the policy: "observe"; only where it counts */
	bool observes;		       /* that mode: everything passes */
	const char *replies;	       /* by what replies are known: "stateless" */
	struct pim_error refusal;      /* why commands cannot work with it; "" where attached */
};

void pim_status_report(const struct pim_place *place, struct pim_status_report *report);

#endif
