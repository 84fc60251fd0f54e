/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The outcome of a replay: the packets of a capture, by reason, rule and source. */
#ifndef PIMXDP_REPORT_REPLAY_H
#define PIMXDP_REPORT_REPLAY_H

#include "base/error.h"
#include "report/stats.h"

/* The decision on one packet, as in enforce mode. */
struct pim_replayed {
	uint64_t number; /* from 1 */
	struct pim_decision decision;
	const char *rule, *leg; /* NULL when no rule decided; they point into the image's names */
};

/* Whether the program read the ports of the packet before it decided. */
static inline bool pim_decision_has_ports(const struct pim_decision *decision)
{
	return decision->source_port_be || decision->destination_port_be ||
	       decision->outcome == PIM_DROP_PORT_ZERO;
}

/* A port of several packets. */
struct pim_seen_port {
	bool known;
	bool several;  /* others had another, or none that was read */
	uint16_t port; /* of the first packet */
};

/* Sources of dropped packets, by address, protocol and reason. */
struct pim_dropped_source {
	uint8_t family;
	uint8_t source[16]; /* network byte order; IPv4 in the first four bytes */
	uint8_t outcome;    /* enum pim_outcome */
	uint8_t protocol;   /* IANA number */
	struct pim_seen_port from, to;
	struct pim_count count;
};

/* "tcp"; for a protocol without a name here its number, in `text`. */
#define PIM_PROTOCOL_TEXT 4
const char *pim_protocol_text(uint8_t protocol, char text[PIM_PROTOCOL_TEXT]);

/* The whole capture. pim_replay_report_free accepts a report that is all zero. */
struct pim_replay_report {
	struct pim_count seen, passed, dropped;
	struct pim_reason_line reasons[PIM_OUTCOMES]; /* most packets first */
	struct pim_rule_line *rules; /* one for each leg of the policy; passed packets only */
	size_t rule_count;
	struct pim_dropped_source *sources; /* a hash table until finished, then sorted */
	size_t source_count;
	size_t source_slots; /* of the hash table: a power of two, or 0 */
	uint64_t padded;     /* packets truncated by the capture's snap length */
	struct pim_error
		cut_short; /* the capture ended within a record, where and how; else empty */
};

/* Starts an empty report on the legs of a policy. *names must outlive the report. Returns
 * 0 or -ENOMEM; the caller frees *report whatever the result. */
int pim_replay_report_start(const struct pim_names *names, struct pim_replay_report *report);

/* Counts one packet; `padded` says that the capture's snap length truncated it. Returns 0
 * or -ENOMEM. */
int pim_replay_report_add(struct pim_replay_report *report, const struct pim_replayed *packet,
			  bool padded);

/* Sorts the report. No packets may be added after this. */
void pim_replay_report_finish(struct pim_replay_report *report);
void pim_replay_report_free(struct pim_replay_report *report);

#endif
