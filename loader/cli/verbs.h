/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All verbs. */
#ifndef PIMXDP_CLI_VERBS_H
#define PIMXDP_CLI_VERBS_H

#include "cli/verb.h"

/* Ends with NULL. */
extern const struct pim_verb *const pim_verbs[];

/* The verb of that name, or NULL. */
const struct pim_verb *pim_verb_find(const char *name);

/* The name of the verb that a mistyped one was meant to be, or NULL. */
const char *pim_verb_nearest(const char *name);

#endif
