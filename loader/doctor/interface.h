/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Judges one interface: which program runs there, whether ours can, and how fast. */
#ifndef PIMXDP_DOCTOR_INTERFACE_H
#define PIMXDP_DOCTOR_INTERFACE_H

#include "doctor/checks.h"
#include "doctor/facts.h"
#include "machine/interface.h"

/* `cpus` is the number of CPUs online, to compare with the receive queues. */
void pim_judge_interface(const struct pim_interface *interface,
			 const struct pim_attachment *attachment, unsigned int cpus,
			 struct pim_doctor *doctor);
/* The same as one line of an overview. Never a problem, since nobody asked to attach
 * there. */
void pim_judge_briefly(const struct pim_interface *interface,
		       const struct pim_attachment *attachment, unsigned int cpus,
		       struct pim_doctor *doctor);

#endif
