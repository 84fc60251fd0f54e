/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prints the packets of a replay, and its report. */
#ifndef PIMXDP_OUTPUT_REPLAY_H
#define PIMXDP_OUTPUT_REPLAY_H

#include <stdbool.h>
#include <stdio.h>

#include "report/replay.h"

void pim_output_packet_json(FILE *stream, bool pretty, const struct pim_replayed *packet);
/* After the last packet of a capture that ended within a record: that it did, and where. */
void pim_output_cut_short_json(FILE *stream, bool pretty, const struct pim_replay_report *report);
void pim_output_replay_text(FILE *stream, const struct pim_replay_report *report);

#endif
