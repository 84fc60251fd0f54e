/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One frame of a capture. */
#ifndef PIMXDP_CAPTURE_FRAME_H
#define PIMXDP_CAPTURE_FRAME_H

#include <stdint.h>

#define PIM_CAPTURE_FRAME_MAX 262144u /* bytes; a longer record is refused as corrupt */

struct pim_frame {
	const uint8_t *bytes;	 /* owned by the capture, valid until the next read */
	uint32_t captured_bytes; /* how many are in `bytes` */
	uint32_t original_bytes; /* length on the wire without FCS, >= captured_bytes */
	uint64_t time_ns;	 /* since 1970; 0 if the file has none (Simple Packet Block) */
	uint32_t linktype;	 /* LINKTYPE_ number of the frame's interface */
};

#endif
