/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a policy makes of a source, and what its lists come to. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "policy/review.h"
#include "unit/policy/prefixes.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* An address alone. Not by pim_prefix_parse, which refuses IPv4-mapped ones. */
static struct pim_prefix address_of(const char *text)
{
	bool ipv6 = strchr(text, ':') != NULL;
	struct pim_prefix address = { .family = ipv6 ? PIM_IPV6 : PIM_IPV4,
				      .length = ipv6 ? 128 : 32 };

	assert_int_equal(inet_pton(ipv6 ? AF_INET6 : AF_INET, text, address.address), 1);
	return address;
}

/* ---- martians ---- */

/* The first and the last address of each range, and the addresses just outside. */
static void knows_martians_to_the_address(void **state)
{
	static const struct {
		const char *address;
		bool martian;
	} cases[] = {
		{ "0.0.0.0", true },
		{ "0.255.255.255", true },
		{ "1.0.0.0", false },
		{ "126.255.255.255", false },
		{ "127.0.0.0", true },
		{ "127.0.0.1", true },
		{ "127.255.255.255", true },
		{ "128.0.0.0", false },
		{ "223.255.255.255", false },
		{ "224.0.0.0", true },
		{ "224.0.0.1", true },
		{ "239.255.255.255", true },
		{ "240.0.0.0", true },
		{ "255.255.255.255", true },
		/* An Edge behind a NAT sees these. */
		{ "10.0.0.1", false },
		{ "100.64.0.1", false },
		{ "169.254.0.1", false },
		{ "172.16.0.1", false },
		{ "192.168.0.1", false },
		{ "::", true },
		{ "::1", true },
		{ "::2", false },
		{ "::fffe:ffff:ffff", false },
		{ "::ffff:0.0.0.0", true },
		{ "::ffff:192.0.2.1", true },
		{ "::ffff:255.255.255.255", true },
		{ "::1:0:0:0", false },
		{ "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false },
		{ "ff00::", true },
		{ "ff02::1", true },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true },
		{ "fe80::1", false },
		{ "fc00::1", false },
		{ "2001:db8::1", false },
		/* The bytes of one family's martians in the other family. */
		{ "7f00:1::", false },
		{ "e000::1", false },
		{ "f000::1", false },
		{ "0:1::", false },
		{ "0.0.0.1", true },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct pim_prefix address = address_of(cases[at].address);
		enum pim_fate fate = pim_source_fate(&address, 0);

		if (fate != (cases[at].martian ? PIM_FATE_MARTIAN : PIM_FATE_NONE))
			fail_msg("%s: fate %d", cases[at].address, fate);
	}
}

/* No set of roles makes a martian welcome. */
static void drops_martians_whatever_lists_them(void **state)
{
	static const char *const addresses[] = { "0.0.0.0",   "127.0.0.1",
						 "224.0.0.1", "255.255.255.255",
						 "::",	      "::1",
						 "ff02::1",   "::ffff:192.0.2.1" };

	(void)state;
	for (size_t at = 0; at < COUNT(addresses); at++) {
		struct pim_prefix address = address_of(addresses[at]);

		for (unsigned int roles = 0; roles < 1u << PIM_ROLES; roles++)
			assert_int_equal(pim_source_fate(&address, (uint16_t)roles),
					 PIM_FATE_MARTIAN);
	}
}

/* By hand from docs/classification.md, then from martians.def. */
static void lists_the_martians_of_the_specification(void **state)
{
	static const struct {
		const char *first;
		uint8_t length;
		const char *title;
	} by_hand[] = {
		{ "0.0.0.0", 8, "\"this network\", unspecified" },
		{ "127.0.0.0", 8, "loopback" },
		{ "224.0.0.0", 4, "multicast" },
		{ "240.0.0.0", 4, "reserved, broadcast" },
		{ "::", 128, "unspecified" },
		{ "::1", 128, "loopback" },
		{ "ff00::", 8, "multicast" },
		{ "::ffff:0.0.0.0", 96, "IPv4-mapped" },
	};
	static const struct {
		uint32_t words[4];
		uint8_t family, length;
		const char *title;
	} listed[] = {
#define PIM_MARTIAN4(word, bits, title) { { word }, PIM_IPV4, bits, title },
#define PIM_MARTIAN6(a, b, c, d, bits, title) { { a, b, c, d }, PIM_IPV6, bits, title },
#include <pimxdp/martians.def>
	};

	(void)state;
	assert_int_equal(COUNT(by_hand), COUNT(listed));
	for (size_t at = 0; at < COUNT(listed); at++) {
		const struct pim_martian *martian = &pim_martians[at];
		struct pim_prefix prefix = address_of(by_hand[at].first);

		prefix.length = by_hand[at].length;
		assert_memory_equal(&martian->prefix, &prefix, sizeof(prefix));
		assert_string_equal(martian->title, by_hand[at].title);
		assert_int_equal(martian->prefix.family, listed[at].family);
		assert_int_equal(martian->prefix.length, listed[at].length);
		for (size_t word = 0; word < 4; word++) {
			uint32_t word_be;

			memcpy(&word_be, martian->prefix.address + 4 * word, sizeof(word_be));
			assert_int_equal(ntohl(word_be), listed[at].words[word]);
		}
		assert_string_equal(martian->title, listed[at].title);
	}
	assert_null(pim_martians[COUNT(listed)].title);
}

