/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Runs a capture file through a loaded filter. */
#ifndef PIMXDP_CONTROL_REPLAY_H
#define PIMXDP_CONTROL_REPLAY_H

#include "capture/capture.h"
#include "kernel/judge.h"
#include "report/replay.h"

/* Called for each packet, and every 1024 packets for progress; either may be NULL. */
struct pim_replay_watch {
	void (*packet)(const struct pim_replayed *packet, void *context);
	void (*progress)(uint64_t packets, uint64_t done_bytes, uint64_t size_bytes, void *context);
	void *context;
};

/* Runs every packet of the capture through the filter, which must have been loaded from
 * `image` with PIM_LOAD_TRACE. A packet that was truncated when it was captured is padded
 * with zeros to its length on the wire. A record that is not an Ethernet frame or is too
 * long ends the replay. A capture that ends within its last record, as when the writer was
 * killed or is still writing, is replayed up to there, and report->cut_short says so; but
 * one without any whole record is refused. Returns 0 or -errno with a text; the
 * caller frees *report whatever the result. */
int pim_replay(struct pim_capture *capture, struct pim_filter *filter,
	       const struct pim_image *image, const struct pim_replay_watch *watch,
	       struct pim_replay_report *report, struct pim_error *error);

#endif
