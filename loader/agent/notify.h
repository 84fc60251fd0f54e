/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Notifications to the service manager: the protocol of sd_notify(3), without libsystemd. */
#ifndef PIMXDP_AGENT_NOTIFY_H
#define PIMXDP_AGENT_NOTIFY_H

#include <stdint.h>

/* Sends variable assignments, one per line ("READY=1\nSTATUS=..."), to the socket that
 * $NOTIFY_SOCKET names; does nothing if it is not set. Errors are ignored: the agent works
 * whether or not the manager listens. */
void pim_notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The longest time, in microseconds, that the manager allows between two WATCHDOG=1;
 * 0: it has no watchdog. */
uint64_t pim_notify_watchdog_us(void);

#endif
