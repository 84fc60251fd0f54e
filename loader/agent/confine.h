/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The agent's privileges: only what loading needs, and only while it loads. */
#ifndef PIMXDP_AGENT_CONFINE_H
#define PIMXDP_AGENT_CONFINE_H

#include <stdbool.h>

#include "base/error.h"

/* Drops every capability for good except those that loading and attaching need. These
 * stay permitted, but are not effective until pim_confine_raise. Sets no_new_privs, so
 * a program executed later cannot gain any. keep_chown: keep CAP_CHOWN too, which gives
 * pins to a group. Returns 0 or -errno. */
int pim_confine(bool keep_chown, struct pim_error *error);

/* Makes the permitted capabilities effective, and not effective again. */
void pim_confine_raise(void);
void pim_confine_lower(void);

#endif
