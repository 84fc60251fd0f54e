/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "control/change.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "doctor/preflight.h"
#include "kernel/counters.h"
#include "kernel/lock.h"
#include "kernel/policy.h"
#include "kernel/swap.h"
#include "machine/interface.h"

static void progress(const struct pim_wanted *wanted, const char *doing)
{
	if (wanted->progress)
		wanted->progress(doing);
}

static struct pim_stamp describe(const struct pim_place *place, const struct pim_wanted *wanted,
				 const struct pim_image *image)
{
	uint64_t now_ns = pim_realtime_ns();
	bool carries_on = place->state == PIM_PLACE_ATTACHED;
	char *path = realpath(wanted->config, NULL);
	struct pim_stamp stamp = {
		.magic = PIM_MAGIC,
		.schema = PIM_SCHEMA,
		.generation = carries_on ? place->stamp.generation + 1 : 1,
		.attached_ns = carries_on ? place->stamp.attached_ns : now_ns,
		.loaded_ns = now_ns,
		.policy_hash = image->hash,
		.flows_copied_ns = carries_on ? place->stamp.flows_copied_ns : 0,
		.options = wanted->policy->options,
	};

	snprintf(stamp.interface, sizeof(stamp.interface), "%s", place->interface);
	snprintf(stamp.version, sizeof(stamp.version), "%s", PIM_VERSION);
	if (path && strlen(path) < sizeof(stamp.config))
		memcpy(stamp.config, path, strlen(path));
	free(path);
	return stamp;
}

/* Holds the policy against this host. Refuses what would judge nothing, unless forced to: a
 * filter that is there already, and judges, stays. One that is in force is old news. */
static int consider(const struct pim_place *place, const struct pim_wanted *wanted,
		    const struct pim_image *image, bool refuses, bool in_force,
		    struct pim_change *change, struct pim_error *error)
{
	struct pim_doctor doctor = {};
	struct pim_host host;
	int result = pim_preflight_read(place->interface, wanted->policy, &host, error);

	if (!result) {
		pim_judge_preflight(&host, wanted->policy, image, &doctor);
		change->early = pim_preflight_is_early(&host, image);
		if (doctor.out_of_memory)
			result = pim_out_of_memory(error);
	}
	pim_host_free(&host);
	for (size_t i = 0; !result && refuses && !wanted->force && i < doctor.count; i++)
		if (doctor.checks[i].state == PIM_CHECK_PROBLEM)
			result = pim_fail(error, -PIM_JUDGES_NOTHING,
					  "%s: %.450s: %.250s; or --force", place->interface,
					  doctor.checks[i].found, doctor.checks[i].advice);
	if (!result && !in_force && wanted->preflight)
		wanted->preflight(wanted, &doctor);
	pim_doctor_free(&doctor);
	return result;
}

bool pim_is_early(const char *interface)
{
	struct pim_error unseen = {};
	struct pim_host host;
	bool early =
		!pim_host_read(interface, &host, &unseen) && pim_preflight_is_early(&host, NULL);

	pim_host_free(&host);
	return early;
}

/* Called before the swap: a process that may not change the group then changes nothing. */
static int allow_group(struct pim_place *place, const struct pim_wanted *wanted,
		       struct pim_error *error)
{
	/* The folder may have the group already, and what is in it not: after a kill. */
	return wanted->group == PIM_NO_GROUP ? 0 : pim_place_allow(place, wanted->group, error);
}

/* Whether a place has this policy, also in what the program does not see, such as the order
 * of its lists: it is printed as it was read. */
static bool has_policy(const struct pim_place *place, const struct pim_pack *policy)
{
	struct pim_pack known;
	bool same = !pim_place_policy(place, &known, NULL) &&
		    known.size_bytes == policy->size_bytes &&
		    !memcmp(known.bytes, policy->bytes, known.size_bytes);

	pim_pack_free(&known);
	return same;
}

/* Reads the names of the attached filter, compiles an image for them, loads the new
 * program and swaps it in. A filter of another schema cannot be read; its counters do not
 * carry on. */
