/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Packets that evade other filters. */
#include "harness.h"
#include "steps.h"

/* Ways to hide a packet from other filters, each tried with packets that the rules admit
 * and packets that they drop. NULL: the rules decide about the packet inside. */
static void cannot_be_walked_around(void **state)
{
/* Dropped as fragment; with fragments = pass the rules decide about the packet in a first
 * fragment, and a later one passes if the source has a role. */
#define FIRST "first fragment"
#define LATER "later fragment"
	static const struct {
		const char *description;
		struct frame_recipe around;
		uint8_t family; /* 0: either */
		const char *expected;
	} ways[] = {
		{ "as it is", { .extension_count = 0 }, 0, NULL },
		{ "VLAN tag", { .tags = { 0x8100 } }, 0, NULL },
		{ "two tags", { .tags = { 0x88a8, 0x8100 } }, 0, NULL },
		{ "three tags", { .tags = { 0x88a8, 0x8100, 0x8100 } }, 0, "drop vlan-depth" },
		{ "IPv4 options", { .option_bytes = 8 }, 4, NULL },
		{ "two tags and IPv4 options",
		  { .tags = { 0x8100, 0x8100 }, .option_bytes = 40 },
		  4,
		  NULL },
		{ "first fragment", { .fragment = 0x2000 }, 4, FIRST },
		{ "overlapping fragment", { .fragment = 0x0001 }, 4, "drop fragment" },
		{ "overlapping fragment with More", { .fragment = 0x2001 }, 4, "drop fragment" },
		{ "later fragment", { .fragment = 0x00b9 }, 4, LATER },
		{ "first fragment behind options",
		  { .fragment = 0x2000, .option_bytes = 8 },
		  4,
		  FIRST },
		{ "later fragment with More", { .fragment = 0x20b9 }, 4, LATER },
		{ "later fragment behind options",
		  { .fragment = 0x00b9, .option_bytes = 8 },
		  4,
		  LATER },
		{ "hop-by-hop", { EXTENSIONS(EXTENSION(FRAME_HOP_BY_HOP, 8, 0)) }, 6, NULL },
		{ "destination options", { EXTENSIONS(OPTIONS) }, 6, NULL },
		{ "hop-by-hop, routing, destination options",
		  { EXTENSIONS(EXTENSION(FRAME_HOP_BY_HOP, 8, 0),
			       EXTENSION(FRAME_ROUTING, 24, 0x0200), OPTIONS) },
		  6,
		  NULL },
		{ "IPv6 first fragment",
		  { EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 1)) },
		  6,
		  FIRST },
		{ "IPv6 first fragment among headers",
		  { EXTENSIONS(OPTIONS, EXTENSION(FRAME_FRAGMENT, 8, 1), OPTIONS) },
		  6,
		  FIRST },
		{ "IPv6 overlapping fragment",
		  { EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 8)) },
		  6,
		  "drop fragment" },
		{ "IPv6 overlapping fragment behind options",
		  { EXTENSIONS(OPTIONS, EXTENSION(FRAME_FRAGMENT, 8, 9)) },
		  6,
		  "drop fragment" },
		{ "a segment left",
		  { EXTENSIONS(EXTENSION(FRAME_ROUTING, 24, 0x0401)) },
		  6,
		  "drop ipv6-ext" },
		{ "IPv6 later fragment",
		  { EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0x05c8)) },
		  6,
		  LATER },
		{ "IPv6 atomic fragment",
		  { EXTENSIONS(EXTENSION(FRAME_FRAGMENT, 8, 0)) },
		  6,
		  NULL },
		{ "eight destination options", { EXTENSIONS(EIGHT_OPTIONS) }, 6, NULL },
		{ "eight and two tags",
		  { .tags = { 0x8100, 0x8100 }, EXTENSIONS(EIGHT_OPTIONS) },
		  6,
		  NULL },
		{ "nine destination options",
		  { EXTENSIONS(EIGHT_OPTIONS, OPTIONS) },
		  6,
		  "drop ipv6-ext" },
	};
	static const struct {
		const char *description, *source[2], *destination[2];
		uint8_t protocol, flags;
		uint16_t source_port, destination_port;
		const char *expected;
	} packets[] = {
		{ "permitted",
		  { PARTNER, PARTNER6 },
		  { EDGE_ACCESS, EDGE_ACCESS6 },
		  FRAME_TCP,
		  FRAME_SYN,
		  40000,
		  5061,
		  SIP_PASSES },
		{ "permitted reply",
		  { PARTNER, PARTNER6 },
		  { EDGE_ACCESS, EDGE_ACCESS6 },
		  FRAME_TCP,
		  FRAME_SYN_ACK,
		  5061,
		  40000,
		  "pass rule sip-mtls-out reply" },
		{ "permitted UDP",
		  { MESSENGER, MESSENGER6 },
		  { EDGE_AV, EDGE_AV6 },
		  FRAME_UDP,
		  0,
		  40000,
		  3478,
		  STUN_PASSES },
		{ "no service",
		  { PARTNER, PARTNER6 },
		  { EDGE_ACCESS, EDGE_ACCESS6 },
		  FRAME_TCP,
		  FRAME_SYN,
		  40000,
		  3389,
		  "drop no-service" },
		{ "no role",
		  { STRANGER, STRANGER6 },
		  { EDGE_ACCESS, EDGE_ACCESS6 },
		  FRAME_TCP,
		  FRAME_SYN,
		  40000,
		  5061,
		  "drop role sip-mtls-in forward" },
		{ "unsolicited",
		  { PARTNER, PARTNER6 },
		  { EDGE_ACCESS, EDGE_ACCESS6 },
		  FRAME_TCP,
		  FRAME_SYN,
		  5061,
		  40000,
		  "drop unsolicited sip-mtls-out reply" },
		{ "bad flags",
		  { PARTNER, PARTNER6 },
		  { EDGE_ACCESS, EDGE_ACCESS6 },
		  FRAME_TCP,
		  FRAME_SYN | FRAME_FIN,
		  40000,
		  5061,
		  "drop tcp-flags" },
	};
	static struct frame frame;
	struct judge judge;

	(void)state;
	for (int pass = 0; pass < 2; pass++) {
		judge_open(&judge,
			   STANDARD_POLICY
			   "options = { ip-options = \"classify\" fragments = \"%s\" }",
			   pass ? "pass" : "drop");
		for (size_t way = 0; way < COUNT(ways); way++)
			for (size_t packet = 0; packet < COUNT(packets); packet++)
				for (int six = 0; six < 2; six++) {
					struct frame_recipe recipe = ways[way].around;
					const char *expected = ways[way].expected;
					bool known = strcmp(packets[packet].source[0], STRANGER);

					if (ways[way].family == (six ? 4 : 6))
						continue;
					if (!expected || (pass && !strcmp(expected, FIRST)))
						expected = packets[packet].expected;
					else if (pass && known && !strcmp(expected, LATER))
						expected = "pass fragment";
					else if (!strcmp(expected, FIRST) ||
						 !strcmp(expected, LATER))
						expected = "drop fragment";
					recipe.source = packets[packet].source[six];
					recipe.destination = packets[packet].destination[six];
					recipe.protocol = packets[packet].protocol;
					recipe.flags = packets[packet].flags;
					recipe.source_port = packets[packet].source_port;
					recipe.destination_port = packets[packet].destination_port;
					recipe.payload = binding;
					recipe.payload_bytes = sizeof(binding);
					frame_build(&recipe, &frame);
					judge_expect(&judge, &frame, expected,
						     "%s in %s, IPv%d, fragments = %s",
						     packets[packet].description,
						     ways[way].description, six ? 6 : 4,
						     pass ? "pass" : "drop");
				}
		judge_close(&judge);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cannot_be_walked_around),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
