/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Choosing from a list of names, and saying which there are. */
#ifndef PIMXDP_CONFIG_NAMES_H
#define PIMXDP_CONFIG_NAMES_H

#include "config/source.h"

/* Position of `name` in `names` (NULL after the last), or -1. */
int pim_name_find(const char *const *names, const char *name);

/* Refuses `found`: "expected WHAT (a, b or c), found "d": did you mean "b"?" */
int pim_name_refuse(const struct pim_policy *policy, struct pim_origin origin, const char *what,
		    const char *const *names, const char *found, struct pim_error *error);

/* Enough for a list of names, and the NUL; a longer list ends in `...`. */
#define PIM_NAME_LIST 256

/* Writes "a, b or c" and returns text. */
char *pim_name_list(const char *const *names, char text[PIM_NAME_LIST]);

#endif
