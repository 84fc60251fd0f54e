/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "frame.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void give_up(const char *what)
{
	fprintf(stderr, "the test's own recipe is wrong: %s\n", what);
	abort();
}

void frame_put(struct frame *frame, uint32_t offset, unsigned int width, uint32_t value)
{
	if (offset + width > sizeof(frame->bytes))
		give_up("it writes beyond the frame");
	for (; width; width--, value >>= 8)
		frame->bytes[offset + width - 1] = (uint8_t)value;
}

uint32_t frame_get(const struct frame *frame, uint32_t offset, unsigned int width)
{
	uint32_t value = 0;

	for (; width; width--)
		value = value << 8 | frame->bytes[offset++];
	return value;
}

uint8_t frame_address(const char *text, uint8_t address[16])
{
	memset(address, 0, 16);
	if (inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, address) != 1)
		give_up(text);
	return strchr(text, ':') ? 6 : 4;
}

/* Appends a field, big-endian. */
static void add(struct frame *frame, unsigned int width, uint32_t value)
{
	frame_put(frame, frame->length, width, value);
	frame->length += width;
}

/* Appends bytes; NULL stands for zeros. */
static void add_bytes(struct frame *frame, const void *bytes, uint32_t count)
{
	if (frame->length + count > sizeof(frame->bytes))
		give_up("it is longer than a frame");
	if (bytes)
		memcpy(frame->bytes + frame->length, bytes, count);
	frame->length += count;
}

static void add_ethernet(const struct frame_recipe *recipe, uint16_t ethertype, struct frame *frame)
{
	static const uint8_t addresses[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };

	add_bytes(frame, addresses, sizeof(addresses));
	for (size_t tag = 0; tag < FRAME_TAGS && recipe->tags[tag]; tag++) {
		add(frame, 2, recipe->tags[tag]);
		add(frame, 2, 100 + (uint32_t)tag);
	}
	add(frame, 2, ethertype);
}

/* The length field is filled in by the caller. */
static void add_ipv4(const struct frame_recipe *recipe, const uint8_t source[16],
		     const uint8_t destination[16], struct frame *frame)
{
	add(frame, 1, 0x40 | (5 + recipe->option_bytes / 4));
	add(frame, 1, 0); /* type of service */
	add(frame, 2, 0); /* total length */
	add(frame, 2, 0x1234);
	add(frame, 2, recipe->fragment);
	add(frame, 1, recipe->hop_limit ? recipe->hop_limit : 64);
	add(frame, 1, recipe->protocol);
	add(frame, 2, 0); /* checksum */
	add_bytes(frame, source, 4);
	add_bytes(frame, destination, 4);
	for (unsigned int at = 0; at < recipe->option_bytes; at++)
		add(frame, 1, 1); /* no operation */
}

static void add_ipv6(const struct frame_recipe *recipe, const uint8_t source[16],
		     const uint8_t destination[16], struct frame *frame)
{
	add(frame, 4, 0x60000000);
	add(frame, 2, 0); /* payload length */
	add(frame, 1, recipe->extension_count ? recipe->extensions[0].header : recipe->protocol);
	add(frame, 1, recipe->hop_limit ? recipe->hop_limit : 64);
	add_bytes(frame, source, 16);
	add_bytes(frame, destination, 16);
	for (unsigned int at = 0; at < recipe->extension_count; at++) {
		const struct frame_extension *extension = &recipe->extensions[at];
		uint32_t bytes = extension->bytes ? extension->bytes : 8;

		add(frame, 1,
		    at + 1 < recipe->extension_count ? extension[1].header : recipe->protocol);
		if (extension->header == FRAME_FRAGMENT)
			add(frame, 1, 0); /* reserved */
		else if (extension->header == FRAME_AH)
			add(frame, 1, bytes / 4 - 2); /* RFC 4302 section 2.2 */
		else
			add(frame, 1, bytes / 8 - 1); /* RFC 8200 section 4 */
		add(frame, 2, extension->control);
		add_bytes(frame, NULL, bytes - 4);
	}
}

static void add_transport(const struct frame_recipe *recipe, struct frame *frame)
{
	switch (recipe->protocol) {
	case FRAME_TCP:
		add(frame, 2, recipe->source_port);
		add(frame, 2, recipe->destination_port);
		add(frame, 4, 1000); /* sequence */
		add(frame, 4, 2000); /* acknowledgment */
		add(frame, 1, (5 + recipe->tcp_option_bytes / 4) << 4);
		add(frame, 1, recipe->flags);
		add(frame, 2, 8192); /* window */
		add(frame, 4, 0);    /* checksum, urgent */
		for (unsigned int at = 0; at < recipe->tcp_option_bytes; at++)
			add(frame, 1, 1);
		break;
	case FRAME_UDP:
		add(frame, 2, recipe->source_port);
		add(frame, 2, recipe->destination_port);
		add(frame, 2, 8 + recipe->payload_bytes);
		add(frame, 2, 0);
		break;
	case FRAME_ICMP:
	case FRAME_ICMPV6:
		add(frame, 1, recipe->icmp_type);
		add(frame, 1, 0);
		add(frame, 2, 0);
		add(frame, 4, 0);
		break;
	}
}

static void patch(const struct frame_recipe *recipe, struct frame *frame)
{
	const uint32_t places[] = {
		[FRAME_START] = 0,
		[FRAME_AT_IP] = frame->ip,
		[FRAME_AT_TRANSPORT] = frame->transport,
		[FRAME_AT_PAYLOAD] = frame->payload,
	};

	for (size_t at = 0; at < FRAME_PATCHES; at++) {
		const struct frame_patch *one = &recipe->patches[at];

		if (one->width)
			frame_put(frame, places[one->place] + (uint32_t)one->offset, one->width,
				  one->value);
	}
}

void frame_build(const struct frame_recipe *recipe, struct frame *frame)
{
	uint8_t source[16], destination[16], family = 0;

	memset(frame, 0, sizeof(*frame));
	if (recipe->source) {
		family = frame_address(recipe->source, source);
		if (frame_address(recipe->destination, destination) != family)
			give_up("its addresses are of two families");
	}
	add_ethernet(recipe,
		     recipe->ethertype ? recipe->ethertype :
		     family == 6       ? FRAME_IPV6 :
					 FRAME_IPV4,
		     frame);
	frame->ip = frame->length;
	if (family == 4)
		add_ipv4(recipe, source, destination, frame);
	else if (family == 6)
		add_ipv6(recipe, source, destination, frame);
	frame->transport = frame->length;
	if (family)
		add_transport(recipe, frame);
	frame->payload = frame->length;
	add_bytes(frame, recipe->payload, recipe->payload_bytes);
	frame->end = frame->length;
	if (family == 4)
		frame_put(frame, frame->ip + 2, 2, frame->end - frame->ip);
	else if (family == 6)
		frame_put(frame, frame->ip + 4, 2, frame->end - frame->ip - 40);
	for (unsigned int at = 0; at < recipe->padding_bytes; at++)
		add(frame, 1, 0xa5);
	patch(recipe, frame);
}
