/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the verdict tests share: a policy from configuration text, through the
 * real reader, compiler and program, and what the program says of a frame.
 *
 * A decision is text: "VERDICT REASON", followed by "RULE LEG" where it names
 * a row, as in "drop role sip-mtls-in forward".
 */
#ifndef PIMXDP_TESTS_HARNESS_H
#define PIMXDP_TESTS_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"
#include "kernel/judge.h"
#include "policy/policy.h"
#include "seed.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A policy in which every role has its own addresses, for both families; options or
 * services may follow it. */
#define EDGE_ACCESS "198.51.100.10"
#define EDGE_AV "198.51.100.11"
#define EDGE_BOTH "198.51.100.12"
#define PARTNER "203.0.113.5"
#define CLIENT "192.0.2.5"
#define MESSENGER "100.64.0.5"
#define BLOCKED "203.0.113.66"	 /* also a partner */
#define FAILSAFE "203.0.113.200" /* also a partner, and blocked */
#define STRANGER "9.9.9.9"
#define EDGE_ACCESS6 "2001:db8:10::10"
#define EDGE_AV6 "2001:db8:10::11"
#define EDGE_BOTH6 "2001:db8:10::12"
#define PARTNER6 "2001:db8:c0de::5"
#define CLIENT6 "2001:db8:c11e::5"
#define MESSENGER6 "2001:db8:3e55::5"
#define BLOCKED6 "2001:db8:c0de::66"
#define FAILSAFE6 "2001:db8:c0de::200"
#define STRANGER6 "2001:db8:bad::5"
#define STANDARD_POLICY                                                                         \
	"edge = { access = [ \"" EDGE_ACCESS "\", \"" EDGE_BOTH "\", \"" EDGE_ACCESS6           \
	"\", \"" EDGE_BOTH6 "\" ]\n"                                                            \
	"av = [ \"" EDGE_AV "\", \"" EDGE_BOTH "\", \"" EDGE_AV6 "\", \"" EDGE_BOTH6 "\" ] }\n" \
	"partners = ( { name = \"contoso\" addresses = [ \"203.0.113.0/24\", "                  \
	"\"2001:db8:c0de::/48\" ] } )\n"                                                        \
	"clients = { addresses = [ \"192.0.2.0/24\", \"2001:db8:c11e::/48\" ] }\n"              \
	"messenger = { addresses = [ \"100.64.0.0/24\", \"2001:db8:3e55::/48\" ] }\n"           \
	"block = { addresses = [ \"" BLOCKED "\", \"" FAILSAFE "\", \"" BLOCKED6                \
	"\", \"" FAILSAFE6 "\", "                                                               \
	"\"127.6.6.6\", \"fe80::66\" ] }\n"                                                     \
	"failsafe = { addresses = [ \"" FAILSAFE "\", \"" FAILSAFE6                             \
	"\", \"127.7.7.7\", \"::1\" ] }\n"

struct judge {
	struct pim_policy policy;
	struct pim_image image;
	struct pim_filter *filter;
	struct pim_decision decision; /* the last one */
	unsigned int judged, failed;  /* since the last check */
	unsigned int checked;
};

/* Reads and compiles a configuration, formatted as by printf, and loads nothing. A
 * policy that is refused fails the test. */
void judge_compile(struct judge *judge, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same, and loads the filter. */
void judge_open(struct judge *judge, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fails the test if any expectation did since the last check, or if there was
 * none. */
void judge_check(struct judge *judge);

/* Frees a judge, loaded or only compiled. */
void judge_free(struct judge *judge);

/* Frees the judge; first checks what was judged since the last check, if anything was. */
void judge_close(struct judge *judge);

/* Judges the frame. A decision other than `expected`, or one that contradicts
 * the frame or the verdict that the program returned, is printed with the
 * description and the frame's bytes. Returns whether it was as expected. */
bool judge_expect(struct judge *judge, const struct frame *frame, const char *expected,
		  const char *description, ...) __attribute__((format(printf, 4, 5)));

/* A line of a table of frames and decisions. */
struct judge_case {
	const char *description;
	struct frame_recipe recipe;
	const char *expected;
};
void judge_cases(struct judge *judge, const struct judge_case *cases, size_t count);

/* The decision as text. */
#define JUDGE_TEXT 96
const char *judge_text(const struct judge *judge, const struct pim_decision *decision,
		       char text[JUDGE_TEXT]);

/* The partner that the last frame was charged to; "": none. */
const char *judge_partner(const struct judge *judge);

/* Nanoseconds by the clock that flows use, which does not advance while a tick is late. */
uint64_t flow_clock_ns(void);

#endif
