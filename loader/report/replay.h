/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What became of the packets of a capture. */
#ifndef PIMXDP_REPORT_REPLAY_H
#define PIMXDP_REPORT_REPLAY_H

#include "report/stats.h"

/* One packet's judgement, as enforce mode would have it. */
struct pim_replayed {
	uint64_t number; /* from 1 */
	struct pim_decision decision;
	const char *rule, *leg; /* NULL where the reason names none */
};

/* Sources of dropped packets, by address and reason. */
struct pim_dropped_source {
	uint8_t family;
	uint8_t source[16];
	uint8_t outcome;
	struct pim_count count;
};

/* The whole capture. Zero-initialised, it is one that pim_replay_report_free accepts. */
struct pim_replay_report {
	struct pim_count seen, passed, dropped;
	struct pim_reason_line reasons[PIM_OUTCOMES]; /* most packets first */
	struct pim_rule_line *rules; /* one a leg of the policy; passed packets */
	size_t rule_count;
	struct pim_dropped_source *sources; /* most packets first; until it is finished, a hash */
	size_t source_count;
	size_t source_slots; /* of the hash: a power of two, or 0 */
	uint64_t padded; /* packets cut short by the capture's snap length */
};

/* An empty report over the legs of a policy. Returns 0 or -ENOMEM; the caller frees
 * *report whatever the result. */
int pim_replay_report_start(const struct pim_names *names, struct pim_replay_report *report);

/* Counts one packet; `padded`: it was cut short by the capture's snap length. Returns 0
 * or -ENOMEM. */
int pim_replay_report_add(struct pim_replay_report *report, const struct pim_replayed *packet,
			  bool padded);

/* Orders what was counted; nothing may be added after it. */
void pim_replay_report_finish(struct pim_replay_report *report);
void pim_replay_report_free(struct pim_replay_report *report);

#endif
