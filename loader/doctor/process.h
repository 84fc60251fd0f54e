/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Judges the privileges of this process. */
#ifndef PIMXDP_DOCTOR_PROCESS_H
#define PIMXDP_DOCTOR_PROCESS_H

#include "doctor/checks.h"
#include "doctor/facts.h"

void pim_judge_process(const struct pim_machine *machine, struct pim_doctor *doctor);

#endif
