/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether attach will work here, and how fast: facts in, checks out. Prints
 * nothing. */
#ifndef PIMXDP_DOCTOR_H
#define PIMXDP_DOCTOR_H

#include "base/error.h"
#include "doctor/checks.h"

/* Checks the machine, and the interface; NULL: a line for each Ethernet interface
 * of this network namespace. Returns 0 or -errno where the checks could not be
 * made. */
int pim_doctor_run(const char *interface, struct pim_doctor *doctor, struct pim_error *error);

#endif
