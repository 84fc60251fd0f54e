/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attach, reload, detach: what changes an interface. */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What is being done, on a terminal, once the whole has taken a second: large
 * lists take their time on small machines. The last call clears the line. */
static void progress(const char *doing)
{
	static struct timespec start;
	static bool shown;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!start.tv_sec)
		start = now;
	if (!isatty(STDERR_FILENO) || (!shown && (now.tv_sec - start.tv_sec) * 1000 +
		(now.tv_nsec - start.tv_nsec) / 1000000 < 1000))
		return;
	fprintf(stderr, "\r%-60s%s", doing, *doing ? "" : "\r");
	shown = *doing;
}

static struct pim_info describe(const struct pim_place *place, const struct pim_policy *policy,
				const struct pim_image *image, const char *config)
{
	uint64_t now_ns = pim_realtime_ns();
	bool carries_on = place->state == PIM_PLACE_ATTACHED;
	char *path = realpath(config, NULL);
	struct pim_info info = {
		.magic = PIM_MAGIC,
		.schema = PIM_SCHEMA,
		.generation = carries_on ? place->info.generation + 1 : 1,
		.attached_ns = carries_on ? place->info.attached_ns : now_ns,
		.loaded_ns = now_ns,
		.policy_hash = image->hash,
		.flows_copied_ns = carries_on ? place->info.flows_copied_ns : 0,
		.options = policy->options,
	};

	snprintf(info.interface, sizeof(info.interface), "%s", place->interface);
	snprintf(info.version, sizeof(info.version), "%s", PIM_VERSION);
	if (path && strlen(path) < sizeof(info.config))
		memcpy(info.config, path, strlen(path));
	free(path);
	return info;
}

static void announce(const struct pim_place *place, const char *what,
		     const struct pim_policy *policy, const char *config)
{
	size_t enabled = 0;

	for (size_t i = 0; i < policy->row_count; i++)
		enabled += policy->rows[i].enabled;
	printf("%s: %s, %s: %zu row%s, %zu partner%s, %zu prefix%s%s\n", place->interface, what,
	       config, enabled, enabled == 1 ? "" : "s", policy->partner_count,
	       policy->partner_count == 1 ? "" : "s", policy->listed_count,
	       policy->listed_count == 1 ? "" : "es",
	       policy->options.mode == PIM_MODE_OBSERVE ? "; observing: everything passes" : "");
}

/* Names of the attached filter, the image for them, the program beside it, and
 * the swap. */
static int swap(struct pim_place *place, const struct pim_policy *policy, const char *config,
		bool always, struct pim_error *error)
{
	struct pim_filter *filter = NULL;
	struct pim_names known = {};
	struct pim_image image = {};
	struct pim_info info;
	int result;

	progress("compiling");
	result = pim_place_names(place, &known, error);
	if (!result)
		result = pim_compile(policy, &known, &image, error);
	progress("loading");
	if (!result)
		info = describe(place, policy, &image, config);
	if (!result && !always && image.hash == place->info.policy_hash &&
	    !strcmp(place->info.version, info.version) &&
	    !strcmp(place->info.config, info.config)) {
		announce(place, "unchanged", policy, config);
		goto done;
	}
	if (!result)
		result = pim_filter_load(&image, place, 0, &filter, error);
	if (!result)
		result = pim_filter_swap(filter, place, &info, error);
	progress("");
	if (!result)
		announce(place, always ? "replaced" : "reloaded", policy, config);
done:
	pim_filter_free(filter);
	pim_image_free(&image);
	pim_names_free(&known);
	return result;
}

/* Removes what an earlier attachment left. */
static int clear_stale(struct pim_place *place, struct pim_error *error)
{
	char interface[sizeof(place->interface)];
	int result = pim_place_detach(place, error);

	if (result)
		return result;
	memcpy(interface, place->interface, sizeof(interface));
	pim_say("%s: removed stale pins of an earlier attachment", interface);
	pim_place_close(place);
	return pim_place_open(interface, place, error);
}

static int attach(struct pim_place *place, const struct pim_policy *policy, const char *config,
		  enum pim_attach_mode mode, struct pim_error *error)
{
	struct pim_filter *filter = NULL;
	struct pim_image image = {};
	struct pim_info info;
	char note[256], what[64];
	int result;

