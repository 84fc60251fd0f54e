/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The flows of admitted packets: which are held, and that the sums lose nothing. */
#include "harness.h"
#include "kernel/counters.h"
#include "payloads.h"

#include <arpa/inet.h>
#include <time.h>

#define MILLISECOND 1000000ull

static void judge_recipe(struct judge *judge, const struct frame_recipe *recipe,
			 const char *expected, uint32_t bytes)
{
	static struct frame frame;

	frame_build(recipe, &frame);
	assert_int_equal(frame.length, bytes);
	judge_expect(judge, &frame, expected, "a packet of a flow");
}

static void read_flows(const struct judge *judge, struct pim_raw *raw)
{
	struct pim_error error = {};

	if (pim_filter_read(judge->filter, true, raw, &error))
		fail_msg("%s", error.text);
}

static struct pim_flow6_key flow_key(const char *source, uint16_t source_port,
				     const char *destination, uint16_t destination_port,
				     uint8_t protocol)
{
	struct pim_flow6_key key = {
		.source_port_be = htons(source_port),
		.destination_port_be = htons(destination_port),
		.protocol = protocol,
	};

	frame_address(source, key.source);
	frame_address(destination, key.destination);
	return key;
}

static const struct pim_raw_flow *find_flow(const struct pim_raw *raw,
					    const struct pim_flow6_key *key)
{
	const struct pim_raw_flow *found = NULL;

	for (size_t at = 0; at < raw->flow_count; at++) {
		if (memcmp(&raw->flows[at].key, key, sizeof(*key)))
			continue;
		assert_null(found); /* a flow has one entry */
		found = &raw->flows[at];
	}
	assert_non_null(found);
	return found;
}

static void check_flow(const struct judge *judge, const struct pim_raw_flow *flow, uint8_t family,
		       const char *rule, const char *partner, uint64_t packets, uint64_t bytes,
		       uint8_t flags)
{
	assert_int_equal(flow->family, family);
	assert_int_equal(flow->packets, packets);
	assert_int_equal(flow->bytes, bytes);
	assert_int_equal(flow->tcp_flags, flags);
	assert_string_equal(judge->image.names.rules[flow->rule].rule, rule);
	assert_string_equal(judge->image.names.partners[flow->partner], partner);
}

/* Returns whether no two of these few flows shared a slot, which is random. */
static bool follow_flows(struct judge *judge)
{
	struct frame_recipe sip = {
		.source = PARTNER, .destination = EDGE_ACCESS, .protocol = FRAME_TCP,
		.source_port = 40000, .destination_port = 5061, .flags = FRAME_SYN,
	}, stun = {
		.source = MESSENGER6, .destination = EDGE_AV6, .protocol = FRAME_UDP,
		.source_port = 3478, .destination_port = 50000, .payload = binding,
		.payload_bytes = sizeof(binding),
	};
	const struct pim_flow6_key sip_key = flow_key(PARTNER, 40000, EDGE_ACCESS, 5061, 6);
	const struct pim_flow6_key next_key = flow_key(PARTNER, 40001, EDGE_ACCESS, 5061, 6);
	const struct pim_flow6_key stun_key = flow_key(MESSENGER6, 3478, EDGE_AV6, 50000, 17);
	const struct pim_raw_flow *flow;
	struct pim_raw raw;
	uint64_t start_ns = flow_clock_ns(), first_ns;
	bool evicted;

	/* One flow of four packets, tagged or not. Times are good to a tick of the kernel. */
	judge_recipe(judge, &sip, "pass rule sip-mtls-in forward", 54);
	read_flows(judge, &raw);
	assert_int_equal(raw.flow_count, 1);
	flow = find_flow(&raw, &sip_key);
	check_flow(judge, flow, 4, "sip-mtls-in", "contoso", 1, 54, FRAME_SYN);
	assert_int_equal(flow->first_ns, flow->last_ns);
	first_ns = flow->first_ns;
	assert_in_range(first_ns, start_ns - 20 * MILLISECOND, flow_clock_ns() + 20 * MILLISECOND);
	pim_raw_free(&raw);

	while (flow_clock_ns() < first_ns + 60 * MILLISECOND)
		nanosleep(&(struct timespec){ .tv_nsec = MILLISECOND }, NULL);
	sip.flags = FRAME_ACK;
	judge_recipe(judge, &sip, "pass rule sip-mtls-in forward", 54);
	sip.flags = FRAME_ACK | FRAME_PSH;
	sip.payload_bytes = 1000;
	sip.tags[0] = FRAME_VLAN;
	judge_recipe(judge, &sip, "pass rule sip-mtls-in forward", 1058);
	sip.payload_bytes = 8000;
	judge_recipe(judge, &sip, "pass rule sip-mtls-in forward", 8058);

	/* A different port makes a different flow; UDP has no flags; a reply counts for its row. */
	sip.source_port = 40001;
	judge_recipe(judge, &sip, "pass rule sip-mtls-in forward", 8058);
	judge_recipe(judge, &stun, "pass rule stun-out reply", 82);
	judge_recipe(judge, &stun, "pass rule stun-out reply", 82);

	/* Packets that are dropped, or pass for another reason, make no flow. */
	stun.source_port = 3479;
	judge_recipe(judge, &stun, "drop no-service", 82);
	stun.source_port = 3478;
	stun.payload_bytes = 19;
	judge_recipe(judge, &stun, "drop stun-shape stun-out reply", 81);
	sip.source = STRANGER;
	judge_recipe(judge, &sip, "drop role sip-mtls-in forward", 8058);
	sip.source = FAILSAFE;
	judge_recipe(judge, &sip, "pass failsafe", 8058);

	read_flows(judge, &raw);
	evicted = raw.flow_state.evictions;
	if (!evicted) {
		assert_int_equal(raw.flow_count, 3);
		flow = find_flow(&raw, &sip_key);
		check_flow(judge, flow, 4, "sip-mtls-in", "contoso", 4, 54 + 54 + 1058 + 8058,
			   FRAME_SYN | FRAME_ACK | FRAME_PSH);
		assert_in_range(flow->first_ns, first_ns - 20 * MILLISECOND,
				first_ns + 20 * MILLISECOND);
		assert_in_range(flow->last_ns, first_ns + 40 * MILLISECOND,
				flow_clock_ns() + 20 * MILLISECOND);
		flow = find_flow(&raw, &next_key);
		check_flow(judge, flow, 4, "sip-mtls-in", "contoso", 1, 8058,
			   FRAME_ACK | FRAME_PSH);
		flow = find_flow(&raw, &stun_key);
		check_flow(judge, flow, 6, "stun-out", "", 2, 164, 0);
	}
	pim_raw_free(&raw);
	return !evicted;
}

