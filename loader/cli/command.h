/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The command line as a whole. */
#ifndef PIMXDP_CLI_COMMAND_H
#define PIMXDP_CLI_COMMAND_H

#include "base/error.h"

/* Finds the verb, parses, runs it, and returns the exit status. */
enum pim_exit pim_command_line(int argc, char **argv);

#endif
