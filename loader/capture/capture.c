/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/stream.h"

#define BUFFER_BYTES_FIRST 4096u

/* Files that people do hand to a capture reader, and what to do about them. */
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

/* Reads up to `bytes`; fewer only at the end of the file. */
static int read_some(struct pim_capture *capture, void *to, size_t bytes, size_t *got)
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
	return pim_capture_corrupt(capture, offset,
				   "expected %zu bytes of %s, found %zu: the file is cut short",
				   bytes, what, got);
}

int pim_capture_take(struct pim_capture *capture, void *to, size_t bytes, uint64_t offset,
		     const char *what)
{
	size_t got;
	int result = read_some(capture, to, bytes, &got);

	if (result)
		return result;
	return got == bytes ? 0 : cut_short(capture, offset, what, bytes, got);
}

int pim_capture_take_first(struct pim_capture *capture, void *to, size_t bytes, const char *what)
{
	uint64_t offset = capture->position_bytes;
	size_t got;
	int result = read_some(capture, to, bytes, &got);

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
	frame->original_bytes -= fcs_bytes < frame->original_bytes ? fcs_bytes :
								      frame->original_bytes;
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

	/* A stream over memory has no descriptor: then it is read like a pipe. */
	if (fileno(capture->stream) >= 0 && !fstat(fileno(capture->stream), &status)) {
		if (S_ISDIR(status.st_mode))
			return pim_capture_fail(capture, EISDIR, "cannot read");
		if (S_ISREG(status.st_mode))
			capture->size_bytes = (uint64_t)status.st_size;
	}
	result = pim_capture_reserve(capture, BUFFER_BYTES_FIRST);
	if (!result)
		result = read_some(capture, magic, sizeof(magic), &got);
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
	/* The formats read their header as a whole, so hand the magic back. */
	memcpy(capture->peeked, magic, sizeof(magic));
	capture->peeked_bytes = sizeof(magic);
	capture->position_bytes = 0;
	if (!memcmp(magic, pcapng_magic, sizeof(magic)))
		return pim_pcapng_start(capture);
	if (pim_pcap_recognise(magic))
		return pim_pcap_start(capture);
	return refuse_format(capture, magic);
}

/* Takes over `stream` if owns_stream, and `owned_name`, whatever the result. */
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

const char *pim_linktype_name(uint32_t linktype)
{
	static const struct {
		uint32_t linktype;
		const char *name;
	} names[] = {
		{ 0, "BSD loopback" },
		{ PIM_LINKTYPE_ETHERNET, "Ethernet" },
		{ 6, "Token Ring" },
		{ 7, "ARCNET" },
		{ 8, "SLIP" },
		{ 9, "PPP" },
		{ 10, "FDDI" },
		{ 50, "PPP in HDLC framing" },
		{ 51, "PPPoE session" },
		{ 100, "ATM, RFC 1483" },
		{ 101, "raw IP" },
		{ 104, "Cisco HDLC" },
		{ 105, "IEEE 802.11" },
		{ 107, "Frame Relay" },
		{ 108, "OpenBSD loopback" },
		{ 113, "Linux cooked v1" },
		{ 117, "OpenBSD pflog" },
		{ 119, "IEEE 802.11 with Prism header" },
		{ 127, "IEEE 802.11 with radiotap header" },
		{ 143, "DOCSIS" },
		{ 163, "IEEE 802.11 with AVS header" },
		{ 187, "Bluetooth HCI H4" },
		{ 189, "USB, Linux" },
		{ 192, "PPI" },
		{ 195, "IEEE 802.15.4" },
		{ 197, "ERF" },
		{ 201, "Bluetooth HCI H4 with direction" },
		{ 220, "USB, Linux mmapped" },
		{ 227, "CAN" },
		{ 228, "raw IPv4" },
		{ 229, "raw IPv6" },
		{ 230, "IEEE 802.15.4 without FCS" },
		{ 239, "Linux netfilter log" },
		{ 242, "IP over InfiniBand" },
		{ 247, "InfiniBand" },
		{ 249, "USB, Windows" },
		{ 252, "Wireshark upper PDU" },
		{ 253, "Linux netlink" },
		{ 258, "Apple PKTAP" },
		{ 271, "Linux vsock" },
		{ 274, "Ethernet mPackets" },
		{ 276, "Linux cooked v2" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].linktype == linktype)
			return names[i].name;
	return NULL;
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
