/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading capture files strictly: pcap (draft-ietf-opsawg-pcap; microseconds or
 * nanoseconds, either byte order) and pcapng (draft-ietf-opsawg-pcapng: Section
 * Header, Interface Description, Enhanced, Simple and obsolete Packet Blocks;
 * other blocks are skipped). libpcap is not used: Debian's libpcap.a cannot be
 * linked into a static binary, and libpcap cannot write pcapng.
 */
#ifndef PIMXDP_CAPTURE_CAPTURE_H
#define PIMXDP_CAPTURE_CAPTURE_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "capture/frame.h"

struct pim_capture; /* one open file */

/* Opens `path` ("-" is standard input) and reads the file header. Fails if the file
 * is missing, a directory, empty, neither pcap nor pcapng, or of an unsupported
 * version; the message names the file. The caller closes *capture, which is NULL on
 * failure. Returns 0 or -errno. */
int pim_capture_open(const char *path, struct pim_capture **capture, struct pim_error *error);

/* The same for an open stream, which stays the caller's (tests, the fuzzer). `name`
 * is for messages and must outlive the capture. */
int pim_capture_open_stream(FILE *stream, const char *name, struct pim_capture **capture,
			    struct pim_error *error);

/* Reads the next frame. Returns 1 and fills *frame, 0 at a clean end of file, or
 * -errno: -ENODATA for a record or block that the end of the file cuts short, so that
 * the frames before it are all that there is; -EBADMSG for a length that is beyond the
 * limits or not a multiple of four, block lengths that differ, a packet of an
 * unknown interface, or a captured length above the original. The message then names
 * the file, the byte offset of the record, and what was expected and found. After an
 * error, every call fails with the same error. */
int pim_capture_next(struct pim_capture *capture, struct pim_frame *frame, struct pim_error *error);

/* The name for messages: the path, or "standard input". */
const char *pim_capture_name(const struct pim_capture *capture);

/* Progress: the bytes consumed, and the size of the file in bytes (0 if it has none,
 * such as a pipe). */
uint64_t pim_capture_position_bytes(const struct pim_capture *capture);
uint64_t pim_capture_size_bytes(const struct pim_capture *capture);

void pim_capture_close(struct pim_capture *capture); /* NULL is allowed */

#endif
