/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Refusing a name that is not one of those allowed. */
#ifndef PIMXDP_CONFIG_CHOICE_H
#define PIMXDP_CONFIG_CHOICE_H

#include "policy/policy.h"

/* Refuses `found`: "expected WHAT (a, b or c), found "d": did you mean "b"?" `names`
 * ends with NULL. Returns -EINVAL. */
int pim_name_refuse(struct pim_policy *policy, struct pim_origin origin, const char *what,
		    const char *const *names, const char *found, struct pim_error *error);

#endif
