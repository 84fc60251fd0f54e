/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The admitted flows with names and dates, largest first. */
#ifndef PIMXDP_REPORT_FLOWS_H
#define PIMXDP_REPORT_FLOWS_H

#include "kernel/counters.h"
#include "report/count.h"

/* Rule, leg and partner point into the raw counters that the report was made from. */
struct pim_flow_line {
	const char *protocol; /* "tcp", "udp" */
	char source[PIM_ADDRESS_TEXT], destination[PIM_ADDRESS_TEXT];
	uint16_t source_port, destination_port; /* host byte order */
	const char *rule, *leg, *partner;	/* partner NULL: none */
	struct pim_count count;
	uint64_t first_ns, last_ns; /* CLOCK_REALTIME */
	char tcp_flags[40];	    /* "SYN,PSH,ACK"; "" for UDP */
};

struct pim_flows_report {
	struct pim_flow_line *flows; /* most bytes first */
	size_t flow_count;
	struct pim_count sum;
};

/* realtime_offset_ns is CLOCK_REALTIME minus CLOCK_MONOTONIC, to date the flows. Returns
 * 0 or -ENOMEM. *raw must outlive the report. */
int pim_flows_report(const struct pim_raw *raw, int64_t realtime_offset_ns,
		     struct pim_flows_report *report);
/* Keeps only the flows of one rule, and their sum. */
void pim_flows_of_rule(struct pim_flows_report *report, const char *rule);
void pim_flows_report_free(struct pim_flows_report *report);

/* Writes the first `count` flows of the report as keys and values of pim_flows. `count`
 * must not exceed flow_count. `now_ns` is the time of the copy (CLOCK_REALTIME). */
void pim_flows_text(const struct pim_flows_report *report, size_t count, uint64_t now_ns,
		    struct pim_flow_text_key *keys, struct pim_flow_text *flows);

#endif
