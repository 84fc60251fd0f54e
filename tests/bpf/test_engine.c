/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The address engine and the flow tables, as the program in the kernel has them:
 * long random lists, and what pim_addresses_look_up says of both ends decides;
 * more flows than slots, and no packet is lost from the sums. PIM_SEED repeats
 * a run.
 */
#include "harness.h"

#include <endian.h>
#include <inttypes.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "config/prefix_file.h"
#include "image/read.h"

/* ---- long random lists ---- */

enum { PARTNERS = 40 };

/* Judgements over all policies, and how many ended in what. */
static unsigned int judged[PIM_OUTCOMES], charged, judged_all;

static uint64_t state;

static void clear_host_bits(struct pim_prefix *prefix)
{
	unsigned int bits = pim_family_bits(prefix->family);

	for (unsigned int bit = prefix->length; bit < bits; bit++)
		prefix->address[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
}

static void list(struct judge *judge, struct pim_prefix prefix, unsigned int roles)
{
	struct pim_listed listed = { .prefix = prefix, .roles = (uint16_t)roles };
	uint64_t hash = prefix.length;

	for (unsigned int byte = 0; byte < 16; byte++)
		hash = (hash ^ prefix.address[byte]) * 0x100000001b3ULL;
	if (roles & PIM_ROLE_PARTNER) /* a prefix has one, listed how often it may be */
		listed.partner = (uint16_t)(1 + (hash >> 20) % PARTNERS);
	clear_host_bits(&listed.prefix);
	assert_int_equal(pim_listed_add(&judge->policy, &listed, NULL), 0);
}

static void list_text(struct judge *judge, const char *text, unsigned int roles)
{
	struct pim_prefix prefix;

	assert_int_equal(pim_prefix_parse(text, &prefix, NULL), 0);
	list(judge, prefix, roles);
}

/* A third anywhere, a third in a few blocks, where they nest and touch, a third
 * beside or in another one. */
static struct pim_prefix random_prefix(const struct judge *judge)
{
	struct pim_prefix prefix = { .family = random_below(&state, 2) ? PIM_IPV4 : PIM_IPV6 };
	unsigned int bits = pim_family_bits(prefix.family), kind = random_below(&state, 3);

	for (unsigned int byte = 0; byte < bits / 8; byte++)
		prefix.address[byte] = (uint8_t)pim_splitmix64(&state);
	if (prefix.family == PIM_IPV6)
		prefix.address[0] = 0x20;
	prefix.length = (uint8_t)(bits == 32 ? 8 + random_below(&state, 25) :
					       20 + random_below(&state, 45));
	if (kind == 1) {
		prefix.address[0] = prefix.family == PIM_IPV4 ? 100 : 0x20;
		prefix.address[1] = (uint8_t)random_below(&state, 2);
		prefix.address[2] &= 0x1f; /* so dense that the last byte gets a table */
		if (prefix.family == PIM_IPV6)
			prefix.address[2] = prefix.address[3] = 0;
		prefix.length = (uint8_t)(bits == 32 ? 20 + random_below(&state, 13) :
						       32 + random_below(&state, 97));
	}
	if (kind == 2 && judge->policy.listed_count) {
		prefix = judge->policy
				 .listed[random_below(&state, (uint32_t)judge->policy.listed_count)]
				 .prefix;
		bits = pim_family_bits(prefix.family);
		if (prefix.length && random_below(&state, 2))
			prefix.address[(prefix.length - 1) / 8] ^=
				(uint8_t)(0x80 >> (prefix.length - 1) % 8);
		else
			prefix.length = (uint8_t)(prefix.length +
						  random_below(&state, bits - prefix.length + 1));
	}
	clear_host_bits(&prefix);
	return prefix;
}

/* The address before a prefix, its first, last, one within, the one behind. */
static void random_address(const struct judge *judge, uint8_t family, uint8_t address[16])
{
	const struct pim_policy *policy = &judge->policy;
	unsigned int bits = pim_family_bits(family), bytes = bits / 8,
		     kind = random_below(&state, 8);
	struct pim_prefix prefix;

	do
		prefix =
			policy->listed[random_below(&state, (uint32_t)policy->listed_count)].prefix;
	while (prefix.family != family);
	memcpy(address, prefix.address, 16);
	if (kind == 0) {
		for (unsigned int byte = 0; byte < bytes; byte++)
			address[byte] = (uint8_t)pim_splitmix64(&state);
		if (family == PIM_IPV6 && random_below(&state, 8))
			address[0] = 0x20;
		return;
	}
	if (kind == 1) /* the first */
		return;
	if (kind == 2) { /* before it */
		for (unsigned int byte = bytes; byte-- && !address[byte]--;)
			;
		return;
	}
	for (unsigned int bit = prefix.length; bit < bits; bit++)
		if (kind < 5 || random_below(&state, 2)) /* the last, or one within */
			address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	if (kind == 3) /* behind it */
		for (unsigned int byte = bytes; byte-- && !++address[byte];)
			;
}

/* RFC 1122 3.2.1.3, RFC 4291 2.5, as step 5 of the design has them. */
static bool is_martian(const struct pim_prefix *host)
{
	static const struct pim_prefix martians[] = {
		{ { 0 }, PIM_IPV4, 8 }, { { 127 }, PIM_IPV4, 8 }, { { 224 }, PIM_IPV4, 4 },
		{ { 240 }, PIM_IPV4, 4 }, { { 0 }, PIM_IPV6, 128 }, { { [15] = 1 }, PIM_IPV6, 128 },
		{ { 0xff }, PIM_IPV6, 8 }, { { [10] = 0xff, [11] = 0xff }, PIM_IPV6, 96 },
	};

	for (size_t at = 0; at < COUNT(martians); at++)
		if (pim_prefix_contains(&martians[at], host))
			return true;
	return false;
}

/* The services that the frames ask for: their row, and its roles. */
static const struct service {
	const char *rule;
	uint16_t port;
	uint8_t protocol;
	unsigned int edge, peer;
} services[] = {
	{ "sip-mtls-in forward", 5061, FRAME_TCP, PIM_ROLE_ACCESS, PIM_ROLE_PARTNER },
	{ "sip-tls-in forward", 443, FRAME_TCP, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT },
	{ "stun-in forward", 3478, FRAME_UDP, PIM_ROLE_AV, PIM_ROLE_MESSENGER },
};

/* What the two ends make of it: steps 4 to 7 and 12 of the design. */
static const char *predict(unsigned int to, unsigned int from, bool martian,
			   const struct service *service, char text[JUDGE_TEXT])
{
	if (!(to & (PIM_ROLE_ACCESS | PIM_ROLE_AV)))
		return "pass not-edge";
	if (martian || from & (PIM_ROLE_ACCESS | PIM_ROLE_AV))
		return "drop martian";
	if (from & PIM_ROLE_FAILSAFE)
		return "pass failsafe";
	if (from & PIM_ROLE_BLOCK)
		return "drop blocked";
	if (!(to & service->edge))
		return "drop no-service";
	snprintf(text, JUDGE_TEXT, "%s %s", from & service->peer ? "pass rule" : "drop role",
		 service->rule);
	return text;
}

static void judge_random(struct judge *judge, unsigned int count)
{
	static struct frame frames[2][COUNT(services)];
	static const uint8_t stun[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42 }; /* RFC 8489 5 */

	for (unsigned int six = 0; six < 2; six++) {
		for (size_t at = 0; at < COUNT(services); at++) {
			struct frame_recipe recipe = {
				.source = six ? STRANGER6 : STRANGER,
				.destination = six ? EDGE_ACCESS6 : EDGE_ACCESS,
				.protocol = services[at].protocol, .source_port = 40000,
				.destination_port = services[at].port, .flags = FRAME_SYN,
			};

			if (services[at].protocol == FRAME_UDP) {
				recipe.payload = stun;
				recipe.payload_bytes = sizeof(stun);
			}
			frame_build(&recipe, &frames[six][at]);
		}
	}
	while (count--) {
		unsigned int six = random_below(&state, 2),
			     which = random_below(&state, COUNT(services));
		uint8_t family = six ? PIM_IPV6 : PIM_IPV4, bytes = six ? 16 : 4;
		struct frame *frame = &frames[six][which];
		struct pim_prefix from = { .family = family, .length = (uint8_t)(8 * bytes) },
				  to = from;
		struct pim_address_value source, destination;
		char expected[JUDGE_TEXT], from_text[PIM_PREFIX_TEXT], to_text[PIM_PREFIX_TEXT];
		uint32_t partner;

		random_address(judge, family, from.address);
		random_address(judge, family, to.address);
		if (random_below(&state, 8)) { /* most are for the Edge */
			const uint32_t first = judge->policy.listed_count < 40
						       ? (uint32_t)judge->policy.listed_count
						       : 40; /* the Edge's are among them */
			const struct pim_listed *edge;

			do
				edge = &judge->policy.listed[random_below(&state, first)];
			while (!(edge->roles & PIM_EDGE_ANY) || edge->prefix.family != family);
			memcpy(to.address, edge->prefix.address, 16);
			if (edge->prefix.length < 8 * bytes)
				to.address[bytes - 1] ^= (uint8_t)random_below(&state, 16);
		}
		memcpy(frame->bytes + frame->ip + (six ? 8 : 12), from.address, bytes);
		memcpy(frame->bytes + frame->ip + (six ? 24 : 16), to.address, bytes);
		source = pim_addresses_look_up(judge->image.addresses.words, &from);
		destination = pim_addresses_look_up(judge->image.addresses.words, &to);
		pim_prefix_format(&from, false, from_text);
		pim_prefix_format(&to, false, to_text);
		judge_expect(judge, frame,
			     predict(destination.roles, source.roles, is_martian(&from),
				     &services[which], expected),
			     "from %s (roles %#x) to %s (roles %#x)", from_text, source.roles,
			     to_text, destination.roles);
		judged_all++;
		judged[judge->decision.outcome]++;
		/* A source that was looked up is charged, whatever became of it. */
		partner =
			destination.roles & PIM_EDGE_ANY && !is_martian(&from) ? source.partner : 0;
		if (judge->decision.partner != partner)
			fail_msg("from %s to %s: partner %u, expected %u", from_text, to_text,
				 judge->decision.partner, partner);
		charged += partner != 0;
	}
}

/* The longest list that an image has: hosts that do not touch, the last at the
 * end of what the list is for. */
static void list_longest(struct judge *judge)
{
	for (unsigned int at = 0; at < PIM_LIST_MAX / 2; at++) {
		unsigned int roles = at % 2 ? PIM_ROLE_CLIENT : PIM_ROLE_BLOCK;
		char text[PIM_PREFIX_TEXT];

		snprintf(text, sizeof(text), "2001:db9:%x:%x::/64",
			 at + 1 < PIM_LIST_MAX / 2 ? 7 * at : 0xffff,
			 at + 1 < PIM_LIST_MAX / 2 ? 77 * at + 1 : 0xffff);
		list_text(judge, text, roles);
	}
}

/* So many prefixes, random, of roles at random or of two, behind the Edge's
 * addresses: few, which the program compares, or more than it compares, and pools. */
static void open_random(struct judge *judge, unsigned int prefixes, bool many_edges,
			bool few_leaves)
{
	static const unsigned int roles[] = {
		PIM_ROLE_PARTNER,   PIM_ROLE_CLIENT,
		PIM_ROLE_MESSENGER, PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER,
		PIM_ROLE_PARTNER,   PIM_ROLE_CLIENT,
		PIM_ROLE_BLOCK,	    PIM_ROLE_FAILSAFE
	};
	/* Those that the lists of all addresses below do not say already. */
	static const unsigned int few[] = { PIM_ROLE_BLOCK, PIM_ROLE_FAILSAFE };
	struct pim_error error = {};
	const bool large = prefixes >= 100000;
	bool longest;

	*judge = (struct judge){};
	assert_int_equal(pim_policy_init(&judge->policy), 0);
	judge->policy.partners = calloc(PARTNERS, sizeof(*judge->policy.partners));
	assert_non_null(judge->policy.partners);
	judge->policy.partner_count = PARTNERS;
	for (unsigned int at = 0; at < PARTNERS; at++)
		snprintf(judge->policy.partners[at].name, PIM_PARTNER_NAME, "partner %u", at);
	list_text(judge, EDGE_ACCESS, PIM_ROLE_ACCESS);
	list_text(judge, EDGE_AV, PIM_ROLE_AV);
	list_text(judge, EDGE_BOTH, PIM_ROLE_ACCESS | PIM_ROLE_AV);
	list_text(judge, EDGE_ACCESS6, PIM_ROLE_ACCESS);
	list_text(judge, EDGE_AV6, PIM_ROLE_AV);
	list_text(judge, EDGE_BOTH6, PIM_ROLE_ACCESS | PIM_ROLE_AV);
	for (unsigned int at = 0; many_edges && at < 8; at++) {
		char text[PIM_PREFIX_TEXT];

		snprintf(text, sizeof(text), "100.1.%u.%u", at, 7 * at);
		list_text(judge, text, at % 2 ? PIM_ROLE_ACCESS : PIM_ROLE_AV);
		snprintf(text, sizeof(text), "2001:db8:%x::%x", at, 77 * at);
		list_text(judge, text, at % 2 ? PIM_ROLE_ACCESS : PIM_ROLE_AV);
	}
	if (many_edges) {
		list_text(judge, "100.0.5.16/29", PIM_ROLE_ACCESS);
		list_text(judge, "2001:0:5::/125", PIM_ROLE_ACCESS | PIM_ROLE_AV);
	}
	/* Something around the Edge, and around all. */
	list_text(judge, "198.51.100.0/28", PIM_ROLE_PARTNER);
	list_text(judge, "2001:db8:10::/48", PIM_ROLE_PARTNER);
	longest = prefixes > 10;
	if (longest) {
		list_text(judge, "0.0.0.0/0", PIM_ROLE_CLIENT);
		list_text(judge, "::/0", PIM_ROLE_MESSENGER);
	}
	while (prefixes--) {
		struct pim_prefix prefix;

		do /* so many short ones would give every role to all there is */
			prefix = random_prefix(judge);
		while (large && prefix.length < (prefix.family == PIM_IPV4 ? 16 : 40));
		list(judge, prefix, few_leaves ? few[random_below(&state, 2)] :
						 roles[random_below(&state, COUNT(roles))]);
	}
	if (longest)
		list_longest(judge);
	if (pim_compile(&judge->policy, NULL, &judge->image, &error))
		fail_msg("%s", error.text);
	assert_int_equal(judge->image.edges_are_all, !many_edges);
	if (pim_filter_load(&judge->image, NULL, PIM_LOAD_TRACE, &judge->filter, &error))
		fail_msg("%s", error.text);
}

static void answers_as_the_compiler_does(void **context)
{
	static const struct {
		unsigned int prefixes, judgements;
		bool few_leaves; /* ids are bytes */
	} policies[] = {
		{ 10, 20000, false }, { 1000, 40000, false },
		{ 100000, 40000, false }, { 100000, 40000, true },
	};

	(void)context;
	state = random_start("answers_as_the_compiler_does");
	for (size_t at = 0; at < COUNT(policies); at++) {
		for (int many = 0; many < 2; many++) {
			struct judge judge;

			open_random(&judge, policies[at].prefixes, many, policies[at].few_leaves);
			assert_int_equal(judge.image.addresses.packed, policies[at].prefixes >= 100000);
			if (judge.image.addresses.packed)
				assert_int_equal(pim_id_bits(judge.image.addresses.leaf_count),
						 policies[at].few_leaves ? 8 : 16);
			judge_random(&judge, policies[at].judgements);
			judge_check(&judge);
			judge_close(&judge);
		}
	}
	assert_int_equal(judged_all, 280000);
	assert_true(charged > 20000);
	/* Every end that these frames can have was met often. */
	assert_true(judged[PIM_PASS_NOT_EDGE] > 1000);
	assert_true(judged[PIM_PASS_FAILSAFE] > 1000);
	assert_true(judged[PIM_PASS_RULE] > 10000);
	assert_true(judged[PIM_DROP_MARTIAN] > 1000);
	assert_true(judged[PIM_DROP_BLOCKED] > 1000);
	assert_true(judged[PIM_DROP_ROLE] > 10000);
	assert_true(judged[PIM_DROP_NO_SERVICE] > 1000);
}

/* ---- flows ---- */

#define FLOW_POLICY                                                                              \
	"edge = { access = [ \"198.51.100.10\", \"198.18.0.0/16\", \"2001:db8:10::10\", "         \
	"\"2001:db8:20::/48\" ] }\n"                                                             \
	"partners = ( { name = \"contoso\" addresses = [ \"10.0.0.0/8\", \"2001:db8:c0de::/48\" ] },\n" \
	"{ name = \"fabrikam\" addresses = [ \"10.128.0.0/9\", \"2001:db8:c0de:8000::/49\" ] } )\n" \
	"clients = { addresses = [ \"172.16.0.0/12\", \"2001:db8:c11e::/48\" ] }\n"

/* A flow by its number: what it sends. */
struct flow {
	unsigned int number;
	bool six;
};

/* What was sent, by number; the program's slots are compared with it. */
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

/* Where flows differ. Each stands in another word of the key, so that flows of one
 * slot exist that differ in this word alone. */
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
			       in_pool	 ? "198.18.0.0" : "198.51.100.10",
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

/* The other way. */
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

/* What the flows have, with what evicted ones had, is what the rules have, and
 * what was sent. Returns how many are held. */
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

/* Each flow that is held is one that was sent, once in the list, with no more
 * than it sent; all of what it sent, if nothing was evicted. */
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
					    "fabrikam" : "contoso");
		assert_true(held->first_ns <= held->last_ns);
		assert_true(held->first_ns + slack_ns >= started_ns);
		assert_true(held->last_ns <= flow_clock_ns() + slack_ns);
	}
	free(seen[0]);
	free(seen[1]);
}

