/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Refreshes the readable copies of flows (pim_flows), which tools without pimxdp read. */
#ifndef PIMXDP_CONTROL_COPY_H
#define PIMXDP_CONTROL_COPY_H

#include "control/observe.h"
#include "report/flows.h"

/* Writes the largest flows of the report into pim_flows, with the time of now. The
 * loader's lock is taken for the writing alone, and not waited for, because copies carry the
 * time that they were made and can stay as they are. Returns 0 or -errno with a text: -EBUSY when another
 * process has the lock, -EACCES when this one may only read, -ESTALE when the filter was
 * taken off or replaced by one with other flows meanwhile. */
int pim_copy_flows(const struct pim_observation *seen, const struct pim_flows_report *report,
		   struct pim_error *error);

/* Reads the flows of an interface and copies them. Returns 0 or -errno with a text: as
 * above, and -ENOENT when no filter is attached. */
int pim_refresh_copies(const char *interface, struct pim_error *error);

#endif
