/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The pcapng format. */
#ifndef PIMXDP_CAPTURE_PCAPNG_H
#define PIMXDP_CAPTURE_PCAPNG_H

#include "capture/stream.h"

#define PIM_PCAPNG_MAGIC 0x0a0d0d0au /* the same in either byte order */

/* Reads the first Section Header Block, magic number included, and sets capture->next.
 * Returns 0 or a negative errno with capture->failure filled. */
int pim_pcapng_start(struct pim_capture *capture);

#endif
