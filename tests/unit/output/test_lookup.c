/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an address is to a policy, and to a filter without one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "image/addresses.h"
#include "image/compile.h"
#include "image/read.h"
#include "output/lookup.h"
#include "policy/policy.h"
#include "policy/prefix.h"
#include "unit/output/configuration.h"
#include "unit/output/printed.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void looks_addresses_up(void **state)
{
	static const struct {
		const char *address;
		const char *has[6]; /* ends with NULL */
		const char *has_not;
	} cases[] = {
		{ "203.0.113.9",
		  { "203.0.113.9\n", "roles      partner, client, messenger\n",
		    "partner    contoso\n", "judged by the rows",
		    "203.0.113.0/24  contoso  edge.conf:2\n" },
		  "dropped" },
		{ "203.0.113.66",
		  { "roles      partner, client, messenger, block\n", "partner    contoso\n",
		    "dropped whatever it sends (blocked)\n", "203.0.113.66/32", "edge.conf:5\n" },
		  "sip-tls-in" },
		{ "203.0.113.99",
		  { "failsafe\n", "passed whatever it sends (failsafe)\n" },
		  "sip-tls-in" },
		{ "198.51.100.10",
		  { "roles      access, av", "an address of the Edge" },
		  "sip-tls-in" },
		{ "8.8.8.8",
		  { "roles      client, messenger\n", "partner    none\n", "sip-tls-in", "stun-in",
		    "dns-reply", "0.0.0.0/0" },
		  "sip-mtls-in" },
		{ "2001:db8::1",
		  { "roles      none\n", "partner    none\n",
		    "dropped, but for ICMP that hosts need\n" },
		  "sip-tls-in" },
	};
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	read_policy(configuration, &policy);
	assert_int_equal(pim_compile(&policy, NULL, &image, NULL), 0);
	for (size_t at = 0; at < COUNT(cases); at++) {
		FILE *stream = open_text();
		struct pim_address_value value;
		struct pim_prefix address;

		assert_int_equal(pim_prefix_parse(cases[at].address, &address, NULL), 0);
		value = pim_addresses_look_up(image.addresses.words, &address);
		pim_output_lookup_text(stream, &address, value.roles,
				       value.partner ? image.names.partners[value.partner] : NULL,
				       &policy);
		close_text(stream);
		assert_neat();
		for (size_t part = 0; part < COUNT(cases[at].has) && cases[at].has[part]; part++)
			assert_has(cases[at].has[part]);
		assert_has_not(cases[at].has_not);
		free(text);
	}
	pim_image_free(&image);
	pim_policy_free(&policy);
}

/* To the letter: programs read it. */
static void looks_addresses_up_for_machines(void **state)
{
	static const struct {
		const char *address, *text;
	} cases[] = {
		{ "203.0.113.9",
		  "{\"address\":\"203.0.113.9\",\"roles\":[\"partner\",\"client\",\"messenger\"],"
		  "\"partner\":\"contoso\",\"as_source\":\"rows\",\"listed\":["
		  "{\"roles\":[\"partner\"],\"prefix\":\"203.0.113.0/24\",\"partner\":\"contoso\","
		  "\"file\":\"edge.conf\",\"line\":2},"
		  "{\"roles\":[\"client\",\"messenger\"],\"prefix\":\"0.0.0.0/0\",\"partner\":null,"
		  "\"file\":\"edge.conf\",\"line\":4}],"
		  "\"rules\":[\"sip-mtls-in\",\"sip-mtls-out\",\"sip-tls-in\",\"stun-in\",\"dns-reply\"]}\n" },
		{ "203.0.113.66",
		  "{\"address\":\"203.0.113.66\",\"roles\":[\"partner\",\"client\",\"messenger\",\"block\"],"
		  "\"partner\":\"contoso\",\"as_source\":\"blocked\",\"listed\":["
		  "{\"roles\":[\"partner\"],\"prefix\":\"203.0.113.0/24\",\"partner\":\"contoso\","
		  "\"file\":\"edge.conf\",\"line\":2},"
		  "{\"roles\":[\"client\",\"messenger\"],\"prefix\":\"0.0.0.0/0\",\"partner\":null,"
		  "\"file\":\"edge.conf\",\"line\":4},"
		  "{\"roles\":[\"block\"],\"prefix\":\"203.0.113.66/32\",\"partner\":null,"
		  "\"file\":\"edge.conf\",\"line\":5}],\"rules\":[]}\n" },
		{ "2001:db8::1",
		  "{\"address\":\"2001:db8::1\",\"roles\":[],\"partner\":null,\"as_source\":\"none\","
		  "\"listed\":[],\"rules\":[]}\n" },
	};
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	read_policy(configuration, &policy);
	assert_int_equal(pim_compile(&policy, NULL, &image, NULL), 0);
	for (size_t at = 0; at < COUNT(cases); at++) {
		FILE *stream = open_text();
		struct pim_address_value value;
		struct pim_prefix address;

		assert_int_equal(pim_prefix_parse(cases[at].address, &address, NULL), 0);
		value = pim_addresses_look_up(image.addresses.words, &address);
		pim_output_lookup_json(stream, false, &address, value.roles,
				       value.partner ? image.names.partners[value.partner] : NULL,
				       &policy);
		assert_text(stream, cases[at].text);
	}
	pim_image_free(&image);
	pim_policy_free(&policy);
}

