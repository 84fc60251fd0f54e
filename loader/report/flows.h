/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The admitted flows: named, dated, largest first. */
#ifndef PIMXDP_REPORT_FLOWS_H
#define PIMXDP_REPORT_FLOWS_H

#include "kernel/counters.h"
#include "report/count.h"

struct pim_flow_line {
	const char *protocol;		     /* "tcp", "udp" */
	char source[PIM_ADDRESS_TEXT], destination[PIM_ADDRESS_TEXT];
	uint16_t source_port, destination_port; /* host order */
	const char *rule, *leg, *partner;    /* partner NULL: none */
	struct pim_count count;
	uint64_t first_ns, last_ns;	     /* since 1970 */
	char tcp_flags[40];		     /* "SYN,ACK,PSH"; "" for UDP */
};

struct pim_flows_report {
	struct pim_flow_line *flows; /* largest first */
	size_t flow_count;
	struct pim_count sum;
};

/* realtime_offset_ns: CLOCK_REALTIME minus CLOCK_MONOTONIC, to date the flows. */
int pim_flows_report(const struct pim_raw *raw, int64_t realtime_offset_ns,
		     struct pim_flows_report *report);
/* Leaves only the flows of one rule, and their sum. */
void pim_flows_of_rule(struct pim_flows_report *report, const char *rule);
void pim_flows_report_free(struct pim_flows_report *report);

/* The first `count` flows of the report as the readable copies have them.
 * `now_ns` is what they are stamped with. */
void pim_flows_text(const struct pim_flows_report *report, size_t count, uint64_t now_ns,
		    struct pim_flow_text_key *keys, struct pim_flow_text *flows);

#endif
