/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/target_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

json_t *pim_target_fields(const struct pim_target *target)
{
	return json_pack("{s:o}", "interface", pim_json_text(target->interface));
}

void pim_target_log_change(const struct pim_target *target, const char *cause,
			   const struct pim_change *change, uint64_t took_ns)
{
	static const enum pim_event events[] = {
		[PIM_DONE_ATTACHED] = PIM_EVENT_ATTACHED,
		[PIM_DONE_REPLACED] = PIM_EVENT_REPLACED,
		[PIM_DONE_RELOADED] = PIM_EVENT_RELOADED,
		[PIM_DONE_UNCHANGED] = PIM_EVENT_UNCHANGED,
	};
	const struct pim_policy *policy = &target->policy;
	json_t *fields = pim_target_fields(target);
	char hash[PIM_HASH_TEXT];

	if (change->cleared)
		pim_log(PIM_EVENT_STALE_PINS, pim_target_fields(target));
	if (*change->note) {
		json_t *fell = pim_target_fields(target);

		json_object_set_new(fell, "reason", pim_json_text(change->note));
		pim_log(PIM_EVENT_FELL_BACK, fell);
	}
	if (change->big_tcp_bytes) {
		json_t *big = pim_target_fields(target);

		json_object_set_new(big, "bytes", json_integer(change->big_tcp_bytes));
		pim_log(PIM_EVENT_BIG_TCP, big);
	}
	/* clang-format off */
	json_object_update_new(fields, json_pack(
		"{s:s, s:o, s:s, s:s, s:I, s:s, s:I, s:I, s:I}", "cause", cause,
		"config", pim_json_text(target->config),
		"attach_mode", pim_attach_mode_name(change->mode),
		"mode", pim_option_text(&policy->options, offsetof(struct pim_options, mode)),
		"generation", (json_int_t)change->stamp.generation,
		"hash", pim_hash_format(change->stamp.policy_hash, hash),
		"partners", (json_int_t)policy->partner_count, "prefixes", (json_int_t)policy->listed_count,
		"took_ms", (json_int_t)(took_ns / 1000000)));
	/* clang-format on */
	if (change->from_schema)
		json_object_set_new(fields, "from_schema", json_integer(change->from_schema));
	pim_log(events[change->done], fields);
}

void pim_target_log_preflight(const struct pim_wanted *wanted, const struct pim_doctor *doctor)
{
	json_int_t warnings = 0;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	for (size_t i = 0; stream && i < doctor->count; i++)
		if (doctor->checks[i].state != PIM_CHECK_OK)
			fprintf(stream, "%s%s: %s: %s", warnings++ ? " | " : "",
				doctor->checks[i].check, doctor->checks[i].found,
				doctor->checks[i].advice);
	if (stream)
		fclose(stream);
	if (warnings)
		pim_log(PIM_EVENT_PREFLIGHT,
			json_pack("{s:o, s:I, s:o}", "interface", pim_json_text(wanted->interface),
				  "warnings", warnings, "warning", pim_json_text(text)));
	free(text);
}

void pim_target_log_problem(struct pim_target *target, enum pim_event event, const char *cause,
			    const struct pim_error *error)
{
	json_t *fields;

	if (!cause && !strcmp(target->problem, error->text))
		return;
	snprintf(target->problem, sizeof(target->problem), "%s", error->text);
	if (event == PIM_EVENT_RELOAD_FAILED || event == PIM_EVENT_SHRUNK)
		memcpy(target->reload_problem, target->problem, sizeof(target->problem));
	fields = pim_target_fields(target);
	if (cause)
		json_object_set_new(fields, "cause", json_string(cause));
	if (target->state == PIM_TARGET_ATTACHED)
		json_object_set_new(fields, "in_force", json_string("the policy before"));
	json_object_set_new(fields, "error", pim_json_text(error->text));
	pim_log(event, fields);
}

void pim_target_log_last_good(struct pim_target *target)
{
	char kept[PIM_TIME_TEXT], hash[PIM_HASH_TEXT];
	json_t *fields = pim_target_fields(target);

	json_object_update_new(fields, json_pack("{s:s, s:s, s:o, s:o}", "hash",
						 pim_hash_format(target->kept.hash, hash), "kept",
						 pim_time_format(target->kept.time_ns, false, kept),
						 "config", pim_json_text(target->config), "error",
						 pim_json_text(target->problem)));
	pim_log(PIM_EVENT_LAST_GOOD, fields);
}
