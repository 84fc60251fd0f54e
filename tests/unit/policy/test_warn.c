/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is warned of, where, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "output/check.h"
#include "policy/warn.h"
#include "unit/config/fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A sound policy: two lines, with partners, clients and messenger of their own. */
#define SOUND                                                                           \
	"edge = { access = [ \"198.51.100.10\" ] } partners = ( { name = \"contoso\", " \
	"addresses = [ \"203.0.113.0/24\" ] } )\n"                                      \
	"messenger = { addresses = [ \"192.0.2.0/24\" ] } "
#define EVERYONE "clients = { addresses = [ \"0.0.0.0/0\", \"::/0\" ] }\n"
#define SERVICE(direction, transport, peers, ports)                                                \
	"services = ( { name = \"extra\", direction = \"" direction "\", transport = \"" transport \
	"\",\n edge = \"access\", peers = \"" peers "\", ports = [ \"" ports "\" ] } )\n"

static const char *warnings_of(const char *text)
{
	static char printed[32768];
	struct pim_policy policy;
	FILE *out = fmemopen(printed, sizeof(printed), "w");

	read_text(text, &policy);
	for (size_t at = 0; at < policy.warnings.count; at++)
		assert_int_equal(policy.warnings.list[at].severity, PIM_WARNING);
	pim_output_findings_text(out, "", &policy, &policy.warnings);
	fclose(out);
	pim_policy_free(&policy);
	return printed;
}

static void is_silent_about_what_is_sound(void **state)
{
	static const char *const texts[] = {
		SOUND EVERYONE,
		/* As wide as one owner may be. */
		SOUND EVERYONE
		"failsafe = { addresses = [ \"10.1.0.0/16\", \"2001:db8::/32\" ] }\n",
		SOUND "clients = { addresses = [ \"12.0.0.0/8\", \"2400::/12\" ] }\n" SERVICE(
			"out", "udp", "client", "53"),
		/* Strangers call few ports. */
		SOUND EVERYONE SERVICE("in", "tcp", "client", "444"),
		SOUND EVERYONE SERVICE("in", "tcp", "client", "1-1000"),
		/* Many ports, for few. */
		SOUND EVERYONE SERVICE("in", "udp", "messenger", "49152-65535"),
		SOUND EVERYONE SERVICE("out", "udp", "partner", "53"),
		/* Not in force. */
		SOUND EVERYONE SERVICE("out", "udp", "client", "53") "disable = [ \"extra\" ]\n",
		"edge = { access = [ \"198.51.100.10\" ] } partners = ( { name = \"contoso\", "
		"addresses = [ \"203.0.113.0/24\" ] } )\n" EVERYONE
		"disable = [ \"rtp-out\", \"stun-out\" ]\n",
		SOUND EVERYONE "options = { stun-shape = \"off\" }\n",
		/* Failsafe and Edge win over block; and a part of a prefix may be blocked. */
		SOUND EVERYONE "block = { addresses = [ \"203.0.113.66\", \"198.18.0.0/15\" ] } "
			       "failsafe = { addresses = [ \"198.18.0.1\" ] }\n",
	};

	(void)state;
	for (size_t at = 0; at < COUNT(texts); at++)
		assert_string_equal(warnings_of(texts[at]), "");
}

