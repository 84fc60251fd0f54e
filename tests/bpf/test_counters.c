/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The counters after known traffic: each frame is counted once, by reason, rule and partner. */
#include "harness.h"
#include "kernel/counters.h"
#include "kernel/judge.h"
#include "kernel/probe.h"

#include <bpf/bpf.h>

#include <inttypes.h>

#define TCP(from, to, port, set)                                                            \
	.source = (from), .destination = (to), .protocol = FRAME_TCP, .source_port = 40000, \
	.destination_port = (port), .flags = (set)
#define UDP(from, from_port, to, to_port, bytes)                                                  \
	.source = (from), .destination = (to), .protocol = FRAME_UDP, .source_port = (from_port), \
	.destination_port = (to_port), .payload_bytes = (bytes)

#define POLICY                                                                                              \
	"edge = { access = [ \"198.51.100.10\", \"2001:db8:10::10\" ] }\n"                                  \
	"partners = ( { name = \"contoso\" addresses = [ \"203.0.113.0/24\", \"2001:db8:c0de::/48\" ] },\n" \
	"{ name = \"fabrikam\" addresses = [ \"203.0.113.128/25\" ] },\n"                                   \
	"{ name = \"silent\" addresses = [ \"10.0.0.0/8\" ] } )\n"                                          \
	"clients = { addresses = [ \"192.0.2.0/24\", \"203.0.113.0/24\" ] }\n"                              \
	"block = { addresses = [ \"203.0.113.66\" ] }\n"                                                    \
	"failsafe = { addresses = [ \"203.0.113.200\" ] }\n"                                                \
	"services = ( { name = \"dns\", transport = \"udp\", direction = \"out\", edge = \"access\", "      \
	"peers = \"client\", ports = [ \"53\" ] } )\n"
#define ACCESS "198.51.100.10"
#define ACCESS6 "2001:db8:10::10"