	progress("compiling");
	result = pim_compile(policy, NULL, &image, error);
	progress("loading");
	if (!result)
		result = pim_filter_load(&image, NULL, 0, &filter, error);
	progress("");
	if (!result && place->state != PIM_PLACE_EMPTY) /* not before the rest is sure */
		result = clear_stale(place, error);
	if (!result) {
		info = describe(place, policy, &image, config);
		result = pim_filter_attach(filter, &info, place->interface, mode, &mode, note, error);
	}
	if (!result) {
		if (*note)
			pim_say("%s: the driver refuses native mode: %s: fell back to skb mode, which "
				"is slower", place->interface, note);
		snprintf(what, sizeof(what), "attached in %s mode", pim_attach_mode_name(mode));
		announce(place, what, policy, config);
	}
	pim_filter_free(filter);
	pim_image_free(&image);
	return result;
}

static int attach_or_replace(struct pim_place *place, const struct pim_policy *policy,
			     const struct pim_arguments *arguments, struct pim_error *error)
{
	int result;

	if (place->state == PIM_PLACE_FOREIGN || place->state == PIM_PLACE_ELSEWHERE)
		return pim_place_refuse(place, error);
	result = pim_interface_check(place, error);
	if (result)
		return result;
	if (place->state == PIM_PLACE_ATTACHED) {
		if (!arguments->replace)
			return pim_place_refuse(place, error);
		if (arguments->mode != PIM_ATTACH_AUTO && arguments->mode != place->mode)
			return pim_refuse(error, "%s: attached in %s mode, and a swap cannot change that: "
					  "detach first, or leave --mode out", place->interface,
					  pim_attach_mode_name(place->mode));
		return swap(place, policy, arguments->config, true, error);
	}
	return attach(place, policy, arguments->config, arguments->mode, error);
}

/* Lock, look, act: the frame of every command that changes an interface. A
 * detach neither makes the folder nor settles what it removes. */
static enum pim_exit change(const struct pim_arguments *arguments, const struct pim_policy *policy,
			    bool create, bool settle,
			    int (*act)(struct pim_place *, const struct pim_policy *,
				       const struct pim_arguments *, struct pim_error *))
{
	struct pim_error error = {};
	struct pim_place place;
	int lock, result;

	result = pim_pins_lock(create, &lock, &error);
	if (!result) {
		result = pim_place_open(arguments->operand, &place, &error);
		if (!result) {
			if (lock < 0) { /* no folder: what appeared since is another's */
				pim_place_close(&place);
				place.state = PIM_PLACE_EMPTY;
			}
			if (settle)
				result = pim_place_settle(&place, &error);
			if (!result)
				result = act(&place, policy, arguments, &error);
			pim_place_close(&place);
		}
		pim_pins_unlock(lock);
	}
	return result ? pim_give_up(&error) : PIM_EXIT_DONE;
}

enum pim_exit pim_cmd_attach(const struct pim_arguments *arguments)
{
	struct pim_policy policy;
	enum pim_exit status;

	progress("reading");
	if (pim_load_policy(arguments->config, &policy, &status))
		return status;
	status = change(arguments, &policy, true, true, attach_or_replace);
	pim_policy_free(&policy);
	return status;
}

static int reload(struct pim_place *place, const struct pim_policy *policy,
		  const struct pim_arguments *arguments, struct pim_error *error)
{
	if (place->state != PIM_PLACE_ATTACHED)
		return pim_place_refuse(place, error);
	return swap(place, policy, arguments->config, false, error);
}

enum pim_exit pim_cmd_reload(const struct pim_arguments *arguments)
{
	struct pim_policy policy;
	enum pim_exit status;

	progress("reading");
	if (pim_load_policy(arguments->config, &policy, &status))
		return status;
	status = change(arguments, &policy, false, true, reload);
	pim_policy_free(&policy);
	return status;
}

static int detach(struct pim_place *place, const struct pim_policy *policy,
		  const struct pim_arguments *arguments, struct pim_error *error)
{
	enum pim_place_state state = place->state;
	int result = pim_place_detach(place, error);

	(void)policy;
	(void)arguments;
	if (!result)
		printf("%s: %s\n", place->interface,
		       state == PIM_PLACE_ATTACHED || state == PIM_PLACE_FOREIGN ? "detached" :
		       state == PIM_PLACE_ELSEWHERE ? "detached where it was, another interface" :
						      "removed stale pins");
	return result;
}

enum pim_exit pim_cmd_detach(const struct pim_arguments *arguments)
{
	return change(arguments, NULL, false, false, detach);
}
