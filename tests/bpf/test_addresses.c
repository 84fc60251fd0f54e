/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The address engine inside the program in the kernel, on long random lists. What is
 * expected follows from pim_addresses_look_up of both ends. PIM_SEED repeats a run.
 */
#include "harness.h"
#include "image/read.h"

#include <inttypes.h>

#include "image/addresses.h"
#include "policy/policy.h"

enum { PARTNERS = 40 };

/* Over all policies: how often each outcome was seen, how many packets were charged to a
 * partner, and how many were judged. */
static unsigned int judged[PIM_OUTCOMES], charged, judged_all;

static uint64_t state;

static void clear_host_bits(struct pim_prefix *prefix)
{
	unsigned int bits = pim_family_bits(prefix->family);

	for (unsigned int bit = prefix->length; bit < bits; bit++)
		prefix->address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

static void list(struct judge *judge, struct pim_prefix prefix, unsigned int roles)
{
	struct pim_listed listed = { .prefix = prefix, .roles = (uint16_t)roles };
	uint64_t hash = prefix.length;

	for (unsigned int byte = 0; byte < 16; byte++)
		hash = (hash ^ prefix.address[byte]) * 0x100000001b3ULL;
	if (roles & PIM_ROLE_PARTNER) /* a prefix has one partner, however often it is listed */
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

/* A third anywhere, a third in a few blocks, where they nest and touch, a third next to
 * or inside another prefix. */
static struct pim_prefix random_prefix(const struct judge *judge)
{
	struct pim_prefix prefix = { .family = random_from(&state, 2) ? PIM_IPV4 : PIM_IPV6 };
	unsigned int bits = pim_family_bits(prefix.family), kind = random_from(&state, 3);

	for (unsigned int byte = 0; byte < bits / 8; byte++)
		prefix.address[byte] = (uint8_t)pim_splitmix64(&state);
	if (prefix.family == PIM_IPV6)
		prefix.address[0] = 0x20;
	prefix.length =
		(uint8_t)(bits == 32 ? 8 + random_from(&state, 25) : 20 + random_from(&state, 45));
	if (kind == 1) {
		prefix.address[0] = prefix.family == PIM_IPV4 ? 100 : 0x20;
		prefix.address[1] = (uint8_t)random_from(&state, 2);
		prefix.address[2] &= 0x1f; /* dense enough for the last byte to get a table */
		if (prefix.family == PIM_IPV6)
			prefix.address[2] = prefix.address[3] = 0;
		prefix.length = (uint8_t)(bits == 32 ? 20 + random_from(&state, 13) :
						       32 + random_from(&state, 97));
	}
	if (kind == 2 && judge->policy.listed_count) {
		prefix = judge->policy
				 .listed[random_from(&state, (uint32_t)judge->policy.listed_count)]
				 .prefix;
		bits = pim_family_bits(prefix.family);
		if (prefix.length && random_from(&state, 2))
			prefix.address[(prefix.length - 1) / 8] ^=
				(uint8_t)(0x80 >> (prefix.length - 1) % 8);
		else
			prefix.length = (uint8_t)(prefix.length +
						  random_from(&state, bits - prefix.length + 1));
	}
	clear_host_bits(&prefix);
	return prefix;
}

/* The address before a prefix, its first, its last, one inside, the one after. */
static void random_address(const struct judge *judge, uint8_t family, uint8_t address[16])
{
	const struct pim_policy *policy = &judge->policy;
	unsigned int bits = pim_family_bits(family), bytes = bits / 8,
		     kind = random_from(&state, 8);
	struct pim_prefix prefix;

	do
		prefix = policy->listed[random_from(&state, (uint32_t)policy->listed_count)].prefix;
	while (prefix.family != family);
	memcpy(address, prefix.address, 16);
	if (kind == 0) {
		for (unsigned int byte = 0; byte < bytes; byte++)
			address[byte] = (uint8_t)pim_splitmix64(&state);
		if (family == PIM_IPV6 && random_from(&state, 8))
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
		if (kind < 5 || random_from(&state, 2)) /* the last, or one inside */
			address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	if (kind == 3) /* after it */
		for (unsigned int byte = bytes; byte-- && !++address[byte];)
			;
}

/* RFC 1122 3.2.1.3, RFC 4291 2.5, as docs/classification.md (step 5) has them. */
static bool is_martian(const struct pim_prefix *host)
{
	/* clang-format off */
	static const struct pim_prefix martians[] = {
		{ { 0 }, PIM_IPV4, 8 }, { { 127 }, PIM_IPV4, 8 }, { { 224 }, PIM_IPV4, 4 },
		{ { 240 }, PIM_IPV4, 4 }, { { 0 }, PIM_IPV6, 128 }, { { [15] = 1 }, PIM_IPV6, 128 },
		{ { 0xff }, PIM_IPV6, 8 }, { { [10] = 0xff, [11] = 0xff }, PIM_IPV6, 96 },
	};
	/* clang-format on */

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

/* The decision that follows from the two ends: docs/classification.md, steps 4 to 7 and 12. */
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
				.protocol = services[at].protocol,
				.source_port = 40000,
				.destination_port = services[at].port,
				.flags = FRAME_SYN,
			};

			if (services[at].protocol == FRAME_UDP) {
				recipe.payload = stun;
				recipe.payload_bytes = sizeof(stun);
			}
			frame_build(&recipe, &frames[six][at]);
		}
	}
	while (count--) {
		unsigned int six = random_from(&state, 2),
			     which = random_from(&state, COUNT(services));
		uint8_t family = six ? PIM_IPV6 : PIM_IPV4, bytes = six ? 16 : 4;
		struct frame *frame = &frames[six][which];
		struct pim_prefix from = { .family = family, .length = (uint8_t)(8 * bytes) },
				  to = from;
		struct pim_address_value source, destination;
		char expected[JUDGE_TEXT], from_text[PIM_PREFIX_TEXT], to_text[PIM_PREFIX_TEXT];
		uint32_t partner;

		random_address(judge, family, from.address);
		random_address(judge, family, to.address);
		if (random_from(&state, 8)) { /* most go to the Edge */
			const uint32_t first = judge->policy.listed_count < 40 ?
						       (uint32_t)judge->policy.listed_count :
						       40; /* these include the Edge's */
			const struct pim_listed *edge;

			do
				edge = &judge->policy.listed[random_from(&state, first)];
			while (!(edge->roles & PIM_EDGE_ANY) || edge->prefix.family != family);
			memcpy(to.address, edge->prefix.address, 16);
			if (edge->prefix.length < 8 * bytes)
				to.address[bytes - 1] ^= (uint8_t)random_from(&state, 16);
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
		/* A source that was looked up has its partner, whatever the verdict. */
		partner =
			destination.roles & PIM_EDGE_ANY && !is_martian(&from) ? source.partner : 0;
		if (judge->decision.partner != partner)
			fail_msg("from %s to %s: partner %u, expected %u", from_text, to_text,
				 judge->decision.partner, partner);
		charged += partner != 0;
	}
}

/* The longest list that an image can have: hosts that do not touch, the last one at the
 * end of the list's range. */
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

/* Loads `prefixes` random prefixes, with any roles or with one of two, after the Edge's
 * addresses: either few, which the program compares itself, or more, and pools. */
static void open_random(struct judge *judge, unsigned int prefixes, bool many_edges,
			bool few_leaves)
{
	static const unsigned int roles[] = {
		PIM_ROLE_PARTNER,   PIM_ROLE_CLIENT,
		PIM_ROLE_MESSENGER, PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER,
		PIM_ROLE_PARTNER,   PIM_ROLE_CLIENT,
		PIM_ROLE_BLOCK,	    PIM_ROLE_FAILSAFE
	};
	/* Roles that the lists of every address below do not give already. */
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
	/* A prefix around the Edge, and one around every address. */
	list_text(judge, "198.51.100.0/28", PIM_ROLE_PARTNER);
	list_text(judge, "2001:db8:10::/48", PIM_ROLE_PARTNER);
	longest = prefixes > 10;
	if (longest) {
		list_text(judge, "0.0.0.0/0", PIM_ROLE_CLIENT);
		list_text(judge, "::/0", PIM_ROLE_MESSENGER);
	}
	while (prefixes--) {
		struct pim_prefix prefix;

		do /* many short prefixes would give every role to every address */
			prefix = random_prefix(judge);
		while (large && prefix.length < (prefix.family == PIM_IPV4 ? 16 : 40));
		list(judge, prefix,
		     few_leaves ? few[random_from(&state, 2)] :
				  roles[random_from(&state, COUNT(roles))]);
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
		{ 10, 20000, false },
		{ 1000, 40000, false },
		{ 100000, 40000, false },
		{ 100000, 40000, true },
	};

	(void)context;
	state = random_seed(__func__);
	for (size_t at = 0; at < COUNT(policies); at++) {
		for (int many = 0; many < 2; many++) {
			struct judge judge;

			open_random(&judge, policies[at].prefixes, many, policies[at].few_leaves);
			assert_int_equal(judge.image.addresses.packed,
					 policies[at].prefixes >= 100000);
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
	/* Every outcome that these frames can have was seen often. */
	assert_true(judged[PIM_PASS_NOT_EDGE] > 1000);
	assert_true(judged[PIM_PASS_FAILSAFE] > 1000);
	assert_true(judged[PIM_PASS_RULE] > 10000);
	assert_true(judged[PIM_DROP_MARTIAN] > 1000);
	assert_true(judged[PIM_DROP_BLOCKED] > 1000);
	assert_true(judged[PIM_DROP_ROLE] > 10000);
	assert_true(judged[PIM_DROP_NO_SERVICE] > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_as_the_compiler_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
