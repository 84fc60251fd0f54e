/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The keys of rules and partners, which they keep across reloads. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pimxdp/role.h>

#include "image/addresses.h"
#include "image/compile.h"
#include "policy/policy.h"
#include "policy/prefix.h"
#include "unit/image/policies.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void names_in_table_order(void **state)
{
	static const struct {
		const char *rule;
		enum pim_leg leg;
	} rules[] = {
		{ "sip-mtls-in", PIM_FORWARD }, { "sip-mtls-out", PIM_REPLY },
		{ "sip-tls-in", PIM_FORWARD },	{ "rtp-out", PIM_REPLY },
		{ "stun-out", PIM_REPLY },	{ "stun-in", PIM_FORWARD },
		{ "dns-reply", PIM_REPLY },
	};
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	add_partner(&policy, "zeta");
	add_partner(&policy, "alpha");
	add_range(add_row(&policy, "dns-reply", PIM_UDP, PIM_OUT, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT),
		  53, 53);
	compile(&policy, NULL, &image);
	assert_int_equal(image.names.rule_count, COUNT(rules));
	for (size_t key = 0; key < COUNT(rules); key++) {
		assert_string_equal(image.names.rules[key].rule, rules[key].rule);
		assert_int_equal(image.names.rules[key].leg, rules[key].leg);
	}
	assert_int_equal(image.names.partner_count, 3);
	assert_string_equal(image.names.partners[0], ""); /* no partner */
	assert_string_equal(image.names.partners[1], "zeta");
	assert_string_equal(image.names.partners[2], "alpha");
	pim_image_free(&image);
	pim_policy_free(&policy);
}

/* Reload after reload: a name keeps its key. */
static void keeps_keys_over_reloads(void **state)
{
	struct pim_policy first, second, third;
	struct pim_image before, between, after;
	struct pim_address_value value;
	struct pim_prefix host;
	uint16_t partner;

	(void)state;
	assert_int_equal(pim_policy_init(&first), 0);
	list(&first, "203.0.113.0/24", PIM_ROLE_PARTNER, add_partner(&first, "contoso"));
	list(&first, "192.0.2.0/24", PIM_ROLE_PARTNER, add_partner(&first, "fabrikam"));
	add_range(add_row(&first, "old", PIM_TCP, PIM_IN, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT), 80,
		  80);
	compile(&first, NULL, &before);
	assert_int_equal(partner_key(&before.names, "contoso"), 1);
	assert_int_equal(partner_key(&before.names, "fabrikam"), 2);
	assert_int_equal(rule_key(&before.names, "old", PIM_FORWARD), PIM_BUILTIN_ROWS);

	/* contoso and old go; a new one of each comes before fabrikam. */
	assert_int_equal(pim_policy_init(&second), 0);
	partner = add_partner(&second, "northwind");
	list(&second, "203.0.113.0/24", PIM_ROLE_PARTNER, partner);
	list(&second, "192.0.2.0/24", PIM_ROLE_PARTNER, add_partner(&second, "fabrikam"));
	add_range(add_row(&second, "new", PIM_TCP, PIM_IN, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT), 80,
		  80);
	compile(&second, &before.names, &between);
	assert_int_equal(between.names.partner_count, 4);
	assert_int_equal(partner_key(&between.names, "contoso"), 1); /* never reused */
	assert_int_equal(partner_key(&between.names, "fabrikam"), 2);
	assert_int_equal(partner_key(&between.names, "northwind"), 3);
	assert_int_equal(between.names.rule_count, PIM_BUILTIN_ROWS + 2);
	assert_int_equal(rule_key(&between.names, "old", PIM_FORWARD), PIM_BUILTIN_ROWS);
	assert_int_equal(rule_key(&between.names, "new", PIM_FORWARD), PIM_BUILTIN_ROWS + 1);
	host = prefix_of("203.0.113.1");
	value = look_up(&between, &host);
	assert_int_equal(value.partner, 3); /* the key, not the place in the list */
	host = prefix_of("192.0.2.1");
	value = look_up(&between, &host);
	assert_int_equal(value.partner, 2);
	assert_int_equal(between.match->rule[3],
			 PIM_BUILTIN_ROWS + 1); /* three in-rows of the table go before it */

	/* contoso comes back, and old with its other leg. */
	assert_int_equal(pim_policy_init(&third), 0);
	list(&third, "203.0.113.0/24", PIM_ROLE_PARTNER, add_partner(&third, "contoso"));
	add_range(add_row(&third, "old", PIM_TCP, PIM_OUT, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT), 80,
		  80);
	compile(&third, &between.names, &after);
	assert_int_equal(after.names.partner_count, 4);
	assert_int_equal(partner_key(&after.names, "contoso"), 1);
	assert_int_equal(after.names.rule_count, PIM_BUILTIN_ROWS + 3);
	assert_int_equal(rule_key(&after.names, "old", PIM_FORWARD), PIM_BUILTIN_ROWS);
	assert_int_equal(rule_key(&after.names, "new", PIM_FORWARD), PIM_BUILTIN_ROWS + 1);
	assert_int_equal(rule_key(&after.names, "old", PIM_REPLY), PIM_BUILTIN_ROWS + 2);
	host = prefix_of("203.0.113.1");
	value = look_up(&after, &host);
	assert_int_equal(value.partner, 1);
	assert_int_equal(after.match->rule[PIM_BUILTIN_ROWS],
			 PIM_BUILTIN_ROWS + 2); /* after all built-in rows */

	pim_image_free(&before);
	pim_image_free(&between);
	pim_image_free(&after);
	pim_policy_free(&first);
	pim_policy_free(&second);
	pim_policy_free(&third);
}

