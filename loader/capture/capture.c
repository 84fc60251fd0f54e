/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/pcap.h"
#include "capture/pcapng.h"

#define BUFFER_BYTES_FIRST 4096u

/* Other formats that capture readers are commonly given, and what to do about them. */
static const struct {
	uint8_t length;
	uint8_t magic[4];
	const char *what;
} other_formats[] = {
	{ 2, { 0x1f, 0x8b }, "gzip: decompress first" },
	{ 4, { 0x28, 0xb5, 0x2f, 0xfd }, "zstd: decompress first" },
	{ 4, { 0xfd, '7', 'z', 'X' }, "xz: decompress first" },
	{ 3, { 'B', 'Z', 'h' }, "bzip2: decompress first" },
	{ 4, { 0x04, 0x22, 0x4d, 0x18 }, "lz4: decompress first" },
	{ 4, { 'P', 'K', 0x03, 0x04 }, "zip: unpack first" },
	{ 4, { 's', 'n', 'o', 'o' }, "snoop: convert with editcap -F pcapng" },
	{ 4, { 'G', 'M', 'B', 'U' }, "Network Monitor: convert with editcap -F pcapng" },
	{ 4, { 'R', 'T', 'S', 'S' }, "Network Monitor: convert with editcap -F pcapng" },
	{ 4, { 0x34, 0xcd, 0xb2, 0xa1 }, "modified pcap: convert with editcap -F pcapng" },
	{ 4, { 0xa1, 0xb2, 0xcd, 0x34 }, "modified pcap: convert with editcap -F pcapng" },
};

static int refuse_format(struct pim_capture *capture, const uint8_t magic[4])
{
	for (size_t i = 0; i < sizeof(other_formats) / sizeof(other_formats[0]); i++)
		if (!memcmp(magic, other_formats[i].magic, other_formats[i].length))
			return pim_fail(&capture->failure, EINVAL,
					"%s: expected a pcap or pcapng file, found %s",
					capture->name, other_formats[i].what);
	return pim_fail(&capture->failure, EINVAL,
			"%s: expected a pcap or pcapng file, found one that starts with "
			"%02x %02x %02x %02x",
			capture->name, magic[0], magic[1], magic[2], magic[3]);
}

static int start(struct pim_capture *capture)
{
	static const uint8_t pcapng_magic[4] = { 0x0a, 0x0d, 0x0d, 0x0a };
	struct stat status;
	uint8_t magic[4];
	size_t got;
	int result;

	/* A memory stream has no file descriptor; it is read like a pipe. */
	if (fileno(capture->stream) >= 0 && !fstat(fileno(capture->stream), &status)) {
		if (S_ISDIR(status.st_mode))
			return pim_capture_fail(capture, EISDIR, "cannot read");
		if (S_ISREG(status.st_mode))
			capture->size_bytes = (uint64_t)status.st_size;
	}
	result = pim_capture_reserve(capture, BUFFER_BYTES_FIRST);
	if (!result)
		result = pim_capture_read(capture, magic, sizeof(magic), &got);
	if (result)
		return result;
	if (!got)
		return pim_fail(&capture->failure, EINVAL,
				"%s: expected a pcap or pcapng file, found an empty one",
				capture->name);
	if (got < sizeof(magic))
		return pim_fail(&capture->failure, EINVAL,
				"%s: expected a pcap or pcapng file, found one of %zu bytes",
				capture->name, got);
	/* Each format reads its header as a whole, so put the magic number back. */
	memcpy(capture->peeked, magic, sizeof(magic));
	capture->peeked_bytes = sizeof(magic);
	capture->position_bytes = 0;
	if (!memcmp(magic, pcapng_magic, sizeof(magic)))
		return pim_pcapng_start(capture);
	if (pim_pcap_recognise(magic))
		return pim_pcap_start(capture);
	return refuse_format(capture, magic);
}

/* Takes ownership of `owned_name` and, if owns_stream, of `stream`, even on failure. */
static int open_capture(FILE *stream, bool owns_stream, const char *name, char *owned_name,
			struct pim_capture **capture, struct pim_error *error)
{
	struct pim_capture *made = calloc(1, sizeof(*made));
	int result;

	*capture = NULL;
	if (!made) {
		if (owns_stream)
			fclose(stream);
		result = pim_fail(error, ENOMEM, "%s: cannot open: %s", name, strerror(ENOMEM));
		free(owned_name);
		return result;
	}
	made->stream = stream;
	made->owns_stream = owns_stream;
	made->name = name;
	made->owned_name = owned_name;
	result = start(made);
	if (result) {
		if (error)
			*error = made->failure;
		pim_capture_close(made);
		return result;
	}
	*capture = made;
	return 0;
}

int pim_capture_open_stream(FILE *stream, const char *name, struct pim_capture **capture,
			    struct pim_error *error)
{
	return open_capture(stream, false, name, NULL, capture, error);
}

int pim_capture_open(const char *path, struct pim_capture **capture, struct pim_error *error)
{
	FILE *stream;
	char *name;

	*capture = NULL;
	if (!strcmp(path, "-"))
		return pim_capture_open_stream(stdin, "standard input", capture, error);
	stream = fopen(path, "rbe");
	if (!stream) {
		int code = errno;

		return pim_fail(error, code, "%s: cannot open: %s", path, strerror(code));
	}
	name = strdup(path);
	if (!name) {
		fclose(stream);
		return pim_fail(error, ENOMEM, "%s: cannot open: %s", path, strerror(ENOMEM));
	}
	return open_capture(stream, true, name, name, capture, error);
}

int pim_capture_next(struct pim_capture *capture, struct pim_frame *frame, struct pim_error *error)
{
	int result;

	memset(frame, 0, sizeof(*frame));
	if (capture->ended)
		return 0;
	result = capture->failure_code ? capture->failure_code : capture->next(capture, frame);
	if (result >= 0) {
		capture->ended = !result;
		return result;
	}
	capture->failure_code = result;
	memset(frame, 0, sizeof(*frame));
	if (error)
		*error = capture->failure;
	return result;
}

const char *pim_capture_name(const struct pim_capture *capture)
{
	return capture->name;
}

uint64_t pim_capture_position_bytes(const struct pim_capture *capture)
{
	return capture->position_bytes;
}

uint64_t pim_capture_size_bytes(const struct pim_capture *capture)
{
	return capture->size_bytes;
}

void pim_capture_close(struct pim_capture *capture)
{
	if (!capture)
		return;
	if (capture->owns_stream)
		fclose(capture->stream);
	free(capture->owned_name);
	free(capture->interfaces);
	free(capture->buffer);
	free(capture);
}
