/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is wrong with a configuration, or odd about it, and where. */
#ifndef PIMXDP_POLICY_FINDING_H
#define PIMXDP_POLICY_FINDING_H

#include <stddef.h>
#include <stdint.h>

/* Where a value was read. `file` indexes pim_policy.files. */
struct pim_origin {
	uint32_t file;
	uint32_t line; /* from 1; 0: the file as a whole */
};

enum pim_severity {
	PIM_WARNING, /* allowed, and probably not what is meant */
	PIM_ERROR,   /* the configuration is refused */
};

struct pim_finding {
	enum pim_severity severity;
	struct pim_origin origin;
	char *text;   /* owned; one line, without the place */
	char *remedy; /* owned; what to do about it; NULL if the text says so */
};

/* In the order of file and line. Owns everything it points to; empty when
 * zero-initialised. */
struct pim_findings {
	struct pim_finding *list;
	size_t count;
	size_t limit; /* how many are listed: the first in that order; 0: all */
	size_t more;  /* how many were found besides */
};

/* Adds a finding after those of its line; the last one may leave the list for it. Copies
 * both texts; `remedy` may be NULL. Returns 0 or -ENOMEM. */
int pim_findings_add(struct pim_findings *findings, enum pim_severity severity,
		     struct pim_origin origin, const char *text, const char *remedy);

void pim_findings_free(struct pim_findings *findings);

#endif
