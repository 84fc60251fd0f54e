/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/copier.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "agent/log.h"
#include "base/json.h"
#include "control/copy.h"

struct pim_copier {
	const struct pim_target *targets;
	size_t count, next; /* next: which to copy; count: this round is over */
	struct event *round, *step;
	bool failed; /* the last copy that was tried */
};

/* Said once, until it works again: it would be said every few seconds. */
static void note_failure(struct pim_copier *copier, const char *interface,
			 const struct pim_error *error)
{
	if (!copier->failed)
		pim_log(PIM_EVENT_COPY_FAILED,
			json_pack("{s:o, s:o}", "interface", pim_json_text(interface), "error",
				  pim_json_text(error->text)));
	copier->failed = true;
}

/* Not at once: what else has happened comes first. */
static void step_soon(struct pim_copier *copier)
{
	static const struct timeval soon;

	event_add(copier->step, &soon);
}

static void on_step(evutil_socket_t descriptor, short what, void *argument)
{
	struct pim_copier *copier = argument;
	const struct pim_target *target = &copier->targets[copier->next++];
	struct pim_error error = {};
	int result = 0;

	(void)descriptor;
	(void)what;
	if (target->state == PIM_TARGET_ATTACHED)
		result = pim_refresh_copies(target->interface, &error);
	malloc_trim(0); /* full tables leave much free heap */
	/* A loader at work, or a filter that was just taken off: the next round will do. */
	if (!result)
		copier->failed = false;
	else if (result != -EBUSY && result != -ENOENT && result != -ENODEV && result != -ESTALE &&
		 result != -EPROTO)
		note_failure(copier, target->interface, &error);
	if (copier->next < copier->count)
		step_soon(copier);
}

static void on_round(evutil_socket_t descriptor, short what, void *argument)
{
	struct pim_copier *copier = argument;

	(void)descriptor;
	(void)what;
	if (copier->next < copier->count)
		return; /* the round before is not over */
	copier->next = 0;
	step_soon(copier);
}

int pim_copier_start(struct event_base *base, const struct pim_target *targets, size_t count,
		     unsigned int seconds, struct pim_copier **copier_out, struct pim_error *error)
{
	const struct timeval period = { .tv_sec = seconds };
	struct pim_copier *copier = calloc(1, sizeof(*copier));

	*copier_out = copier;
	if (!copier)
		return pim_out_of_memory(error);
	*copier = (struct pim_copier){ .targets = targets, .count = count, .next = count };
	copier->round = event_new(base, -1, EV_PERSIST, on_round, copier);
	copier->step = evtimer_new(base, on_step, copier);
	if (!copier->round || !copier->step || event_add(copier->round, &period))
		return pim_out_of_memory(error);
	return 0;
}

void pim_copier_free(struct pim_copier *copier)
{
	if (!copier)
		return;
	if (copier->round)
		event_free(copier->round);
	if (copier->step)
		event_free(copier->step);
	free(copier);
}
