/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "control/replay.h"

#include <errno.h>
#include <string.h>

#include "capture/linktype.h"

static int replay_frame(const struct pim_frame *frame, struct pim_filter *filter,
			const struct pim_image *image, struct pim_replayed *packet, bool *padded,
			struct pim_error *error)
{
	uint8_t whole[PIM_JUDGE_BYTES];
	const uint8_t *bytes = frame->bytes;
	bool passed;
	int result;

	if (frame->linktype != PIM_LINKTYPE_ETHERNET) {
		const char *name = pim_linktype_name(frame->linktype);

		return pim_fail(error, EPROTONOSUPPORT,
				"packet %llu: expected link type Ethernet (%u), "
				"found %s (%u): capture on the Ethernet interface itself",
				(unsigned long long)packet->number, PIM_LINKTYPE_ETHERNET,
				name ? name : "an unknown one", frame->linktype);
	}
	if (!frame->original_bytes || frame->original_bytes > PIM_JUDGE_BYTES)
		return pim_fail(
			error, EMSGSIZE,
			"packet %llu: expected a frame of 1 to %u bytes, found %u: no "
			"wire carries it, the capturing host merged segments: capture with gro, "
			"lro and tso off (ethtool -K)",
			(unsigned long long)packet->number, PIM_JUDGE_BYTES, frame->original_bytes);
	*padded = frame->captured_bytes < frame->original_bytes;
	if (*padded) {
		memcpy(whole, frame->bytes, frame->captured_bytes);
		memset(whole + frame->captured_bytes, 0,
		       frame->original_bytes - frame->captured_bytes);
		bytes = whole;
	}
	result = pim_filter_judge(filter, bytes, frame->original_bytes, &packet->decision, &passed,
				  error);
	packet->rule = packet->leg = NULL;
	if (!result && packet->decision.rule < image->names.rule_count) {
		packet->rule = image->names.rules[packet->decision.rule].rule;
		packet->leg = pim_leg_name(image->names.rules[packet->decision.rule].leg);
	}
	return result;
}

int pim_replay(struct pim_capture *capture, struct pim_filter *filter,
	       const struct pim_image *image, const struct pim_replay_watch *watch,
	       struct pim_replay_report *report, struct pim_error *error)
{
	struct pim_replayed packet = {};
	struct pim_frame frame;
	bool padded;
	int result;

	if (pim_replay_report_start(&image->names, report))
		return pim_out_of_memory(error);
	while ((result = pim_capture_next(capture, &frame, &report->cut_short)) > 0) {
		packet.number++;
		result = replay_frame(&frame, filter, image, &packet, &padded, error);
		if (result) {
			pim_error_prefix(error, "%s: ", pim_capture_name(capture));
			break;
		}
		if (pim_replay_report_add(report, &packet, padded)) {
			result = pim_out_of_memory(error);
			break;
		}
		if (watch->packet)
			watch->packet(&packet, watch->context);
		if (watch->progress && !(packet.number & 1023))
			watch->progress(packet.number, pim_capture_position_bytes(capture),
					pim_capture_size_bytes(capture), watch->context);
	}
	if (result == -ENODATA && packet.number)
		result = 0;
	else if (*report->cut_short.text) { /* another failure to read, or nothing was read */
		if (error)
			*error = report->cut_short;
		report->cut_short = (struct pim_error){};
	}
	pim_replay_report_finish(report);
	return result;
}
