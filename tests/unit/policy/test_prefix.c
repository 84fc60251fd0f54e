/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/prefix.h"
#include "unit/policy/prefixes.h"

static void parse(const char *text, struct pim_prefix *prefix)
{
	struct pim_error error = {};

	if (pim_prefix_parse(text, prefix, &error))
		fail_msg("%s refused: %s", text, error.text);
	assert_int_equal(error.kind, PIM_EXIT_DONE);
}

static void accepts(void **state)
{
	static const struct {
		const char *text;
		uint8_t family, length;
		uint8_t address[16];
		const char *printed, *with_length;
	} cases[] = {
		{ "0.0.0.0/0", PIM_IPV4, 0, {}, "0.0.0.0/0", "0.0.0.0/0" },
		{ "0.0.0.0", PIM_IPV4, 32, {}, "0.0.0.0", "0.0.0.0/32" },
		{ "203.0.113.0/24",
		  PIM_IPV4,
		  24,
		  { 203, 0, 113 },
		  "203.0.113.0/24",
		  "203.0.113.0/24" },
		{ "203.0.113.254/31",
		  PIM_IPV4,
		  31,
		  { 203, 0, 113, 254 },
		  "203.0.113.254/31",
		  "203.0.113.254/31" },
		{ "255.255.255.255/32",
		  PIM_IPV4,
		  32,
		  { 255, 255, 255, 255 },
		  "255.255.255.255",
		  "255.255.255.255/32" },
		{ "128.0.0.0/1", PIM_IPV4, 1, { 128 }, "128.0.0.0/1", "128.0.0.0/1" },
		{ "10.9.8.7", PIM_IPV4, 32, { 10, 9, 8, 7 }, "10.9.8.7", "10.9.8.7/32" },
		{ "::/0", PIM_IPV6, 0, {}, "::/0", "::/0" },
		{ "::", PIM_IPV6, 128, {}, "::", "::/128" },
		{ "8000::/1", PIM_IPV6, 1, { 0x80 }, "8000::/1", "8000::/1" },
		{ "2001:DB8:0:0:0:0:0:0/32",
		  PIM_IPV6,
		  32,
		  { 0x20, 0x01, 0x0d, 0xb8 },
		  "2001:db8::/32",
		  "2001:db8::/32" },
		{ "2001:db8::6/127",
		  PIM_IPV6,
		  127,
		  { 0x20, 0x01, 0x0d, 0xb8, [15] = 6 },
		  "2001:db8::6/127",
		  "2001:db8::6/127" },
		{ "2001:0db8::0007/128",
		  PIM_IPV6,
		  128,
		  { 0x20, 0x01, 0x0d, 0xb8, [15] = 7 },
		  "2001:db8::7",
		  "2001:db8::7/128" },
		{ "2001:db8::192.0.2.1",
		  PIM_IPV6,
		  128,
		  { 0x20, 0x01, 0x0d, 0xb8, [12] = 192, 0, 2, 1 },
		  "2001:db8::c000:201",
		  "2001:db8::c000:201/128" },
		/* Just wider than the IPv4-mapped range, and next to it. */
		{ "::fffe:0:0/95",
		  PIM_IPV6,
		  95,
		  { [10] = 0xff, 0xfe },
		  "::fffe:0:0/95",
		  "::fffe:0:0/95" },
		{ "::fffe:0:0/96",
		  PIM_IPV6,
		  96,
		  { [10] = 0xff, 0xfe },
		  "::fffe:0:0/96",
		  "::fffe:0:0/96" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
		  PIM_IPV6,
		  128,
		  { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0xff, 0xff, 0xff },
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" },
	};

	(void)state;
	for (size_t at = 0; at < sizeof(cases) / sizeof(*cases); at++) {
		struct pim_prefix prefix;
		char text[PIM_PREFIX_TEXT];

		memset(&prefix, 0xaa, sizeof(prefix)); /* every byte must be written */
		parse(cases[at].text, &prefix);
		assert_int_equal(prefix.family, cases[at].family);
		assert_int_equal(prefix.length, cases[at].length);
		assert_memory_equal(prefix.address, cases[at].address, 16);
		assert_string_equal(pim_prefix_format(&prefix, false, text), cases[at].printed);
		assert_string_equal(pim_prefix_format(&prefix, true, text), cases[at].with_length);
	}
}

static void refuses(void **state)
{
#define NAME " (a name: write its addresses, since names are not looked up)"
#define PORT " (brackets and ports do not belong here: write the address alone)"
#define NEITHER "expected an IPv4 or IPv6 address or prefix, found "
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", NEITHER "\"\"" },
		{ "/", NEITHER "\"/\"" },
		{ " ", NEITHER "\" \" (take the blanks around it away)" },
		{ "localhost", NEITHER "\"localhost\"" NAME },
		{ "sip.example-1.com/32", NEITHER "\"sip.example-1.com/32\"" NAME },
		{ "0xcb007100", NEITHER "\"0xcb007100\"" },
		{ "Any", NEITHER "\"Any\" (for every address write \"0.0.0.0/0\" and \"::/0\")" },
		{ "*", NEITHER "\"*\" (for every address write \"0.0.0.0/0\" and \"::/0\")" },
		{ "1.2.3.*",
		  NEITHER "\"1.2.3.*\" (a wildcard: write a prefix, such as \"192.0.2.0/24\")" },
		{ "1.2.3.4:443", NEITHER "\"1.2.3.4:443\"" PORT },
		{ "[::1]", NEITHER "\"[::1]\"" PORT },
		{ "[::1]:443", NEITHER "\"[::1]:443\"" PORT },
		/* Masks, of networks and hosts. */
		{ "1.2.3.4/255.255.255.0",
		  NEITHER "\"1.2.3.4/255.255.255.0\" (a mask: write \"1.2.3.0/24\")" },
		{ "1.2.3.4 255.255.255.255",
		  NEITHER "\"1.2.3.4 255.255.255.255\" (a mask: write \"1.2.3.4/32\")" },
		{ "1.2.3.4/0.0.0.255",
		  NEITHER "\"1.2.3.4/0.0.0.255\" (a mask: write \"1.2.3.0/24\")" },
		{ "1.2.3.4/128.0.0.0",
		  NEITHER "\"1.2.3.4/128.0.0.0\" (a mask: write \"0.0.0.0/1\")" },
		{ "1.2.3.4/255.0.255.0",
		  NEITHER "\"1.2.3.4/255.0.255.0\" (a mask that is no prefix: list its prefixes)" },
		{ "0.0.0.0/0.0.0.0", NEITHER "\"0.0.0.0/0.0.0.0\" (a mask: write \"0.0.0.0/0\")" },
		{ "1.2.3.4/0.0.0.0", NEITHER "\"1.2.3.4/0.0.0.0\" (a mask: write \"1.2.3.4/32\")" },
		{ "1.2.3.4/5.6",
		  "expected a prefix length from 0 to 32 after the slash, found \"1.2.3.4/5.6\"" },
		/* Ranges: exactly the prefixes that they are made of. */
		{ "1.2.3.4-1.2.3.4", NEITHER "\"1.2.3.4-1.2.3.4\" (a range: write \"1.2.3.4\")" },
		{ "1.2.3.0 - 1.2.3.255",
		  NEITHER "\"1.2.3.0 - 1.2.3.255\" (a range: write \"1.2.3.0/24\")" },
		{ "1.2.3.1-1.2.3.6", NEITHER
		  "\"1.2.3.1-1.2.3.6\" (a range: write \"1.2.3.1\", \"1.2.3.2/31\", \"1.2.3.4/31\", \"1.2.3.6\")" },
		{ "1.2.3.1-1.2.3.9", NEITHER
		  "\"1.2.3.1-1.2.3.9\" (a range: write \"1.2.3.1\", \"1.2.3.2/31\", \"1.2.3.4/30\", \"1.2.3.8/31\")" },
		{ "1.2.3.1-1.2.3.10", NEITHER
		  "\"1.2.3.1-1.2.3.10\" (a range: write \"1.2.3.1\", \"1.2.3.2/31\", \"1.2.3.4/30\", \"1.2.3.8/31\" and 1 more)" },
		{ "0.0.0.0-255.255.255.255",
		  NEITHER "\"0.0.0.0-255.255.255.255\" (a range: write \"0.0.0.0/0\")" },
		{ "255.255.255.254-255.255.255.255", NEITHER
		  "\"255.255.255.254-255.255.255.255\" (a range: write \"255.255.255.254/31\")" },
		{ "2001:db8::-2001:db8::ff",
		  NEITHER "\"2001:db8::-2001:db8::ff\" (a range: write \"2001:db8::/120\")" },
		{ "1.2.3.5-1.2.3.4",
		  NEITHER "\"1.2.3.5-1.2.3.4\" (a range, the higher address first)" },
		{ "1.2.3.5-::1", NEITHER "\"1.2.3.5-::1\"" },
		{ "1.2.3.4 ", NEITHER "\"1.2.3.4 \" (take the blanks around it away)" },
		{ " 1.2.3.4", NEITHER "\" 1.2.3.4\" (take the blanks around it away)" },
		{ "+1.2.3.4", NEITHER "\"+1.2.3.4\"" },
		{ "1.2.3.4.", NEITHER "\"1.2.3.4.\"" },
		{ "1.2.3.0x4", NEITHER "\"1.2.3.0x4\"" },
		{ "1.2.3.04", NEITHER "\"1.2.3.04\" (an octet has a leading zero)" },
		{ "1.2.3.00", NEITHER "\"1.2.3.00\" (an octet has a leading zero)" },
		{ "1.2.3/24", NEITHER "\"1.2.3/24\" (IPv4 has four octets)" },
		{ "16909060", NEITHER "\"16909060\" (an octet is above 255)" },
		{ "1.2.3.256", NEITHER "\"1.2.3.256\" (an octet is above 255)" },
		{ "1.2.3.4.5", NEITHER "\"1.2.3.4.5\" (IPv4 has four octets)" },
		{ "fe80::1%eth0/64", NEITHER "\"fe80::1%eth0/64\" (a zone does not belong here)" },
		{ ":::", NEITHER "\":::\"" },
		{ "2001:db8::/", "expected a prefix length from 0 to 128 after the slash, found "
				 "\"2001:db8::/\"" },
		{ "1.2.3.4/33", "expected a prefix length from 0 to 32 after the slash, found "
				"\"1.2.3.4/33\"" },
		{ "1.2.3.4/032", "expected a prefix length from 0 to 32 after the slash, found "
				 "\"1.2.3.4/032\"" },
		{ "1.2.3.4/-1", "expected a prefix length from 0 to 32 after the slash, found "
				"\"1.2.3.4/-1\"" },
		{ "1.2.3.4/4294967328", "expected a prefix length from 0 to 32 after the slash, "
					"found \"1.2.3.4/4294967328\"" },
		{ "::/129", "expected a prefix length from 0 to 128 after the slash, found "
			    "\"::/129\"" },
		{ "1.2.3.4/0", "expected a prefix without host bits, found \"1.2.3.4/0\": the "
			       "network is \"0.0.0.0/0\", the host \"1.2.3.4\"" },
		{ "1.2.3.1/31", "expected a prefix without host bits, found \"1.2.3.1/31\": the "
				"network is \"1.2.3.0/31\", the host \"1.2.3.1\"" },
		{ "::1/127", "expected a prefix without host bits, found \"::1/127\": the network "
			     "is \"::/127\", the host \"::1\"" },
		{ "2001:db8:8000::/32", "expected a prefix without host bits, found "
					"\"2001:db8:8000::/32\": the network is \"2001:db8::/32\", "
					"the host \"2001:db8:8000::\"" },
		{ "::ffff:0:0/96", NEITHER "\"::ffff:0:0/96\", which is IPv4 in IPv6 notation: "
					   "write \"0.0.0.0/0\"" },
		{ "::ffff:1.2.3.4", NEITHER "\"::ffff:1.2.3.4\", which is IPv4 in IPv6 notation: "
					    "write \"1.2.3.4\"" },
		{ "::ffff:102:304/120", NEITHER "\"::ffff:102:304/120\", which is IPv4 in IPv6 "
						"notation: write \"1.2.3.0/24\"" },
		{ "a\tb\"c\\d\x7f\xff", NEITHER "\"a\\tb\\\"c\\\\d\\x7f\\xff\"" },
	};

	(void)state;
	for (size_t at = 0; at < sizeof(cases) / sizeof(*cases); at++) {
		struct pim_prefix prefix = { .length = 99 };
		struct pim_error error = {};

		assert_true(pim_prefix_parse(cases[at].text, &prefix, &error) < 0);
		assert_string_equal(error.text, cases[at].error);
		assert_int_equal(error.kind, PIM_EXIT_USAGE);
		assert_int_equal(prefix.length, 99); /* unchanged */
		assert_true(pim_prefix_parse(cases[at].text, &prefix, NULL) < 0);
	}
}

