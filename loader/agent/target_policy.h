/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which policy an interface should have: that of the files, or the kept one. Nothing here
 * touches a filter. */
#ifndef PIMXDP_AGENT_TARGET_POLICY_H
#define PIMXDP_AGENT_TARGET_POLICY_H

#include "agent/target_state.h"

/* Lays --observe over a policy that was read. Returns the mode that it has of its own. */
uint8_t pim_target_overlay(const struct pim_target *target, struct pim_policy *policy);

/* Makes it the target's policy, which then owns it. */
void pim_target_take(struct pim_target *target, const struct pim_policy *policy, uint8_t own_mode,
		     bool from_kept);

/* Remembers the files of a policy, and has them watched. */
void pim_target_watch_files(struct pim_target *target, const struct pim_policy *policy);

/* Whether the attached filter has this policy. */
bool pim_target_in_force(const struct pim_target *target, const struct pim_policy *policy);

/* Reads the configuration into the target. Lists that shrink are refused unless `by_hand`.
 * Returns 0 or -errno, -EINVAL if it is wrong, -EAGAIN if `at_rest` and it was changed
 * meanwhile; the last valid policy then stays. */
int pim_target_read(struct pim_target *target, bool by_hand, bool at_rest, struct pim_error *error);

/* Takes the kept policy for the target's. Returns whether there is one. */
bool pim_target_recall(struct pim_target *target);

/* Keeps the policy that is in force. Without a place for it, work goes on. */
void pim_target_keep(struct pim_target *target);

#endif
