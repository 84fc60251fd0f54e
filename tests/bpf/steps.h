/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tests of the steps share: the base packets, which they vary, and a filter in both
 * modes. */
#ifndef PIMXDP_TESTS_STEPS_H
#define PIMXDP_TESTS_STEPS_H

#include "harness.h"
#include "payloads.h"
#include "recipes.h"

/* The base packets: row 1 admits one, row 6 the other. */
#define SIP(from, to)                                                                       \
	.source = (from), .destination = (to), .protocol = FRAME_TCP, .source_port = 40000, \
	.destination_port = 5061, .flags = FRAME_SYN
#define STUN(from, to) UDP(from, to, binding)
#define SIP4 SIP(PARTNER, EDGE_ACCESS)
#define SIP6 SIP(PARTNER6, EDGE_ACCESS6)
#define STUN4 STUN(MESSENGER, EDGE_AV)
#define STUN6 STUN(MESSENGER6, EDGE_AV6)

#define OPTIONS EXTENSION(FRAME_DESTINATION, 8, 0)
#define SEVEN_OPTIONS OPTIONS, OPTIONS, OPTIONS, OPTIONS, OPTIONS, OPTIONS, OPTIONS
#define EIGHT_OPTIONS SEVEN_OPTIONS, OPTIONS
#define PATCH(place, offset, width, value)                \
	{                                                 \
		FRAME_##place, (offset), (width), (value) \
	}

/* STANDARD_POLICY in both modes: loading takes far longer than judging. */
static struct judge standard, observing;

static inline int open_standard(void **state)
{
	(void)state;
	judge_open(&standard, STANDARD_POLICY);
	judge_open(&observing, STANDARD_POLICY "options = { mode = \"observe\" }");
	return 0;
}

static inline int close_standard(void **state)
{
	(void)state;
	judge_close(&standard);
	judge_close(&observing);
	return 0;
}

/* Expects the same decisions in both modes: the harness knows that observe drops nothing. */
static inline void judge_modes(const struct judge_case *cases, size_t count)
{
	judge_cases(&standard, cases, count);
	judge_cases(&observing, cases, count);
	judge_check(&standard);
	judge_check(&observing);
}

static inline void judge_with(const char *options, const struct judge_case *cases, size_t count)
{
	struct judge judge;

	judge_open(&judge, STANDARD_POLICY "options = { %s }", options);
	judge_cases(&judge, cases, count);
	judge_close(&judge);
}

#endif