static void follows_flows(void **state)
{
	struct judge judge;
	bool whole = false;

	(void)state;
	for (int attempt = 0; !whole && attempt < 5; attempt++) {
		judge_open(&judge, STANDARD_POLICY);
		whole = follow_flows(&judge);
		judge_close(&judge);
	}
	assert_true(whole);
}

/* How many packets flow `number` of the next test sends in a row, and with which flags:
 * what one flow leaves in a slot must not show up in the next. */
static unsigned int burst_of(unsigned int number)
{
	return 1 + number % 3;
}

static uint8_t flags_of(unsigned int number)
{
	return number % 2 ? FRAME_ACK | FRAME_PSH : FRAME_ACK;
}

/* More flows than there is room for: those held are complete, and together with the
 * evicted ones they add up to all that was admitted. */
static void loses_no_sums(void **state)
{
	enum { ROUNDS = 2, FLOWS = 20000 };
	struct frame_recipe recipe = {
		.source = PARTNER, .destination = EDGE_ACCESS, .protocol = FRAME_TCP,
		.source_port = 1, .destination_port = 5061,
	}, recipe6 = {
		.source = PARTNER6, .destination = EDGE_ACCESS6, .protocol = FRAME_TCP,
		.source_port = 1, .destination_port = 5061,
	};
	static struct frame frame, frame6;
	uint64_t sent = 0, packets = 0, bytes = 0;
	struct pim_raw raw;
	struct judge judge;

	(void)state;
	judge_open(&judge, STANDARD_POLICY);
	frame_build(&recipe, &frame);
	frame_build(&recipe6, &frame6);
	for (unsigned int round = 0; round < ROUNDS; round++)
		for (unsigned int number = 1; number <= FLOWS; number++) {
			frame_put(&frame, frame.transport, 2, number);
			frame_put(&frame, frame.transport + 13, 1, flags_of(number));
			frame_put(&frame6, frame6.ip + 16, 4, number); /* in the source */
			frame_put(&frame6, frame6.transport + 13, 1, flags_of(number));
			for (unsigned int packet = 0; packet < burst_of(number); packet++) {
				judge_expect(&judge, &frame, "pass rule sip-mtls-in forward",
					     "flow %u", number);
				judge_expect(&judge, &frame6, "pass rule sip-mtls-in forward",
					     "IPv6 flow %u", number);
				sent++;
			}
		}
	read_flows(&judge, &raw);
	assert_int_not_equal(raw.flow_state.evictions, 0);
	/* Fewer where several CPUs saw one flow. */
	assert_in_range(raw.flow_count, 1, raw.flow_state.inserts - raw.flow_state.evictions);
	for (size_t at = 0; at < raw.flow_count; at++) {
		const struct pim_raw_flow *flow = &raw.flows[at];
		bool four = flow->family == 4;
		unsigned int number = four ? ntohs(flow->key.source_port_be) :
					     flow->key.source[10] << 8 | flow->key.source[11];

		assert_in_range(number, 1, FLOWS);
		assert_in_range(flow->packets, 1, ROUNDS * burst_of(number));
		assert_int_equal(flow->bytes,
				 flow->packets * (four ? frame.length : frame6.length));
		assert_int_equal(flow->tcp_flags, flags_of(number));
		assert_int_equal(ntohs(flow->key.destination_port_be), 5061);
		assert_string_equal(judge.image.names.partners[flow->partner], "contoso");
		packets += flow->packets;
		bytes += flow->bytes;
	}
	assert_int_equal(packets + raw.flow_state.evicted_packets, 2 * sent);
	assert_int_equal(bytes + raw.flow_state.evicted_bytes,
			 sent * (frame.length + frame6.length));
	assert_int_equal(raw.reasons[PIM_PASS_RULE].packets, 2 * sent);
	pim_raw_free(&raw);
	judge_close(&judge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_flows),
		cmocka_unit_test(loses_no_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
