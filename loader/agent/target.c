/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/target.h"

#include <errno.h>
#include <malloc.h>
#include <net/if.h>
#include <stdio.h>

#include "agent/confine.h"
#include "agent/target_log.h"
#include "agent/target_policy.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "config/config.h"
#include "control/compare.h"
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

static void set_state(struct pim_target *target, enum pim_target_state state, enum pim_event event)
{
	if (target->state == state)
		return;
	target->state = state;
	target->counts.last_good_since_ns = 0;
	if (!target->counts.last_reload_failed)
		target->problem[0] = '\0';
	pim_log(event, pim_target_fields(target));
}

/* An interface that cannot be queried is not taken to be gone. */
static bool interface_exists(const struct pim_target *target)
{
	return if_nametoindex(target->interface) || errno != ENODEV;
}

/* How long a policy that cannot be held against the host is not kept: an interface that gets
 * no address by then has none. */
enum { EARLY_SECONDS_MAX = 600 };

/* A policy that may yet turn out to judge nothing here, or whose lists were refused, does not
 * take the place of one that is known to be good. */
static bool is_proved(const struct pim_target *target)
{
	return !target->counts.lists_refused && (!target->early || !target->kept.time_ns);
}

/* Puts the target's policy in force. If it is so already, that is logged unless `again`. */
static int adopt(struct pim_target *target, const char *cause, bool again, struct pim_error *error)
{
	const struct pim_wanted wanted = {
		.interface = target->interface,
		.config = target->config,
		.policy = &target->policy,
		.mode = target->mode,
		.group = target->group,
		.patience_ms = PATIENCE_MS,
		.force = target->force,
		.preflight = pim_target_log_preflight,
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
	target->early = change.early;
	target->early_since = change.early ? pim_monotonic_s() : 0;
	if (!again || change.done != PIM_DONE_UNCHANGED)
		pim_target_log_change(target, cause, &change, pim_realtime_ns() - begin_ns);
	if (target->from_kept) {
		target->counts.last_good_since_ns = pim_realtime_ns();
		pim_target_log_last_good(target);
	} else {
		target->counts.last_good_since_ns = 0;
		if (is_proved(target))
			pim_target_keep(target);
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
	pim_target_log_problem(target,
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
	pim_target_log_problem(
		target, target->counts.lists_refused ? PIM_EVENT_SHRUNK : PIM_EVENT_RELOAD_FAILED,
		cause, error);
}

/* A wrong file (-EINVAL) is read again when it changes. What kept a file from being read
 * may go away without an event, so that is retried. */
static int read_wanted(struct pim_target *target, const char *cause)
{
	struct pim_error error = {};
	int result = pim_target_read(target, false, false, &error);

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
	} else if ((result = adopt(target, cause, false, &error))) {
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
	int result = pim_target_read(target, cause == PIM_CAUSE_SIGNAL, cause == PIM_CAUSE_CHANGE,
				     &error);

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

	pim_target_recall(target);
	result = pim_target_read(target, false, false, error);
	target->unread = result;
	if (!result || target->has_policy ||
	    (!look(target, &state, &stamp, &unseen) && state == PIM_PLACE_ATTACHED))
		return 0;
	return result;
}

/* A list became much shorter, and the policy before does not suit this host any more. That of
 * the files does, which is better than no filter; it is not kept until a person says that it
 * is meant. */
static int take_shrunk(struct pim_target *target, const char *cause, struct pim_error *error)
{
	struct pim_error unseen = {};

	if (!target->counts.lists_refused || pim_target_read(target, true, false, &unseen))
		return -EINVAL;
	target->counts.lists_refused = true;
	return adopt(target, cause, false, error);
}

/* The configuration is refused. What is in force goes on; where nothing is, the kept policy
 * is better than no filter. */
static void hold(struct pim_target *target)
{
	struct pim_error error = {};
	enum pim_place_state state;
	struct pim_stamp stamp;
	int result = 0;

	if (!look(target, &state, &stamp, &error) && state == PIM_PLACE_ATTACHED) {
		target->state = PIM_TARGET_ATTACHED;
		target->generation = stamp.generation;
		target->attached_ns = stamp.attached_ns;
		if (target->from_kept && pim_target_in_force(target, &target->policy))
			target->counts.last_good_since_ns = pim_realtime_ns();
		return;
	}
	error = (struct pim_error){};
	if (!target->has_policy)
		target->state = PIM_TARGET_FAILED;
	else
		result = adopt(target, "start", false, &error);
	if (is_refusal(result, &error) && !take_shrunk(target, "start", &error))
		return;
	if (result)
		note_failure(target, NULL, &error);
}

void pim_target_start(struct pim_target *target)
{
	bool missing;

	if ((target->unread || pim_files_changed(&target->files, &missing)) &&
	    read_wanted(target, "start")) {
		hold(target);
	} else if (enforce(target, "start") && target->state == PIM_TARGET_FAILED) {
		pim_target_recall(target);
		hold(target);
	}
}

/* A policy that read well is refused for this host: the one before was not. */
static void fall_back(struct pim_target *target, const char *cause)
{
	struct pim_error unseen = {};

	if (!target->counts.last_reload_failed)
		count(target, true);
	if (take_shrunk(target, cause, &unseen) && pim_target_recall(target))
		adopt(target, cause, false, &unseen);
}

/* Holds the policy in force against the host, now that its interface has an address. */
static void prove(struct pim_target *target)
{
	const char *cause = "address";
	struct pim_error error = {};
	int result;

	if (pim_is_early(target->interface)) {
		if (target->early_since &&
		    pim_monotonic_s() - target->early_since > EARLY_SECONDS_MAX) {
			target->early_since = 0;
			pim_target_keep(target);
		}
		return;
	}
	result = adopt(target, cause, true, &error);
	if (result != PIM_JUDGES_NOTHING)
		return;
	target->early = false;
	target->retry = true;
	note_failure(target, cause, &error);
	fall_back(target, cause);
}

/* Somebody reloaded, replaced, or attached anew. If that is the files' policy, it is the one
 * that the agent has now, however much shorter its lists are. */
static void note_by_hand(struct pim_target *target, const struct pim_stamp *stamp)
{
	struct pim_policy policy = {};
	struct pim_error error = {};
	uint8_t own_mode = PIM_MODE_ENFORCE;
	char hash[PIM_HASH_TEXT];
	json_t *fields;
	bool same = false;

	if (target->settling ||
	    (stamp->generation == target->generation && stamp->attached_ns == target->attached_ns))
		return;
	target->generation = stamp->generation;
	target->attached_ns = stamp->attached_ns;
	if (!pim_config_read(target->config, &policy, &error)) {
		own_mode = pim_target_overlay(target, &policy);
		pim_in_force(target->interface, &policy, &same, &error);
	}
	fields = pim_target_fields(target);
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
	pim_target_watch_files(target, &policy);
	pim_target_take(target, &policy, own_mode, false);
	target->counts.lists_refused = false;
	target->retry = false;
	count(target, false);
	/* It is in force already: this keeps it, unless it judges nothing, which is the person's
	 * business, and no policy to go back to. */
	adopt(target, "by-hand", true, &error);
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
	pim_target_log_problem(target, PIM_EVENT_ATTACH_FAILED, cause, &error);
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
		pim_log(PIM_EVENT_BACK, pim_target_fields(target));
	good = !target->settling && !read_wanted(target, NULL);
	if (!good && !in_force && !target->has_policy)
		note_open(target, cause);
	if (!good && (in_force || !target->has_policy))
		return;
	result = adopt(target, cause, false, &error);
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
		pim_target_log_problem(target, PIM_EVENT_UNREADABLE, NULL, &error);
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
		if (target->early && !target->from_kept && target->state == PIM_TARGET_ATTACHED)
			prove(target);
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
			pim_target_log_problem(target, PIM_EVENT_ELSEWHERE, NULL, &error);
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
