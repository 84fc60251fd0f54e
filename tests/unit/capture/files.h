/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Capture files on disk. */
#ifndef PIMXDP_TESTS_CAPTURE_FILES_H
#define PIMXDP_TESTS_CAPTURE_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "capture/stream.h"
#include "unit/capture/frames.h"
#include "unit/folder.h"

static inline const char *in_folder(const char *name)
{
	static char paths[4][128];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static inline void write_file(const char *name, const struct bytes *file)
{
	write_bytes(in_folder(name), file->data, file->length);
}

static inline void read_file(const char *path, struct frames *frames)
{
	struct pim_capture *capture = NULL;
	struct pim_error error = {};
	int result = pim_capture_open(path, &capture, &error);

	if (!result)
		result = read_capture(capture, frames, &error);
	if (result)
		print_error("%s\n", error.text);
	assert_int_equal(result, 0);
	pim_capture_close(capture);
}

#endif
