/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parts of recipes for frames: two base packets, which the tests vary, and their decisions.
 * Row 1 admits one, row 6 the other. */
#ifndef PIMXDP_TESTS_RECIPES_H
#define PIMXDP_TESTS_RECIPES_H

#include "harness.h"

#define TCP(from, to)                                                                       \
	.source = (from), .destination = (to), .protocol = FRAME_TCP, .source_port = 40000, \
	.destination_port = 5061, .flags = FRAME_ACK
#define UDP(from, to, bytes) EMPTY_UDP(from, to), .payload = (bytes), .payload_bytes = sizeof(bytes)
#define EMPTY_UDP(from, to)                                                                 \
	.source = (from), .destination = (to), .protocol = FRAME_UDP, .source_port = 40000, \
	.destination_port = 3478
#define SIP_PASSES "pass rule sip-mtls-in forward"
#define STUN_PASSES "pass rule stun-in forward"

#define EXTENSION(header, bytes, control)    \
	{                                    \
		(header), (bytes), (control) \
	}
#define EXTENSIONS(...)                \
	.extensions = { __VA_ARGS__ }, \
	.extension_count = COUNT(((struct frame_extension[]){ __VA_ARGS__ }))

#endif
