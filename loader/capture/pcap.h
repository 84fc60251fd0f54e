/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The pcap format. */
#ifndef PIMXDP_CAPTURE_PCAP_H
#define PIMXDP_CAPTURE_PCAP_H

#include "capture/stream.h"

/* Whether the four bytes are a pcap magic number, of either resolution and byte order. */
bool pim_pcap_recognise(const uint8_t magic[4]);

/* Reads the file header, magic number included, and sets capture->next. Returns 0 or
 * a negative errno with capture->failure filled. */
int pim_pcap_start(struct pim_capture *capture);

#endif