/* ---- roles ---- */

/* What each role alone comes to, and the step of docs/classification.md that decides. */
static const struct {
	enum pim_role role;
	unsigned int step;
	enum pim_fate fate;
} roles_alone[] = {
	{ PIM_ROLE_ACCESS, 5, PIM_FATE_EDGE },	     { PIM_ROLE_AV, 5, PIM_FATE_EDGE },
	{ PIM_ROLE_FAILSAFE, 6, PIM_FATE_FAILSAFE }, { PIM_ROLE_BLOCK, 7, PIM_FATE_BLOCKED },
	{ PIM_ROLE_PARTNER, 12, PIM_FATE_ROWS },     { PIM_ROLE_CLIENT, 12, PIM_FATE_ROWS },
	{ PIM_ROLE_MESSENGER, 12, PIM_FATE_ROWS },
};

static const char *const any_sources[] = { "192.0.2.1", "2001:db8::1" };

static void judges_a_source_by_its_role(void **state)
{
	(void)state;
	assert_int_equal(COUNT(roles_alone), PIM_ROLES);
	for (size_t at = 0; at < COUNT(any_sources); at++) {
		struct pim_prefix address = address_of(any_sources[at]);

		assert_int_equal(pim_source_fate(&address, 0), PIM_FATE_NONE);
		for (size_t one = 0; one < PIM_ROLES; one++)
			assert_int_equal(pim_source_fate(&address, roles_alone[one].role),
					 roles_alone[one].fate);
	}
}

/* Of two roles, the one of the earlier step decides. */
static void judges_pairs_of_roles_in_the_order_of_the_steps(void **state)
{
	(void)state;
	for (size_t at = 0; at < COUNT(any_sources); at++) {
		struct pim_prefix address = address_of(any_sources[at]);

		for (size_t one = 0; one < PIM_ROLES; one++)
			for (size_t other = 0; other < PIM_ROLES; other++) {
				size_t first = roles_alone[one].step <= roles_alone[other].step ?
						       one :
						       other;
				uint16_t pair = roles_alone[one].role | roles_alone[other].role;

				if (pim_source_fate(&address, pair) != roles_alone[first].fate)
					fail_msg("%s with %s and %s: fate %d, expected %d",
						 any_sources[at],
						 pim_role_name(roles_alone[one].role),
						 pim_role_name(roles_alone[other].role),
						 pim_source_fate(&address, pair),
						 roles_alone[first].fate);
			}
	}
}

static void judges_every_set_of_roles_in_the_order_of_the_steps(void **state)
{
	struct pim_prefix address = address_of("198.51.100.7");

	(void)state;
	for (unsigned int roles = 1; roles < 1u << PIM_ROLES; roles++) {
		size_t first = PIM_ROLES;

		for (size_t one = 0; one < PIM_ROLES; one++)
			if (roles & roles_alone[one].role &&
			    (first == PIM_ROLES || roles_alone[one].step < roles_alone[first].step))
				first = one;
		assert_int_equal(pim_source_fate(&address, (uint16_t)roles),
				 roles_alone[first].fate);
	}
}

/* ---- tallies ---- */

/* A policy of these lists alone. */
static struct pim_tally tally_of(struct pim_listed *listed, size_t count, enum pim_role role,
				 uint16_t partner)
{
	struct pim_policy policy = { .listed = listed, .listed_count = count, .partner_count = 3 };
	struct pim_tallies tallies;
	struct pim_tally tally;

	assert_int_equal(pim_policy_tally(&policy, &tallies), 0);
	tally = partner ? tallies.partners[partner - 1] : tallies.roles[__builtin_ctz(role)];
	free(tallies.partners);
	return tally;
}

static void assert_tally(struct pim_tally tally, size_t prefixes4, size_t prefixes6, bool all4,
			 bool all6)
{
	assert_int_equal(tally.prefixes4, prefixes4);
	assert_int_equal(tally.prefixes6, prefixes6);
	assert_int_equal(tally.all4, all4);
	assert_int_equal(tally.all6, all6);
}

/* A default route is every address of its own family, and half of it is not. */
static void tallies_every_address_of_a_family(void **state)
{
	static const struct {
		const char *prefix;
		size_t prefixes4, prefixes6;
		bool all4, all6;
	} cases[] = {
		{ "0.0.0.0/0", 1, 0, true, false },    { "0.0.0.0/1", 1, 0, false, false },
		{ "128.0.0.0/1", 1, 0, false, false }, { "0.0.0.0/32", 1, 0, false, false },
		{ "::/0", 0, 1, false, true },	       { "::/1", 0, 1, false, false },
		{ "8000::/1", 0, 1, false, false },    { "::/128", 0, 1, false, false },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct pim_listed listed[] = {
			{ .prefix = prefix_of(cases[at].prefix), .roles = PIM_ROLE_CLIENT },
		};

		assert_tally(tally_of(listed, 1, PIM_ROLE_CLIENT, 0), cases[at].prefixes4,
			     cases[at].prefixes6, cases[at].all4, cases[at].all6);
	}
}

