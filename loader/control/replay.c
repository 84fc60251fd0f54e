/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "control/replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An open hash of dropped sources, grown at half load. A power of two. */
struct sources {
	struct pim_dropped_source *slots;
	size_t size, used;
};

static bool same_source(const struct pim_dropped_source *a, const struct pim_dropped_source *b)
{
	return a->family == b->family && a->outcome == b->outcome &&
	       !memcmp(a->source, b->source, sizeof(a->source));
}

static struct pim_dropped_source *find_slot(const struct sources *sources,
					    const struct pim_dropped_source *wanted)
{
	uint64_t hash = wanted->outcome;

	for (size_t i = 0; i < sizeof(wanted->source); i++)
		hash = (hash ^ wanted->source[i]) * 0x100000001b3ULL;
	hash ^= hash >> 32;
	for (size_t at = hash & (sources->size - 1);; at = (at + 1) & (sources->size - 1))
		if (!sources->slots[at].count.packets || same_source(&sources->slots[at], wanted))
			return &sources->slots[at];
}

static int count_source(struct sources *sources, const struct pim_decision *decision)
{
	struct pim_dropped_source wanted = { .family = decision->family,
					     .outcome = decision->outcome }, *slot;

	memcpy(wanted.source, decision->source, sizeof(wanted.source));
	if (2 * sources->used >= sources->size) {
		struct sources grown = { .size = sources->size ? 2 * sources->size : 1024,
					 .used = sources->used };

		grown.slots = calloc(grown.size, sizeof(*grown.slots));
		if (!grown.slots)
			return -ENOMEM;
		for (size_t i = 0; i < sources->size; i++)
			if (sources->slots[i].count.packets)
				*find_slot(&grown, &sources->slots[i]) = sources->slots[i];
		free(sources->slots);
		*sources = grown;
	}
	slot = find_slot(sources, &wanted);
	if (!slot->count.packets) {
		*slot = wanted;
		sources->used++;
	}
	slot->count.packets++;
	slot->count.bytes += decision->length_bytes;
	return 0;
}

static int compare_sources(const void *a, const void *b)
{
	const struct pim_dropped_source *one = a, *other = b;

	if (one->count.packets != other->count.packets)
		return one->count.packets < other->count.packets ? 1 : -1;
	if (one->family != other->family)
		return one->family - other->family;
	if (one->outcome != other->outcome)
		return one->outcome - other->outcome;
	return memcmp(one->source, other->source, sizeof(one->source));
}

static void list_sources(struct sources *sources, struct pim_replay_report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < sources->size; i++)
		if (sources->slots[i].count.packets)
			sources->slots[count++] = sources->slots[i];
	if (count)
		qsort(sources->slots, count, sizeof(*sources->slots), compare_sources);
	report->sources = sources->slots;
	report->source_count = count;
}

static int compare_reasons(const void *a, const void *b)
{
	const struct pim_reason_line *one = a, *other = b;

	if (one->count.packets != other->count.packets)
		return one->count.packets < other->count.packets ? 1 : -1;
	return (int)one->outcome - (int)other->outcome;
}

static void add(struct pim_count *count, uint32_t bytes)
{
	count->packets++;
	count->bytes += bytes;
}

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

		return pim_fail(error, EPROTONOSUPPORT, "packet %llu: expected link type Ethernet (%u), "
				"found %s (%u): capture on the Ethernet interface itself",
				(unsigned long long)packet->number, PIM_LINKTYPE_ETHERNET,
				name ? name : "an unknown one", frame->linktype);
	}
	if (!frame->original_bytes || frame->original_bytes > PIM_JUDGE_BYTES)
		return pim_fail(error, EMSGSIZE, "packet %llu: expected a frame of 1 to %u bytes, found %u: no "
				"wire carries it, the capturing host merged segments: capture with gro, "
				"lro and tso off (ethtool -K)",
				(unsigned long long)packet->number, PIM_JUDGE_BYTES,
				frame->original_bytes);
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
	struct sources sources = {};
	struct pim_frame frame;
	int result;

	*report = (struct pim_replay_report){};
	for (enum pim_outcome outcome = 0; outcome < PIM_OUTCOMES; outcome++)
		report->reasons[outcome].outcome = outcome;
	report->rules = calloc(image->names.rule_count + 1, sizeof(*report->rules));
	if (!report->rules)
		return pim_fail(error, ENOMEM, "out of memory");
	report->rule_count = image->names.rule_count;
	for (size_t i = 0; i < report->rule_count; i++) {
		report->rules[i].rule = image->names.rules[i].rule;
		report->rules[i].leg = pim_leg_name(image->names.rules[i].leg);
	}
	while ((result = pim_capture_next(capture, &frame, error)) > 0) {
		enum pim_outcome outcome;
		bool padded;

		packet.number++;
		result = replay_frame(&frame, filter, image, &packet, &padded, error);
		if (result) {
			pim_error_prefix(error, "%s: ", pim_capture_name(capture));
			break;
		}
		outcome = packet.decision.outcome;
		report->padded += padded;
		if (frame.time_ns && !report->first_ns)
			report->first_ns = frame.time_ns;
		if (frame.time_ns)
			report->last_ns = frame.time_ns;
		add(&report->seen, packet.decision.length_bytes);
		add(&report->reasons[outcome].count, packet.decision.length_bytes);
		if (outcome == PIM_PASS_RULE && packet.decision.rule < report->rule_count)
			add(&report->rules[packet.decision.rule].count,
			    packet.decision.length_bytes);
		if (pim_outcome_verdict(outcome) == PIM_PASS) {
			add(&report->passed, packet.decision.length_bytes);
		} else {
			add(&report->dropped, packet.decision.length_bytes);
			if (packet.decision.family &&
			    count_source(&sources, &packet.decision)) {
				result = pim_fail(error, ENOMEM, "out of memory");
				break;
			}
		}
		if (watch->packet)
			watch->packet(&packet, watch->context);
		if (watch->progress && !(packet.number & 1023))
			watch->progress(packet.number, pim_capture_position_bytes(capture),
					pim_capture_size_bytes(capture), watch->context);
	}
	qsort(report->reasons, PIM_OUTCOMES, sizeof(*report->reasons), compare_reasons);
	list_sources(&sources, report);
	return result;
}

void pim_replay_report_free(struct pim_replay_report *report)
{
	free(report->rules);
	free(report->sources);
	*report = (struct pim_replay_report){};
}