/* A filter that has seen each of these flows once, in a slot of its own: every
 * load has another hash. */
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
		for (size_t at = 0; at < COUNT(flows); at++) { /* the order of the keys is theirs */
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

/* Flows that only differ in a port, an address' bit or the protocol's rule are
 * two; what is not admitted is none. */
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
	static const struct frame_recipe strangers[] = {
		{ .source = "9.9.9.9", .destination = "198.51.100.10", .protocol = FRAME_TCP,
		  .source_port = 40000, .destination_port = 5061, .flags = FRAME_SYN },
		{ .source = "10.0.0.1", .destination = "198.51.100.10", .protocol = FRAME_ICMP,
		  .icmp_type = 8, .payload_bytes = 56 },
		{ .source = "10.0.0.1", .destination = "198.51.100.11", .protocol = FRAME_TCP,
		  .source_port = 40000, .destination_port = 5061, .flags = FRAME_SYN },
	};
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
							  &judge.decision, &passed, &error), 0);
			assert_int_equal(judge.decision.outcome, PIM_PASS_RULE);
			judge.judged++;
		}
	}
	for (size_t at = 0; at < COUNT(strangers); at++) {
		frame_build(&strangers[at], &frame);
		assert_int_equal(pim_filter_judge(judge.filter, frame.bytes, frame.length,
						  &judge.decision, &passed, &error), 0);
		assert_int_not_equal(judge.decision.outcome, PIM_PASS_RULE);
	}
	read_flows(&judge, &raw);
	/* Two may have one slot, by chance: then one of them is gone, and counted. */
	assert_true(raw.flow_state.inserts == COUNT(recipes));
	assert_int_equal(check_sums(&judge, &raw), raw.flow_count);
	for (size_t at = 0; at < raw.flow_count; at++) {
		const struct pim_raw_flow *flow = &raw.flows[at];

		assert_true(flow->packets >= 1 && flow->packets <= COUNT(recipes));
		if (flow->key.protocol == FRAME_UDP)
			assert_int_equal(flow->tcp_flags, 0);
		else
			assert_int_equal(flow->tcp_flags, FRAME_SYN);
		for (size_t other = 0; other < at; other++) /* each was sent its own times */
			assert_int_not_equal(flow->packets, raw.flows[other].packets);
	}
	pim_raw_free(&raw);
	judge_check(&judge);
	judge_close(&judge);
}

