/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The agent's own privileges: no more than loading takes, and only while it does. */
#ifndef PIMXDP_CONFINE_H
#define PIMXDP_CONFINE_H

#include <stdbool.h>

#include "base/error.h"

/* Gives up every capability, for good, but those that loading and attaching
 * need; these are put aside until pim_confine_raise. No program that is executed
 * later could have more. keep_chown: also the one to give pins to a group. */
int pim_confine(bool keep_chown, struct pim_error *error);

/* Takes what was put aside, and puts it aside again. */
void pim_confine_raise(void);
void pim_confine_lower(void);

#endif
