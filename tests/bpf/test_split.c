/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The same frame, split at every byte between the linear part of a buffer and a
 * fragment: drivers split where they like, and no decision may depend on it. Needs
 * a BPF_PROG_TEST_RUN that takes the length of the linear part: Linux 6.18, or a
 * stable kernel with the backport (Debian's 6.1 and 6.12 have it).
 */
#include "harness.h"
#include "payloads.h"
#include "recipes.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>

/* pim_filter_judge has no parameter for the split, and no other caller needs one. */
#include "kernel/judge.h"

/* clang-format off */
static const struct judge_case cases[] = {
	{ "ARP", { .ethertype = FRAME_ARP, .tags = { 0x8100, 0x8100 }, .payload_bytes = 28 }, "pass arp" },
	{ "three tags", { TCP(PARTNER, EDGE_ACCESS), .tags = { 0x8100, 0x8100, 0x8100 } }, "drop vlan-depth" },
	{ "TCP", { TCP(PARTNER, EDGE_ACCESS), .payload_bytes = 8 }, "pass rule sip-mtls-in forward" },
	{ "TCP, two tags", { TCP(PARTNER, EDGE_ACCESS), .tags = { 0x88a8, 0x8100 } }, "pass rule sip-mtls-in forward" },
	{ "TCP, options, padded", { TCP(PARTNER, EDGE_ACCESS), .option_bytes = 40, .tcp_option_bytes = 12, .padding_bytes = 9 }, "pass rule sip-mtls-in forward" },
	{ "TCP from a stranger", { TCP(STRANGER, EDGE_ACCESS) }, "drop role sip-mtls-in forward" },
	{ "TCP, no flags", { TCP(PARTNER, EDGE_ACCESS), .patches = { { FRAME_AT_TRANSPORT, 13, 1, 0 } } }, "drop tcp-flags" },
	{ "a later fragment", { TCP(PARTNER, EDGE_ACCESS), .fragment = 1 }, "drop fragment" },
	{ "STUN", { UDP(MESSENGER, EDGE_AV, long_binding) }, "pass rule stun-in forward" },
	{ "MS-TURN", { UDP(MESSENGER, EDGE_AV, msturn) }, "pass rule stun-in forward" },
	{ "almost MS-TURN", { UDP(MESSENGER, EDGE_AV, msturn), .patches = { { FRAME_AT_PAYLOAD, 27, 1, 0 } } }, "drop stun-shape stun-in forward" },
	{ "cut", { TCP(PARTNER, EDGE_ACCESS), .patches = { { FRAME_AT_IP, 2, 2, 41 } } }, "drop truncated" },
	{ "TCP over IPv6, headers", { TCP(PARTNER6, EDGE_ACCESS6), .tags = { 0x8100 }, .extensions = { EXTENSION(FRAME_HOP_BY_HOP, 8, 0), EXTENSION(FRAME_ROUTING, 24, 0x0200), EXTENSION(FRAME_FRAGMENT, 8, 0), EXTENSION(FRAME_AH, 12, 0) }, .extension_count = 4 }, "pass rule sip-mtls-in forward" },
	{ "routing type 0", { TCP(PARTNER6, EDGE_ACCESS6), .extensions = { EXTENSION(FRAME_DESTINATION, 8, 0), EXTENSION(FRAME_ROUTING, 24, 0) }, .extension_count = 2 }, "drop ipv6-ext" },
	{ "an IPv6 fragment", { TCP(PARTNER6, EDGE_ACCESS6), .extensions = { EXTENSION(FRAME_DESTINATION, 8, 0), EXTENSION(FRAME_FRAGMENT, 8, 8) }, .extension_count = 2 }, "drop fragment" },
	{ "STUN over IPv6", { UDP(MESSENGER6, EDGE_AV6, long_binding) }, "pass rule stun-in forward" },
	{ "SNAP", { .ethertype = 48, .tags = { 0x8100 }, .payload = "\xaa\xaa\3\0\0\0\x86\xdd", .payload_bytes = 8, .padding_bytes = 40 }, "drop snap" },
	{ "almost SNAP", { .ethertype = 48, .payload = "\xaa\xaa\3\0\0\0\x86\xde", .payload_bytes = 8, .padding_bytes = 40 }, "pass non-ip" },
	{ "a segment left", { TCP(PARTNER6, EDGE_ACCESS6), .extensions = { EXTENSION(FRAME_ROUTING, 24, 0x0401) }, .extension_count = 1 }, "drop ipv6-ext" },
	{ "ICMPv6", { .source = STRANGER6, .destination = EDGE_AV6, .protocol = FRAME_ICMPV6, .icmp_type = 135, .hop_limit = 255, .payload_bytes = 20 }, "pass icmp" },
};
/* clang-format on */

/* With fragments = pass. */
/* clang-format off */
static const struct judge_case fragments[] = {
	{ "first, TCP", { TCP(PARTNER, EDGE_ACCESS), .fragment = 0x2000, .payload_bytes = 8 }, "pass rule sip-mtls-in forward" },
	{ "first, TCP cut short, padded", { TCP(PARTNER, EDGE_ACCESS), .fragment = 0x2000, .tcp_option_bytes = 12, .patches = { { FRAME_AT_IP, 2, 2, 51 } } }, "drop fragment" },
	{ "first, MS-TURN, a tag", { UDP(MESSENGER, EDGE_AV, msturn), .tags = { 0x8100 }, .fragment = 0x2000, .patches = { { FRAME_AT_TRANSPORT, 4, 2, 1036 }, { FRAME_AT_PAYLOAD, 2, 2, 1008 } } }, "pass rule stun-in forward" },
	{ "first, not all of MS-TURN, padded", { UDP(MESSENGER, EDGE_AV, msturn), .fragment = 0x2000, .patches = { { FRAME_AT_IP, 2, 2, 55 } } }, "drop stun-shape stun-in forward" },
	{ "first, STUN over IPv6", { UDP(MESSENGER6, EDGE_AV6, long_binding), .extensions = { EXTENSION(FRAME_FRAGMENT, 8, 1), EXTENSION(FRAME_DESTINATION, 8, 0) }, .extension_count = 2 }, "pass rule stun-in forward" },
	{ "first, ICMPv6", { .source = STRANGER6, .destination = EDGE_AV6, .protocol = FRAME_ICMPV6, .icmp_type = 128, .extensions = { EXTENSION(FRAME_FRAGMENT, 8, 1) }, .extension_count = 1 }, "pass icmp" },
	{ "offset 1", { TCP(PARTNER, EDGE_ACCESS), .fragment = 0x2001 }, "drop fragment" },
	{ "offset 2, IPv6", { TCP(PARTNER6, EDGE_ACCESS6), .extensions = { EXTENSION(FRAME_DESTINATION, 8, 0), EXTENSION(FRAME_FRAGMENT, 8, 16) }, .extension_count = 2 }, "pass fragment" },
};
/* clang-format on */

/* Judges the frame with `linear` bytes in the linear part; -errno from the kernel. */
static int judge_split(struct judge *judge, const struct frame *frame, uint32_t linear_bytes,
		       struct pim_decision *decision, bool *passed)
{
	volatile struct pim_decision *written = pim_filter_decision(judge->filter);
	struct xdp_md context = { .data_end = linear_bytes };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->bytes,
		    .data_size_in = frame->length, .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = 1);

	*written = (struct pim_decision){ .outcome = PIM_UNDECIDED };
	if (bpf_prog_test_run_opts(pim_filter_program(judge->filter), &options))
		return -errno;
	*decision = *written;
	*passed = options.retval == XDP_PASS;
	return 0;
}

