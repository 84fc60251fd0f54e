/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The flow tables: slots that every CPU has for itself. Private to this room. */
#ifndef PIMXDP_KERNEL_SLOTS_H
#define PIMXDP_KERNEL_SLOTS_H

#include "kernel/pins.h"
#include "kernel/raw.h"

#include <stdbool.h>

/* Adds to *raw the state of the flow tables, their number of slots, and with `with_flows`
 * the flows, those of one flow on several CPUs merged. `maps` are file descriptors by enum
 * pim_pin. Returns 0 or -errno. */
int pim_slots_read(const int maps[PIM_PINS], bool with_flows, struct pim_raw *raw);

#endif
