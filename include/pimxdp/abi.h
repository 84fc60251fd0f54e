/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Everything that the BPF programs and the loader share, one header per subject: the
 * enums derived from the .def lists, and the layouts of map keys and values.
 *
 * Fields are in host byte order unless their name ends in _be or their comment says
 * otherwise.
 *
 * Raise PIM_SCHEMA (stamp.h) with every change of a layout.
 */
#ifndef PIMXDP_ABI_H
#define PIMXDP_ABI_H

#include <pimxdp/counters.h>
#include <pimxdp/decision.h>
#include <pimxdp/flow.h>
#include <pimxdp/flow_hash.h>
#include <pimxdp/image.h>
#include <pimxdp/match.h>
#include <pimxdp/options.h>
#include <pimxdp/outcome.h>
#include <pimxdp/role.h>
#include <pimxdp/row.h>
#include <pimxdp/stamp.h>
#include <pimxdp/types.h>

#endif
