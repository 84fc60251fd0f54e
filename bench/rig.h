/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the generator makes (bench_abi.h tells how). */
#ifndef PIMXDP_BENCH_RIG_H
#define PIMXDP_BENCH_RIG_H

#include <linux/types.h>
#include <stddef.h>

#include "frames.h"
#include "policy/policy.h"

#include "bench_abi.h"
#include "rig.skel.h"

/* An IPv4 frame for the row's service, of a nameless source. */
void bench_rig_frame(const struct pim_policy *policy, enum pim_row_id row, struct bench_frame *frame);

/* `flows` flows from the admitted prefixes to the port. */
void bench_rig_flows(struct pim_rig *rig, const struct pim_prefix *admitted, size_t count,
		     uint16_t port, uint64_t flows);

/* Sources and ports at random: whatever a forger of addresses would use. */
void bench_rig_random(struct pim_rig *rig, uint16_t port);

#endif
