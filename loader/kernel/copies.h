/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The readable copies of flows, for bpftool. */
#ifndef PIMXDP_KERNEL_COPIES_H
#define PIMXDP_KERNEL_COPIES_H

#include "kernel/place.h"

/* Replaces the readable copies in pim_flows with these, at most PIM_FLOWS_COPIED of
 * them, and records `now_ns` (CLOCK_REALTIME) in the stamp. A flow that stays is never
 * missing meanwhile. The loader's lock must be held. Returns 0 or -errno with a text:
 * -EACCES when this reader may not write the maps, -EPROTO when the pins have another
 * schema by now, -ESTALE when they are of another attachment than `place`. */
int pim_place_copy_flows(const struct pim_place *place, const struct pim_flow_text_key *keys,
			 const struct pim_flow_text *flows, size_t count, uint64_t now_ns,
			 struct pim_error *error);

#endif
