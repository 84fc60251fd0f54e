/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "control/collect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/observe.h"
#include "image/read.h"
#include "kernel/addresses.h"

/* What a collection keeps of one interface until the metrics are computed. */
struct held {
	struct pim_observation seen;
	struct pim_stats_report report;
	bool readable, counts;
};

static int count_prefix(const struct pim_prefix *prefix, struct pim_address_value value,
			void *context)
{
	(void)prefix;
	(void)value;
	++*(uint64_t *)context;
	return 0;
}

int pim_prefix_counts_refresh(const struct pim_place *place, struct pim_prefix_counts *counts,
			      struct pim_error *error)
{
	__u32 *words;
	size_t word_count;
	int result;

	if (counts->known && counts->policy_hash == place->stamp.policy_hash)
		return 0;
	*counts = (struct pim_prefix_counts){ .policy_hash = place->stamp.policy_hash };
	result = pim_place_addresses(place, &words, &word_count, error);
	if (result)
		return result;
	for (unsigned int bit = 0; !result && bit < PIM_ROLES; bit++)
		result = pim_addresses_merge(words, word_count, 1u << bit, count_prefix,
					     &counts->by_role[bit]);
	free(words);
	if (result)
		return pim_fail(error, -result, "%s: cannot count the addresses: %s",
				place->interface, strerror(-result));
	counts->known = true;
	return 0;
}

/* Computes prefix counts and report of a place that has counters. */
static int prepare(struct held *held, struct pim_prefix_counts *prefixes, struct pim_error *error)
{
	int result = pim_prefix_counts_refresh(&held->seen.place, prefixes, error);

	if (!result &&
	    pim_stats_report(&held->seen.raw, &held->seen.place.stamp.options, &held->report))
		result = pim_out_of_memory(error);
	return result;
}

static void read_interface(struct pim_collect *interface, struct held *held, uint64_t deadline_ns)
{
	int result;

	interface->error = (struct pim_error){};
	result = pim_observe_until(deadline_ns, interface->interface, PIM_PART_COUNTERS,
				   &held->seen, &interface->error);
	if (result)
		return;
	held->counts = pim_place_counts(&held->seen.place);
	if (held->counts)
		result = prepare(held, &interface->prefixes, &interface->error);
	pim_observation_release(&held->seen);
	held->readable = !result;
	held->counts = held->counts && held->readable;
}

static struct pim_observed observe(const struct pim_collect *interface, const struct held *held)
{
	return (struct pim_observed){
		.interface = interface->interface,
		.place = held->readable ? &held->seen.place : NULL,
		.report = held->counts ? &held->report : NULL,
		.prefixes = held->counts ? &interface->prefixes : NULL,
		.agent = interface->agent,
	};
}

int pim_collect_metrics(struct pim_collect *interfaces, size_t count,
			const struct pim_agent_counts *agent, struct pim_metrics *metrics)
{
	struct pim_observed *observed = calloc(count + 1, sizeof(*observed));
	struct held *held = calloc(count + 1, sizeof(*held));
	int result = -ENOMEM;
	uint64_t deadline_ns = pim_reading_deadline();

	*metrics = (struct pim_metrics){};
	if (observed && held) {
		for (size_t i = 0; i < count; i++) {
			read_interface(&interfaces[i], &held[i], deadline_ns);
			observed[i] = observe(&interfaces[i], &held[i]);
		}
		result = pim_metrics_compute(observed, count, agent, metrics);
		for (size_t i = 0; i < count; i++) {
			pim_stats_report_free(&held[i].report);
			pim_raw_free(&held[i].seen.raw);
		}
	}
	free(observed);
	free(held);
	return result;
}