static int swap(struct pim_place *place, const struct pim_wanted *wanted, bool always, bool refuses,
		struct pim_change *change, struct pim_error *error)
{
	const struct pim_place *carried = place->state == PIM_PLACE_ATTACHED ? place : NULL;
	struct pim_filter *filter = NULL;
	struct pim_names known = {};
	struct pim_image image = {};
	bool same = false;
	int result;

	change->mode = place->mode;
	change->from_schema = place->foreign_schema;
	progress(wanted, "compiling");
	result = carried ? pim_place_names(carried, &known, error) : 0;
	if (!result)
		result = pim_compile(wanted->policy, carried ? &known : NULL, &image, error);
	progress(wanted, "loading");
	if (!result) {
		change->stamp = describe(place, wanted, &image);
		same = carried && !always && image.hash == place->stamp.policy_hash &&
		       !strcmp(place->stamp.version, change->stamp.version) &&
		       !strcmp(place->stamp.config, change->stamp.config) &&
		       has_policy(place, &image.policy);
	}
	if (!result)
		result = consider(place, wanted, &image, refuses, same, change, error);
	if (!result && !same)
		result = pim_filter_load(&image, carried, 0, &filter, error);
	if (!result)
		result = allow_group(place, wanted, error);
	if (!result && !same)
		result = pim_filter_swap(filter, place, &change->stamp, always, error);
	if (same)
		change->stamp = place->stamp;
	change->done = same		  ? PIM_DONE_UNCHANGED :
		       always || !carried ? PIM_DONE_REPLACED :
					    PIM_DONE_RELOADED;
	progress(wanted, "");
	pim_filter_free(filter);
	pim_image_free(&image);
	pim_names_free(&known);
	return result;
}

/* Removes the pins of an earlier attachment. */
static int clear_stale(struct pim_place *place, struct pim_error *error)
{
	char interface[sizeof(place->interface)];
	int result = pim_place_detach(place, error);

	if (result)
		return result;
	memcpy(interface, place->interface, sizeof(interface));
	pim_place_close(place);
	return pim_place_open(interface, PIM_TO_CHANGE, place, error);
}

static int attach(struct pim_place *place, const struct pim_wanted *wanted,
		  struct pim_change *change, struct pim_error *error)
{
	struct pim_filter *filter = NULL;
	struct pim_image image = {};
	int result;

	progress(wanted, "compiling");
	result = pim_compile(wanted->policy, NULL, &image, error);
	if (!result)
		result = consider(place, wanted, &image, true, false, change, error);
	progress(wanted, "loading");
	if (!result)
		result = pim_filter_load(&image, NULL, 0, &filter, error);
	progress(wanted, "");
	if (!result && place->state != PIM_PLACE_EMPTY) { /* only when the new filter has loaded */
		result = clear_stale(place, error);
		change->cleared = !result;
	}
	if (!result) {
		change->stamp = describe(place, wanted, &image);
		change->done = PIM_DONE_ATTACHED;
		result = pim_filter_attach(filter, &change->stamp, place->interface, wanted->group,
					   wanted->mode, &change->mode, change->note, error);
	}
	pim_filter_free(filter);
	pim_image_free(&image);
	return result;
}

/* ---- under the lock ---- */

enum action { ATTACH, REPLACE, RELOAD, ADOPT };

/* Whether an action is possible in the state of the place. */
static bool suits(enum action action, const struct pim_place *place)
{
	switch (place->state) {
	case PIM_PLACE_ATTACHED:
		return action != ATTACH;
	case PIM_PLACE_FOREIGN:
		return pim_place_replaceable(place) && (action == REPLACE || action == ADOPT);
	case PIM_PLACE_ELSEWHERE:
		return false;
	case PIM_PLACE_EMPTY:
	case PIM_PLACE_GONE:
	case PIM_PLACE_UNFINISHED:
		break;
	}
	return action != RELOAD;
}

static int act(struct pim_place *place, const struct pim_wanted *wanted, enum action action,
	       struct pim_change *change, struct pim_error *error)
{
	bool ours = place->state == PIM_PLACE_ATTACHED || pim_place_replaceable(place);
	int result;

