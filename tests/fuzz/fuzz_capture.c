/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fuzzer for the capture reader: any bytes must give frames within their limits, and
 * then a clean end, or an error that every later call repeats.
 *
 *   clang -fsanitize=fuzzer,address,undefined -DPIM_LIBFUZZER -Iinclude -Iloader \
 *         tests/fuzz/fuzz_capture.c loader/capture/[a-z]*.c loader/base/error.c
 *
 * Without PIM_LIBFUZZER it is a program that tries each file it is given.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void require(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void read_all(struct pim_capture *capture, size_t length)
{
	static uint8_t copy[PIM_CAPTURE_FRAME_MAX];
	struct pim_error error = {}, again = {};
	struct pim_frame frame;
	uint64_t position = pim_capture_position_bytes(capture);
	int result;

	while ((result = pim_capture_next(capture, &frame, &error)) > 0) {
		require(frame.captured_bytes <= frame.original_bytes, "captured <= original");
		require(frame.original_bytes <= PIM_CAPTURE_FRAME_MAX, "original <= limit");
		require(pim_capture_position_bytes(capture) >= position + frame.captured_bytes,
			"a frame comes from the file");
		position = pim_capture_position_bytes(capture);
		require(position <= length, "position <= length");
		memcpy(copy, frame.bytes, frame.captured_bytes); /* ASan looks at each byte */
	}
	require(result < 0 || pim_capture_position_bytes(capture) == length,
		"a clean end is at the end");
	require(result == 0 || error.text[0], "an error has a text");
	require(pim_capture_next(capture, &frame, &again) == result, "the end is final");
	require(!strcmp(error.text, again.text), "the error stays");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	FILE *stream = fmemopen((void *)data, length, "rb");
	struct pim_capture *capture;
	struct pim_error error = {};

	if (!stream)
		return 0;
	if (pim_capture_open_stream(stream, "fuzz", &capture, &error))
		require(!capture && error.text[0], "an error has a text");
	else
		read_all(capture, length);
	pim_capture_close(capture);
	fclose(stream);
	return 0;
}

#ifndef PIM_LIBFUZZER
int main(int count, char **paths)
{
	for (int i = 1; i < count; i++) {
		FILE *file = fopen(paths[i], "rb");
		uint8_t *data = NULL;
		size_t length = 0, got;

		if (!file) {
			perror(paths[i]);
			return 1;
		}
		do {
			data = realloc(data, length + 65536);
			require(data != NULL, "memory");
			got = fread(data + length, 1, 65536, file);
			length += got;
		} while (got);
		fclose(file);
		LLVMFuzzerTestOneInput(data, length);
		free(data);
	}
	return 0;
}
#endif
