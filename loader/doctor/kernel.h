/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Judges the kernel and the BPF file system. */
#ifndef PIMXDP_DOCTOR_KERNEL_H
#define PIMXDP_DOCTOR_KERNEL_H

#include "doctor/checks.h"
#include "doctor/facts.h"

void pim_judge_kernel(const struct pim_machine *machine, struct pim_doctor *doctor);
void pim_judge_bpffs(const struct pim_machine *machine, struct pim_doctor *doctor);

#endif
