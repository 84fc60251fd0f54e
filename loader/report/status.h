/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The status of a place: its state, how replies are recognised, and why a command refuses it. */
#ifndef PIMXDP_REPORT_STATUS_H
#define PIMXDP_REPORT_STATUS_H

#include "kernel/place.h"

struct pim_status_report {
	const struct pim_place *place; /* owned by the caller; must outlive the report */
	const char *state;	       /* "attached" */
	bool attached;		       /* the filter runs on its interface */
	bool counts;		       /* it has counters and a stamp (pim_place_counts) */
	const char *mode;	       /* of the policy: "observe"; NULL unless `counts` */
	bool observes;		       /* observe mode: everything passes */
	const char *replies;	       /* how replies are recognised: "stateless" */
	struct pim_error refusal;      /* why commands cannot work with it; "" when attached */
};

/* Call it while the place is open: the text of the refusal depends on the link. */
void pim_status_report(const struct pim_place *place, struct pim_status_report *report);

#endif