static void warns(void **state)
{
#define NARROWER                                                                              \
	": take the row out, or give it peers that hold only who answers, such as a partner " \
	"of their own\n"
	static const struct {
		const char *text, *warnings;
	} cases[] = {
		{ SOUND EVERYONE SERVICE("out", "udp", "client", "53"),
		  "t.conf:3: row \"extra\" takes replies, which are not tracked, from anyone (client "
		  "\"0.0.0.0/0\", t.conf:2): what comes from UDP port 53 reaches every UDP port of the "
		  "Edge" NARROWER },
		{ SOUND EVERYONE SERVICE("out", "tcp", "client", "80-81"),
		  "t.conf:3: row \"extra\" takes replies, which are not tracked, from anyone (client "
		  "\"0.0.0.0/0\", t.conf:2): what comes from TCP port 80-81 reaches every TCP port of "
		  "the Edge, for scans and floods, but opens no connection" NARROWER },
		/* Everyone in two halves. */
		{ SOUND "clients = { addresses = [ \"0.0.0.0/1\", \"128.0.0.0/1\" ] }\n" SERVICE(
			  "out", "udp", "client", "123"),
		  "t.conf:3: row \"extra\" takes replies, which are not tracked, from anyone (client "
		  "\"0.0.0.0/1\", t.conf:2): what comes from UDP port 123 reaches every UDP port of the "
		  "Edge" NARROWER },
		/* All global addresses of IPv6. */
		{ SOUND "clients = { addresses = [ \"2000::/3\" ] }\n" SERVICE("out", "udp",
									       "client", "53"),
		  "t.conf:3: row \"extra\" takes replies, which are not tracked, from anyone (client "
		  "\"2000::/3\", t.conf:2): what comes from UDP port 53 reaches every UDP port of the "
		  "Edge" NARROWER },
		{ SOUND EVERYONE SERVICE("in", "tcp", "client", "1-65535"),
		  "t.conf:3: row \"extra\" opens 65,535 ports of the Edge to anyone (client "
		  "\"0.0.0.0/0\", t.conf:2): list only ports that a service listens on, or narrower "
		  "peers\n" },
		{ SOUND EVERYONE SERVICE("in", "tcp", "client", "1-1001"),
		  "t.conf:3: row \"extra\" opens 1,001 ports of the Edge to anyone (client "
		  "\"0.0.0.0/0\", t.conf:2): list only ports that a service listens on, or narrower "
		  "peers\n" },
		/* The founding table, with messenger by default the clients: once, in one line. */
		{ "edge = { access = [ \"198.51.100.10\" ] } partners = ( { name = \"contoso\", "
		  "addresses = [ \"203.0.113.0/24\" ] } )\n" EVERYONE,
		  "t.conf:2: \"0.0.0.0/0\" gives anyone the role messenger, and replies are not "
		  "tracked: what comes from the ports of rtp-out or stun-out reaches every port of the "
		  "Edge, by UDP if it looks like STUN or media, by TCP without opening connections: list "
		  "only who is meant, or name what is not wanted in disable\n" },
		{ "edge = { access = [ \"198.51.100.10\" ] } partners = ( { name = \"contoso\", "
		  "addresses = [ \"203.0.113.0/24\" ] } )\n" EVERYONE "disable = [ \"stun-out\" ]",
		  "t.conf:2: \"0.0.0.0/0\" gives anyone the role messenger, and replies are not "
		  "tracked: what comes from the ports of rtp-out reaches every port of the Edge, by TCP "
		  "without opening connections: list only who is meant, or name what is not wanted in "
		  "disable\n" },
		{ SOUND EVERYONE "failsafe = { addresses = [ \"10.0.0.0/15\", \"::/0\" ] }\n",
		  "t.conf:3: failsafe \"10.0.0.0/15\" is wider than /16: all of it reaches every port of "
		  "the Edge, whatever the rows say: list only the hosts that you administer from\n"
		  "t.conf:3: failsafe \"::/0\" is wider than /32: all of it reaches every port of the "
		  "Edge, whatever the rows say: list only the hosts that you administer from\n" },
		{ "edge = { access = [ \"198.51.100.10\" ] } clients = { addresses = [ \"192.0.2.1\" ] }\n"
		  "partners = ( { name = \"contoso\", addresses = [ \"12.0.0.0/7\" ] } )\n",
		  "t.conf:2: partner \"contoso\" holds \"12.0.0.0/7\": strangers there are taken for this "
		  "partner: list the partner's own networks\n" },
		{ SOUND EVERYONE "options = { fragments = \"pass\" }\n",
		  "t.conf:3: fragments is \"pass\": later fragments, which have no ports to judge, reach "
		  "the Edge from anyone (client \"0.0.0.0/0\", t.conf:2): use \"drop\" unless a "
		  "partner's path needs fragments\n" },
		{ SOUND EVERYONE "options = { ip-options = \"classify\" }\n",
		  "t.conf:3: ip-options is \"classify\": source routes are among the options, by which who "
		  "forges a partner's address gets the answers too: use \"drop\" unless a partner sends "
		  "options\n" },
		{ SOUND EVERYONE "options = {\n mode = \"observe\" }\n",
		  "t.conf:4: mode is \"observe\": everything passes, and what is wrong is only counted: "
		  "use \"enforce\" once the counts are as expected\n" },
		{ "edge = { access = [ \"198.51.100.10\" ] } partners = ( { name = \"contoso\", "
		  "addresses = [ \"203.0.113.0/24\" ] } )\n" EVERYONE
		  "disable = [ \"rtp-out\", \"stun-out\" ] options = { stun-shape = \"off\" }",
		  "t.conf:3: stun-shape is \"off\": where the ports match, UDP with any payload is "
		  "admitted from anyone (messenger \"0.0.0.0/0\", t.conf:2): use \"media\" or "
		  "\"strict\"\n" },
		/* Facts of the lists. */
		{ SOUND EVERYONE "failsafe = { addresses = [ \"127.0.0.1\", \"224.0.0.0/4\" ] }\n",
		  "t.conf:3: failsafe \"127.0.0.1\" is in 127.0.0.0/8 (loopback): packets from there are "
		  "dropped as martian: list the addresses that its packets come from\n"
		  "t.conf:3: failsafe \"224.0.0.0/4\" is in 224.0.0.0/4 (multicast): packets from there "
		  "are dropped as martian: list the addresses that its packets come from\n" },
		{ "edge = { access = [ \"198.51.100.0/24\" ] } messenger = { addresses = [ \"192.0.2.0/24\" "
		  "] }\n"
		  "failsafe = { addresses = [ \"198.51.100.200\" ] }\n"
		  "partners = ( { name = \"contoso\", addresses = [ \"198.51.100.128/25\" ] } )\n" EVERYONE,
		  "t.conf:2: failsafe \"198.51.100.200\" is in \"198.51.100.0/24\", which edge lists at "
		  "t.conf:1 as the Edge's own: packets from there are dropped as martian, so the "
		  "administrator is locked out: list in edge only what is the Edge's, an address each\n"
		  "t.conf:3: partner \"contoso\" \"198.51.100.128/25\" is in \"198.51.100.0/24\", which "
		  "edge lists at t.conf:1 as the Edge's own: packets from there are dropped as martian: "
		  "list in edge only what is the Edge's, an address each\n" },
		{ SOUND EVERYONE
		  "block = { addresses = [ \"192.0.2.7\", \"203.0.0.0/16\", \"203.0.113.0/25\" ] }\n",
		  "t.conf:1: partner \"contoso\" \"203.0.113.0/24\" is in \"203.0.0.0/16\", which block "
		  "lists at t.conf:3: nothing is admitted from it: take one of the two away\n" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++)
		assert_string_equal(warnings_of(cases[at].text), cases[at].warnings);
}

/* Of thousands of one kind the first few are named, and the others counted. */
static void names_few_of_a_kind(void **state)
{
	FILE *out = fopen("many.conf", "w");
	struct pim_policy policy;
	char last[PIM_FINDING_TEXT];

	(void)state;
	fputs(SOUND EVERYONE "failsafe = { files = [ \"many.prefixes\" ] }\n", out);
	fclose(out);
	out = fopen("many.prefixes", "w");
	for (unsigned int at = 0; at < 3000; at++)
		fprintf(out, "127.0.%u.%u\n", at >> 8, at & 255);
	fclose(out);
	read_file("many.conf", &policy);
	assert_int_equal(policy.warnings.count, 6);
	assert_string_equal(pim_finding_format(&policy, &policy.warnings.list[0], last),
			    "many.conf: there are 2,995 more prefixes that are martian");
	pim_policy_free(&policy);
}

/* Against a search that looks at every pair. */
static void finds_what_is_blocked_or_the_edges_own(void **state)
{
	(void)state;
	srand(11);
	for (int round = 0; round < 300; round++) {
		struct pim_listed listed[40];
		size_t expected = 0, found;
		struct pim_source file = { .path = (char *)"t.conf" };
		struct pim_policy policy = { .listed = listed,
					     .listed_count = COUNT(listed),
					     .files = &file,
					     .file_count = 1 };

		for (size_t at = 0; at < COUNT(listed); at++) {
			unsigned int length = 16 + (unsigned int)rand() % 9;
			uint32_t bits = (uint32_t)rand() % 512 << 15 & 0xffffffffu << (32 - length);
			static const uint16_t roles[] = { PIM_ROLE_CLIENT, PIM_ROLE_BLOCK };

			listed[at] = (struct pim_listed){
				.prefix = { .family = PIM_IPV4,
					    .length = (uint8_t)length,
					    .address = { 10, bits >> 16, bits >> 8, bits } },
				.roles = roles[rand() % 4 == 0],
				.origin = { 0, 1 },
			};
		}
		for (size_t at = 0; at < COUNT(listed); at++) {
			bool held = false;

			for (size_t other = 0; other < COUNT(listed); other++)
				held |= listed[other].roles == PIM_ROLE_BLOCK &&
					pim_prefix_contains(&listed[other].prefix,
							    &listed[at].prefix);
			expected += held && listed[at].roles == PIM_ROLE_CLIENT;
		}
		assert_int_equal(pim_policy_warn(&policy), 0);
		found = 0;
		for (size_t at = 0; at < policy.warnings.count; at++) {
			const char *text = policy.warnings.list[at].text;
			unsigned int more;

			found += strstr(text, "which block lists at") != NULL;
			if (sscanf(text, "there are %u more prefixes that block", &more) == 1)
				found += more;
		}
		assert_int_equal(found, expected);
		pim_findings_free(&policy.warnings);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_silent_about_what_is_sound),
		cmocka_unit_test(warns),
		cmocka_unit_test(names_few_of_a_kind),
		cmocka_unit_test(finds_what_is_blocked_or_the_edges_own),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