/* A frame, how often it is sent, its length, and where it is counted. */
struct traffic {
	struct frame_recipe recipe;
	unsigned int times, bytes;
	const char *verdict, *reason;
	const char *rule, *leg; /* "": counted for no rule */
	const char *partner;	/* "": charged to no partner */
};
/* clang-format off */
static const struct traffic traffic[] = {
	{ { TCP("203.0.113.5", ACCESS, 5061, FRAME_SYN) }, 5, 54, "pass", "rule", "sip-mtls-in", "forward", "contoso" },
	{ { TCP("203.0.113.5", ACCESS, 5061, FRAME_ACK), .payload_bytes = 1400, .tags = { 0x8100 } }, 3, 1458, "pass", "rule", "sip-mtls-in", "forward", "contoso" },
	{ { TCP("2001:db8:c0de::5", ACCESS6, 5061, FRAME_ACK), .padding_bytes = 10 }, 2, 84, "pass", "rule", "sip-mtls-in", "forward", "contoso" },
	{ { TCP("203.0.113.129", ACCESS, 443, FRAME_ACK), .payload_bytes = 8000 }, 4, 8054, "pass", "rule", "sip-tls-in", "forward", "fabrikam" },
	{ { .source = "203.0.113.130", .destination = ACCESS, .protocol = FRAME_TCP, .source_port = 5061, .destination_port = 40000, .flags = FRAME_SYN_ACK }, 7, 54, "pass", "rule", "sip-mtls-out", "reply", "fabrikam" },
	{ { TCP("192.0.2.1", ACCESS, 443, FRAME_SYN) }, 6, 54, "pass", "rule", "sip-tls-in", "forward", "" },
	{ { UDP("192.0.2.1", 53, ACCESS, 40000, 100) }, 2, 142, "pass", "rule", "dns", "reply", "" },
	{ { .ethertype = FRAME_ARP, .payload_bytes = 46 }, 9, 60, "pass", "arp", "", "", "" },
	{ { .ethertype = 0x88cc, .payload_bytes = 100 }, 1, 114, "pass", "non-ip", "", "", "" },
	{ { TCP("203.0.113.5", "198.51.100.99", 5061, FRAME_SYN) }, 2, 54, "pass", "not-edge", "", "", "" },
	{ { TCP("203.0.113.200", ACCESS, 22, FRAME_SYN) }, 3, 54, "pass", "failsafe", "", "", "" },
	{ { .source = "9.9.9.9", .destination = ACCESS, .protocol = FRAME_ICMP, .icmp_type = 8, .payload_bytes = 56 }, 4, 98, "pass", "icmp", "", "", "" },
	{ { TCP("203.0.113.5", ACCESS, 5061, FRAME_SYN), .patches = { { FRAME_AT_IP, 2, 2, 41 } } }, 1, 54, "drop", "truncated", "", "", "" },
	{ { TCP("203.0.113.5", ACCESS, 5061, FRAME_SYN), .tags = { 0x8100, 0x8100, 0x8100 } }, 2, 66, "drop", "vlan-depth", "", "", "" },
	{ { TCP("203.0.113.5", ACCESS, 5061, FRAME_SYN), .patches = { { FRAME_AT_IP, 0, 1, 0x44 } } }, 3, 54, "drop", "malformed", "", "", "" },
	{ { TCP("127.0.0.1", ACCESS, 5061, FRAME_SYN) }, 4, 54, "drop", "martian", "", "", "" },
	{ { TCP("203.0.113.66", ACCESS, 5061, FRAME_SYN) }, 5, 54, "drop", "blocked", "", "", "" },
	{ { TCP("203.0.113.5", ACCESS, 5061, FRAME_SYN), .option_bytes = 4 }, 6, 58, "drop", "ip-options", "", "", "" },
	{ { TCP("2001:db8:c0de::5", ACCESS6, 5061, FRAME_SYN), .extensions = { { FRAME_ROUTING, 8, 0 } }, .extension_count = 1 }, 7, 82, "drop", "ipv6-ext", "", "", "" },
	{ { TCP("203.0.113.5", ACCESS, 5061, FRAME_SYN), .fragment = 0x2000 }, 8, 54, "drop", "fragment", "", "", "" },
	{ { .source = "9.9.9.9", .destination = ACCESS, .protocol = FRAME_ICMP, .icmp_type = 5 }, 9, 42, "drop", "icmp-type", "", "", "" },
	{ { TCP("203.0.113.5", ACCESS, 5061, FRAME_SYN | FRAME_FIN) }, 1, 54, "drop", "tcp-flags", "", "", "" },
	{ { TCP("203.0.113.5", ACCESS, 0, FRAME_SYN) }, 2, 54, "drop", "port-zero", "", "", "" },
	{ { .source = "203.0.113.5", .destination = ACCESS, .protocol = 132, .payload_bytes = 20 }, 3, 54, "drop", "protocol", "", "", "" },
	{ { TCP("9.9.9.9", ACCESS, 5061, FRAME_SYN) }, 4, 54, "drop", "role", "", "", "" },
	{ { .source = "203.0.113.130", .destination = ACCESS, .protocol = FRAME_TCP, .source_port = 5061, .destination_port = 40000, .flags = FRAME_SYN }, 5, 54, "drop", "unsolicited", "", "", "" },
	{ { TCP("203.0.113.5", ACCESS, 80, FRAME_SYN) }, 6, 54, "drop", "no-service", "", "", "" },
	{ { UDP("192.0.2.1", 40000, ACCESS, 3478, 19) }, 7, 61, "drop", "stun-shape", "", "", "" },
};
/* clang-format on */

/* The traffic that a counter's names select. */
struct sum {
	uint64_t packets, bytes;
};

static void add_traffic(struct sum *sum, const struct traffic *one)
{
	sum->packets += one->times;
	sum->bytes += (uint64_t)one->times * one->bytes;
}

