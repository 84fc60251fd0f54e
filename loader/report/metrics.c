/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/metrics.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

const struct pim_metric_family pim_metric_families[PIM_METRICS] = {
#define PIM_METRIC(id, type_, of_, name_, unit_, help_, ...) \
	[PIM_METRIC_##id] = { .name = name_,                 \
			      .type = PIM_METRIC_##type_,    \
			      .of = PIM_METRIC_OF_##of_,     \
			      .unit = unit_,                 \
			      .help = help_,                 \
			      .labels = { __VA_ARGS__ } },
#include "report/metrics.def"
#undef PIM_METRIC
};

const char *pim_metric_type_name(enum pim_metric_type type)
{
	static const char *const names[] = {
		[PIM_METRIC_COUNTER] = "counter",
		[PIM_METRIC_GAUGE] = "gauge",
		[PIM_METRIC_INFO] = "info",
	};

	return names[type];
}

const char *pim_metric_suffix(enum pim_metric_type type)
{
	return type == PIM_METRIC_COUNTER ? "_total" : type == PIM_METRIC_INFO ? "_info" : "";
}

const char *pim_metric_of_name(enum pim_metric_of of)
{
	return of == PIM_METRIC_OF_AGENT ? "agent" : "filter";
}

/* ---- samples ---- */

/* An exposition that is being built. After the first failure no more samples are
 * added. */
struct making {
	struct pim_metrics *metrics;
	int result;
};

