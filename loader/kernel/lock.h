/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The lock on the pins, an flock(2) on their directory: one loader at a time changes them. */
#ifndef PIMXDP_KERNEL_LOCK_H
#define PIMXDP_KERNEL_LOCK_H

#include <stdbool.h>

#include "base/error.h"

#define PIM_PATIENCE_MS 10000u /* how long a command waits for another loader */

/* Takes the lock exclusively. Waits at most `patience_ms` for another process, then fails
 * with -EBUSY and names it. With `create` the directory of the pins is created if necessary
 * (and removed again at unlock if it is empty); without `create` a missing directory is not
 * an error, and *lock is -1. Returns 0 or -errno with a text. */
int pim_lock_loader(bool create, unsigned int patience_ms, int *lock, struct pim_error *error);
void pim_unlock_loader(int lock); /* -1 is allowed */

/* For readers: takes the lock shared, so that no loader changes anything until it is
 * released. Best effort: *lock is -1 when the lock is not available within two seconds
 * or this process may not open the directory. */
void pim_lock_reader(int *lock);
void pim_unlock_reader(int lock); /* -1 is allowed */
/* Turns a reader's lock into a loader's lock if no other process holds it. This is not
 * atomic (flock(2)); when it returns false the reader's lock may be lost. */
bool pim_lock_upgrade(int lock);

#endif
