/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What both formats share: reading bytes and integers from the stream, and reporting
 * failures. Private to this room. */
#ifndef PIMXDP_CAPTURE_STREAM_H
#define PIMXDP_CAPTURE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "capture/frame.h"

/* What a pcapng Interface Description Block says about its packets. */
struct pim_capture_interface {
	uint32_t linktype;
	uint32_t snaplen;   /* bytes; 0: no limit */
	uint8_t fcs_bytes;  /* length of the FCS at the end of each frame */
	uint8_t resolution; /* if_tsresol, as encoded in the file */
	int64_t offset_seconds;
};

struct pim_capture {
	FILE *stream;
	bool owns_stream;
	char *owned_name;
	const char *name;
	uint64_t position_bytes; /* consumed by the parser; stdio may be ahead */
	uint64_t size_bytes;	 /* 0: not a regular file */
	uint8_t peeked[4];	 /* the magic number: read from the stream, not yet consumed */
	size_t peeked_bytes;
	uint8_t *buffer; /* never NULL */
	size_t buffer_bytes;

	bool big_endian; /* byte order of the file, or of the pcapng section */
	int (*next)(struct pim_capture *capture, struct pim_frame *frame);
	bool ended;
	int failure_code; /* negative errno of the first failure, kept for every later call */
	struct pim_error failure;

	/* pcap */
	struct pim_capture_interface pcap;
	uint32_t units_per_second;
	/* pcapng: the interfaces of the current section */
	struct pim_capture_interface *interfaces;
	size_t interface_count;
	size_t interface_space;
};

/* Unless stated otherwise, functions that return int return 0, or a negative errno with
 * capture->failure filled. */

/* Reports a system error; `doing` says what failed ("cannot read"). Returns -code. */
int pim_capture_fail(struct pim_capture *capture, int code, const char *doing);

/* Reports that the record at byte `offset` violates the format. Returns
 * -EBADMSG. */
int pim_capture_corrupt(struct pim_capture *capture, uint64_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Reads exactly `bytes` bytes of the record at `offset`, or fails: -ENODATA if the file ends before. `what` names
 * them in the message. */
int pim_capture_take(struct pim_capture *capture, void *to, size_t bytes, uint64_t offset,
		     const char *what);

/* The same for the first bytes of a record. Returns 1, 0 if the file ends before them, or a
 * negative errno. */
int pim_capture_take_first(struct pim_capture *capture, void *to, size_t bytes, const char *what);

/* Reads up to `bytes` bytes; *got is less only at the end of the file. */
int pim_capture_read(struct pim_capture *capture, void *to, size_t bytes, size_t *got);

/* Makes the buffer at least `bytes` bytes long. It may move. */
int pim_capture_reserve(struct pim_capture *capture, size_t bytes);

/* Checks the lengths of a packet against each other and PIM_CAPTURE_FRAME_MAX. */
int pim_capture_check_lengths(struct pim_capture *capture, uint64_t offset, uint32_t captured_bytes,
			      uint32_t original_bytes);

/* Takes the frame check sequence off the lengths of the frame: an XDP program does not
 * see one. */
void pim_frame_strip(struct pim_frame *frame, uint32_t fcs_bytes);

/* Converts an integer in the byte order of the file (or section) to host byte order. */
uint16_t pim_capture_u16(const struct pim_capture *capture, const uint8_t *bytes);
uint32_t pim_capture_u32(const struct pim_capture *capture, const uint8_t *bytes);
uint64_t pim_capture_u64(const struct pim_capture *capture, const uint8_t *bytes);

#endif
