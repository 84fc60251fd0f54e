/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A capture through a loaded filter. */
#ifndef PIMXDP_CONTROL_REPLAY_H
#define PIMXDP_CONTROL_REPLAY_H

#include "capture/capture.h"
#include "kernel/judge.h"
#include "report/replay.h"

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

#endif
