/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Both formats: files that are cut or damaged, pipes that deliver little at a time, and
 * reads that fail. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* fopencookie */
#endif

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "capture/frame.h"
#include "capture/stream.h"
#include "unit/capture/files.h"
#include "unit/capture/writers.h"

/* ---- damage ---- */

/* A pcap, and a pcapng with every kind of block; small, because every byte is tried.
 * ends[]: the offsets where the file may end cleanly. */
struct sample {
	struct bytes file;
	size_t ends[32];
	size_t end_count;
};

static void mark_end(struct sample *sample)
{
	sample->ends[sample->end_count++] = sample->file.length;
}

static void make_sample(struct sample *sample, bool pcapng, bool big_endian)
{
	struct bytes *file = &sample->file;
	size_t at;

	*sample = (struct sample){ .file.big_endian = big_endian };
	if (!pcapng) {
		put_pcap_header(file, PCAP_MICRO, 65535, 0x24000001);
		mark_end(sample);
		for (uint32_t length = 14; length < 20; length++) {
			put_pcap_record(file, 1400000000, length, length, length + length % 2);
			mark_end(sample);
		}
		return;
	}
	for (int section = 0; section < 2; section++) {
		file->big_endian ^= section;
		put_section(file);
		mark_end(sample);
		at = begin_interface(file, 1, 0);
		put_option(file, 2, 4, 0x65746830);
		put_option(file, 9, 1, 9);
		put_option(file, 14, 8, 1);
		put_option(file, 0, 0, 0);
		end_block(file, at);
		mark_end(sample);
		put_unknown(file, NAMES, 8);
		mark_end(sample);
		put_interface(file, 113, 96);
		mark_end(sample);
		for (uint32_t length = 14; length < 18; length++) {
			put_enhanced(file, length % 2, 1400000000, length, length + length % 2);
			mark_end(sample);
		}
		put_simple(file, 21, 21);
		mark_end(sample);
		put_obsolete(file, 1, 1400000000, 14, 15);
		mark_end(sample);
		at = begin_enhanced(file, 0, 1400000000, 15, 15);
		put_option(file, 2, 4, 1);
		put_option(file, 0, 0, 0);
		end_block(file, at);
		mark_end(sample);
	}
}

static void test_cut_at_every_byte(void **state)
{
	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		struct sample sample;
		struct frames whole = {};
		size_t end = 0;

		make_sample(&sample, kind & 1, kind & 2);
		read_whole(&sample.file, &whole);
		assert_int_equal(whole.count, kind & 1 ? 14 : 6);
		for (size_t length = 0; length <= sample.file.length; length++) {
			struct frames frames = {};
			struct pim_error error;
			int result = read_made(sample.file.data, length, &frames, &error);
			size_t expected = 0;

			while (expected < whole.count && whole.ends[expected] <= length)
				expected++;
			assert_int_equal(frames.count, expected);
			for (size_t i = 0; i < expected; i++)
				assert_frame(&frames.list[i].as, &whole.list[i].as);
			if (end < sample.end_count && sample.ends[end] == length) {
				assert_int_equal(result, 0);
				end++;
			} else {
				assert_true(result < 0);
			}
			free_frames(&frames);
		}
		assert_int_equal(end, sample.end_count);
		free_frames(&whole);
		clear(&sample.file);
	}
}

/* The sanitizers watch; read_made asserts what must hold for any input. */
static void test_flip_every_byte(void **state)
{
	static const uint8_t flips[] = { 0x01, 0x02, 0x04, 0x10, 0x80, 0xff };

	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		struct sample sample;
		size_t failed = 0;

		make_sample(&sample, kind & 1, kind & 2);
		for (size_t i = 0; i < sample.file.length; i++) {
			for (size_t flip = 0; flip < sizeof(flips); flip++) {
				struct frames frames = {};
				struct pim_error error;

				sample.file.data[i] ^= flips[flip];
				failed += read_made(sample.file.data, sample.file.length, &frames,
						    &error) < 0;
				sample.file.data[i] ^= flips[flip];
				free_frames(&frames);
			}
		}
		assert_true(failed > 100);
		clear(&sample.file);
	}
}

/* ---- short reads and failing ones ---- */

static void test_pipe(void **state)
{
	static const char *const names[] = { "pipe.pcap", "pipe.pcapng" };
	struct frames made = {};

	(void)state;
	make_frames(&made, 1000);
	for (int pcapng = 0; pcapng < 2; pcapng++) {
		struct bytes file = {};
		struct frames frames = {};
		struct pim_capture *capture;
		struct pim_error error;
		char command[256];
		FILE *stream;

		if (pcapng) {
			put_start(&file);
			for (size_t i = 0; i < made.count; i++) {
				const struct pim_frame *frame = &made.list[i].as;
				size_t at = begin_enhanced(&file, 0, frame->time_ns / 1000,
							   frame->captured_bytes,
							   frame->original_bytes);

				memcpy(file.data + at + 28, frame->bytes, frame->captured_bytes);
				end_block(&file, at);
			}
		} else {
			put_pcap(&file, &made, false);
		}
		write_file(names[pcapng], &file);
		/* In small pieces, so that reads return short. */
		snprintf(command, sizeof(command),
			 "{ head -c 5; sleep 0.05; head -c 40; sleep 0.05; cat; } < '%s'",
			 in_folder(names[pcapng]));
		stream = popen(command, "r");
		assert_non_null(stream);
		assert_int_equal(pim_capture_open_stream(stream, NAME, &capture, &error), 0);
		assert_int_equal(pim_capture_size_bytes(capture), 0);
		assert_int_equal(read_capture(capture, &frames, &error), 0);
		assert_int_equal(pim_capture_position_bytes(capture), file.length);
		pim_capture_close(capture);
		pclose(stream);
		assert_frames(&frames, &made);
		free_frames(&frames);
		clear(&file);
	}
	free_frames(&made);
}

static ssize_t broken_read(void *cookie, char *buffer, size_t bytes)
{
	int *left = cookie;

	(void)buffer;
	(void)bytes;
	if (*left) {
		struct bytes header = {};

		*left = 0;
		put_pcap_header(&header, PCAP_MICRO, 0, 1);
		assert_true(bytes >= header.length);
		memcpy(buffer, header.data, header.length);
		clear(&header);
		return 24;
	}
	errno = ENXIO;
	return -1;
}

/* A read error is not taken for the end. */
static void test_read_error(void **state)
{
	int left = 1;
	FILE *stream = fopencookie(&left, "rb", (cookie_io_functions_t){ .read = broken_read });
	struct pim_capture *capture;
	struct pim_frame frame;
	struct pim_error error;

	(void)state;
	assert_non_null(stream);
	assert_int_equal(pim_capture_open_stream(stream, NAME, &capture, &error), 0);
	for (int i = 0; i < 2; i++) {
		memset(&error, 0, sizeof(error));
		assert_int_equal(pim_capture_next(capture, &frame, &error), -ENXIO);
		assert_string_equal(error.text, NAME ": cannot read: No such device or address");
	}
	pim_capture_close(capture);
	fclose(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_at_every_byte),
		cmocka_unit_test(test_flip_every_byte),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_read_error),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
