/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Judges one interface: what runs there, what could, and how fast. */
#ifndef PIMXDP_DOCTOR_INTERFACE_H
#define PIMXDP_DOCTOR_INTERFACE_H

#include "doctor/checks.h"
#include "doctor/facts.h"
#include "machine/interface.h"

/* `cpus` are those online, which the receive queues are compared with. */
void pim_judge_interface(const struct pim_interface *interface, const struct pim_attachment *attachment,
			 unsigned int cpus, struct pim_doctor *doctor);
/* The same in a line, for an overview: never a problem, as nobody asked to attach
 * there. */
void pim_judge_briefly(const struct pim_interface *interface, const struct pim_attachment *attachment,
		       unsigned int cpus, struct pim_doctor *doctor);

#endif
