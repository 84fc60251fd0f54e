/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What several verbs read: configurations, and the interfaces that are meant. */
#ifndef PIMXDP_CLI_INPUT_H
#define PIMXDP_CLI_INPUT_H

#include "cli/verb.h"
#include "image/compile.h"

/* Runs with the interface that was named, or else with all that have pins. */
enum pim_exit pim_for_interfaces(const struct pim_arguments *arguments,
				 enum pim_exit (*run)(const struct pim_arguments *arguments,
						      char *const *interfaces, size_t count));

/* Reads a configuration and prints its warnings, or the one line that says what
 * is wrong with it, which begins with its file. Returns 0, and the caller frees
 * *policy; or not, and *status is what to exit with. */
int pim_load_policy(const char *path, struct pim_policy *policy, enum pim_exit *status);

/* The same, compiled: what passes here, attach will load. The caller frees both. */
int pim_load_image(const char *path, struct pim_policy *policy, struct pim_image *image,
		   enum pim_exit *status);

#endif
