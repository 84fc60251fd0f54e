/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prints the doctor's checks. */
#ifndef PIMXDP_OUTPUT_DOCTOR_H
#define PIMXDP_OUTPUT_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

#include "doctor/checks.h"

/* Grouped by subject; advice is printed below its check. */
void pim_output_doctor_text(FILE *stream, const struct pim_doctor *doctor);
void pim_output_doctor_json(FILE *stream, bool pretty, const struct pim_doctor *doctor);

#endif
