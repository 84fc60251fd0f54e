/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The flow tables inside the program in the kernel: with more flows than slots, no packet
 * is missing from the sums. PIM_SEED repeats a run.
 */
#include "harness.h"

#include <endian.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "kernel/counters.h"

static uint64_t state;

#define FLOW_POLICY                                                                                     \
	"edge = { access = [ \"198.51.100.10\", \"198.18.0.0/16\", \"2001:db8:10::10\", "               \
	"\"2001:db8:20::/48\" ] }\n"                                                                    \
	"partners = ( { name = \"contoso\" addresses = [ \"10.0.0.0/8\", \"2001:db8:c0de::/48\" ] },\n" \
	"{ name = \"fabrikam\" addresses = [ \"10.128.0.0/9\", \"2001:db8:c0de:8000::/49\" ] } )\n"     \
	"clients = { addresses = [ \"172.16.0.0/12\", \"2001:db8:c11e::/48\" ] }\n"

/* A flow, by its number and its family. */
struct flow {
	unsigned int number;
	bool six;
};

/* What each flow sent, by its number, to compare with the program's slots. */
struct sent {
	uint32_t packets;
	uint32_t bytes;
	uint8_t flags;
};

/* The CPUs that this process may use, which need not be the machine's first. */
static cpu_set_t usable;

