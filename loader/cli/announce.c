/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/announce.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/input.h"
#include "cli/say.h"
#include "kernel/lock.h"
#include "machine/interface.h"
#include "output/line.h"

/* Shows on a terminal what is being done, once it has all taken a second: large lists take
 * a while on small machines. "" clears the line. */
static void progress(const char *doing)
{
	static uint64_t start_ns;
	static bool shown;

	if (!start_ns)
		start_ns = pim_monotonic_ns();
	if (!isatty(STDERR_FILENO) || (!shown && pim_monotonic_ns() - start_ns < 1000000000))
		return;
	fprintf(stderr, "\r%-60s%s", doing, *doing ? "" : "\r");
	shown = *doing;
}

/* The warnings, a line each; many are a matter for doctor. */
static void warn(const struct pim_wanted *wanted, const struct pim_doctor *doctor)
{
	const char *interface = wanted->interface;
	enum { AT_MOST = 8 };
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < doctor->count; i++) {
		const struct pim_check *check = &doctor->checks[i];

		if (check->state == PIM_CHECK_OK)
			continue;
		if (shown == AT_MOST) {
			more++;
			continue;
		}
		shown++;
		pim_say("%s: warning: %s: %s: %s", interface, check->check, check->found,
			check->advice);
	}
	if (more)
		pim_say("%s: %zu warning%s more: pimxdp doctor %s --config %s", interface, more,
			more == 1 ? "" : "s", interface, wanted->config);
}

const char *pim_done_text(const struct pim_change *change, char text[64])
{
	static const char *const texts[] = {
		[PIM_DONE_REPLACED] = "replaced",
		[PIM_DONE_RELOADED] = "reloaded",
		[PIM_DONE_UNCHANGED] = "unchanged",
		[PIM_DONE_DETACHED] = "detached",
		[PIM_DONE_DETACHED_ELSEWHERE] = "detached where it was, another interface",
		[PIM_DONE_REMOVED] = "removed stale pins",
	};

	if (change->done != PIM_DONE_ATTACHED)
		return texts[change->done];
	snprintf(text, 64, "attached in %s mode", pim_attach_mode_name(change->mode));
	return text;
}

static void announce(const struct pim_wanted *wanted, const struct pim_change *change)
{
	const struct pim_policy *policy = wanted->policy;
	size_t enabled = 0;
	char text[64];

	if (change->cleared)
		pim_say("%s: removed stale pins of an earlier attachment", wanted->interface);
	if (change->from_schema)
		pim_say("%s: counters begin anew: the filter before was of a pimxdp of schema %u",
			wanted->interface, change->from_schema);
	if (*change->note)
		pim_say("%s: the driver refuses native mode: %s: fell back to skb mode, which is slower",
			wanted->interface, change->note);
	if (change->big_tcp_bytes)
		pim_say("%s: BIG TCP is on, and skb mode drops packets above %u bytes (up to %u come): " PIM_BIG_TCP_OFF,
			wanted->interface, PIM_IP_BYTES_MAX, change->big_tcp_bytes,
			wanted->interface);
	for (size_t i = 0; i < policy->row_count; i++)
		enabled += policy->rows[i].enabled;
	pim_line(stdout, "%s: %s, %s: %zu row%s, %zu partner%s, %zu prefix%s%s", wanted->interface,
		 pim_done_text(change, text), wanted->config, enabled, enabled == 1 ? "" : "s",
		 policy->partner_count, policy->partner_count == 1 ? "" : "s", policy->listed_count,
		 policy->listed_count == 1 ? "" : "es",
		 policy->options.mode == PIM_MODE_OBSERVE ? "; observing: everything passes" : "");
}

enum pim_exit pim_put_in_force(const struct pim_arguments *arguments,
			       int (*work)(const struct pim_wanted *wanted,
					   const struct pim_arguments *arguments,
					   struct pim_change *change, struct pim_error *error))
{
	struct pim_policy policy;
	struct pim_wanted wanted = {
		.interface = arguments->operand,
		.config = arguments->config,
		.policy = &policy,
		.mode = arguments->mode,
		.group = arguments->group,
		.force = arguments->force,
		.preflight = warn,
		.patience_ms = PIM_PATIENCE_MS,
		.progress = progress,
	};
	struct pim_error error = {};
	struct pim_change change;
	enum pim_exit status;
	int result;

	progress("reading");
	if (pim_load_policy(arguments->config, &policy, &status))
		return status;
	if (arguments->observe)
		policy.options.mode = PIM_MODE_OBSERVE;
	result = work(&wanted, arguments, &change, &error);
	if (!result)
		announce(&wanted, &change);
	pim_policy_free(&policy);
	return result ? pim_give_up(&error) : PIM_EXIT_DONE;
}
