/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sets up the frame generator (described in bench_abi.h). */
#ifndef PIMXDP_BENCH_RIG_H
#define PIMXDP_BENCH_RIG_H

#include <linux/types.h>
#include <stddef.h>

#include "frames.h"
#include "policy/policy.h"

#include "bench_abi.h"
#include "rig.skel.h"

/* Makes an IPv4 frame for the row's service. The generator fills in its source, 0.0.0.0. */
void bench_rig_frame(const struct pim_policy *policy, enum pim_row_id row,
		     struct bench_frame *frame);

/* Sets the generator to `flows` flows from the `count` admitted IPv4 prefixes to the port. */
void bench_rig_flows(struct pim_rig *rig, const struct pim_prefix *admitted, size_t count,
		     uint16_t port, uint64_t flows);

/* Sets it to random sources and source ports, as in a flood with spoofed addresses. */
void bench_rig_random(struct pim_rig *rig, uint16_t port);

#endif
