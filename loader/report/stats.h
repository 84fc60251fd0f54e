/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Raw counters to what every output shows: named, summed, ordered. */
#ifndef PIMXDP_REPORT_H
#define PIMXDP_REPORT_H

#include "kernel/kernel.h"

struct pim_count {
	uint64_t packets;
	uint64_t bytes; /* of frames */
};

struct pim_reason_line {
	enum pim_outcome outcome; /* gives reason, verdict, meaning */
	struct pim_count count;
};
struct pim_rule_line {
	const char *rule;
	const char *leg;
	struct pim_count count;
};
struct pim_partner_line {
	const char *partner;
	struct pim_count count;
};

/* The flow tables: held = inserts - evictions, and the packets and bytes of the
 * flows held plus the evicted ones are those of the rules. */
struct pim_flow_table_line {
	uint64_t held, slots, inserts, evictions;
	struct pim_count evicted;
};

/* Names point into the raw counters it was made from. */
struct pim_stats_report {
	struct pim_count seen, passed, dropped;
	struct pim_reason_line reasons[PIM_OUTCOMES]; /* in reasons.def order */
	size_t reason_count;
	struct pim_rule_line *rules; /* in policy order */
	size_t rule_count;
	struct pim_partner_line *partners; /* by name */
	size_t partner_count;
	struct pim_flow_table_line flow_table;
};

/* A reason that can pass or drop stands twice only when it did both; a reason
 * that never occurred stands once, with 0 and what the options would make of
 * it. Returns 0 or -ENOMEM. */
int pim_stats_report(const struct pim_raw *raw, const struct pim_options *options,
		     struct pim_stats_report *report);
void pim_stats_report_free(struct pim_stats_report *report);

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

/* A policy's hash as everything shows it: 16 hexadecimal digits; returns text. */
#define PIM_HASH_TEXT 17
char *pim_hash_format(uint64_t hash, char text[PIM_HASH_TEXT]);

/* Since 1970 to "2026-11-22T20:15:01Z", or with milliseconds; returns text. */
char *pim_time_format(uint64_t time_ns, bool milliseconds, char text[PIM_TIME_TEXT]);

#endif