/* One /0 suffices, whatever is listed before or after it. */
static void tallies_both_families(void **state)
{
	struct pim_listed listed[] = {
		{ .prefix = prefix_of("192.0.2.0/24"), .roles = PIM_ROLE_CLIENT },
		{ .prefix = prefix_of("0.0.0.0/0"), .roles = PIM_ROLE_CLIENT },
		{ .prefix = prefix_of("198.51.100.1"), .roles = PIM_ROLE_CLIENT },
		{ .prefix = prefix_of("2001:db8::/32"), .roles = PIM_ROLE_CLIENT },
		{ .prefix = prefix_of("::/0"), .roles = PIM_ROLE_CLIENT },
	};

	(void)state;
	assert_tally(tally_of(listed, 0, PIM_ROLE_CLIENT, 0), 0, 0, false, false);
	assert_tally(tally_of(listed, 1, PIM_ROLE_CLIENT, 0), 1, 0, false, false);
	assert_tally(tally_of(listed, 3, PIM_ROLE_CLIENT, 0), 3, 0, true, false);
	assert_tally(tally_of(listed, 4, PIM_ROLE_CLIENT, 0), 3, 1, true, false);
	assert_tally(tally_of(listed, 5, PIM_ROLE_CLIENT, 0), 3, 2, true, true);
}

/* A prefix counts for each role that its listing gives it, and for no other. */
static void tallies_by_role(void **state)
{
	struct pim_listed listed[] = {
		{ .prefix = prefix_of("0.0.0.0/0"), .roles = PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER },
		{ .prefix = prefix_of("::/0"), .roles = PIM_ROLE_BLOCK },
		{ .prefix = prefix_of("192.0.2.1"), .roles = PIM_ROLE_CLIENT },
	};

	(void)state;
	assert_tally(tally_of(listed, COUNT(listed), PIM_ROLE_CLIENT, 0), 2, 0, true, false);
	assert_tally(tally_of(listed, COUNT(listed), PIM_ROLE_MESSENGER, 0), 1, 0, true, false);
	assert_tally(tally_of(listed, COUNT(listed), PIM_ROLE_BLOCK, 0), 0, 1, false, true);
	assert_tally(tally_of(listed, COUNT(listed), PIM_ROLE_PARTNER, 0), 0, 0, false, false);
	assert_tally(tally_of(listed, COUNT(listed), PIM_ROLE_FAILSAFE, 0), 0, 0, false, false);
}

static void tallies_by_partner(void **state)
{
	struct pim_listed listed[] = {
		{ .prefix = prefix_of("203.0.113.0/24"), .roles = PIM_ROLE_PARTNER, .partner = 1 },
		{ .prefix = prefix_of("2001:db8::/32"), .roles = PIM_ROLE_PARTNER, .partner = 1 },
		{ .prefix = prefix_of("0.0.0.0/0"), .roles = PIM_ROLE_PARTNER, .partner = 2 },
		{ .prefix = prefix_of("::/0"), .roles = PIM_ROLE_CLIENT },
	};

	(void)state;
	assert_tally(tally_of(listed, COUNT(listed), PIM_ROLE_PARTNER, 0), 2, 1, true, false);
	assert_tally(tally_of(listed, COUNT(listed), PIM_ROLE_PARTNER, 1), 1, 1, false, false);
	assert_tally(tally_of(listed, COUNT(listed), PIM_ROLE_PARTNER, 2), 1, 0, true, false);
	assert_tally(tally_of(listed, COUNT(listed), PIM_ROLE_PARTNER, 3), 0, 0, false, false);
}

static void remembers_the_first_in_their_order(void **state)
{
	static const uint32_t expected[PIM_TALLY_FIRST] = { 1, 2, 4, 5 };
	struct pim_listed listed[7];
	struct pim_tally tally;

	(void)state;
	for (size_t at = 0; at < COUNT(listed); at++)
		listed[at] = (struct pim_listed){
			.prefix = prefix_of(at % 2 ? "::/0" : "192.0.2.1"),
			.roles = at % 3 ? PIM_ROLE_CLIENT : PIM_ROLE_BLOCK,
		};
	tally = tally_of(listed, COUNT(listed), PIM_ROLE_CLIENT, 0);
	assert_memory_equal(tally.first, expected, sizeof(expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_martians_to_the_address),
		cmocka_unit_test(drops_martians_whatever_lists_them),
		cmocka_unit_test(lists_the_martians_of_the_specification),
		cmocka_unit_test(judges_a_source_by_its_role),
		cmocka_unit_test(judges_pairs_of_roles_in_the_order_of_the_steps),
		cmocka_unit_test(judges_every_set_of_roles_in_the_order_of_the_steps),
		cmocka_unit_test(tallies_every_address_of_a_family),
		cmocka_unit_test(tallies_both_families),
		cmocka_unit_test(tallies_by_role),
		cmocka_unit_test(tallies_by_partner),
		cmocka_unit_test(remembers_the_first_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
