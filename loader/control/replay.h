/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A capture through a loaded filter. */
#ifndef PIMXDP_REPLAY_H
#define PIMXDP_REPLAY_H

#include "capture/capture.h"
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

/* The whole capture. */
struct pim_replay_report {
	struct pim_count seen, passed, dropped;
	struct pim_reason_line reasons[PIM_OUTCOMES]; /* most packets first */
	struct pim_rule_line *rules; /* one a leg of the policy; passed packets */
	size_t rule_count;
	struct pim_dropped_source *sources; /* most packets first */
	size_t source_count;
	uint64_t padded; /* packets cut short by the capture's snap length */
	uint64_t first_ns, last_ns; /* of the capture's own times; 0: it has none */
};

/* Called for each packet, and for progress; either may be NULL. */
struct pim_replay_watch {
	void (*packet)(const struct pim_replayed *packet, void *context);
	void (*progress)(uint64_t packets, uint64_t done_bytes, uint64_t size_bytes, void *context);
	void *context;
};

/* Runs every packet of the capture through the filter, which was loaded from
 * the image with PIM_LOAD_TRACE. A packet that was cut short when it was
 * captured is padded with zeros to its length on the wire. Fails on a record
 * that is no Ethernet frame, too long, or cut off. The caller frees *report
 * whatever the result. */
int pim_replay(struct pim_capture *capture, struct pim_filter *filter,
	       const struct pim_image *image, const struct pim_replay_watch *watch,
	       struct pim_replay_report *report, struct pim_error *error);
void pim_replay_report_free(struct pim_replay_report *report);

#endif
