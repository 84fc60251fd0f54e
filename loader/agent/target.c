/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/target.h"

#include <errno.h>
#include <malloc.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/confine.h"
#include "agent/log.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "config/config.h"
#include "control/compare.h"
#include "control/observe.h"
#include "policy/shrink.h"

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

/* Where the policy does not suit this host, as one event. */
static void log_preflight(const struct pim_wanted *wanted, const struct pim_doctor *doctor)
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

/* A problem that recurs at each retry is logged once. */
static void log_problem(struct pim_target *target, enum pim_event event, const char *cause,
			const struct pim_error *error)
{
	json_t *fields;

	if (!cause && !strcmp(target->problem, error->text))
		return;
	snprintf(target->problem, sizeof(target->problem), "%s", error->text);
	if (event == PIM_EVENT_RELOAD_FAILED || event == PIM_EVENT_SHRUNK)
		memcpy(target->reload_problem, target->problem, sizeof(target->problem));
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
	target->counts.last_good_since_ns = 0;
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

/* A half-written list looks correct, so who loses much must be told to. */
static int refuse_shrunk(const struct pim_target *target, const struct pim_policy *policy,
			 struct pim_error *error)
{
	struct pim_shrunk shrunk;
	int result = pim_policy_shrunk(&target->policy, policy, target->shrink_percent, &shrunk);

	if (result < 0)
		return pim_out_of_memory(error);
	if (!result)
		return 0;
	return pim_refuse(
		error,
		"%s: the list of %s %s had %zu prefix%s, and has %zu: the policy before stays; make the "
		"files whole, or say that it is meant: pimxdp reload %s --config %s, or SIGHUP",
		target->config, shrunk.kind, shrunk.name, shrunk.was, shrunk.was == 1 ? "" : "es",
		shrunk.now, target->interface, target->config);
}

static bool is_in_force(const struct pim_target *target, const struct pim_policy *policy)
{
	struct pim_error unseen = {};
	bool same = false;

	return !pim_in_force(target->interface, policy, &same, &unseen) && same;
}

static void take_policy(struct pim_target *target, const struct pim_policy *policy, __u8 own_mode,
			bool from_kept)
{
	target->own_mode = own_mode;
	pim_policy_free(&target->policy);
	target->policy = *policy;
	target->has_policy = true;
	target->from_kept = from_kept;
}

/* Reads the configuration into the target. Returns 0 or -errno, -EINVAL if it is wrong,
 * -EAGAIN if `at_rest` and it was changed meanwhile; the last valid policy then stays. */
static int read_files(struct pim_target *target, bool by_hand, bool at_rest,
		      struct pim_error *error)
{
	struct pim_policy policy = {};
	int result = pim_config_read(target->config, &policy, error);
	__u8 own_mode = PIM_MODE_ENFORCE;
	bool missing;

	watch_files(target, &policy);
	if (at_rest && pim_files_changed(&target->files, &missing)) {
		pim_policy_free(&policy);
		return -EAGAIN;
	}
	if (!result)
		own_mode = policy.options.mode;
	if (!result && target->observe)
		policy.options.mode = PIM_MODE_OBSERVE;
	target->counts.lists_refused = false;
	if (!result && target->has_policy && !by_hand) {
		result = refuse_shrunk(target, &policy, error);
		/* A person has loaded it while the agent did not look. */
		if (result == -EINVAL && is_in_force(target, &policy))
			result = 0;
		target->counts.lists_refused = result == -EINVAL;
	}
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
	take_policy(target, &policy, own_mode, false);
	return 0;
}

/* ---- the policy that is kept ---- */

static void log_kept(struct pim_target *target, const struct pim_error *error)
{
	json_t *fields = fields_of(target);

	json_object_set_new(fields, "error", pim_json_text(error->text));
	pim_log(PIM_EVENT_KEPT, fields);
}

/* Takes the kept policy for the target's. */
static bool recall(struct pim_target *target)
{
	struct pim_policy policy = {};
	struct pim_error error = {};
	int result = pim_kept_read(target->state_folder, target->interface, &policy, &target->kept,
				   &error);

	if (!result) {
		const __u8 own_mode = policy.options.mode;

		if (target->observe)
			policy.options.mode = PIM_MODE_OBSERVE;
		take_policy(target, &policy, own_mode, true);
		target->counts.last_good_ns = target->kept.time_ns;
	} else if (result != -ENOENT && !target->warned_recall) {
		log_kept(target, &error);
	}
	target->warned_recall = result;
	return !result;
}

/* Keeps the policy that is in force. Without a place for it, work goes on. */
static void keep(struct pim_target *target)
{
	struct pim_error error = {};
	struct pim_policy own = target->policy;
	int result;

	/* Without --observe, the next agent must not go on observing. */
	own.options.mode = target->own_mode;
	result = pim_kept_write(target->state_folder, target->interface, &own, &target->kept,
				&error);

	target->counts.last_good_ns = target->kept.time_ns;
	if (result && !target->warned_kept)
		log_kept(target, &error);
	target->warned_kept = result;
}

static void log_last_good(struct pim_target *target)
{
	char kept[PIM_TIME_TEXT], hash[PIM_HASH_TEXT];
	json_t *fields = fields_of(target);

	json_object_update_new(fields, json_pack("{s:s, s:s, s:o, s:o}", "hash",
						 pim_hash_format(target->kept.hash, hash), "kept",
						 pim_time_format(target->kept.time_ns, false, kept),
						 "config", pim_json_text(target->config), "error",
						 pim_json_text(target->problem)));
	pim_log(PIM_EVENT_LAST_GOOD, fields);
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
		.force = target->force,
		.preflight = log_preflight,
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
	target->unseen = false;
	target->is_new = target->is_new || change.done == PIM_DONE_ATTACHED;
	target->counts.fell_back = target->mode == PIM_ATTACH_AUTO && change.mode == PIM_ATTACH_SKB;
	target->generation = change.stamp.generation;
	target->attached_ns = change.stamp.attached_ns;
	log_change(target, cause, &change, pim_realtime_ns() - begin_ns);
	if (target->from_kept) {
		target->counts.last_good_since_ns = pim_realtime_ns();
		log_last_good(target);
	} else {
		target->counts.last_good_since_ns = 0;
		keep(target);
	}
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

/* Finds out what is pinned. If it cannot be worked with, *error says why, although the
 * result is 0. */
static int look(const struct pim_target *target, enum pim_place_state *state,
		struct pim_stamp *stamp, struct pim_error *error)
{
	struct pim_observation seen;
	int result = pim_observe(target->interface, 0, &seen, error);

	if (result)
		return result;
	*state = seen.place.state;
	*stamp = seen.place.stamp;
	if (*state == PIM_PLACE_ELSEWHERE || *state == PIM_PLACE_FOREIGN)
		pim_place_refuse(&seen.place, error);
	pim_observation_free(&seen);
	return 0;
}

/* Waiting for an interface is not a failure. */
static void note_failure(struct pim_target *target, const char *cause,
			 const struct pim_error *error)
{
	struct pim_error unseen = {};
	enum pim_place_state state;
	struct pim_stamp stamp;

	if (!interface_exists(target)) {
		set_state(target, PIM_TARGET_WAITING, PIM_EVENT_WAITING);
		return;
	}
	if (cause)
		count(target, true);
	/* Somebody may have taken the filter off meanwhile: then nothing is in force. */
	if (target->state == PIM_TARGET_ATTACHED && !look(target, &state, &stamp, &unseen) &&
	    state != PIM_PLACE_ATTACHED)
		target->state = PIM_TARGET_FAILED;
	log_problem(target,
		    target->state == PIM_TARGET_ATTACHED ? PIM_EVENT_RELOAD_FAILED :
							   PIM_EVENT_ATTACH_FAILED,
		    cause, error);
	if (target->state != PIM_TARGET_ATTACHED)
		target->state = PIM_TARGET_FAILED;
}

static void log_unread(struct pim_target *target, const char *cause, const struct pim_error *error)
{
	if (cause || !target->counts.last_reload_failed)
		count(target, true);
	log_problem(target,
		    target->counts.lists_refused ? PIM_EVENT_SHRUNK : PIM_EVENT_RELOAD_FAILED,
		    cause, error);
}

/* A wrong file (-EINVAL) is read again when it changes. What kept a file from being read
 * may go away without an event, so that is retried. */
static int read_wanted(struct pim_target *target, const char *cause)
{
	struct pim_error error = {};
	int result = read_files(target, false, false, &error);

	target->retry = result != -EINVAL;
	if (result)
		log_unread(target, cause, &error);
	return result;
}

/* Whether it is the policy that is refused, by itself or for this host: it would be at each
 * retry. */
static bool is_refusal(int result, const struct pim_error *error)
{
	return result && (error->kind == PIM_EXIT_USAGE || result == PIM_JUDGES_NOTHING);
}

/* Puts the policy that was read into force. Returns whether it was refused: the machine is
 * not to blame. One that would judge nothing here is tried again, for addresses come and go. */
static bool enforce(struct pim_target *target, const char *cause)
{
	struct pim_error error = {};
	int result = 0;

	if (!interface_exists(target) && target->state == PIM_TARGET_WAITING) {
		count(target, false); /* valid, and in force once the interface is there */
	} else if ((result = adopt(target, cause, &error))) {
		note_failure(target, cause, &error);
	} else {
		count(target, false);
		target->retry = false;
	}
	target->retry = target->retry || result == PIM_JUDGES_NOTHING;
	return is_refusal(result, &error);
}

bool pim_target_apply(struct pim_target *target, enum pim_cause cause)
{
	const char *name = cause == PIM_CAUSE_SIGNAL ? "signal" : "change";
	struct pim_error error = {};
	int result =
		read_files(target, cause == PIM_CAUSE_SIGNAL, cause == PIM_CAUSE_CHANGE, &error);

	if (result == -EAGAIN && cause == PIM_CAUSE_CHANGE)
		return false;
	target->retry = result != -EINVAL;
	if (result)
		log_unread(target, name, &error);
	else
		enforce(target, name);
	return true;
}

int pim_target_prepare(struct pim_target *target, struct pim_error *error)
{
	struct pim_error unseen = {};
	enum pim_place_state state;
	struct pim_stamp stamp;
	int result;

	recall(target);
	result = read_files(target, false, false, error);
	target->unread = result;
	if (!result || target->has_policy ||
	    (!look(target, &state, &stamp, &unseen) && state == PIM_PLACE_ATTACHED))
		return 0;
	return result;
}

/* The configuration is refused. What is in force goes on; where nothing is, the kept policy
 * is better than no filter. */
static void hold(struct pim_target *target)
{
	struct pim_error error = {};
	enum pim_place_state state;
	struct pim_stamp stamp;

	if (!look(target, &state, &stamp, &error) && state == PIM_PLACE_ATTACHED) {
		target->state = PIM_TARGET_ATTACHED;
		target->generation = stamp.generation;
		target->attached_ns = stamp.attached_ns;
		if (target->from_kept && is_in_force(target, &target->policy))
			target->counts.last_good_since_ns = pim_realtime_ns();
		return;
	}
	error = (struct pim_error){};
	if (!target->has_policy)
		target->state = PIM_TARGET_FAILED;
	else if (adopt(target, "start", &error))
		note_failure(target, NULL, &error);
}

void pim_target_start(struct pim_target *target)
{
	bool missing;

	if ((target->unread || pim_files_changed(&target->files, &missing)) &&
	    read_wanted(target, "start")) {
		hold(target);
	} else if (enforce(target, "start") && target->state == PIM_TARGET_FAILED) {
		recall(target);
		hold(target);
	}
}

/* Somebody reloaded, replaced, or attached anew. If that is the files' policy, it is the one
 * that the agent has now, however much shorter its lists are. */
static void note_by_hand(struct pim_target *target, const struct pim_stamp *stamp)
{
	struct pim_policy policy = {};
	struct pim_error error = {};
	__u8 own_mode = PIM_MODE_ENFORCE;
	char hash[PIM_HASH_TEXT];
	json_t *fields;
	bool same = false;

	if (target->settling ||
	    (stamp->generation == target->generation && stamp->attached_ns == target->attached_ns))
		return;
	target->generation = stamp->generation;
	target->attached_ns = stamp->attached_ns;
	if (!pim_config_read(target->config, &policy, &error)) {
		own_mode = policy.options.mode;
		if (target->observe)
			policy.options.mode = PIM_MODE_OBSERVE;
		pim_in_force(target->interface, &policy, &same, &error);
	}
	fields = fields_of(target);
	json_object_update_new(fields, json_pack("{s:o, s:I, s:s, s:b}", "config",
						 pim_json_text(stamp->config), "generation",
						 (json_int_t)stamp->generation, "hash",
						 pim_hash_format(stamp->policy_hash, hash),
						 "as_configured", same));
	pim_log(PIM_EVENT_BY_HAND, fields);
	target->counts.last_good_since_ns = 0;
	if (!same) {
		pim_policy_free(&policy);
		return;
	}
	watch_files(target, &policy);
	take_policy(target, &policy, own_mode, false);
	target->counts.lists_refused = false;
	target->retry = false;
	count(target, false);
	keep(target);
}

/* There is no policy to attach: the interface is open. */
static void note_open(struct pim_target *target, const char *cause)
{
	struct pim_error error = {};

	if (target->state == PIM_TARGET_FAILED)
		return;
	pim_fail(&error, EINVAL, "%s",
		 *target->problem ? target->problem : "the files are being written");
	target->state = PIM_TARGET_FAILED;
	log_problem(target, PIM_EVENT_ATTACH_FAILED, cause, &error);
}

/* A policy that read well is refused for this host: the one before was not. */
static void fall_back(struct pim_target *target, const char *cause)
{
	struct pim_error unseen = {};

	if (!target->counts.last_reload_failed)
		count(target, true);
	if (recall(target))
		adopt(target, cause, &unseen);
}

/* Attaches with the files as they are now or, if these are bad, with the last valid
 * policy: an interface must not come back without a filter. */
static void attach_again(struct pim_target *target, bool is_back)
{
	bool in_force = target->state == PIM_TARGET_ATTACHED, good;
	const char *cause = is_back ? "interface" : "retry";
	struct pim_error error = {};
	int result;

	if (is_back)
		pim_log(PIM_EVENT_BACK, fields_of(target));
	good = !target->settling && !read_wanted(target, NULL);
	if (!good && !in_force && !target->has_policy)
		note_open(target, cause);
	if (!good && (in_force || !target->has_policy))
		return;
	result = adopt(target, cause, &error);
	if (result) {
		note_failure(target, NULL, &error);
		if (target->state == PIM_TARGET_FAILED && is_refusal(result, &error))
			fall_back(target, cause);
	} else if (good) {
		count(target, false);
		target->retry = false;
	}
}

static void note_back(struct pim_target *target, const struct pim_stamp *stamp)
{
	const uint64_t since_ns = target->counts.last_good_since_ns;

	set_state(target, PIM_TARGET_ATTACHED, PIM_EVENT_PUT_BACK);
	target->counts.last_good_since_ns = since_ns; /* unless it is another policy */
	note_by_hand(target, stamp);
}

void pim_target_tend(struct pim_target *target)
{
	bool was_attached = target->state == PIM_TARGET_ATTACHED;
	bool was_waiting = target->state == PIM_TARGET_WAITING, exists;
	struct pim_error error = {};
	enum pim_place_state state;
	struct pim_stamp stamp;
	int result;

	result = look(target, &state, &stamp, &error);
	target->unseen = result && result != -EBUSY;
	if (result) {
		log_problem(target, PIM_EVENT_UNREADABLE, NULL, &error);
		return;
	}
	exists = interface_exists(target); /* after look(): it may vanish at any moment */
	switch (state) {
	case PIM_PLACE_ATTACHED:
		if (target->state == PIM_TARGET_FAILED || target->retry)
			attach_again(target, was_waiting);
		else
			note_back(target, &stamp);
		if (target->state == PIM_TARGET_ATTACHED)
			snprintf(target->problem, sizeof(target->problem), "%s",
				 target->counts.last_reload_failed ? target->reload_problem : "");
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
