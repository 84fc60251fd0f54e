/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/target.h"

#include <errno.h>
#include <malloc.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "agent/confine.h"
#include "agent/log.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "config/config.h"
#include "control/observe.h"

const char *pim_target_state_name(enum pim_target_state state)
{
	static const char *const names[] = {
		[PIM_TARGET_STARTING] = "starting",
		[PIM_TARGET_WAITING] = "waiting for the interface",
		[PIM_TARGET_ATTACHED] = "attached",
		[PIM_TARGET_DETACHED] = "detached by another",
		[PIM_TARGET_ELSEWHERE] = "on another interface",
		[PIM_TARGET_FAILED] = "failed",
	};

	return names[state];
}

/* How long to wait for another loader. Scrapers and probes wait meanwhile, and the attempt
 * is repeated later, so not for long. */
enum { PATIENCE_MS = 1000 };

/* ---- the log ---- */

static json_t *fields_of(const struct pim_target *target)
{
	return json_pack("{s:o}", "interface", pim_json_text(target->interface));
}

static void log_change(const struct pim_target *target, const char *cause,
		       const struct pim_change *change, uint64_t took_ns)
{
	static const enum pim_event events[] = {
		[PIM_DONE_ATTACHED] = PIM_EVENT_ATTACHED,
		[PIM_DONE_REPLACED] = PIM_EVENT_REPLACED,
		[PIM_DONE_RELOADED] = PIM_EVENT_RELOADED,
		[PIM_DONE_UNCHANGED] = PIM_EVENT_UNCHANGED,
	};
	const struct pim_policy *policy = &target->policy;
	json_t *fields = fields_of(target);
	char hash[PIM_HASH_TEXT];

	if (change->cleared)
		pim_log(PIM_EVENT_STALE_PINS, fields_of(target));
	if (*change->note) {
		json_t *fell = fields_of(target);

		json_object_set_new(fell, "reason", pim_json_text(change->note));
		pim_log(PIM_EVENT_FELL_BACK, fell);
	}
	if (change->big_tcp_bytes) {
		json_t *big = fields_of(target);

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

/* A problem that recurs at each retry is logged once. */
static void log_problem(struct pim_target *target, enum pim_event event, const char *cause,
			const struct pim_error *error)
{
	json_t *fields;

	if (!cause && !strcmp(target->problem, error->text))
		return;
	snprintf(target->problem, sizeof(target->problem), "%s", error->text);
	fields = fields_of(target);
	if (cause)
		json_object_set_new(fields, "cause", json_string(cause));
	if (target->state == PIM_TARGET_ATTACHED)
		json_object_set_new(fields, "in_force", json_string("the policy before"));
	json_object_set_new(fields, "error", pim_json_text(error->text));
	pim_log(event, fields);
}

static void set_state(struct pim_target *target, enum pim_target_state state, enum pim_event event)
{
	if (target->state == state)
		return;
	target->state = state;
	if (!target->counts.last_reload_failed)
		target->problem[0] = '\0';
	pim_log(event, fields_of(target));
}

/* ---- the policy ---- */

static void watch_files(struct pim_target *target, const struct pim_policy *policy)
{
	bool all = true;

	for (size_t i = 0; i < policy->file_count; i++)
		all = pim_watch_path(target->watch, policy->files[i].path) && all;
	if (!all && !target->warned_watch) {
		json_t *fields = fields_of(target);

		json_object_set_new(
			fields, "advice",
			json_string(
				"not all directories can be watched: a change may be seen seconds late: raise "
				"fs.inotify.max_user_watches, or let this user read them"));
		pim_log(PIM_EVENT_WATCH, fields);
	}
	target->warned_watch = !all;
	pim_files_take(&target->files, policy->files, policy->file_count);
}

int pim_target_read(struct pim_target *target, struct pim_error *error)
{
	struct pim_policy policy = {};
	int result = pim_config_read(target->config, &policy, error);

	watch_files(target, &policy);
	if (result) {
		pim_policy_free(&policy);
		return result;
	}
	for (size_t i = 0; i < policy.warnings.count; i++) {
		char text[PIM_FINDING_TEXT];
		json_t *fields = fields_of(target);

		json_object_set_new(
			fields, "warning",
			pim_json_text(pim_finding_format(&policy, &policy.warnings.list[i], text)));
		pim_log(PIM_EVENT_CONFIG, fields);
	}
	if (target->observe)
		policy.options.mode = PIM_MODE_OBSERVE;
	pim_policy_free(&target->policy);
	target->policy = policy;
	target->has_policy = true;
	return 0;
}

/* ---- the filter ---- */

/* An interface that cannot be queried is not taken to be gone. */
static bool interface_exists(const struct pim_target *target)
{
	return if_nametoindex(target->interface) || errno != ENODEV;
}

static int adopt(struct pim_target *target, const char *cause, struct pim_error *error)
{
	const struct pim_wanted wanted = {
		.interface = target->interface,
		.config = target->config,
		.policy = &target->policy,
		.mode = target->mode,
		.group = target->group,
		.patience_ms = PATIENCE_MS,
	};
	uint64_t begin_ns = pim_realtime_ns();
	struct pim_change change;
	int result;

	pim_confine_raise();
	result = pim_adopt(&wanted, &change, error);
	pim_confine_lower();
	malloc_trim(0); /* loading a large policy leaves much free heap */
	if (result)
		return result;
	target->state = PIM_TARGET_ATTACHED;
	target->is_new = target->is_new || change.done == PIM_DONE_ATTACHED;
	target->counts.fell_back = target->mode == PIM_ATTACH_AUTO && change.mode == PIM_ATTACH_SKB;
	log_change(target, cause, &change, pim_realtime_ns() - begin_ns);
	return 0;
}

static void count(struct pim_target *target, bool failed)
{
	struct pim_target_counts *counts = &target->counts;

	counts->last_reload_ns = pim_realtime_ns();
	counts->last_reload_failed = failed;
	if (failed) {
		counts->reload_failures++;
		return;
	}
	counts->reload_successes++;
	counts->last_reload_success_ns = counts->last_reload_ns;
	target->problem[0] = '\0';
}

/* Waiting for an interface is not a failure. */
static void note_failure(struct pim_target *target, const char *cause,
			 const struct pim_error *error)
{
	if (!interface_exists(target)) {
		set_state(target, PIM_TARGET_WAITING, PIM_EVENT_WAITING);
		return;
	}
	if (cause)
		count(target, true);
	log_problem(target,
		    target->state == PIM_TARGET_ATTACHED ? PIM_EVENT_RELOAD_FAILED :
							   PIM_EVENT_ATTACH_FAILED,
		    cause, error);
	if (target->state != PIM_TARGET_ATTACHED)
		target->state = PIM_TARGET_FAILED;
}

/* A wrong file (-EINVAL) is read again when it changes. What kept a file from being read
 * may go away without an event, so that is retried. */
static int read_wanted(struct pim_target *target, const char *cause)
{
	struct pim_error error = {};
	int result = pim_target_read(target, &error);

	target->retry = result != -EINVAL;
	if (!result)
		return 0;
	if (cause || !target->counts.last_reload_failed)
		count(target, true);
	log_problem(target, PIM_EVENT_RELOAD_FAILED, cause, &error);
	return result;
}

/* Puts the policy that was read into force. */
static void enforce(struct pim_target *target, const char *cause)
{
	struct pim_error error = {};

	if (!interface_exists(target) && target->state == PIM_TARGET_WAITING) {
		count(target, false); /* valid, and in force once the interface is there */
	} else if (adopt(target, cause, &error)) {
		note_failure(target, cause, &error);
	} else {
		count(target, false);
		target->retry = false;
	}
}

void pim_target_apply(struct pim_target *target, const char *cause)
{
	if (!read_wanted(target, cause))
		enforce(target, cause);
}

void pim_target_start(struct pim_target *target)
{
	bool missing;

	if (pim_files_changed(&target->files, &missing))
		pim_target_apply(target, "start");
	else
		enforce(target, "start");
}

/* Attaches with the files as they are now or, if these are bad, with the last valid
 * policy: an interface must not come back without a filter. */
static void attach_again(struct pim_target *target, bool is_back)
{
	bool in_force = target->state == PIM_TARGET_ATTACHED, good;
	struct pim_error error = {};

	if (is_back)
		pim_log(PIM_EVENT_BACK, fields_of(target));
	good = !read_wanted(target, NULL);
	if (!good && (in_force || !target->has_policy))
		return;
	if (adopt(target, is_back ? "interface" : "retry", &error)) {
		note_failure(target, NULL, &error);
	} else if (good) {
		count(target, false);
		target->retry = false;
	}
}

/* Finds out what is pinned. If it cannot be worked with, *error says why, although the
 * result is 0. */
static int look(const struct pim_target *target, enum pim_place_state *state,
		struct pim_error *error)
{
	struct pim_observation seen;
	int result = pim_observe(target->interface, 0, &seen, error);

	if (result)
		return result;
	*state = seen.place.state;
	if (*state == PIM_PLACE_ELSEWHERE || *state == PIM_PLACE_FOREIGN)
		pim_place_refuse(&seen.place, error);
	pim_observation_free(&seen);
	return 0;
}

void pim_target_tend(struct pim_target *target)
{
	bool was_attached = target->state == PIM_TARGET_ATTACHED;
	bool was_waiting = target->state == PIM_TARGET_WAITING, exists;
	struct pim_error error = {};
	enum pim_place_state state;

	if (look(target, &state, &error)) {
		log_problem(target, PIM_EVENT_UNREADABLE, NULL, &error);
		return;
	}
	exists = interface_exists(target); /* after look(): it may vanish at any moment */
	switch (state) {
	case PIM_PLACE_ATTACHED:
		if (target->state == PIM_TARGET_FAILED || target->retry)
			attach_again(target, was_waiting);
		else
			set_state(target, PIM_TARGET_ATTACHED, PIM_EVENT_PUT_BACK);
		if (!target->counts.last_reload_failed && target->state == PIM_TARGET_ATTACHED)
			target->problem[0] = '\0';
		break;
	case PIM_PLACE_GONE:
	case PIM_PLACE_EMPTY:
	case PIM_PLACE_UNFINISHED:
		if (!exists) {
			set_state(target, PIM_TARGET_WAITING, PIM_EVENT_GONE);
		} else if (was_waiting || target->state == PIM_TARGET_FAILED ||
			   state == PIM_PLACE_GONE) {
			if (was_attached) /* but no longer is */
				target->state = PIM_TARGET_FAILED;
			attach_again(target, was_waiting || was_attached);
		} else {
			set_state(target, PIM_TARGET_DETACHED, PIM_EVENT_TAKEN_OFF);
		}
		break;
	case PIM_PLACE_ELSEWHERE:
	case PIM_PLACE_FOREIGN:
		if (was_attached) {
			target->state = PIM_TARGET_ELSEWHERE;
			log_problem(target, PIM_EVENT_ELSEWHERE, NULL, &error);
		} else if (was_waiting && exists) {
			attach_again(target, true); /* which logs what is in the way */
		} else if (target->state == PIM_TARGET_FAILED && !exists) {
			set_state(target, PIM_TARGET_WAITING, PIM_EVENT_GONE);
		}
		break;
	}
}

void pim_target_free(struct pim_target *target)
{
	pim_policy_free(&target->policy);
	pim_files_free(&target->files);
}
