/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The doctor's checks, written out. */
#ifndef PIMXDP_OUTPUT_DOCTOR_H
#define PIMXDP_OUTPUT_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

#include "doctor/checks.h"

/* The checks of each subject under its name, advice below what needs it. */
void pim_output_doctor_text(FILE *stream, const struct pim_doctor *doctor);
void pim_output_doctor_json(FILE *stream, bool pretty, const struct pim_doctor *doctor);

#endif
