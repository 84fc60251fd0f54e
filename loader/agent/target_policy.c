/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/target_policy.h"

#include <errno.h>

#include "agent/target_log.h"
#include "base/json.h"
#include "config/config.h"
#include "control/compare.h"
#include "policy/shrink.h"

/* ---- the files ---- */

void pim_target_watch_files(struct pim_target *target, const struct pim_policy *policy)
{
	bool all = true;

	for (size_t i = 0; i < policy->file_count; i++)
		all = pim_watch_path(target->watch, policy->files[i].path) && all;
	if (!all && !target->warned_watch) {
		json_t *fields = pim_target_fields(target);

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

bool pim_target_in_force(const struct pim_target *target, const struct pim_policy *policy)
{
	struct pim_error unseen = {};
	bool same = false;

	return !pim_in_force(target->interface, policy, &same, &unseen) && same;
}

uint8_t pim_target_overlay(const struct pim_target *target, struct pim_policy *policy)
{
	const uint8_t own_mode = policy->options.mode;

	if (target->observe)
		policy->options.mode = PIM_MODE_OBSERVE;
	return own_mode;
}

void pim_target_take(struct pim_target *target, const struct pim_policy *policy, uint8_t own_mode,
		     bool from_kept)
{
	target->own_mode = own_mode;
	pim_policy_free(&target->policy);
	target->policy = *policy;
	target->has_policy = true;
	target->from_kept = from_kept;
}

int pim_target_read(struct pim_target *target, bool by_hand, bool at_rest, struct pim_error *error)
{
	struct pim_policy policy = {};
	int result = pim_config_read(target->config, &policy, error);
	uint8_t own_mode = PIM_MODE_ENFORCE;
	bool missing;

	pim_target_watch_files(target, &policy);
	if (at_rest && pim_files_changed(&target->files, &missing)) {
		pim_policy_free(&policy);
		return -EAGAIN;
	}
	if (!result)
		own_mode = pim_target_overlay(target, &policy);
	target->counts.lists_refused = false;
	if (!result && target->has_policy && !by_hand) {
		result = refuse_shrunk(target, &policy, error);
		/* A person has loaded it while the agent did not look. */
		if (result == -EINVAL && pim_target_in_force(target, &policy))
			result = 0;
		target->counts.lists_refused = result == -EINVAL;
	}
	if (result) {
		pim_policy_free(&policy);
		return result;
	}
	for (size_t i = 0; i < policy.warnings.count; i++) {
		char text[PIM_FINDING_TEXT];
		json_t *fields = pim_target_fields(target);

		json_object_set_new(
			fields, "warning",
			pim_json_text(pim_finding_format(&policy, &policy.warnings.list[i], text)));
		pim_log(PIM_EVENT_CONFIG, fields);
	}
	pim_target_take(target, &policy, own_mode, false);
	return 0;
}

/* ---- the policy that is kept ---- */

static void log_kept(struct pim_target *target, const struct pim_error *error)
{
	json_t *fields = pim_target_fields(target);

	json_object_set_new(fields, "error", pim_json_text(error->text));
	pim_log(PIM_EVENT_KEPT, fields);
}

bool pim_target_recall(struct pim_target *target)
{
	struct pim_policy policy = {};
	struct pim_error error = {};
	int result = pim_kept_read(target->state_folder, target->interface, target->config, &policy,
				   &target->kept, &error);

	if (!result) {
		const uint8_t own_mode = pim_target_overlay(target, &policy);

		pim_target_take(target, &policy, own_mode, true);
		target->counts.last_good_ns = target->kept.time_ns;
	} else if (result != -ENOENT && !target->warned_recall) {
		log_kept(target, &error);
	}
	target->warned_recall = result;
	return !result;
}

void pim_target_keep(struct pim_target *target)
{
	struct pim_error error = {};
	struct pim_policy own = target->policy;
	int result;

	/* Without --observe, the next agent must not go on observing. */
	own.options.mode = target->own_mode;
	result = pim_kept_write(target->state_folder, target->interface, target->config, &own,
				&target->kept, &error);

	target->counts.last_good_ns = target->kept.time_ns;
	if (result && !target->warned_kept)
		log_kept(target, &error);
	target->warned_kept = result;
}
