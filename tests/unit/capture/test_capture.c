/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Opening a capture: by name, from standard input, and files that are none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "capture/frame.h"
#include "capture/stream.h"
#include "unit/capture/files.h"
#include "unit/capture/writers.h"

static void test_other_files(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *text;
	} cases[] = {
		{ "", 0, "expected a pcap or pcapng file, found an empty one" },
		{ "\xd4\xc3\xb2", 3, "expected a pcap or pcapng file, found one of 3 bytes" },
		{ "text\n", 5,
		  "expected a pcap or pcapng file, found one that starts with 74 65 78 74" },
		{ "\x1f\x8b\x08\x00\x00", 5,
		  "expected a pcap or pcapng file, found gzip: decompress first" },
		{ "\x28\xb5\x2f\xfd\x00", 5,
		  "expected a pcap or pcapng file, found zstd: decompress first" },
		{ "\xfd"
		  "7zXZ",
		  5, "expected a pcap or pcapng file, found xz: decompress first" },
		{ "BZh9", 4, "expected a pcap or pcapng file, found bzip2: decompress first" },
		{ "\x04\x22\x4d\x18", 4,
		  "expected a pcap or pcapng file, found lz4: decompress first" },
		{ "PK\x03\x04", 4, "expected a pcap or pcapng file, found zip: unpack first" },
		{ "snoop\0\0\0", 8,
		  "expected a pcap or pcapng file, found snoop: convert with editcap -F pcapng" },
		{ "\x34\xcd\xb2\xa1", 4,
		  "expected a pcap or pcapng file, found modified pcap: convert with editcap -F "
		  "pcapng" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes file = {};

		put(&file, cases[i].bytes, cases[i].length);
		expect_text(&file, 0, EINVAL, cases[i].text);
	}
}

static void test_open_path(void **state)
{
	struct bytes file = {};
	struct frames made = {}, frames = {};
	struct pim_capture *capture;
	struct pim_error error;
	struct pim_frame frame;
	char expected[256];

	(void)state;
	make_frames(&made, 1000);
	put_pcap(&file, &made, false);
	write_file("open.pcap", &file);
	read_file(in_folder("open.pcap"), &frames);
	assert_frames(&frames, &made);
	free_frames(&frames);

	assert_int_equal(pim_capture_open(in_folder("open.pcap"), &capture, &error), 0);
	assert_int_equal(pim_capture_size_bytes(capture), file.length);
	assert_int_equal(pim_capture_position_bytes(capture), 24);
	assert_int_equal(pim_capture_next(capture, &frame, &error), 1);
	assert_int_equal(pim_capture_position_bytes(capture), 24 + 16 + frame.captured_bytes);
	pim_capture_close(capture);
	pim_capture_close(NULL);

	assert_int_equal(pim_capture_open(in_folder("none.pcap"), &capture, &error), -ENOENT);
	assert_null(capture);
	snprintf(expected, sizeof(expected), "%s: cannot open: No such file or directory",
		 in_folder("none.pcap"));
	assert_string_equal(error.text, expected);
	assert_int_equal(error.kind, PIM_EXIT_FAILED);

	assert_int_equal(pim_capture_open(folder, &capture, &error), -EISDIR);
	assert_null(capture);
	snprintf(expected, sizeof(expected), "%s: cannot read: Is a directory", folder);
	assert_string_equal(error.text, expected);

	/* The caller may pass no error. */
	assert_int_equal(pim_capture_open(folder, &capture, NULL), -EISDIR);
	free_frames(&made);
	clear(&file);
}

static void test_standard_input(void **state)
{
	struct bytes file = {};
	struct frames made = {}, frames = {};
	struct pim_capture *capture;
	struct pim_error error;
	int kept = dup(STDIN_FILENO), ends[2];

	(void)state;
	make_frames(&made, 1000);
	put_pcap(&file, &made, true);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], file.data, file.length), file.length);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	close(ends[1]);
	read_file("-", &frames);
	assert_frames(&frames, &made);

	/* There is nothing more to read. */
	clearerr(stdin);
	assert_int_equal(pim_capture_open("-", &capture, &error), -EINVAL);
	assert_string_equal(error.text, "standard input: expected a pcap or pcapng file, found an "
					"empty one");
	clearerr(stdin);
	if (kept >= 0) {
		dup2(kept, STDIN_FILENO);
		close(kept);
	}
	free_frames(&frames);
	free_frames(&made);
	clear(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_files),
		cmocka_unit_test(test_open_path),
		cmocka_unit_test(test_standard_input),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