	if (!suits(action, place))
		return pim_place_refuse(place, error);
	if (action != RELOAD) {
		result =
			pim_interface_vacant(place->interface, ours ? place->program_id : 0, error);
		if (result)
			return result;
	}
	if (place->mode != PIM_ATTACH_AUTO && wanted->mode != PIM_ATTACH_AUTO &&
	    wanted->mode != place->mode)
		return pim_refuse(error,
				  "%s: attached in %s mode, and a swap cannot change that: "
				  "detach first, or leave --mode out",
				  place->interface, pim_attach_mode_name(place->mode));
	return place->state == PIM_PLACE_ATTACHED || place->state == PIM_PLACE_FOREIGN ?
		       swap(place, wanted, action == REPLACE, action != RELOAD, change, error) :
		       attach(place, wanted, change, error);
}

/* In skb mode packets are merged before they are judged. */
static void look_for_big_tcp(const struct pim_place *place, struct pim_change *change)
{
	uint32_t bytes = 0;

	if (change->mode == PIM_ATTACH_SKB)
		bytes = pim_interface_merged_bytes(if_nametoindex(place->interface));
	change->big_tcp_bytes = bytes > PIM_IP_BYTES_MAX ? bytes : 0;
}

static int locked(const struct pim_wanted *wanted, enum action action, struct pim_change *change,
		  struct pim_error *error)
{
	const bool existed = !access(PIM_PIN_DIRECTORY, F_OK);
	struct pim_place place;
	int lock, result;

	*change = (struct pim_change){};
	result = pim_lock_loader(action != RELOAD, wanted->patience_ms, &lock, error);
	if (result)
		return result;
	result = pim_place_open(wanted->interface, PIM_TO_CHANGE, &place, error);
	if (!result) {
		/* There was no directory: pins found now belong to another loader. */
		if (lock < 0) {
			pim_place_close(&place);
			place.state = PIM_PLACE_EMPTY;
		}
		result = pim_place_settle(&place, error);
		if (!result)
			result = act(&place, wanted, action, change, error);
		if (!result)
			look_for_big_tcp(&place, change);
		pim_place_close(&place);
	}
	pim_unlock_loader(lock, result && !existed);
	return result;
}

int pim_attach(const struct pim_wanted *wanted, bool replace, struct pim_change *change,
	       struct pim_error *error)
{
	return locked(wanted, replace ? REPLACE : ATTACH, change, error);
}

int pim_reload(const struct pim_wanted *wanted, struct pim_change *change, struct pim_error *error)
{
	return locked(wanted, RELOAD, change, error);
}

int pim_adopt(const struct pim_wanted *wanted, struct pim_change *change, struct pim_error *error)
{
	return locked(wanted, ADOPT, change, error);
}

int pim_detach(const char *interface, bool elsewhere, struct pim_change *change,
	       struct pim_error *error)
{
	struct pim_place place;
	int lock, result;

	*change = (struct pim_change){};
	result = pim_lock_loader(false, PIM_PATIENCE_MS, &lock, error);
	if (result)
		return result;
	/* No pim_place_settle: everything is removed anyway. */
	result = pim_place_open(interface, PIM_TO_CHANGE, &place, error);
	if (!result) {
		if (lock < 0) {
			pim_place_close(&place);
			place.state = PIM_PLACE_EMPTY;
		}
		change->done =
			place.state == PIM_PLACE_ATTACHED || place.state == PIM_PLACE_FOREIGN ?
				PIM_DONE_DETACHED :
			place.state == PIM_PLACE_ELSEWHERE ? PIM_DONE_DETACHED_ELSEWHERE :
							     PIM_DONE_REMOVED;
		result = pim_place_is_elsewhere(&place) && !elsewhere ?
				 pim_place_refuse(&place, error) :
				 pim_place_detach(&place, error);
		pim_place_close(&place);
	}
	pim_unlock_loader(lock, false);
	return result;
}
