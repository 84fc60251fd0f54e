/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a service manager wants to hear: sd_notify(3), without its library. */
#ifndef PIMXDP_NOTIFY_H
#define PIMXDP_NOTIFY_H

#include <stdint.h>

/* Sends variable assignments, a line each ("READY=1\nSTATUS=..."), to the socket
 * that $NOTIFY_SOCKET names; nothing where it names none. Never fails: a manager
 * that does not listen changes nothing. */
void pim_notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How often the manager wants WATCHDOG=1 at least; 0: never. */
uint64_t pim_notify_watchdog_us(void);

#endif