/* Some that not every flow has: who evicts inherits none. */
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
	state = random_start("conserves_counts_of_a_flood");
	judge_open(&judge, FLOW_POLICY);
	pin_to(0);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		unsigned int step = 1 + random_below(&state, FLOWS - 1);

		for (unsigned int at = 0; at < FLOWS; at++) {
			/* A prime number of flows: every step visits each once. */
			unsigned int number = (unsigned int)((uint64_t)at * step % FLOWS);

			for (int six = 0; six < 2; six++) {
				struct flow flow = { number, six };

				for (unsigned int times = random_below(&state, 8) ? 1 : 3; times;
				     times--)
					send(&judge, &flow, flags_of(round, number),
					     random_below(&state, 100), &sent[six][number]);
			}
		}
		read_flows(&judge, &raw);
		held = check_sums(&judge, &raw);
		assert_int_equal(held, raw.flow_count); /* one CPU: a slot a flow */
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
	/* With many CPUs each has fewer. Flows thrown at random fill 78 % and 95 %. */
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

/* Few flows for the room: hardly any meets another, and those are whole. */
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
		cmocka_unit_test(answers_as_the_compiler_does),
		cmocka_unit_test(starts_with_no_flow),
		cmocka_unit_test(counts_a_flow_up),
		cmocka_unit_test(tells_flows_apart),
		cmocka_unit_test(conserves_counts_of_a_flood),
		cmocka_unit_test(holds_what_fits),
	};

	if (sched_getaffinity(0, sizeof(usable), &usable)) {
		perror("sched_getaffinity");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
