/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A capture file being built, byte by byte, its frames, and what the reader returns. */
#ifndef PIMXDP_TESTS_CAPTURE_FRAMES_H
#define PIMXDP_TESTS_CAPTURE_FRAMES_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "capture/frame.h"
#include "capture/linktype.h"
#include "capture/stream.h"

#define NAME "made.pcap"
#define SECOND_NS 1000000000u

/* ---- bytes: a file being built ---- */

struct bytes {
	uint8_t *data;
	size_t length, space;
	bool big_endian;
};

static inline void put(struct bytes *to, const void *data, size_t length)
{
	if (to->length + length > to->space) {
		to->space = 2 * (to->length + length);
		to->data = realloc(to->data, to->space);
		assert_non_null(to->data);
	}
	if (length)
		memcpy(to->data + to->length, data, length);
	to->length += length;
}

static inline void put_integer(struct bytes *to, uint64_t value, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * (to->big_endian ? count - 1 - i : i));

		put(to, &byte, 1);
	}
}

static inline void put16(struct bytes *to, uint16_t value)
{
	put_integer(to, value, 2);
}

static inline void put32(struct bytes *to, uint32_t value)
{
	put_integer(to, value, 4);
}

static inline void put64(struct bytes *to, uint64_t value)
{
	put_integer(to, value, 8);
}

static inline void put_padding(struct bytes *to)
{
	while (to->length % 4)
		put(to, "", 1);
}

static inline void set32(struct bytes *to, size_t offset, uint32_t value)
{
	size_t length = to->length;

	to->length = offset;
	put32(to, value);
	to->length = length;
}

static inline void clear(struct bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct bytes){};
}

/* ---- frames ---- */

struct frame {
	uint8_t *data;
	struct pim_frame as;
};

struct frames {
	struct frame *list;
	size_t count;
	uint64_t *ends; /* position after each */
};

static inline void add_frame(struct frames *frames, const struct pim_frame *frame, uint64_t end)
{
	struct frame *added;

	frames->list = reallocarray(frames->list, frames->count + 1, sizeof(*frames->list));
	frames->ends = reallocarray(frames->ends, frames->count + 1, sizeof(*frames->ends));
	assert_non_null(frames->list);
	assert_non_null(frames->ends);
	frames->ends[frames->count] = end;
	added = &frames->list[frames->count++];
	added->as = *frame;
	added->data = malloc(frame->captured_bytes + 1);
	assert_non_null(added->data);
	memcpy(added->data, frame->bytes, frame->captured_bytes);
	added->as.bytes = added->data;
}

static inline void free_frames(struct frames *frames)
{
	for (size_t i = 0; i < frames->count; i++)
		free(frames->list[i].data);
	free(frames->list);
	free(frames->ends);
	*frames = (struct frames){};
}

static inline void assert_frame(const struct pim_frame *found, const struct pim_frame *expected)
{
	assert_int_equal(found->captured_bytes, expected->captured_bytes);
	assert_int_equal(found->original_bytes, expected->original_bytes);
	assert_int_equal(found->linktype, expected->linktype);
	assert_true(found->time_ns == expected->time_ns);
	assert_memory_equal(found->bytes, expected->bytes, expected->captured_bytes);
}

static inline void assert_frames(const struct frames *found, const struct frames *expected)
{
	assert_int_equal(found->count, expected->count);
	for (size_t i = 0; i < expected->count; i++)
		assert_frame(&found->list[i].as, &expected->list[i].as);
}

static inline const uint8_t *pattern(uint8_t seed)
{
	static uint8_t data[PIM_CAPTURE_FRAME_MAX + 4];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(seed + i * 7 + (i >> 8));
	return data;
}

/* Frames of lengths around every padding, and up to a jumbo one. */
static inline void make_frames(struct frames *frames, uint64_t time_step_ns)
{
	static const uint32_t lengths[] = { 14, 60, 61, 62, 63, 64, 342, 1514, 9014 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct pim_frame frame = {
			.bytes = pattern((uint8_t)(17 * i + 1)),
			.captured_bytes = lengths[i],
			.original_bytes = lengths[i],
			.time_ns = 1400000000ull * SECOND_NS + (i + 1) * time_step_ns,
			.linktype = PIM_LINKTYPE_ETHERNET,
		};

		add_frame(frames, &frame, 0);
	}
}

static inline void expect_frame(struct frames *expected, uint32_t captured, uint32_t original,
				uint64_t time_ns, uint32_t linktype)
{
	struct pim_frame frame = { pattern(5), captured, original, time_ns, linktype };

	add_frame(expected, &frame, 0);
}

/* ---- reading ---- */

static inline int read_capture(struct pim_capture *capture, struct frames *frames,
			       struct pim_error *error)
{
	struct pim_frame frame;
	uint64_t position = pim_capture_position_bytes(capture);
	int result;

	while ((result = pim_capture_next(capture, &frame, error)) > 0) {
		assert_int_equal(result, 1);
		assert_true(frame.captured_bytes <= frame.original_bytes);
		assert_true(frame.original_bytes <= PIM_CAPTURE_FRAME_MAX);
		assert_true(pim_capture_position_bytes(capture) > position);
		position = pim_capture_position_bytes(capture);
		add_frame(frames, &frame, position);
	}
	/* The end and an error are both final. */
	assert_int_equal(pim_capture_next(capture, &frame, error), result);
	return result;
}

static inline int read_made(const void *data, size_t length, struct frames *frames,
			    struct pim_error *error)
{
	FILE *stream = fmemopen((void *)data, length, "rb");
	struct pim_capture *capture;
	int result;

	assert_non_null(stream);
	memset(error, 0, sizeof(*error));
	result = pim_capture_open_stream(stream, NAME, &capture, error);
	if (result) {
		assert_null(capture);
	} else {
		result = read_capture(capture, frames, error);
		pim_capture_close(capture);
	}
	fclose(stream);
	if (result) {
		assert_true(result < 0);
		assert_int_equal(error->kind, PIM_EXIT_FAILED);
		assert_memory_equal(error->text, NAME ": ", strlen(NAME ": "));
		assert_null(strchr(error->text, '\n'));
	}
	return result;
}

static inline void read_whole(const struct bytes *file, struct frames *frames)
{
	struct pim_error error;
	int result = read_made(file->data, file->length, frames, &error);

	if (result)
		print_error("%s\n", error.text);
	assert_int_equal(result, 0);
}

/* Reading the file must fail, with exactly this text after its name, after `frame_count`
 * good frames. Empties it for the next case. */
static inline void expect_text(struct bytes *file, size_t frame_count, int code,
			       const char *expected)
{
	struct frames frames = {};
	struct pim_error error;
	int result = read_made(file->data, file->length, &frames, &error);

	assert_int_equal(result, -code);
	assert_string_equal(error.text + strlen(NAME ": "), expected);
	assert_int_equal(frames.count, frame_count);
	free_frames(&frames);
	clear(file);
}

static inline void expect_corrupt(struct bytes *file, size_t frame_count, size_t offset,
				  const char *expected)
{
	char text[300];

	snprintf(text, sizeof(text), "offset %zu: %s", offset, expected);
	/* The end of the file is an error of its own: what came before it is whole. */
	expect_text(file, frame_count,
		    strstr(expected, "the file is cut short") ? ENODATA : EBADMSG, text);
}

static inline void check(struct bytes *file, struct frames *expected)
{
	struct frames frames = {};

	read_whole(file, &frames);
	assert_frames(&frames, expected);
	free_frames(&frames);
	free_frames(expected);
	clear(file);
}

#endif