static void refuses_any_length(void **state)
{
	char text[4096];

	(void)state;
	for (size_t size = 0; size < sizeof(text) - 1; size = size * 2 + 1) {
		struct pim_prefix prefix;
		struct pim_error error = {};

		memset(text, '1', size);
		text[size] = '\0';
		assert_true(pim_prefix_parse(text, &prefix, &error) < 0);
		assert_true(strlen(error.text) < 200);
		if (size)
			text[size / 2] = '/';
		assert_true(pim_prefix_parse(text, &prefix, &error) < 0);
		assert_true(strlen(error.text) < 200);
	}
}

/* Every length of both families: the network of an all-ones address is accepted
 * and prints as it was read; one more bit is a host bit. */
static void reads_what_it_prints(void **state)
{
	(void)state;
	for (int family = PIM_IPV4; family <= PIM_IPV6; family += PIM_IPV6 - PIM_IPV4) {
		unsigned int bits = pim_family_bits((uint8_t)family);

		assert_int_equal(bits, family == PIM_IPV4 ? 32 : 128);
		for (unsigned int length = 0; length <= bits; length++) {
			struct pim_prefix made = { .family = (uint8_t)family,
						   .length = (uint8_t)length };
			struct pim_prefix read;
			char text[PIM_PREFIX_TEXT];

			for (unsigned int bit = 0; bit < length; bit++)
				made.address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
			parse(pim_prefix_format(&made, true, text), &read);
			assert_memory_equal(&made, &read, sizeof(made));
			parse(pim_prefix_format(&made, false, text), &read);
			assert_memory_equal(&made, &read, sizeof(made));
			if (length == bits)
				continue;
			made.address[length / 8] |= (uint8_t)(0x80 >> length % 8);
			pim_prefix_format(&made, true, text);
			assert_true(pim_prefix_parse(text, &read, NULL) < 0);
		}
	}
}

