/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Refreshes the readable copies of flows while the agent runs, for tools that read maps. */
#ifndef PIMXDP_AGENT_COPIER_H
#define PIMXDP_AGENT_COPIER_H

#include <event2/event.h>

#include "agent/target.h"

#define PIM_COPY_FLOWS_SECONDS 10u /* unless an option says otherwise */
#define PIM_COPY_FLOWS_SECONDS_MAX 86400u

struct pim_copier;

/* Copies the flows of every attached target each `seconds`, one target at a time so that
 * the loop goes on between them. A round in which another process has the lock is left
 * out: nothing waits for copies, and they wait for nobody. Returns 0 or -errno with a
 * text. The caller frees *copier with pim_copier_free, before the targets and the base. */
int pim_copier_start(struct event_base *base, const struct pim_target *targets, size_t count,
		     unsigned int seconds, struct pim_copier **copier, struct pim_error *error);
void pim_copier_free(struct pim_copier *copier); /* NULL is allowed */

#endif