static void judge_splits(struct judge *judge, const struct judge_case *table, size_t count)
{
	static struct frame frame;
	bool passed;

	for (size_t at = 0; at < count; at++) {
		frame_build(&table[at].recipe, &frame);
		if (!judge_expect(judge, &frame, table[at].expected, "%s, whole",
				  table[at].description))
			continue;
		for (uint32_t linear = 14; linear <= frame.length; linear++) {
			struct pim_decision decision;
			char found[JUDGE_TEXT];

			assert_int_equal(judge_split(judge, &frame, linear, &decision, &passed), 0);
			judge->judged++;
			if (!memcmp(&decision, &judge->decision, sizeof(decision)) &&
			    passed == !strncmp(table[at].expected, "pass", 4))
				continue;
			print_error("%s, split at %u of %u: expected %s, found %s, %s\n",
				    table[at].description, linear, frame.length, table[at].expected,
				    decision.outcome == PIM_UNDECIDED ?
					    "nothing" :
					    judge_text(judge, &decision, found),
				    passed ? "passed" : "dropped");
			judge->failed++;
		}
	}
}

static void ignores_where_a_frame_is_split(void **state)
{
	static struct frame frame;
	struct judge judge;
	bool passed;

	(void)state;
	judge_open(&judge, STANDARD_POLICY "options = { ip-options = \"classify\" }");
	frame_build(&cases[0].recipe, &frame);
	if (judge_split(&judge, &frame, frame.length - 1, &judge.decision, &passed) == -EINVAL) {
		judge_free(&judge);
		print_message(
			"# this kernel's BPF_PROG_TEST_RUN splits no frame before the page's end\n");
		skip();
	}
	judge_splits(&judge, cases, COUNT(cases));
	judge_close(&judge);
	judge_open(&judge, STANDARD_POLICY "options = { fragments = \"pass\" }");
	judge_splits(&judge, fragments, COUNT(fragments));
	judge_close(&judge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ignores_where_a_frame_is_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
