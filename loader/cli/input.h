/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Input that several verbs share: configurations, and the interfaces to work on. */
#ifndef PIMXDP_CLI_INPUT_H
#define PIMXDP_CLI_INPUT_H

#include "cli/verb.h"
#include "image/compile.h"

/* Calls `run` with the interface that the command line names or, if it names none, with
 * all that have pins. Returns its status. */
enum pim_exit pim_for_interfaces(const struct pim_arguments *arguments,
				 enum pim_exit (*run)(const struct pim_arguments *arguments,
						      char *const *interfaces, size_t count));

/* The interface that the command line names or, if it names none, the only one that has
 * pins. Returns 0 and its name, which the caller frees; or -errno with a text, which lists
 * them if there are several. */
int pim_the_interface(const struct pim_arguments *arguments, char **interface,
		      struct pim_error *error);

/* Reads a configuration and prints its warnings; or its errors, a line each that begins with
 * the file. Returns 0, and the caller frees *policy; or -errno, and *status is the exit
 * status. */
int pim_load_policy(const char *path, struct pim_policy *policy, enum pim_exit *status);

/* The same, and compiles it: what is accepted here, attach can load. The caller frees both. */
int pim_load_image(const char *path, struct pim_policy *policy, struct pim_image *image,
		   enum pim_exit *status);

#endif
