/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* xdp-filter of xdp-tools, if it is installed. */
#ifndef PIMXDP_BENCH_PEERS_H
#define PIMXDP_BENCH_PEERS_H

#include <stdint.h>

#include <bpf/libbpf.h>

#include "policy/prefix.h"

/* Loads xdp-filter's program that denies what is not listed. NULL if it is not installed.
 * The caller closes the object. */
struct bpf_object *bench_xdp_filter_open(void);
int bench_xdp_filter_program(const struct bpf_object *object);

/* Allows a source address (xdp-filter has no prefixes), or a port at either end. */
void bench_xdp_filter_address(const struct bpf_object *object, const struct pim_prefix *address);
void bench_xdp_filter_port(const struct bpf_object *object, uint16_t port);

#endif