/* A formatted string that the metrics own, or "" when out of memory. */
static const char *keep(struct making *making, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static const char *keep(struct making *making, const char *format, ...)
{
	struct pim_metrics *metrics = making->metrics;
	char **grown = pim_array_grow(metrics->texts, metrics->text_count, sizeof(*grown)), *text;
	va_list arguments;
	int length;

	if (grown)
		metrics->texts = grown;
	va_start(arguments, format);
	length = grown ? vasprintf(&text, format, arguments) : -1;
	va_end(arguments);
	if (length < 0) {
		making->result = -ENOMEM;
		return "";
	}
	return metrics->texts[metrics->text_count++] = text;
}

/* The label values follow, as many as the family has labels. */
static void add(struct making *making, enum pim_metric metric, uint64_t value, ...)
{
	typeof(*making->metrics->families) *family = &making->metrics->families[metric];
	struct pim_sample *grown, *sample;
	va_list labels;

	if (making->result)
		return;
	grown = pim_array_grow(family->samples, family->count, sizeof(*grown));
	if (!grown) {
		making->result = -ENOMEM;
		return;
	}
	family->samples = grown;
	sample = &family->samples[family->count++];
	*sample = (struct pim_sample){ .value = value };
	va_start(labels, value);
	for (size_t i = 0; i < PIM_METRIC_LABELS && pim_metric_families[metric].labels[i]; i++)
		sample->labels[i] = va_arg(labels, const char *);
	va_end(labels);
}

static void add_count(struct making *making, enum pim_metric packets, enum pim_metric bytes,
		      const struct pim_count *count, const char *interface, const char *label,
		      const char *other)
{
	add(making, packets, count->packets, interface, label, other);
	add(making, bytes, count->bytes, interface, label, other);
}

/* ---- an interface ---- */

static void add_state(struct making *making, const char *interface, const struct pim_place *place)
{
	add(making, PIM_METRIC_ATTACHED, place->state == PIM_PLACE_ATTACHED, interface);
	for (enum pim_place_state state = 0; pim_place_state_name(state); state++)
		add(making, PIM_METRIC_STATE, place->state == state, interface,
		    pim_place_state_name(state));
	for (enum pim_attach_mode mode = PIM_ATTACH_NATIVE; pim_attach_mode_name(mode); mode++)
		add(making, PIM_METRIC_ATTACH_MODE,
		    place->state == PIM_PLACE_ATTACHED && place->mode == mode, interface,
		    pim_attach_mode_name(mode));
}

static void add_policy(struct making *making, const char *interface, const struct pim_stamp *stamp,
		       const struct pim_prefix_counts *prefixes)
{
	char hash[PIM_HASH_TEXT];

	add(making, PIM_METRIC_ATTACH_TIMESTAMP, stamp->attached_ns, interface);
	add(making, PIM_METRIC_POLICY, 1, interface,
	    keep(making, "%s", pim_hash_format(stamp->policy_hash, hash)),
	    pim_option_text(&stamp->options, offsetof(struct pim_options, mode)));
	add(making, PIM_METRIC_POLICY_GENERATION, stamp->generation, interface);
	add(making, PIM_METRIC_POLICY_LOAD_TIMESTAMP, stamp->loaded_ns, interface);
	for (unsigned int bit = 0; bit < PIM_ROLES; bit++)
		add(making, PIM_METRIC_POLICY_PREFIXES, prefixes->by_role[bit], interface,
		    pim_role_name(1u << bit));
}

/* All outcomes, including those that the report omits: rate() cannot see the first
 * increment of a counter that appears only when it is no longer 0. */
static void add_reasons(struct making *making, const char *interface,
			const struct pim_stats_report *report)
{
	struct pim_count counts[PIM_OUTCOMES] = {};

	for (size_t i = 0; i < report->reason_count; i++)
		counts[report->reasons[i].outcome] = report->reasons[i].count;
	for (enum pim_outcome outcome = 0; outcome < PIM_OUTCOMES; outcome++)
		add_count(making, PIM_METRIC_REASON_PACKETS, PIM_METRIC_REASON_BYTES,
			  &counts[outcome], interface, pim_outcome_reason(outcome),
			  pim_verdict_name(pim_outcome_verdict(outcome)));
}

static void add_report(struct making *making, const char *interface,
		       const struct pim_stats_report *report)
{
	const struct pim_flow_table_line *flows = &report->flow_table;

	add_reasons(making, interface, report);
	for (size_t i = 0; i < report->rule_count; i++)
		add_count(making, PIM_METRIC_RULE_PACKETS, PIM_METRIC_RULE_BYTES,
			  &report->rules[i].count, interface,
			  keep(making, "%s", report->rules[i].rule),
			  keep(making, "%s", report->rules[i].leg));
	for (size_t i = 0; i < report->partner_count; i++)
		add_count(making, PIM_METRIC_PARTNER_PACKETS, PIM_METRIC_PARTNER_BYTES,
			  &report->partners[i].count, interface,
			  keep(making, "%s", report->partners[i].partner), NULL);
	add(making, PIM_METRIC_FLOWS, flows->held, interface);
	add(making, PIM_METRIC_FLOW_SLOTS, flows->slots, interface);
	add(making, PIM_METRIC_FLOW_INSERTS, flows->inserts, interface);
	add(making, PIM_METRIC_FLOW_EVICTIONS, flows->evictions, interface);
	add_count(making, PIM_METRIC_FLOW_EVICTED_PACKETS, PIM_METRIC_FLOW_EVICTED_BYTES,
		  &flows->evicted, interface, NULL, NULL);
}

static void add_agent_interface(struct making *making, const char *interface,
				const struct pim_target_counts *agent)
{
	add(making, PIM_METRIC_AGENT_RELOADS, agent->reload_successes, interface, "success");
	add(making, PIM_METRIC_AGENT_RELOADS, agent->reload_failures, interface, "failure");
	add(making, PIM_METRIC_AGENT_RELOAD_SUCCESSFUL, !agent->last_reload_failed, interface);
	add(making, PIM_METRIC_AGENT_RELOAD_TIMESTAMP, agent->last_reload_ns, interface);
	add(making, PIM_METRIC_AGENT_SUCCESS_TIMESTAMP, agent->last_reload_success_ns, interface);
	add(making, PIM_METRIC_AGENT_FALLBACK, agent->fell_back, interface);
	add(making, PIM_METRIC_AGENT_LISTS_REFUSED, agent->lists_refused, interface);
	add(making, PIM_METRIC_AGENT_LAST_GOOD, !!agent->last_good_since_ns, interface);
	add(making, PIM_METRIC_AGENT_LAST_GOOD_TIMESTAMP, agent->last_good_ns, interface);
}

static void add_interface(struct making *making, const struct pim_observed *observed)
{
	const char *interface = keep(making, "%s", observed->interface);

	add(making, PIM_METRIC_READ_SUCCESS, !!observed->place, interface);
	if (observed->place)
		add_state(making, interface, observed->place);
	if (observed->report) {
		add_policy(making, interface, &observed->place->stamp, observed->prefixes);
		add_report(making, interface, observed->report);
	}
	if (observed->agent)
		add_agent_interface(making, interface, observed->agent);
}

int pim_metrics_compute(const struct pim_observed *interfaces, size_t count,
			const struct pim_agent_counts *agent, struct pim_metrics *metrics)
{
	struct making making = { .metrics = metrics };

	*metrics = (struct pim_metrics){};
	add(&making, PIM_METRIC_BUILD, 1, PIM_VERSION, keep(&making, "%u", PIM_SCHEMA));
	for (size_t i = 0; i < count; i++)
		add_interface(&making, &interfaces[i]);
	if (agent) {
		add(&making, PIM_METRIC_AGENT_START, agent->start_ns);
		add(&making, PIM_METRIC_AGENT_SCRAPE, agent->last_scrape_ns);
	}
	return making.result;
}

void pim_metrics_free(struct pim_metrics *metrics)
{
	for (enum pim_metric metric = 0; metric < PIM_METRICS; metric++)
		free(metrics->families[metric].samples);
	for (size_t i = 0; i < metrics->text_count; i++)
		free(metrics->texts[i]);
	free(metrics->texts);
	*metrics = (struct pim_metrics){};
}