/* The longest names that the model can hold, and partners named like rules. */
static void keeps_long_names_whole(void **state)
{
	static const char rule[] = "a23456789-123456789-123456789-1";
	static const char partner[] = "A partner's name of 47 characters, and not more";
	struct pim_policy policy;
	struct pim_image image, again;

	(void)state;
	assert_int_equal(sizeof(rule), PIM_RULE_NAME);
	assert_int_equal(sizeof(partner), PIM_PARTNER_NAME);
	assert_int_equal(pim_policy_init(&policy), 0);
	add_partner(&policy, partner);
	add_partner(&policy, "rtp-out");
	add_range(add_row(&policy, rule, PIM_TCP, PIM_IN, PIM_ROLE_AV, PIM_ROLE_CLIENT), 80, 80);
	compile(&policy, NULL, &image);
	assert_int_equal(rule_key(&image.names, rule, PIM_FORWARD), PIM_BUILTIN_ROWS);
	assert_int_equal(partner_key(&image.names, partner), 1);
	compile(&policy, &image.names, &again);
	assert_int_equal(again.names.rule_count, image.names.rule_count);
	assert_int_equal(again.names.partner_count, image.names.partner_count);
	pim_image_free(&again);
	pim_image_free(&image);
	pim_policy_free(&policy);
}

static void refuses_more_partners_than_keys(void **state)
{
	struct pim_names known = {};
	struct pim_error error = {};
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	known.partners = calloc(PIM_PARTNERS_MAX, sizeof(*known.partners));
	assert_non_null(known.partners);
	known.partner_count = PIM_PARTNERS_MAX; /* one key is left: 65535 */
	for (unsigned int key = 1; key < PIM_PARTNERS_MAX; key++)
		snprintf(known.partners[key], PIM_PARTNER_NAME, "partner %u", key);
	assert_int_equal(pim_policy_init(&policy), 0);
	list(&policy, "203.0.113.0/24", PIM_ROLE_PARTNER, add_partner(&policy, "partner 65534"));
	list(&policy, "192.0.2.0/24", PIM_ROLE_PARTNER, add_partner(&policy, "last"));
	compile(&policy, &known, &image);
	assert_int_equal(image.names.partner_count, PIM_PARTNERS_MAX + 1);
	assert_address(&image, "192.0.2.0", PIM_ROLE_PARTNER, 65535);
	assert_address(&image, "203.0.113.255", PIM_ROLE_PARTNER, 65534);
	pim_image_free(&image);

	add_partner(&policy, "one too many");
	assert_int_equal(pim_compile(&policy, &known, &image, &error), -ENOSPC);
	assert_int_equal(error.kind, PIM_EXIT_FAILED);
	assert_non_null(strstr(error.text, "65535"));
	assert_non_null(strstr(error.text, "detach"));
	pim_image_free(&image);
	pim_policy_free(&policy);
	pim_names_free(&known);
}

/* PIM_NO_RULE is no key. */
static void refuses_more_rules_than_keys(void **state)
{
	struct pim_names known = {};
	struct pim_error error = {};
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	known.rules = calloc(PIM_NO_RULE, sizeof(*known.rules));
	assert_non_null(known.rules);
	for (unsigned int key = 0; key < PIM_NO_RULE; key++)
		snprintf(known.rules[key].rule, PIM_RULE_NAME, "rule-%u", key);
	known.rule_count = PIM_NO_RULE - PIM_BUILTIN_ROWS;
	compile(&policy, &known, &image);
	assert_int_equal(image.names.rule_count, PIM_NO_RULE);
	assert_int_equal(image.match->rule[2], PIM_NO_RULE - 1); /* stun-in, the last row */
	pim_image_free(&image);

	known.rule_count++;
	assert_int_equal(pim_compile(&policy, &known, &image, &error), -ENOSPC);
	assert_non_null(strstr(error.text, "detach"));
	pim_image_free(&image);
	pim_policy_free(&policy);
	pim_names_free(&known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_in_table_order),
		cmocka_unit_test(keeps_keys_over_reloads),
		cmocka_unit_test(keeps_long_names_whole),
		cmocka_unit_test(refuses_more_partners_than_keys),
		cmocka_unit_test(refuses_more_rules_than_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
