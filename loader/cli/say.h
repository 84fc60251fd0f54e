/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Messages on stderr. */
#ifndef PIMXDP_CLI_SAY_H
#define PIMXDP_CLI_SAY_H

#include "base/error.h"

/* Prints a message as a line, "pimxdp: ...". */
void pim_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the error and returns its exit status. */
enum pim_exit pim_give_up(const struct pim_error *error);

#endif
