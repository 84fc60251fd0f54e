/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "control/copy.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "kernel/copies.h"
#include "kernel/lock.h"

int pim_copy_flows(const struct pim_observation *seen, const struct pim_flows_report *report,
		   struct pim_error *error)
{
	size_t count =
		report->flow_count < PIM_FLOWS_COPIED ? report->flow_count : PIM_FLOWS_COPIED;
	struct pim_flow_text_key *keys = calloc(count + 1, sizeof(*keys));
	struct pim_flow_text *flows = calloc(count + 1, sizeof(*flows));
	uint64_t now_ns = pim_realtime_ns();
	int lock, result;

	if (keys && flows) {
		pim_flows_text(report, count, now_ns, keys, flows);
		result = pim_lock_loader(false, 0, &lock, error);
		if (!result && lock < 0)
			result = -ESTALE; /* the pins are gone */
		if (!result) {
			result = pim_place_copy_flows(&seen->place, keys, flows, count, now_ns,
						      error);
			pim_unlock_loader(lock, false);
		}
	} else {
		result = pim_out_of_memory(error);
	}
	free(keys);
	free(flows);
	return result;
}

int pim_refresh_copies(const char *interface, struct pim_error *error)
{
	struct pim_flows_report report = {};
	struct pim_observation seen;
	int result = pim_observe_filter(interface, PIM_PART_FLOWS, &seen, error);

	if (result)
		return result;
	result = pim_flows_report(&seen.raw, pim_realtime_offset_ns(), &report);
	if (result)
		pim_out_of_memory(error);
	else
		result = pim_copy_flows(&seen, &report, error);
	pim_flows_report_free(&report);
	pim_observation_free(&seen);
	return result;
}
