/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/stream.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int pim_capture_fail(struct pim_capture *capture, int code, const char *doing)
{
	return pim_fail(&capture->failure, code, "%s: %s: %s", capture->name, doing,
			strerror(code));
}

int pim_capture_corrupt(struct pim_capture *capture, uint64_t offset, const char *format, ...)
{
	va_list arguments;
	char text[256];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return pim_fail(&capture->failure, EBADMSG, "%s: offset %" PRIu64 ": %s", capture->name,
			offset, text);
}

int pim_capture_read(struct pim_capture *capture, void *to, size_t bytes, size_t *got)
{
	size_t peeked = bytes < capture->peeked_bytes ? bytes : capture->peeked_bytes;

	memcpy(to, capture->peeked, peeked);
	memmove(capture->peeked, capture->peeked + peeked, capture->peeked_bytes - peeked);
	capture->peeked_bytes -= peeked;
	*got = peeked;
	if (bytes > peeked) {
		errno = 0;
		*got += fread((uint8_t *)to + peeked, 1, bytes - peeked, capture->stream);
	}
	capture->position_bytes += *got;
	if (*got < bytes && ferror(capture->stream))
		return pim_capture_fail(capture, errno ? errno : EIO, "cannot read");
	return 0;
}

static int cut_short(struct pim_capture *capture, uint64_t offset, const char *what, size_t bytes,
		     size_t got)
{
	pim_capture_corrupt(capture, offset,
			    "expected %zu bytes of %s, found %zu: the file is cut short", bytes,
			    what, got);
	return -ENODATA;
}

int pim_capture_take(struct pim_capture *capture, void *to, size_t bytes, uint64_t offset,
		     const char *what)
{
	size_t got;
	int result = pim_capture_read(capture, to, bytes, &got);

	if (result)
		return result;
	return got == bytes ? 0 : cut_short(capture, offset, what, bytes, got);
}

int pim_capture_take_first(struct pim_capture *capture, void *to, size_t bytes, const char *what)
{
	uint64_t offset = capture->position_bytes;
	size_t got;
	int result = pim_capture_read(capture, to, bytes, &got);

	if (result)
		return result;
	if (!got)
		return 0;
	return got == bytes ? 1 : cut_short(capture, offset, what, bytes, got);
}

int pim_capture_reserve(struct pim_capture *capture, size_t bytes)
{
	uint8_t *buffer;

	if (bytes <= capture->buffer_bytes)
		return 0;
	buffer = realloc(capture->buffer, bytes);
	if (!buffer)
		return pim_capture_fail(capture, ENOMEM, "cannot read");
	capture->buffer = buffer;
	capture->buffer_bytes = bytes;
	return 0;
}

int pim_capture_check_lengths(struct pim_capture *capture, uint64_t offset, uint32_t captured_bytes,
			      uint32_t original_bytes)
{
	if (captured_bytes > PIM_CAPTURE_FRAME_MAX)
		return pim_capture_corrupt(
			capture, offset,
			"expected a captured length of at most %u bytes, found %" PRIu32,
			PIM_CAPTURE_FRAME_MAX, captured_bytes);
	if (original_bytes > PIM_CAPTURE_FRAME_MAX)
		return pim_capture_corrupt(
			capture, offset,
			"expected an original length of at most %u bytes, found %" PRIu32,
			PIM_CAPTURE_FRAME_MAX, original_bytes);
	if (captured_bytes > original_bytes)
		return pim_capture_corrupt(capture, offset,
					   "expected a captured length of at most the original "
					   "length of %" PRIu32 " bytes, found %" PRIu32,
					   original_bytes, captured_bytes);
	return 0;
}

void pim_frame_strip(struct pim_frame *frame, uint32_t fcs_bytes)
{
	frame->original_bytes -=
		fcs_bytes < frame->original_bytes ? fcs_bytes : frame->original_bytes;
	if (frame->captured_bytes > frame->original_bytes)
		frame->captured_bytes = frame->original_bytes;
}

static uint64_t load(const struct pim_capture *capture, const uint8_t *bytes, unsigned int count)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < count; i++)
		value = value << 8 | bytes[capture->big_endian ? i : count - 1 - i];
	return value;
}

uint16_t pim_capture_u16(const struct pim_capture *capture, const uint8_t *bytes)
{
	return (uint16_t)load(capture, bytes, 2);
}

uint32_t pim_capture_u32(const struct pim_capture *capture, const uint8_t *bytes)
{
	return (uint32_t)load(capture, bytes, 4);
}

uint64_t pim_capture_u64(const struct pim_capture *capture, const uint8_t *bytes)
{
	return load(capture, bytes, 8);
}
