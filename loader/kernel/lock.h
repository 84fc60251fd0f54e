/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The lock on the pins: one loader at a time changes them. */
#ifndef PIMXDP_KERNEL_LOCK_H
#define PIMXDP_KERNEL_LOCK_H

#include <stdbool.h>

#include "base/error.h"

#define PIM_PATIENCE_MS 10000u /* of a command */

/* Waits at most `patience_ms` for another loader, then fails and names its process. With
 * `create` the folder of the pins is made (and removed again at unlock when it is
 * empty); without, a missing folder is no error and *lock is -1. */
int pim_lock_loader(bool create, unsigned int patience_ms, int *lock, struct pim_error *error);
void pim_unlock_loader(int lock);

/* For readers: keeps loaders from changing anything until the lock is given
 * back. Best effort, at most two seconds: *lock is -1 where it could not be had. */
void pim_lock_reader(int *lock);
void pim_unlock_reader(int lock); /* -1 is allowed */
/* Turns a reader's lock into a loader's, if nobody else holds it. */
bool pim_lock_upgrade(int lock);

#endif
