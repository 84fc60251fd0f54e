/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Refusals that start with the file and line of the configuration they are about. */
#ifndef PIMXDP_CONFIG_MESSAGE_H
#define PIMXDP_CONFIG_MESSAGE_H

#include "policy/policy.h"

/* As pim_refuse, with "FILE:LINE: " in front, or "FILE: " for line 0. The fault is also
 * added to policy->errors, so the caller may go on and look for more. */
int pim_refuse_at(struct pim_policy *policy, struct pim_origin origin, struct pim_error *error,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Makes the fault that *error describes one of the policy's, as pim_refuse_at does; returns
 * -EINVAL. */
int pim_refused_at(struct pim_policy *policy, struct pim_origin origin, struct pim_error *error);

#endif