static void pin_to(unsigned int which)
{
	unsigned int cpu = 0;
	cpu_set_t set;

	while (!CPU_ISSET(cpu, &usable) || which--)
		cpu++;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

/* Where flows differ. Each place is in a different word of the key, so that some flows
 * that share a slot differ in this word alone. */
enum place { PORT, SOURCE, SOURCE_END, DESTINATION, DESTINATION_END };

#define COMMON_PORT 9999

static enum place place_of(const struct flow *flow)
{
	static const enum place four[] = { PORT, SOURCE_END, DESTINATION_END };

	return flow->six ? (enum place)(flow->number % 5) : four[flow->number % 3];
}

static void flow_frame(const struct flow *flow, uint8_t flags, unsigned int payload_bytes,
		       struct frame *frame)
{
	const enum place place = place_of(flow);
	const bool in_pool = place == DESTINATION || place == DESTINATION_END;
	const struct frame_recipe recipe = {
		.source = flow->six ? "2001:db8:c0de::" : "10.0.0.0",
		.destination = flow->six ? in_pool ? "2001:db8:20::" : "2001:db8:10::10" :
			       in_pool	 ? "198.18.0.0" :
					   "198.51.100.10",
		.protocol = FRAME_TCP,
		.source_port = (uint16_t)(place == PORT ? 10000 + flow->number : COMMON_PORT),
		.destination_port = 5061,
		.flags = flags,
		.payload_bytes = payload_bytes,
	};
	uint32_t source, destination;

	frame_build(&recipe, frame);
	source = frame->ip + (flow->six ? 8 : 12);
	destination = frame->ip + (flow->six ? 24 : 16);
	if (place == SOURCE)
		frame_put(frame, source + 6, 2, flow->number);
	else if (place == SOURCE_END)
		frame_put(frame, source + (flow->six ? 13 : 1), 3, flow->number);
	else if (place == DESTINATION)
		frame_put(frame, destination + 6, 2, flow->number);
	else if (place == DESTINATION_END)
		frame_put(frame, destination + (flow->six ? 14 : 2), 2, flow->number);
}

/* The inverse: the flow that an entry of the table stands for. */
static struct flow flow_of(const struct pim_raw_flow *raw)
{
	const uint8_t *source = raw->key.source, *destination = raw->key.destination;
	struct flow flow = { .six = raw->family == PIM_IPV6 };
	unsigned int port = be16toh(raw->key.source_port_be);

	if (port != COMMON_PORT)
		flow.number = port - 10000;
	else if (!flow.six && destination[1] == 18)
		flow.number = destination[2] << 8 | destination[3];
	else if (!flow.six)
		flow.number = (uint32_t)source[1] << 16 | source[2] << 8 | source[3];
	else if (destination[5] == 0x20)
		flow.number = destination[6] << 8 | destination[7] | destination[14] << 8 |
			      destination[15];
	else
		flow.number = source[6] << 8 | source[7] | (uint32_t)source[13] << 16 |
			      source[14] << 8 | source[15];
	return flow;
}

static void send(struct judge *judge, const struct flow *flow, uint8_t flags,
		 unsigned int payload_bytes, struct sent *sent)
{
	static struct frame frame;
	struct pim_error error = {};
	bool passed;

	flow_frame(flow, flags, payload_bytes, &frame);
	if (pim_filter_judge(judge->filter, frame.bytes, frame.length, &judge->decision, &passed,
			     &error))
		fail_msg("%s", error.text);
	assert_int_equal(judge->decision.outcome, PIM_PASS_RULE);
	judge->judged++;
	if (!sent)
		return;
	sent->packets++;
	sent->bytes += frame.length;
	sent->flags |= flags;
}

static void read_flows(const struct judge *judge, struct pim_raw *raw)
{
	struct pim_error error = {};

	if (pim_filter_read(judge->filter, true, raw, &error))
		fail_msg("%s", error.text);
}

/* The flows held and the flows evicted add up to what the rules counted, and to what was
 * sent. Returns how many flows are held. */
static uint64_t check_sums(const struct judge *judge, const struct pim_raw *raw)
{
	uint64_t rule_packets = 0, rule_bytes = 0, packets = raw->flow_state.evicted_packets;
	uint64_t bytes = raw->flow_state.evicted_bytes;

	for (size_t at = 0; at < raw->rule_count; at++) {
		rule_packets += raw->rules[at].packets;
		rule_bytes += raw->rules[at].bytes;
	}
	for (size_t at = 0; at < raw->flow_count; at++) {
		assert_true(raw->flows[at].packets > 0);
		packets += raw->flows[at].packets;
		bytes += raw->flows[at].bytes;
	}
	assert_int_equal(packets, rule_packets);
	assert_int_equal(bytes, rule_bytes);
	assert_int_equal(rule_packets, judge->judged);
	assert_true(raw->flow_state.inserts <= judge->judged);
	assert_true(raw->flow_state.evicted_packets >= raw->flow_state.evictions);
	return raw->flow_state.inserts - raw->flow_state.evictions;
}

/* Each flow that is held was sent, is in the list once, and has counted no more than it
 * sent; exactly what it sent, if nothing was evicted. */
static void check_flows(const struct pim_raw *raw, struct sent *const sent[2], unsigned int count,
			uint64_t started_ns, bool all)
{
	bool *seen[2] = { calloc(count, sizeof(bool)), calloc(count, sizeof(bool)) };
	const uint64_t slack_ns = 50000000; /* ticks are coarse */

	assert_true(seen[0] && seen[1]);
	for (size_t at = 0; at < raw->flow_count; at++) {
		const struct pim_raw_flow *held = &raw->flows[at];
		struct flow flow = flow_of(held);
		const struct sent *one;
		static struct frame frame;

		assert_true(flow.number < count);
		assert_false(seen[flow.six][flow.number]);
		seen[flow.six][flow.number] = true;
		one = &sent[flow.six][flow.number];
		assert_true(held->packets <= one->packets);
		assert_true(held->bytes <= one->bytes);
		assert_false(held->tcp_flags & ~one->flags);
		if (all || held->packets == one->packets) {
			assert_int_equal(held->packets, one->packets);
			assert_int_equal(held->bytes, one->bytes);
			assert_int_equal(held->tcp_flags, one->flags);
		}
		/* The key is the frame's, to the byte. */
		flow_frame(&flow, FRAME_SYN, 0, &frame);
		assert_memory_equal(held->key.source, frame.bytes + frame.ip + (flow.six ? 8 : 12),
				    flow.six ? 16 : 4);
		assert_memory_equal(held->key.destination,
				    frame.bytes + frame.ip + (flow.six ? 24 : 16),
				    flow.six ? 16 : 4);
		assert_memory_equal(&held->key.source_port_be, frame.bytes + frame.transport, 4);
		assert_int_equal(held->key.protocol, FRAME_TCP);
		assert_string_equal(raw->rules[held->rule].rule, "sip-mtls-in");
		assert_string_equal(raw->partners[held->partner].partner,
				    (flow.six ? held->key.source[6] : held->key.source[1]) & 0x80 ?
					    "fabrikam" :
					    "contoso");
		assert_true(held->first_ns <= held->last_ns);
		assert_true(held->first_ns + slack_ns >= started_ns);
		assert_true(held->last_ns <= flow_clock_ns() + slack_ns);
	}
	free(seen[0]);
	free(seen[1]);
}

/* Opens a filter in which each of these flows has a slot of its own, and was seen once.
 * Every load has a different hash. */
static void open_apart(struct judge *judge, const struct flow *flows, size_t count)
{
	pin_to(0);
	for (unsigned int attempt = 0; attempt < 20; attempt++) {
		struct judge tried;
		struct pim_raw raw;
		uint64_t evictions;

		judge_open(&tried, FLOW_POLICY);
		for (size_t at = 0; at < count; at++)
			send(&tried, &flows[at], FRAME_SYN, 0, NULL);
		read_flows(&tried, &raw);
		evictions = raw.flow_state.evictions;
		pim_raw_free(&raw);
		if (!evictions) {
			*judge = tried;
			return;
		}
		judge_close(&tried);
	}
	fail_msg("%zu flows have found no slots of their own", count);
}

static void counts_a_flow_up(void **context)
{
	const struct flow flows[4] = {
		{ 1, false }, { 0x800002, false }, { 7, true }, { 0x8003, true }
	};
	struct sent sent[4] = {};
	struct judge judge;
	uint64_t started_ns;
	struct pim_raw raw;

	(void)context;
	started_ns = flow_clock_ns();
	open_apart(&judge, flows, COUNT(flows));
	read_flows(&judge, &raw);
	assert_true(raw.flow_slots >= PIM_SLOTS4 + PIM_SLOTS6);
	pim_raw_free(&raw);
	for (size_t at = 0; at < COUNT(flows); at++)
		sent[at] = (struct sent){ 1, at < 2 ? 54 : 74, FRAME_SYN };
	for (unsigned int round = 1; round <= 6; round++) {
		for (size_t at = 0; round > 1 && at < COUNT(flows); at++)
			send(&judge, &flows[at], round == 4 ? FRAME_ACK | FRAME_PSH : FRAME_ACK,
			     100 * round, &sent[at]);
		read_flows(&judge, &raw);
		assert_int_equal(check_sums(&judge, &raw), COUNT(flows));
		assert_int_equal(raw.flow_state.inserts, COUNT(flows));
		assert_int_equal(raw.flow_state.evictions, 0);
		assert_int_equal(raw.flow_count, COUNT(flows));
		for (size_t at = 0; at < COUNT(flows); at++) { /* in the order of the keys */
			const struct pim_raw_flow *flow = &raw.flows[at];

			assert_int_equal(flow_of(flow).number, flows[at].number);
			assert_int_equal(flow->packets, round);
			assert_int_equal(flow->bytes, sent[at].bytes);
			assert_int_equal(flow->tcp_flags, sent[at].flags);
			assert_true(flow->first_ns <= flow->last_ns);
			assert_true(flow->last_ns <= flow_clock_ns() + 50000000);
			assert_true(flow->first_ns + 50000000 >= started_ns);
			assert_string_equal(raw.partners[flow->partner].partner,
					    at % 2 ? "fabrikam" : "contoso");
		}
		pim_raw_free(&raw);
	}
	judge_check(&judge);
	judge_close(&judge);
}

static void starts_with_no_flow(void **context)
{
	struct judge judge;
	struct pim_raw raw;

	(void)context;
	judge_open(&judge, FLOW_POLICY);
	read_flows(&judge, &raw);
	assert_int_equal(raw.flow_count, 0);
	assert_int_equal(check_sums(&judge, &raw), 0);
	assert_int_equal(raw.flow_state.inserts, 0);
	pim_raw_free(&raw);
	judge_free(&judge);
}

/* Flows that differ only in a port, a bit of an address or the protocol are two flows;
 * packets that are not admitted are none. */
static void tells_flows_apart(void **context)
{
	static const struct frame_recipe recipes[] = {
		{ .source = "10.0.0.1",
		  .destination = "198.51.100.10",
		  .protocol = FRAME_TCP,
		  .source_port = 40000,
		  .destination_port = 5061,
		  .flags = FRAME_SYN },
		{ .source = "10.0.0.1",
		  .destination = "198.51.100.10",
		  .protocol = FRAME_TCP,
		  .source_port = 40001,
		  .destination_port = 5061,
		  .flags = FRAME_SYN },
		{ .source = "10.0.0.2",
		  .destination = "198.51.100.10",
		  .protocol = FRAME_TCP,
		  .source_port = 40000,
		  .destination_port = 5061,
		  .flags = FRAME_SYN },
		{ .source = "172.16.0.1",
		  .destination = "198.51.100.10",
		  .protocol = FRAME_TCP,
		  .source_port = 40000,
		  .destination_port = 443,
		  .flags = FRAME_SYN },
		{ .source = "172.16.0.1",
		  .destination = "198.51.100.10",
		  .protocol = FRAME_UDP,
		  .source_port = 40000,
		  .destination_port = 3478 },
		{ .source = "2001:db8:c11e::1",
		  .destination = "2001:db8:10::10",
		  .protocol = FRAME_TCP,
		  .source_port = 40000,
		  .destination_port = 443,
		  .flags = FRAME_SYN },
		{ .source = "2001:db8:c11e::1",
		  .destination = "2001:db8:10::10",
		  .protocol = FRAME_UDP,
		  .source_port = 40000,
		  .destination_port = 3478 },
		{ .source = "2001:db8:c11e::1",
		  .destination = "2001:db8:10::10",
		  .protocol = FRAME_UDP,
		  .source_port = 40001,
		  .destination_port = 3478 },
		{ .source = "2001:db8:c11e:0:1::1",
		  .destination = "2001:db8:10::10",
		  .protocol = FRAME_UDP,
		  .source_port = 40001,
		  .destination_port = 3478 },
	};
	static const uint8_t stun[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42 };
	/* clang-format off */
	static const struct frame_recipe strangers[] = {
		{ .source = "9.9.9.9", .destination = "198.51.100.10", .protocol = FRAME_TCP,
		  .source_port = 40000, .destination_port = 5061, .flags = FRAME_SYN },
		{ .source = "10.0.0.1", .destination = "198.51.100.10", .protocol = FRAME_ICMP,
		  .icmp_type = 8, .payload_bytes = 56 },
		{ .source = "10.0.0.1", .destination = "198.51.100.11", .protocol = FRAME_TCP,
		  .source_port = 40000, .destination_port = 5061, .flags = FRAME_SYN },
	};
	/* clang-format on */
	static struct frame frame;
	struct pim_error error = {};
	struct judge judge;
	struct pim_raw raw;
	bool passed;

	(void)context;
	judge_open(&judge, FLOW_POLICY);
	pin_to(0);
	for (size_t at = 0; at < COUNT(recipes); at++) {
		struct frame_recipe recipe = recipes[at];

		if (recipe.protocol == FRAME_UDP) {
			recipe.payload = stun;
			recipe.payload_bytes = sizeof(stun);
		}
		frame_build(&recipe, &frame);
		for (size_t times = 0; times <= at; times++) {
			assert_int_equal(pim_filter_judge(judge.filter, frame.bytes, frame.length,
							  &judge.decision, &passed, &error),
					 0);
			assert_int_equal(judge.decision.outcome, PIM_PASS_RULE);
			judge.judged++;
		}
	}
	for (size_t at = 0; at < COUNT(strangers); at++) {
		frame_build(&strangers[at], &frame);
		assert_int_equal(pim_filter_judge(judge.filter, frame.bytes, frame.length,
						  &judge.decision, &passed, &error),
				 0);
		assert_int_not_equal(judge.decision.outcome, PIM_PASS_RULE);
	}
	read_flows(&judge, &raw);
	/* By chance two flows may share a slot: then one was evicted, and is in the sums. */
	assert_true(raw.flow_state.inserts == COUNT(recipes));
	assert_int_equal(check_sums(&judge, &raw), raw.flow_count);
	for (size_t at = 0; at < raw.flow_count; at++) {
		const struct pim_raw_flow *flow = &raw.flows[at];

		assert_true(flow->packets >= 1 && flow->packets <= COUNT(recipes));
		if (flow->key.protocol == FRAME_UDP)
			assert_int_equal(flow->tcp_flags, 0);
		else
			assert_int_equal(flow->tcp_flags, FRAME_SYN);
		for (size_t other = 0; other < at; other++) /* no two have the same count */
			assert_int_not_equal(flow->packets, raw.flows[other].packets);
	}
	pim_raw_free(&raw);
	judge_check(&judge);
	judge_close(&judge);
}

/* Flags that differ between flows: a flow that evicts another inherits none of its flags. */
static uint8_t flags_of(unsigned int round, unsigned int number)
{
	static const uint8_t more[] = { 0, FRAME_PSH, FRAME_FIN, FRAME_RST };

	return round ? FRAME_ACK | more[number / 7 % COUNT(more)] : FRAME_SYN;
}

/* More flows than there are slots, each several times, in changing order. */
static void conserves_counts_of_a_flood(void **context)
{
	enum { FLOWS = 49999, ROUNDS = 3 };
	struct sent *sent[2] = { calloc(FLOWS, sizeof(struct sent)),
				 calloc(FLOWS, sizeof(struct sent)) };
	uint64_t started_ns = flow_clock_ns(), held, distinct = 2 * FLOWS;
	struct pim_raw raw;
	struct judge judge;
	size_t held4 = 0;

	(void)context;
	_Static_assert(FLOWS > PIM_SLOTS4 && FLOWS > PIM_SLOTS6, "more flows than slots");
	assert_true(sent[0] && sent[1]);
	state = random_seed(__func__);
	judge_open(&judge, FLOW_POLICY);
	pin_to(0);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		unsigned int step = 1 + random_from(&state, FLOWS - 1);

		for (unsigned int at = 0; at < FLOWS; at++) {
			/* The number of flows is prime: every step visits each flow once. */
			unsigned int number = (unsigned int)((uint64_t)at * step % FLOWS);

			for (int six = 0; six < 2; six++) {
				struct flow flow = { number, six };

				for (unsigned int times = random_from(&state, 8) ? 1 : 3; times;
				     times--)
					send(&judge, &flow, flags_of(round, number),
					     random_from(&state, 100), &sent[six][number]);
			}
		}
		read_flows(&judge, &raw);
		held = check_sums(&judge, &raw);
		assert_int_equal(held, raw.flow_count); /* one CPU: each flow has one slot */
		assert_true(raw.flow_state.evictions > 0);
		assert_true(raw.flow_state.inserts >= distinct);
		check_flows(&raw, sent, FLOWS, started_ns, false);
		pim_raw_free(&raw);
	}
	read_flows(&judge, &raw);
	held = check_sums(&judge, &raw);
	for (size_t at = 0; at < raw.flow_count; at++)
		held4 += raw.flows[at].family == PIM_IPV4;
	assert_true(held4 <= PIM_SLOTS4 && held - held4 <= PIM_SLOTS6);
	/* With many CPUs each has fewer slots. Flows that hash at random fill 78 % and 95 %. */
	if (sysconf(_SC_NPROCESSORS_CONF) <= 16) {
		assert_true(held4 > PIM_SLOTS4 * 6 / 10);
		assert_true(held - held4 > PIM_SLOTS6 * 7 / 10);
	}
	pim_raw_free(&raw);

	/* The other CPU has slots of its own, whose flows add up with these. */
	if (CPU_COUNT(&usable) > 1) {
		pin_to(1);
		for (unsigned int number = 0; number < 5000; number++)
			for (int six = 0; six < 2; six++)
				send(&judge, &(struct flow){ number, six }, FRAME_ACK, 10,
				     &sent[six][number]);
		read_flows(&judge, &raw);
		assert_true(check_sums(&judge, &raw) > raw.flow_count);
		check_flows(&raw, sent, FLOWS, started_ns, false);
		pim_raw_free(&raw);
	}
	judge_check(&judge);
	judge_close(&judge);
	free(sent[0]);
	free(sent[1]);
}

