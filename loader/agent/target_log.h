/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the agent logs of one interface. */
#ifndef PIMXDP_AGENT_TARGET_LOG_H
#define PIMXDP_AGENT_TARGET_LOG_H

#include "agent/log.h"
#include "agent/target_state.h"

/* The fields that each of its events has, for more to be added. The caller, or pim_log(),
 * frees them. */
json_t *pim_target_fields(const struct pim_target *target);

/* A filter was attached or reloaded, which took so many nanoseconds. */
void pim_target_log_change(const struct pim_target *target, const char *cause,
			   const struct pim_change *change, uint64_t took_ns);

/* Where the policy does not suit this host, as one event: pim_wanted.preflight. */
void pim_target_log_preflight(const struct pim_wanted *wanted, const struct pim_doctor *doctor);

/* A problem, with its cause, or NULL if it is one that recurs at each retry: that is logged
 * once. Becomes the target's problem. */
void pim_target_log_problem(struct pim_target *target, enum pim_event event, const char *cause,
			    const struct pim_error *error);

/* The kept policy is in force, not the files'. */
void pim_target_log_last_good(struct pim_target *target);

#endif
