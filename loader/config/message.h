/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Refusals and warnings that start with the file and line of the configuration they are
 * about. */
#ifndef PIMXDP_CONFIG_MESSAGE_H
#define PIMXDP_CONFIG_MESSAGE_H

#include "policy/policy.h"

/* As pim_refuse, with "FILE:LINE: " in front, or "FILE: " for line 0. */
int pim_refuse_at(const struct pim_policy *policy, struct pim_origin origin,
		  struct pim_error *error, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Puts "FILE:LINE: " in front of what *error says; returns -EINVAL. */
int pim_refused_at(const struct pim_policy *policy, struct pim_origin origin,
		   struct pim_error *error);

/* Adds a line to policy->warnings, starting the same way. Returns 0 or -ENOMEM. */
int pim_warn_at(struct pim_policy *policy, struct pim_origin origin, struct pim_error *error,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Enough for "FILE:LINE", and the NUL. */
#define PIM_ORIGIN_TEXT 288

/* Writes "FILE:LINE" (or "FILE" for line 0) and returns text. */
char *pim_origin_format(const struct pim_policy *policy, struct pim_origin origin,
			char text[PIM_ORIGIN_TEXT]);

#endif
