/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The lock on the pins, an flock(2) on a folder among them that only their owner can open:
 * one loader at a time changes them. Readers take no lock, so that none can hold up a loader. */
#ifndef PIMXDP_KERNEL_LOCK_H
#define PIMXDP_KERNEL_LOCK_H

#include <stdbool.h>

#include "base/error.h"

#define PIM_PATIENCE_MS 10000u /* how long a command waits for another loader */

/* Takes the lock exclusively. Waits at most `patience_ms` for another process, then fails
 * with -EBUSY and names it. With `create` the directory of the pins is created if necessary;
 * without `create` a missing directory is not an error, and *lock is -1. Returns 0 or -errno with a text. */
int pim_lock_loader(bool create, unsigned int patience_ms, int *lock, struct pim_error *error);
/* Releases the lock; -1 is allowed. Where no pins are left, the folder that was locked goes;
 * with `tidy` the folder of the pins goes, too: for a loader that made it and failed.
 * Otherwise it stays, since a container may have it mounted and could not attach again
 * without it. */
void pim_unlock_loader(int lock, bool tidy);

#endif