static struct pim_prefix random_prefix(void)
{
	struct pim_prefix prefix = { .family = rand() % 2 ? PIM_IPV4 : PIM_IPV6 };

	prefix.length = (uint8_t)((unsigned int)rand() % (pim_family_bits(prefix.family) + 1));
	/* Few distinct bits, so that many pairs share a long start. */
	for (unsigned int bit = 0; bit < prefix.length; bit++)
		if (rand() % 8 == 0)
			prefix.address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return prefix;
}

/* Containment and order against a plain definition, bit by bit. */
static void contains_and_orders(void **state)
{
	unsigned int contained = 0;

	(void)state;
	srand(1);
	for (int round = 0; round < 200000; round++) {
		struct pim_prefix a = random_prefix(), b = random_prefix();
		bool contains = contains_by_bits(&a, &b);
		int order = pim_prefix_compare(&a, &b);

		contained += contains;
		assert_int_equal(pim_prefix_contains(&a, &b), contains);
		assert_true(pim_prefix_contains(&a, &a));
		assert_int_equal(order == 0, !memcmp(&a, &b, sizeof(a)));
		assert_int_equal((pim_prefix_compare(&b, &a) > 0) - (order < 0), 0);
		if (contains && order)
			assert_true(order < 0);
	}
	assert_true(contained > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts),
		cmocka_unit_test(refuses),
		cmocka_unit_test(refuses_any_length),
		cmocka_unit_test(reads_what_it_prints),
		cmocka_unit_test(contains_and_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
