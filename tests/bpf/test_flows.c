/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The flows of admitted packets, as they stand in the maps. */
#include "harness.h"

#include <arpa/inet.h>
#include <time.h>

/* pim_filter_read has no flows: a filter that is attached to nothing shows none. */
#include "kernel_private.h"

static const uint8_t binding[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42 };

static void judge_recipe(struct judge *judge, const struct frame_recipe *recipe, const char *expected,
			 uint32_t bytes)
{
	static struct frame frame;

	frame_build(recipe, &frame);
	assert_int_equal(frame.length, bytes);
	judge_expect(judge, &frame, expected, "a packet of a flow");
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static size_t count_flows(int map, size_t key_bytes)
{
	uint8_t key[sizeof(struct pim_flow6_key)] = {}, next[sizeof(struct pim_flow6_key)];
	size_t count = 0;

	assert_true(key_bytes <= sizeof(key));
	for (bool more = !bpf_map_get_next_key(map, NULL, next); more; count++) {
		memcpy(key, next, key_bytes);
		more = !bpf_map_get_next_key(map, key, next);
	}
	return count;
}

static void check_flow(const struct judge *judge, const struct pim_flow *flow, const char *rule,
		       const char *partner, uint64_t packets, uint64_t bytes, uint8_t flags)
{
	assert_int_equal(flow->packets, packets);
	assert_int_equal(flow->bytes, bytes);
	assert_int_equal(flow->tcp_flags, flags);
	assert_string_equal(judge->image.names.rules[flow->rule].rule, rule);
	assert_string_equal(judge->image.names.partners[flow->partner], partner);
}

static void counts_flows(void **state)
{
	struct frame_recipe sip = {
		.source = PARTNER, .destination = EDGE_ACCESS, .protocol = FRAME_TCP,
		.source_port = 40000, .destination_port = 5061, .flags = FRAME_SYN,
	}, stun = {
		.source = MESSENGER6, .destination = EDGE_AV6, .protocol = FRAME_UDP,
		.source_port = 3478, .destination_port = 50000, .payload = binding,
		.payload_bytes = sizeof(binding),
	};
	struct pim_flow4_key key4 = {
		.source = { 203, 0, 113, 5 }, .destination = { 198, 51, 100, 10 },
		.source_port_be = htons(40000), .destination_port_be = htons(5061), .protocol = 6,
	};
	struct pim_flow6_key key6 = {
		.source_port_be = htons(3478), .destination_port_be = htons(50000), .protocol = 17,
	};
	int flows4, flows6;
	struct pim_flow flow, later;
	struct judge judge;
	uint64_t start_ns;

	(void)state;
	judge_open(&judge, STANDARD_POLICY);
	flows4 = bpf_map__fd(judge.filter->skeleton->maps.pim_flows);
	flows6 = bpf_map__fd(judge.filter->skeleton->maps.pim_flows6);
	frame_address(MESSENGER6, key6.source);
	frame_address(EDGE_AV6, key6.destination);

	/* One flow of four packets, tagged or not. */
	start_ns = now_ns();
	judge_recipe(&judge, &sip, "pass rule sip-mtls-in forward", 54);
	assert_int_equal(bpf_map_lookup_elem(flows4, &key4, &flow), 0);
	check_flow(&judge, &flow, "sip-mtls-in", "contoso", 1, 54, FRAME_SYN);
	assert_int_equal(flow.first_ns, flow.last_ns);
	assert_true(flow.first_ns >= start_ns && flow.last_ns <= now_ns());
	nanosleep(&(struct timespec){ .tv_nsec = 30000000 }, NULL); /* some ticks of the coarse clock */
	sip.flags = FRAME_ACK;
	judge_recipe(&judge, &sip, "pass rule sip-mtls-in forward", 54);
	sip.flags = FRAME_ACK | FRAME_PSH;
	sip.payload_bytes = 1000;
	sip.tags[0] = FRAME_VLAN;
	judge_recipe(&judge, &sip, "pass rule sip-mtls-in forward", 1058);
	sip.payload_bytes = 8000;
	judge_recipe(&judge, &sip, "pass rule sip-mtls-in forward", 8058);
	assert_int_equal(bpf_map_lookup_elem(flows4, &key4, &later), 0);
	check_flow(&judge, &later, "sip-mtls-in", "contoso", 4, 54 + 54 + 1058 + 8058,
		   FRAME_SYN | FRAME_ACK | FRAME_PSH);
	assert_int_equal(later.first_ns, flow.first_ns);
	assert_true(later.last_ns > flow.last_ns && later.last_ns <= now_ns());

	/* Another port is another flow; UDP has no flags; a reply is charged to its row. */
	sip.source_port = 40001;
	judge_recipe(&judge, &sip, "pass rule sip-mtls-in forward", 8058);
	assert_int_equal(count_flows(flows4, sizeof(key4)), 2);
	judge_recipe(&judge, &stun, "pass rule stun-out reply", 82);
	judge_recipe(&judge, &stun, "pass rule stun-out reply", 82);
	assert_int_equal(bpf_map_lookup_elem(flows6, &key6, &flow), 0);
	check_flow(&judge, &flow, "stun-out", "", 2, 164, 0);

	/* What is dropped, or passes for another reason, is no flow. */
	stun.source_port = 3479;
	judge_recipe(&judge, &stun, "drop no-service", 82);
	sip.source = STRANGER;
	judge_recipe(&judge, &sip, "drop role sip-mtls-in forward", 8058);
	sip.source = FAILSAFE;
	judge_recipe(&judge, &sip, "pass failsafe", 8058);
	stun.source_port = 3478;
	stun.payload_bytes = 19;
	judge_recipe(&judge, &stun, "drop stun-shape stun-out reply", 81);
	assert_int_equal(count_flows(flows4, sizeof(key4)), 2);
	assert_int_equal(count_flows(flows6, sizeof(key6)), 1);
	judge_close(&judge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_flows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
