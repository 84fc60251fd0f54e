/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads a configuration file in libconfig syntax into the model, and prints it back. */
#ifndef PIMXDP_CONFIG_CONFIG_H
#define PIMXDP_CONFIG_CONFIG_H

#include "policy/policy.h"

/* Reads the file at `path`, and the files it includes and the prefix files it names
 * (relative to it), into *policy. The caller frees *policy with pim_policy_free, also on
 * failure. Returns 0 or -errno. Any fault in the files has error->kind PIM_EXIT_USAGE and
 * one line, "partners.conf:12: expected ..., found ...", which names the file as the user
 * did (the prefix file if the fault is there). What is odd but allowed goes to
 * policy->warnings. Accesses no other files. */
int pim_config_read(const char *path, struct pim_policy *policy, struct pim_error *error);

/* The policy in the same syntax, with every default written out, and with prefixes
 * in place of prefix files. Reading it back gives the same policy. Returns a
 * NUL-terminated string that the caller frees, or NULL when out of memory. */
char *pim_config_print(const struct pim_policy *policy);

#endif
