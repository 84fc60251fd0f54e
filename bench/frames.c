/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "frames.h"

#include <string.h>

enum { TCP = 6, UDP = 17, ICMP = 1, ICMPV6 = 58 };

static void put(struct bench_frame *frame, unsigned int width, uint64_t value)
{
	while (width--)
		frame->bytes[frame->length++] = value >> 8 * width;
}

static void put_bytes(struct bench_frame *frame, const void *bytes, unsigned int count)
{
	memcpy(frame->bytes + frame->length, bytes, count);
	frame->length += count;
}

/* A STUN binding request. */
static void put_stun(struct bench_frame *frame)
{
	put(frame, 4, 0x00010000);
	put(frame, 4, 0x2112a442);
	put(frame, 4, 0x01020304);
	put(frame, 8, 0x05060708090a0b0c);
}

static void put_transport(struct bench_frame *frame, const struct bench_recipe *recipe)
{
	if (recipe->protocol == ICMP || recipe->protocol == ICMPV6) {
		put(frame, 1, recipe->icmp_type);
		put(frame, 3, 0);
		put(frame, 4, 0x00010001);
		return;
	}
	put(frame, 2, recipe->source_port);
	put(frame, 2, recipe->destination_port);
	if (recipe->protocol == UDP) {
		put(frame, 2, recipe->oddity == BENCH_NO_SHAPE ? 26 : 28);
		put(frame, 2, 0);
		if (recipe->oddity == BENCH_NO_SHAPE)
			frame->length += 18; /* makes 60 bytes over IPv4, the shortest frame */
		else
			put_stun(frame);
	} else {
		put(frame, 8, 1);
		put(frame, 1, 0x50);
		put(frame, 1,
		    recipe->oddity == BENCH_NO_FLAGS ? 0 :
		    recipe->oddity == BENCH_BARE_SYN ? 2 :
						       0x10);
		put(frame, 6, 0xffff00000000);
	}
}

static void put_ipv4(struct bench_frame *frame, const struct bench_recipe *recipe)
{
	uint32_t start = frame->length;
	uint16_t total;

	put(frame, 2,
	    recipe->oddity == BENCH_CONTRADICTION ? 0x6500 :
	    recipe->oddity == BENCH_OPTIONS	  ? 0x4600 :
						    0x4500);
	put(frame, 2, 0); /* total length, below */
	put(frame, 2, 1);
	put(frame, 2, recipe->oddity == BENCH_FRAGMENT ? 0x2000 : 0x4000);
	put(frame, 2, 64 << 8 | recipe->protocol);
	put(frame, 2, 0);
	put_bytes(frame, recipe->source.address, 4);
	put_bytes(frame, recipe->destination.address, 4);
	if (recipe->oddity == BENCH_OPTIONS)
		put(frame, 4, 0x01010101);
	put_transport(frame, recipe);
	if (recipe->oddity == BENCH_CUT)
		frame->length = start + 20 + 6;
	total = frame->length - start;
	frame->bytes[start + 2] = total >> 8;
	frame->bytes[start + 3] = total;
}

static void put_ipv6(struct bench_frame *frame, const struct bench_recipe *recipe)
{
	uint32_t start = frame->length;
	uint16_t payload;

	put(frame, 4, recipe->oddity == BENCH_CONTRADICTION ? 0x40000000 : 0x60000000);
	put(frame, 2, 0); /* payload length, below */
	put(frame, 1,
	    recipe->oddity == BENCH_FRAGMENT ? 44 :
	    recipe->oddity == BENCH_OPTIONS  ? 43 :
					       recipe->protocol);
	put(frame, 1, 64);
	put_bytes(frame, recipe->source.address, 16);
	put_bytes(frame, recipe->destination.address, 16);
	if (recipe->oddity == BENCH_FRAGMENT) {
		put(frame, 4, (uint64_t)recipe->protocol << 24 | 1);
		put(frame, 4, 1);
	} else if (recipe->oddity == BENCH_OPTIONS) {
		put(frame, 8, (uint64_t)recipe->protocol << 56);
	}
	put_transport(frame, recipe);
	if (recipe->oddity == BENCH_CUT)
		frame->length = start + 40 + 6;
	payload = frame->length - start - 40;
	frame->bytes[start + 4] = payload >> 8;
	frame->bytes[start + 5] = payload;
}

void bench_frame_build(const struct bench_recipe *recipe, struct bench_frame *frame)
{
	const unsigned int tags =
		recipe->oddity >= BENCH_ONE_TAG && recipe->oddity <= BENCH_THREE_TAGS ?
			recipe->oddity - BENCH_ONE_TAG + 1 :
			0;

	*frame = (struct bench_frame){ .length = 0 };
	/* MAC addresses that nobody has, so the stack drops at once what a filter passes. */
	put(frame, 6, 0x020000000001);
	put(frame, 6, 0x020000000002);
	for (unsigned int tag = 0; tag < tags; tag++)
		put(frame, 4, 0x81000000 | (tag + 1));
	if (recipe->oddity == BENCH_ARP || recipe->oddity == BENCH_OTHER_ETHERTYPE) {
		put(frame, 2, recipe->oddity == BENCH_ARP ? 0x0806 : 0x88cc);
		put(frame, 8, 0x0001080006040001);
	} else if (recipe->source.family == PIM_IPV4) {
		put(frame, 2, 0x0800);
		put_ipv4(frame, recipe);
	} else {
		put(frame, 2, 0x86dd);
		put_ipv6(frame, recipe);
	}
	if (frame->length < 60)
		frame->length = 60;
}