/* What an attached filter says of an address, and of a prefix that it holds. */
static void shows_a_filter_to_machines(void **state)
{
	struct pim_prefix prefix;
	FILE *stream = open_text();

	(void)state;
	assert_int_equal(pim_prefix_parse("192.0.2.1", &prefix, NULL), 0);
	pim_output_lookup_json(stream, false, &prefix, PIM_ROLE_PARTNER | PIM_ROLE_FAILSAFE,
			       "contoso", NULL);
	pim_output_address_json(stream, false, &prefix, PIM_ROLE_PARTNER, "contoso");
	pim_output_address_json(stream, false, &prefix, PIM_ROLE_BLOCK, NULL);
	assert_text(stream,
		    "{\"address\":\"192.0.2.1\",\"roles\":[\"partner\",\"failsafe\"],"
		    "\"partner\":\"contoso\",\"as_source\":\"failsafe\"}\n"
		    "{\"role\":\"partner\",\"prefix\":\"192.0.2.1/32\",\"partner\":\"contoso\"}\n"
		    "{\"role\":\"block\",\"prefix\":\"192.0.2.1/32\",\"partner\":null}\n");
}

/* An attached filter does not know where an address is listed, nor the lines of the rows.
 * What it does know is shown in the same words. */
static void looks_addresses_up_without_a_policy(void **state)
{
	static const struct {
		uint16_t roles;
		const char *partner, *text;
	} cases[] = {
		{ PIM_ROLE_PARTNER | PIM_ROLE_CLIENT, "contoso",
		  "2001:db8::1\n  roles      partner, client\n  partner    contoso\n"
		  "  as source  judged by the rows of the policy\n" },
		{ PIM_ROLE_MESSENGER, NULL,
		  "2001:db8::1\n  roles      messenger\n  partner    none\n"
		  "  as source  judged by the rows of the policy\n" },
		{ PIM_ROLE_PARTNER | PIM_ROLE_BLOCK, "contoso",
		  "2001:db8::1\n  roles      partner, block\n  partner    contoso\n"
		  "  as source  dropped whatever it sends (blocked)\n" },
		{ PIM_ROLE_BLOCK | PIM_ROLE_FAILSAFE, NULL,
		  "2001:db8::1\n  roles      block, failsafe\n  partner    none\n"
		  "  as source  passed whatever it sends (failsafe)\n" },
		{ (1 << PIM_ROLES) - 1, "contoso",
		  "2001:db8::1\n  roles      access, av, partner, client, messenger, block, failsafe\n"
		  "  partner    contoso\n  as source  dropped: an address of the Edge does not arrive\n" },
		{ 0, NULL,
		  "2001:db8::1\n  roles      none\n  partner    none\n"
		  "  as source  dropped, but for ICMP that hosts need\n" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		FILE *stream = open_text();
		struct pim_prefix address;

		assert_int_equal(pim_prefix_parse("2001:db8::1", &address, NULL), 0);
		pim_output_lookup_text(stream, &address, cases[at].roles, cases[at].partner, NULL);
		assert_text(stream, cases[at].text);
	}
}

/* Whether a role lists it or not, and also of a filter without a policy. */
static void tells_that_martians_are_dropped(void **state)
{
	static const char *const addresses[] = { "0.0.0.0",	    "127.0.0.1", "224.0.0.1",
						 "255.255.255.255", "::",	 "::1",
						 "ff02::1" };
	static const uint16_t roles[] = { 0,
					  PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER,
					  PIM_ROLE_BLOCK,
					  PIM_ROLE_FAILSAFE,
					  PIM_ROLE_ACCESS,
					  (1 << PIM_ROLES) - 1 };
	static const struct pim_policy policy;

	(void)state;
	for (size_t at = 0; at < COUNT(addresses); at++)
		for (size_t set = 0; set < COUNT(roles); set++)
			for (int known = 0; known < 2; known++) {
				FILE *stream = open_text();
				struct pim_prefix address;

				assert_int_equal(pim_prefix_parse(addresses[at], &address, NULL),
						 0);
				pim_output_lookup_text(stream, &address, roles[set], NULL,
						       known ? &policy : NULL);
				close_text(stream);
				assert_neat();
				assert_has(
					"  as source  dropped: no host sends from such an address "
					"(martian)\n");
				assert_has_not("arriving"); /* no table of rows */
				free(text);
			}
}

/* Columns that awk and a person read alike; a host without its length. */
static void prints_an_address_a_line(void **state)
{
	static const struct {
		const char *prefix;
		enum pim_role role;
		const char *partner, *line;
	} cases[] = {
		{ "203.0.113.0/24", PIM_ROLE_PARTNER, "contoso",
		  "partner    203.0.113.0/24  contoso\n" },
		{ "203.0.113.7", PIM_ROLE_PARTNER, "A name", "partner    203.0.113.7  A name\n" },
		{ "192.0.2.1", PIM_ROLE_AV, NULL, "av         192.0.2.1\n" },
		{ "::/0", PIM_ROLE_MESSENGER, NULL, "messenger  ::/0\n" },
		{ "2001:db8::/127", PIM_ROLE_FAILSAFE, NULL, "failsafe   2001:db8::/127\n" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		FILE *stream = open_text();
		struct pim_prefix prefix;

		assert_int_equal(pim_prefix_parse(cases[at].prefix, &prefix, NULL), 0);
		pim_output_address_text(stream, &prefix, cases[at].role, cases[at].partner);
		assert_text(stream, cases[at].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_addresses_up),
		cmocka_unit_test(looks_addresses_up_for_machines),
		cmocka_unit_test(shows_a_filter_to_machines),
		cmocka_unit_test(looks_addresses_up_without_a_policy),
		cmocka_unit_test(tells_that_martians_are_dropped),
		cmocka_unit_test(prints_an_address_a_line),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