static void check(const char *what, const char *name, const struct sum *sum, uint64_t packets,
		  uint64_t bytes)
{
	if (packets != sum->packets || bytes != sum->bytes)
		fail_msg("%s %s: expected %" PRIu64 " packets and %" PRIu64 " bytes, found %" PRIu64
			 " and %" PRIu64,
			 what, name, sum->packets, sum->bytes, packets, bytes);
}

static void read_counters(const struct judge *judge, struct pim_raw *raw)
{
	struct pim_error error = {};

	if (pim_filter_read(judge->filter, false, raw, &error))
		fail_msg("%s", error.text);
}

static void judge_frame(struct judge *judge, const struct frame *frame)
{
	struct pim_error error = {};
	bool passed;

	if (pim_filter_judge(judge->filter, frame->bytes, frame->length, &judge->decision, &passed,
			     &error))
		fail_msg("%s", error.text);
	judge->judged++;
}

/* Sends one frame of each kind in turn, until each has been sent as often as it should be. */
static void send_all(struct judge *judge)
{
	static struct frame frame;
	unsigned int left = 1;

	for (unsigned int round = 0; left; round++) {
		left = 0;
		for (size_t at = 0; at < COUNT(traffic); at++) {
			if (round >= traffic[at].times)
				continue;
			left++;
			frame_build(&traffic[at].recipe, &frame);
			assert_int_equal(frame.length, traffic[at].bytes);
			judge_frame(judge, &frame);
		}
	}
}

static void check_counters(struct judge *judge, unsigned int rounds)
{
	unsigned int packets = 0, known = 0;
	struct pim_raw raw;

	read_counters(judge, &raw);
	for (size_t entry = 0; entry < PIM_OUTCOMES; entry++) {
		const struct pim_reason_entry *reason = &raw.reasons[entry];
		struct sum sum = {};

		for (size_t at = 0; at < COUNT(traffic) * rounds; at++)
			if (!strcmp(traffic[at % COUNT(traffic)].reason, reason->reason) &&
			    !strcmp(traffic[at % COUNT(traffic)].verdict, reason->verdict))
				add_traffic(&sum, &traffic[at % COUNT(traffic)]);
		check(reason->verdict, reason->reason, &sum, reason->packets, reason->bytes);
		packets += reason->packets;
	}
	assert_int_equal(packets, judge->judged);

	for (size_t entry = 0; entry < raw.rule_count; entry++) {
		const struct pim_rule_entry *rule = &raw.rules[entry];
		struct sum sum = {};

		for (size_t at = 0; at < COUNT(traffic) * rounds; at++)
			if (!strcmp(traffic[at % COUNT(traffic)].rule, rule->rule) &&
			    !strcmp(traffic[at % COUNT(traffic)].leg, rule->leg))
				add_traffic(&sum, &traffic[at % COUNT(traffic)]);
		check(rule->rule, rule->leg, &sum, rule->packets, rule->bytes);
		known += sum.packets != 0;
	}
	assert_int_equal(known, 4); /* sip-mtls-in, sip-mtls-out, sip-tls-in, dns */

	known = 0;
	assert_string_equal(raw.partners[0].partner, "");
	assert_int_equal(raw.partners[0].packets, 0);
	for (size_t entry = 1; entry < raw.partner_count; entry++) {
		const struct pim_partner_entry *partner = &raw.partners[entry];
		struct sum sum = {};

		for (size_t at = 0; at < COUNT(traffic) * rounds; at++)
			if (!strcmp(traffic[at % COUNT(traffic)].partner, partner->partner))
				add_traffic(&sum, &traffic[at % COUNT(traffic)]);
		check("partner", partner->partner, &sum, partner->packets, partner->bytes);
		known++;
	}
	assert_int_equal(known, 3);
	pim_raw_free(&raw);
}

