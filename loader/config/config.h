/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The configuration file: libconfig syntax in, the model out, and back. */
#ifndef PIMXDP_CONFIG_H
#define PIMXDP_CONFIG_H

#include "policy/policy.h"

/* Reads the file at `path` (and the prefix files it names, relative to it) into
 * *policy, which the caller frees whatever the result. Anything wrong:
 * -EINVAL or another -errno, error->kind PIM_EXIT_USAGE, and one line
 * "partners.conf:12: expected ..., found ..." where the file is named as the
 * user gave it (the prefix file where the fault is there). What is odd but
 * allowed goes to policy->warnings. Touches nothing but those files. */
int pim_config_read(const char *path, struct pim_policy *policy, struct pim_error *error);

/* The policy in the same syntax, every default written out, prefixes listed
 * where they belong instead of files. Reading it back gives the same policy.
 * Returns a heap string, or NULL when out of memory. */
char *pim_config_print(const struct pim_policy *policy);

#endif
