/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Capture files: pcap (microsecond and nanosecond, either byte order) and
 * pcapng (draft-ietf-opsawg-pcapng: Section Header, Interface Description,
 * Enhanced, Simple and obsolete Packet Blocks; other blocks are skipped), read
 * strictly. libpcap is not used: its archive cannot be linked statically on
 * Debian, and it cannot write pcapng.
 */
#ifndef PIMXDP_CAPTURE_H
#define PIMXDP_CAPTURE_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "capture/frame.h"

struct pim_capture; /* one open file */

/* Opens `path` ("-" is standard input) and reads the file header. Fails with a
 * text that names the file: not there, a directory, empty, neither pcap nor
 * pcapng, an unsupported version. The caller closes. */
int pim_capture_open(const char *path, struct pim_capture **capture, struct pim_error *error);

/* Same, on an open stream that the caller keeps (tests, the fuzzer). `name` is
 * for messages and must outlive the capture. */
int pim_capture_open_stream(FILE *stream, const char *name, struct pim_capture **capture,
			    struct pim_error *error);

/* The next frame: 1 and *frame, 0 at a clean end of file, or a negative errno
 * with a text that names the file, the byte offset of the record and what was
 * expected and found: a record or block cut short, a length beyond the limits
 * or not a multiple of four, block lengths that differ, a packet of an unknown
 * interface, captured above original. After an error every call fails. */
int pim_capture_next(struct pim_capture *capture, struct pim_frame *frame, struct pim_error *error);

/* What messages call it: the path, or "standard input". */
const char *pim_capture_name(const struct pim_capture *capture);

/* How far the reader is, for a progress bar: bytes consumed, and the size of
 * the file (0 where it has none, as a pipe). */
uint64_t pim_capture_position_bytes(const struct pim_capture *capture);
uint64_t pim_capture_size_bytes(const struct pim_capture *capture);

void pim_capture_close(struct pim_capture *capture); /* NULL is allowed */

#endif