static void counts_known_traffic(void **state)
{
	static const char *const modes[] = { "enforce", "observe" };
	struct judge judge;

	(void)state;
	for (size_t mode = 0; mode < COUNT(modes); mode++) {
		judge_open(&judge, POLICY "options = { mode = \"%s\" }", modes[mode]);
		send_all(&judge);
		check_counters(&judge, 1);
		send_all(&judge);
		check_counters(&judge, 2);
		judge_close(&judge);
	}
}

/* Adds to memory that are one instruction, in what the verifier left of the program. */
static unsigned int atomic_adds(const struct judge *judge)
{
	enum { MOST = 1 << 16, ADD = BPF_STX | BPF_ATOMIC | BPF_DW };
	static struct bpf_insn instructions[MOST];
	struct bpf_prog_info info = { .xlated_prog_insns = (uintptr_t)instructions,
				      .xlated_prog_len = sizeof(instructions) };
	__u32 size = sizeof(info);
	unsigned int count = 0;

	assert_int_equal(bpf_obj_get_info_by_fd(pim_filter_program(judge->filter), &info, &size),
			 0);
	assert_in_range(info.xlated_prog_len, 1, sizeof(instructions));
	for (size_t at = 0; at < info.xlated_prog_len / sizeof(*instructions); at++)
		count += instructions[at].code == ADD;
	return count;
}

/* The kernel with PREEMPT_RT: each counter by one instruction; and without: by none. */
static void counts_atomically_where_packets_preempt(void **state)
{
	struct pim_error error = {};
	struct judge judge;

	(void)state;
	judge_open(&judge, POLICY);
	if (!pim_kernel_realtime())
		assert_int_equal(atomic_adds(&judge), 0);
	pim_filter_free(judge.filter);
	judge.filter = NULL;
	assert_int_equal(pim_filter_load(&judge.image, NULL, PIM_LOAD_TRACE | PIM_LOAD_PREEMPTIBLE,
					 &judge.filter, &error),
			 0);
	/* Packets and bytes, of reasons, rules and partners. */
	assert_in_range(atomic_adds(&judge), 2 * 3, UINT32_MAX);
	send_all(&judge);
	check_counters(&judge, 1);
	judge_close(&judge);
}

/* A frame adds one to exactly one reason, and to one rule or none. */
static void counts_a_frame_once(void **state)
{
	static struct frame frame;
	struct pim_raw before, after;
	struct judge judge;

	(void)state;
	judge_open(&judge, POLICY);
	for (size_t at = 0; at < COUNT(traffic); at++) {
		const struct traffic *one = &traffic[at];
		unsigned int reasons = 0, rules = 0, partners = 0;

		frame_build(&one->recipe, &frame);
		read_counters(&judge, &before);
		judge_frame(&judge, &frame);
		read_counters(&judge, &after);
		for (size_t entry = 0; entry < PIM_OUTCOMES; entry++) {
			unsigned int more =
				after.reasons[entry].packets - before.reasons[entry].packets;

			reasons += more;
			if (!more)
				continue;
			assert_string_equal(after.reasons[entry].reason, one->reason);
			assert_string_equal(after.reasons[entry].verdict, one->verdict);
			assert_int_equal(after.reasons[entry].bytes - before.reasons[entry].bytes,
					 frame.length);
		}
		for (size_t entry = 0; entry < after.rule_count; entry++)
			rules += after.rules[entry].packets - before.rules[entry].packets;
		for (size_t entry = 0; entry < after.partner_count; entry++)
			partners += after.partners[entry].packets - before.partners[entry].packets;
		assert_int_equal(reasons, 1);
		assert_int_equal(rules, *one->rule ? 1 : 0);
		assert_int_equal(partners, *one->partner ? 1 : 0);
		pim_raw_free(&before);
		pim_raw_free(&after);
	}
	judge_close(&judge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_known_traffic),
		cmocka_unit_test(counts_atomically_where_packets_preempt),
		cmocka_unit_test(counts_a_frame_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
