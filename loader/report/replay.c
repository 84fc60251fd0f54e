/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/replay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *pim_protocol_text(uint8_t protocol, char text[PIM_PROTOCOL_TEXT])
{
	switch (protocol) {
	case IPPROTO_TCP:
		return pim_transport_name(PIM_TCP);
	case IPPROTO_UDP:
		return pim_transport_name(PIM_UDP);
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_ICMPV6:
		return "icmpv6";
	}
	snprintf(text, PIM_PROTOCOL_TEXT, "%u", protocol);
	return text;
}

static bool same_source(const struct pim_dropped_source *a, const struct pim_dropped_source *b)
{
	return a->family == b->family && a->outcome == b->outcome && a->protocol == b->protocol &&
	       !memcmp(a->source, b->source, sizeof(a->source));
}

/* Open addressing: returns the slot of a source, or the empty slot where it goes. */
static struct pim_dropped_source *find_slot(struct pim_dropped_source *slots, size_t size,
					    const struct pim_dropped_source *wanted)
{
	uint64_t hash = wanted->outcome | (uint64_t)wanted->protocol << 8;

	for (size_t i = 0; i < sizeof(wanted->source); i++) /* the step and prime of FNV-1a */
		hash = (hash ^ wanted->source[i]) * 0x100000001b3ULL;
	hash ^= hash >> 32;
	for (size_t at = hash & (size - 1);; at = (at + 1) & (size - 1))
		if (!slots[at].count.packets || same_source(&slots[at], wanted))
			return &slots[at];
}

/* Makes room for one more source: the hash table is kept at most half full. */
static int grow_sources(struct pim_replay_report *report)
{
	size_t size = report->source_slots ? 2 * report->source_slots : 1024;
	struct pim_dropped_source *slots;

	if (2 * report->source_count < report->source_slots)
		return 0;
	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < report->source_slots; i++)
		if (report->sources[i].count.packets)
			*find_slot(slots, size, &report->sources[i]) = report->sources[i];
	free(report->sources);
	report->sources = slots;
	report->source_slots = size;
	return 0;
}

static int count_source(struct pim_replay_report *report, const struct pim_decision *decision,
			const struct pim_count *one)
{
	struct pim_dropped_source wanted = { .family = decision->family,
					     .outcome = decision->outcome,
					     .protocol = decision->protocol },
				  *slot;
	const uint16_t from = ntohs(decision->source_port_be),
		       to = ntohs(decision->destination_port_be);
	const bool known = pim_decision_has_ports(decision);
	int result = grow_sources(report);

	if (result)
		return result;
	memcpy(wanted.source, decision->source, sizeof(wanted.source));
	slot = find_slot(report->sources, report->source_slots, &wanted);
	if (!slot->count.packets) {
		*slot = wanted;
		report->source_count++;
		slot->from = (struct pim_seen_port){ known, false, from };
		slot->to = (struct pim_seen_port){ known, false, to };
	}
	slot->from.several |= known != slot->from.known || from != slot->from.port;
	slot->to.several |= known != slot->to.known || to != slot->to.port;
	pim_count_add(&slot->count, one);
	return 0;
}

static int compare_sources(const void *a, const void *b)
{
	const struct pim_dropped_source *one = a, *other = b;
	int order = pim_count_compare(&one->count, &other->count);

	if (order)
		return order;
	if (one->family != other->family)
		return one->family - other->family;
	if (one->outcome != other->outcome)
		return one->outcome - other->outcome;
	if (one->protocol != other->protocol)
		return one->protocol - other->protocol;
	return memcmp(one->source, other->source, sizeof(one->source));
}

static int compare_reasons(const void *a, const void *b)
{
	const struct pim_reason_line *one = a, *other = b;
	int order = pim_count_compare(&one->count, &other->count);

	return order ? order : (int)one->outcome - (int)other->outcome;
}

int pim_replay_report_start(const struct pim_names *names, struct pim_replay_report *report)
{
	*report = (struct pim_replay_report){};
	for (enum pim_outcome outcome = 0; outcome < PIM_OUTCOMES; outcome++)
		report->reasons[outcome].outcome = outcome;
	report->rules = calloc(names->rule_count + 1, sizeof(*report->rules));
	if (!report->rules)
		return -ENOMEM;
	report->rule_count = names->rule_count;
	for (size_t i = 0; i < report->rule_count; i++) {
		report->rules[i].rule = names->rules[i].rule;
		report->rules[i].leg = pim_leg_name(names->rules[i].leg);
	}
	return 0;
}

int pim_replay_report_add(struct pim_replay_report *report, const struct pim_replayed *packet,
			  bool padded)
{
	const struct pim_decision *decision = &packet->decision;
	const struct pim_count one = { 1, decision->length_bytes };
	enum pim_outcome outcome = decision->outcome;

	report->padded += padded;
	pim_count_add(&report->seen, &one);
	pim_count_add(&report->reasons[outcome].count, &one);
	if (outcome == PIM_PASS_RULE && decision->rule < report->rule_count)
		pim_count_add(&report->rules[decision->rule].count, &one);
	if (pim_outcome_verdict(outcome) == PIM_PASS) {
		pim_count_add(&report->passed, &one);
		return 0;
	}
	pim_count_add(&report->dropped, &one);
	return decision->family ? count_source(report, decision, &one) : 0;
}

void pim_replay_report_finish(struct pim_replay_report *report)
{
	size_t count = 0;

	qsort(report->reasons, PIM_OUTCOMES, sizeof(*report->reasons), compare_reasons);
	for (size_t i = 0; i < report->source_slots; i++)
		if (report->sources[i].count.packets)
			report->sources[count++] = report->sources[i];
	if (count)
		qsort(report->sources, count, sizeof(*report->sources), compare_sources);
	report->source_count = count;
}

void pim_replay_report_free(struct pim_replay_report *report)
{
	free(report->rules);
	free(report->sources);
	*report = (struct pim_replay_report){};
}
