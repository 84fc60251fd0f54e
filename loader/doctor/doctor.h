/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks whether attach will work here, and how fast. Prints nothing. */
#ifndef PIMXDP_DOCTOR_DOCTOR_H
#define PIMXDP_DOCTOR_DOCTOR_H

#include "base/error.h"
#include "doctor/checks.h"
#include "image/compile.h"

/* Checks the machine and the interface; with NULL, adds one line for each Ethernet
 * interface of this network namespace. With a policy and its image (else both NULL), also
 * holds them against the interface; without one, against each that has an address of the
 * Edge. Returns 0, or -errno with a text when the checks could not be made. */
int pim_doctor_run(const char *interface, const struct pim_policy *policy,
		   const struct pim_image *image, struct pim_doctor *doctor,
		   struct pim_error *error);

#endif