/* Few flows for the number of slots: hardly any collide, and the others are complete. */
static void holds_what_fits(void **context)
{
	enum { FLOWS = 1000 };
	struct sent *sent[2] = { calloc(FLOWS, sizeof(struct sent)),
				 calloc(FLOWS, sizeof(struct sent)) };
	uint64_t started_ns = flow_clock_ns();
	struct judge judge;
	struct pim_raw raw;

	(void)context;
	assert_true(sent[0] && sent[1]);
	judge_open(&judge, FLOW_POLICY);
	pin_to(0);
	for (unsigned int round = 0; round < 4; round++)
		for (unsigned int number = 0; number < FLOWS; number++)
			for (int six = 0; six < 2; six++)
				send(&judge, &(struct flow){ number, six }, FRAME_ACK, round,
				     &sent[six][number]);
	read_flows(&judge, &raw);
	assert_int_equal(check_sums(&judge, &raw), raw.flow_count);
	/* By chance 1000^2 / 2 / slots pairs collide: 15 and 30. */
	assert_true(raw.flow_count > 2 * FLOWS * 8 / 10);
	check_flows(&raw, sent, FLOWS, started_ns, !raw.flow_state.evictions);
	pim_raw_free(&raw);
	judge_check(&judge);
	judge_close(&judge);
	free(sent[0]);
	free(sent[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_a_flow_up),  cmocka_unit_test(starts_with_no_flow),
		cmocka_unit_test(tells_flows_apart), cmocka_unit_test(conserves_counts_of_a_flood),
		cmocka_unit_test(holds_what_fits),
	};

	if (sched_getaffinity(0, sizeof(usable), &usable)) {
		perror("sched_getaffinity");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
