/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/array.h"
#include "image/compile.h"
#include "image/read.h"
#include "config/prefix_file.h"
#include "unit/random.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ---- policies made by hand ---- */

/* 1 + its index, as pim_listed has it. */
static uint16_t add_partner(struct pim_policy *policy, const char *name)
{
	struct pim_partner *partners =
		pim_array_grow(policy->partners, policy->partner_count, sizeof(*partners));

	assert_non_null(partners);
	policy->partners = partners;
	partners[policy->partner_count] = (struct pim_partner){};
	strcpy(partners[policy->partner_count].name, name);
	return (uint16_t)++policy->partner_count;
}

static void list_prefix(struct pim_policy *policy, struct pim_prefix prefix, unsigned int roles,
			uint16_t partner)
{
	struct pim_listed listed = { prefix, (uint16_t)roles, partner, {} };

	assert_int_equal(pim_listed_add(policy, &listed, NULL), 0);
}

static struct pim_prefix prefix_of(const char *text)
{
	struct pim_error error = {};
	struct pim_prefix prefix;

	if (pim_prefix_parse(text, &prefix, &error))
		fail_msg("%s: %s", text, error.text);
	return prefix;
}

static void list(struct pim_policy *policy, const char *text, unsigned int roles, uint16_t partner)
{
	list_prefix(policy, prefix_of(text), roles, partner);
}

static void add_range(struct pim_row *row, unsigned int low, unsigned int high)
{
	struct pim_port_range *ranges =
		pim_array_grow(row->ranges, row->range_count, sizeof(*ranges));

	assert_non_null(ranges);
	row->ranges = ranges;
	ranges[row->range_count++] = (struct pim_port_range){ (uint16_t)low, (uint16_t)high };
}

/* A configured service without ports. */
static struct pim_row *add_row(struct pim_policy *policy, const char *name,
			       enum pim_transport transport, enum pim_direction direction,
			       enum pim_role edge, enum pim_role peer)
{
	struct pim_row *row = &policy->rows[policy->row_count++];

	assert_true(policy->row_count <= PIM_ROWS_MAX);
	*row = (struct pim_row){ .transport = transport, .direction = direction, .edge_role = edge,
				 .peer_role = peer, .port_end = PIM_PORT_END_SERVER,
				 .shape = PIM_SHAPE_ANY, .enabled = true };
	strcpy(row->name, name);
	strcpy(row->service, name);
	return row;
}

static void compile(const struct pim_policy *policy, const struct pim_names *known,
		    struct pim_image *image)
{
	struct pim_error error = {};

	if (pim_compile(policy, known, image, &error))
		fail_msg("refused: %s", error.text);
	assert_int_equal(error.kind, PIM_EXIT_DONE);
}

static struct pim_address_value look_up(const struct pim_image *image, const struct pim_prefix *host)
{
	return pim_addresses_look_up(image->addresses.words, host);
}

static void assert_address(const struct pim_image *image, const char *text, unsigned int roles,
			   unsigned int partner)
{
	struct pim_prefix host = prefix_of(text);
	struct pim_address_value value = look_up(image, &host);

	if (value.roles != roles || value.partner != partner)
		fail_msg("%s: roles %#x of partner %u, expected %#x of %u", text, value.roles,
			 value.partner, roles, partner);
}

/* ---- names and keys ---- */

static ssize_t rule_key(const struct pim_names *names, const char *rule, enum pim_leg leg)
{
	ssize_t found = -1;

	for (size_t key = 0; key < names->rule_count; key++) {
		if (names->rules[key].leg != leg || strcmp(names->rules[key].rule, rule))
			continue;
		assert_int_equal(found, -1); /* a name has one key */
		found = (ssize_t)key;
	}
	return found;
}

static ssize_t partner_key(const struct pim_names *names, const char *partner)
{
	ssize_t found = -1;

	for (size_t key = 0; key < names->partner_count; key++) {
		if (strcmp(names->partners[key], partner))
			continue;
		assert_int_equal(found, -1);
		found = (ssize_t)key;
	}
	return found;
}

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

/* Reload after reload: what a name's key is, it stays. */
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
	add_range(add_row(&first, "old", PIM_TCP, PIM_IN, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT), 80, 80);
	compile(&first, NULL, &before);
	assert_int_equal(partner_key(&before.names, "contoso"), 1);
	assert_int_equal(partner_key(&before.names, "fabrikam"), 2);
	assert_int_equal(rule_key(&before.names, "old", PIM_FORWARD), 6);

	/* contoso and old go, another of each comes in front of fabrikam. */
	assert_int_equal(pim_policy_init(&second), 0);
	partner = add_partner(&second, "northwind");
	list(&second, "203.0.113.0/24", PIM_ROLE_PARTNER, partner);
	list(&second, "192.0.2.0/24", PIM_ROLE_PARTNER, add_partner(&second, "fabrikam"));
	add_range(add_row(&second, "new", PIM_TCP, PIM_IN, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT), 80, 80);
	compile(&second, &before.names, &between);
	assert_int_equal(between.names.partner_count, 4);
	assert_int_equal(partner_key(&between.names, "contoso"), 1); /* never reused */
	assert_int_equal(partner_key(&between.names, "fabrikam"), 2);
	assert_int_equal(partner_key(&between.names, "northwind"), 3);
	assert_int_equal(between.names.rule_count, 8);
	assert_int_equal(rule_key(&between.names, "old", PIM_FORWARD), 6);
	assert_int_equal(rule_key(&between.names, "new", PIM_FORWARD), 7);
	host = prefix_of("203.0.113.1");
	value = look_up(&between, &host);
	assert_int_equal(value.partner, 3); /* the key, not the place in the list */
	host = prefix_of("192.0.2.1");
	value = look_up(&between, &host);
	assert_int_equal(value.partner, 2);
	assert_int_equal(between.match->rule[3], 7); /* three in-rows of the table go before it */

	/* contoso comes back, old with its other leg. */
	assert_int_equal(pim_policy_init(&third), 0);
	list(&third, "203.0.113.0/24", PIM_ROLE_PARTNER, add_partner(&third, "contoso"));
	add_range(add_row(&third, "old", PIM_TCP, PIM_OUT, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT), 80, 80);
	compile(&third, &between.names, &after);
	assert_int_equal(after.names.partner_count, 4);
	assert_int_equal(partner_key(&after.names, "contoso"), 1);
	assert_int_equal(after.names.rule_count, 9);
	assert_int_equal(rule_key(&after.names, "old", PIM_FORWARD), 6);
	assert_int_equal(rule_key(&after.names, "new", PIM_FORWARD), 7);
	assert_int_equal(rule_key(&after.names, "old", PIM_REPLY), 8);
	host = prefix_of("203.0.113.1");
	value = look_up(&after, &host);
	assert_int_equal(value.partner, 1);
	assert_int_equal(after.match->rule[6], 8); /* behind all of the table */

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
	assert_int_equal(rule_key(&image.names, rule, PIM_FORWARD), 6);
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

/* ---- addresses ---- */

static void unites_roles_of_nested_prefixes(void **state)
{
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	/* Listed inside out: the order must not matter. */
	list(&policy, "10.1.2.3", PIM_ROLE_FAILSAFE, 0);
	list(&policy, "10.1.2.0/24", PIM_ROLE_BLOCK, 0);
	list(&policy, "10.1.0.0/16", PIM_ROLE_PARTNER, add_partner(&policy, "contoso"));
	list(&policy, "10.0.0.0/8", PIM_ROLE_CLIENT, 0);
	list(&policy, "10.0.0.0/8", PIM_ROLE_MESSENGER, 0);
	list(&policy, "10.1.3.0/24", PIM_ROLE_ACCESS, 0);
	compile(&policy, NULL, &image);
	assert_address(&image, "9.255.255.255", 0, 0);
	assert_address(&image, "10.0.0.0", PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER, 0);
	assert_address(&image, "10.1.0.0", PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER | PIM_ROLE_PARTNER, 1);
	assert_address(&image, "10.1.2.0",
		       PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER | PIM_ROLE_PARTNER | PIM_ROLE_BLOCK, 1);
	assert_address(&image, "10.1.2.3", PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER | PIM_ROLE_PARTNER |
		       PIM_ROLE_BLOCK | PIM_ROLE_FAILSAFE, 1);
	assert_address(&image, "10.1.2.4",
		       PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER | PIM_ROLE_PARTNER | PIM_ROLE_BLOCK, 1);
	/* A sibling does not inherit from the block beside it. */
	assert_address(&image, "10.1.3.255",
		       PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER | PIM_ROLE_PARTNER | PIM_ROLE_ACCESS, 1);
	assert_address(&image, "10.1.4.0", PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER | PIM_ROLE_PARTNER, 1);
	assert_address(&image, "10.2.0.0", PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER, 0);
	assert_address(&image, "11.0.0.0", 0, 0);
	assert_address(&image, "a01:203::", 0, 0); /* the same first bytes */
	/* Where what is said changes: 0, 10.0, 10.1.0, 10.1.2.0, .3, .4, 10.1.3, 10.1.4, 10.2, 11. */
	assert_int_equal(image.addresses.range_count[0], 10);
	assert_int_equal(image.addresses.range_count[1], 1); /* all, and nothing said */
	pim_image_free(&image);
	pim_policy_free(&policy);
}

static void charges_the_longest_partner_prefix(void **state)
{
	const unsigned int both = PIM_ROLE_PARTNER | PIM_ROLE_CLIENT;
	struct pim_policy policy;
	struct pim_image image;
	uint16_t contoso, fabrikam;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	contoso = add_partner(&policy, "contoso");
	fabrikam = add_partner(&policy, "fabrikam");
	list(&policy, "2001:db8::/32", PIM_ROLE_PARTNER, contoso);
	list(&policy, "2001:db8:1::/48", PIM_ROLE_PARTNER, fabrikam);
	list(&policy, "2001:db8:1:1::/64", PIM_ROLE_CLIENT, 0); /* longer, but no partner's */
	list(&policy, "2001:db8:1:1::1", PIM_ROLE_PARTNER, contoso);
	compile(&policy, NULL, &image);
	assert_address(&image, "2001:db8:ffff::", PIM_ROLE_PARTNER, 1);
	assert_address(&image, "2001:db8:1:2::", PIM_ROLE_PARTNER, 2);
	assert_address(&image, "2001:db8:1:1::", both, 2);
	assert_address(&image, "2001:db8:1:1::1", both, 1);
	assert_address(&image, "2001:db8:1:1::2", both, 2);
	pim_image_free(&image);
	pim_policy_free(&policy);
}

static struct pim_prefix before(struct pim_prefix host)
{
	for (unsigned int byte = pim_family_bits(host.family) / 8; byte-- && !host.address[byte]--;)
		;
	return host;
}

/* What is said changes at these addresses, and at no other. */
static void assert_starts(const struct pim_image *image, uint8_t family, const char *const *starts,
			  size_t count)
{
	assert_int_equal(image->addresses.range_count[family == PIM_IPV6], count);
	for (size_t at = 1; at < count; at++) {
		struct pim_prefix host = prefix_of(starts[at]), other = before(host);
		struct pim_address_value value = look_up(image, &host);
		struct pim_address_value ahead = look_up(image, &other);

		if (value.roles == ahead.roles && value.partner == ahead.partner)
			fail_msg("%s says what the address before it does", starts[at]);
	}
}

static void leaves_out_what_says_nothing_new(void **state)
{
	static const char *const starts4[] = { "0.0.0.0", "10.1.0.0", "10.1.1.2", "10.1.1.3", "10.2.0.0" };
	static const char *const starts6[] = { "::", "8000::" };
	struct pim_policy policy;
	struct pim_image image;
	uint16_t contoso;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	contoso = add_partner(&policy, "contoso");
	list(&policy, "0.0.0.0/0", PIM_ROLE_CLIENT, 0);
	list(&policy, "10.0.0.0/8", PIM_ROLE_CLIENT, 0);       /* nothing new */
	list(&policy, "10.1.0.0/16", PIM_ROLE_PARTNER, contoso);
	list(&policy, "10.1.1.0/24", PIM_ROLE_CLIENT, 0);      /* nothing new */
	list(&policy, "10.1.1.1", PIM_ROLE_PARTNER, contoso);  /* nothing new */
	list(&policy, "10.1.1.2", PIM_ROLE_BLOCK, 0);	       /* new, inside one left out */
	list(&policy, "10.1.1.2", PIM_ROLE_CLIENT, 0);	       /* the same prefix: one entry */
	list(&policy, "::/0", PIM_ROLE_CLIENT, 0);
	list(&policy, "::/1", PIM_ROLE_CLIENT, 0);	       /* nothing new */
	list(&policy, "8000::/1", PIM_ROLE_BLOCK, 0);
	compile(&policy, NULL, &image);
	assert_starts(&image, PIM_IPV4, starts4, COUNT(starts4));
	assert_starts(&image, PIM_IPV6, starts6, COUNT(starts6));
	assert_address(&image, "10.1.1.1", PIM_ROLE_CLIENT | PIM_ROLE_PARTNER, 1);
	assert_address(&image, "10.1.1.2", PIM_ROLE_CLIENT | PIM_ROLE_PARTNER | PIM_ROLE_BLOCK, 1);
	assert_address(&image, "7fff::", PIM_ROLE_CLIENT, 0);
	assert_address(&image, "ffff::", PIM_ROLE_CLIENT | PIM_ROLE_BLOCK, 0);
	pim_image_free(&image);
	pim_policy_free(&policy);
}

/* Every prefix length there is, one in the other, each with a new role or
 * partner, so that no entry can be left out. */
static void nests_to_the_bottom(void **state)
{
	static const struct {
		const char *host;
		unsigned int bits;
	} families[] = { { "255.255.255.255", 32 }, { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 128 } };
	struct pim_policy policy;
	struct pim_image image;
	uint16_t partners[2];

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	partners[0] = add_partner(&policy, "even");
	partners[1] = add_partner(&policy, "odd");
	for (size_t family = 0; family < COUNT(families); family++) {
		for (unsigned int bits = 0; bits <= families[family].bits; bits++) {
			struct pim_prefix prefix = prefix_of(families[family].host);

			prefix.length = (uint8_t)bits;
			for (unsigned int bit = bits; bit < families[family].bits; bit++)
				prefix.address[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
			list_prefix(&policy, prefix, PIM_ROLE_PARTNER, partners[bits % 2]);
		}
	}
	compile(&policy, NULL, &image);
	assert_int_equal(image.addresses.range_count[0], 33); /* each ends where all do */
	assert_int_equal(image.addresses.range_count[1], 129);
	assert_address(&image, "255.255.255.255", PIM_ROLE_PARTNER, 1);
	assert_address(&image, "255.255.255.254", PIM_ROLE_PARTNER, 2);
	assert_address(&image, "0.0.0.0", PIM_ROLE_PARTNER, 1);
	assert_address(&image, "128.0.0.0", PIM_ROLE_PARTNER, 2);
	assert_address(&image, families[1].host, PIM_ROLE_PARTNER, 1);
	assert_address(&image, "::", PIM_ROLE_PARTNER, 1);
	assert_address(&image, "8000::", PIM_ROLE_PARTNER, 2);
	pim_image_free(&image);
	pim_policy_free(&policy);
}

/* ---- addresses, against a naive matcher ---- */

static bool bit_of(const uint8_t address[16], unsigned int bit)
{
	return address[bit / 8] >> (7 - bit % 8) & 1;
}

static void set_bit(uint8_t address[16], unsigned int bit, bool value)
{
	address[bit / 8] = (uint8_t)(address[bit / 8] & ~(0x80 >> bit % 8));
	if (value)
		address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

static bool naive_contains(const struct pim_prefix *prefix, const struct pim_prefix *host)
{
	if (prefix->family != host->family)
		return false;
	for (unsigned int bit = 0; bit < prefix->length; bit++)
		if (bit_of(prefix->address, bit) != bit_of(host->address, bit))
			return false;
	return true;
}

static struct pim_address_value naive_lookup(const struct pim_policy *policy,
					     const struct pim_prefix *host)
{
	struct pim_address_value value = {};
	int longest = -1;

	for (size_t at = 0; at < policy->listed_count; at++) {
		const struct pim_listed *listed = &policy->listed[at];

		if (!naive_contains(&listed->prefix, host))
			continue;
		value.roles |= listed->roles;
		if (listed->partner && listed->prefix.length > longest) {
			longest = listed->prefix.length;
			value.partner = listed->partner; /* at the first attach, its key */
		}
	}
	return value;
}

/* Clustered around few addresses, so that prefixes nest and touch. */
static struct pim_prefix random_prefix(void)
{
	struct pim_prefix prefix = { .family = random_below(2) ? PIM_IPV4 : PIM_IPV6 };
	unsigned int bits = pim_family_bits(prefix.family);

	prefix.length = (uint8_t)(random_below(4) ? random_below(bits + 1) : bits);
	memset(prefix.address, random_below(3) ? 0x5a : random_below(2) ? 0xff : 0, bits / 8);
	for (unsigned int change = random_below(3); change; change--)
		set_bit(prefix.address, random_below(bits), random_below(2));
	for (unsigned int bit = prefix.length; bit < bits; bit++)
		set_bit(prefix.address, bit, false);
	return prefix;
}

static void random_policy(struct pim_policy *policy)
{
	unsigned int partners = random_below(5), prefixes = 1 + random_below(60);

	assert_int_equal(pim_policy_init(policy), 0);
	for (unsigned int at = 0; at < partners; at++) {
		char name[PIM_PARTNER_NAME];

		snprintf(name, sizeof(name), "partner %u", at);
		add_partner(policy, name);
	}
	for (unsigned int count = 0; count < prefixes; count++) {
		struct pim_prefix prefix = random_prefix();
		uint16_t roles = (uint16_t)(1u << random_below(PIM_ROLES)), partner = 0;

		if (roles == PIM_ROLE_PARTNER && partners) {
			partner = (uint16_t)(1 + random_below(partners));
			/* One prefix of two partners is refused by the reader. */
			for (size_t at = 0; at < policy->listed_count; at++)
				if (policy->listed[at].partner &&
				    !pim_prefix_compare(&policy->listed[at].prefix, &prefix))
					partner = policy->listed[at].partner;
		}
		list_prefix(policy, prefix, roles, partner);
	}
}

/* Just inside, just outside, within, or anywhere. */
static struct pim_prefix random_host(const struct pim_policy *policy)
{
	struct pim_prefix host = policy->listed[random_below((unsigned int)policy->listed_count)].prefix;
	unsigned int bits = pim_family_bits(host.family), kind = random_below(5);

	if (kind == 0)
		for (unsigned int bit = 0; bit < bits; bit++)
			set_bit(host.address, bit, random_below(2));
	for (unsigned int bit = host.length; bit < bits; bit++) /* its last address, or any */
		set_bit(host.address, bit, kind == 1 || (kind == 2 && random_below(2)));
	if (kind == 3) /* one before its first: borrow */
		for (unsigned int bit = bits; bit--;) {
			bool was = bit_of(host.address, bit);

			set_bit(host.address, bit, !was);
			if (was)
				break;
		}
	if (kind == 4 && host.length) /* its neighbour */
		set_bit(host.address, host.length - 1u, !bit_of(host.address, host.length - 1u));
	host.length = (uint8_t)bits;
	return host;
}

static void assert_same_value(uint64_t seed, const struct pim_prefix *host,
			      struct pim_address_value found, struct pim_address_value expected)
{
	char text[PIM_PREFIX_TEXT];

	if (found.roles != expected.roles || found.partner != expected.partner)
		fail_msg("PIM_SEED=%llu: %s: roles %#x of partner %u, expected %#x of %u",
			 (unsigned long long)seed, pim_prefix_format(host, false, text),
			 found.roles, found.partner, expected.roles, expected.partner);
}

static int compare_hosts(const void *a, const void *b)
{
	return memcmp(((const struct pim_prefix *)a)->address, ((const struct pim_prefix *)b)->address,
		      16);
}

/* As many ranges as there are addresses at which the naive answer changes: none
 * says what the one before it does. It can change only where a prefix begins or
 * behind its end. */
static void assert_no_idle_range(const struct pim_policy *policy, const struct pim_image *image,
				 uint64_t seed)
{
	for (int family = PIM_IPV4; family <= PIM_IPV6; family += PIM_IPV6 - PIM_IPV4) {
		struct pim_prefix *starts = calloc(2 * policy->listed_count + 1, sizeof(*starts));
		struct pim_address_value last = {};
		size_t count = 1, changes = 0;

		assert_non_null(starts);
		starts[0] = (struct pim_prefix){ .family = (uint8_t)family };
		for (size_t at = 0; at < policy->listed_count; at++) {
			struct pim_prefix edge = policy->listed[at].prefix;
			unsigned int bit = edge.length;

			if (edge.family != family)
				continue;
			starts[count++] = edge;
			/* Behind its end: carry; a prefix that ends where all do has no behind. */
			while (bit && bit_of(edge.address, bit - 1))
				set_bit(edge.address, --bit, false);
			if (!bit)
				continue;
			set_bit(edge.address, bit - 1, true);
			starts[count++] = edge;
		}
		qsort(starts, count, sizeof(*starts), compare_hosts);
		for (size_t at = 0; at < count; at++) {
			struct pim_address_value value;

			starts[at].length = (uint8_t)pim_family_bits(starts[at].family);
			value = naive_lookup(policy, &starts[at]);
			changes += !at || value.roles != last.roles || value.partner != last.partner;
			last = value;
		}
		free(starts);
		if (image->addresses.range_count[family == PIM_IPV6] != changes)
			fail_msg("PIM_SEED=%llu: %zu ranges of IPv%d, expected %zu",
				 (unsigned long long)seed,
				 image->addresses.range_count[family == PIM_IPV6], family, changes);
	}
}

static void answers_as_a_naive_matcher(void **state)
{
	size_t answers = 0, with_partner = 0, with_many = 0;

	(void)state;
	start_random();
	for (unsigned int round = 0; round < 300; round++) {
		uint64_t seed = random_state;
		struct pim_policy policy;
		struct pim_image image;

		random_policy(&policy);
		compile(&policy, NULL, &image);
		assert_no_idle_range(&policy, &image, seed);
		for (unsigned int probe = 0; probe < 200; probe++) {
			struct pim_prefix host = random_host(&policy);
			struct pim_address_value expected = naive_lookup(&policy, &host);

			assert_same_value(seed, &host, look_up(&image, &host), expected);
			answers += expected.roles != 0;
			with_partner += expected.partner != 0;
			with_many += (expected.roles & (expected.roles - 1)) != 0;
		}
		pim_image_free(&image);
		pim_policy_free(&policy);
	}
	/* The generator must reach what it is for. */
	assert_true(answers > 10000);
	assert_true(with_partner > 1000);
	assert_true(with_many > 5000);
}

/* ---- the edges that the program compares itself ---- */

/* The program's own steps: the compared addresses, then the image or nothing. */
static struct pim_address_value edge_of(const struct pim_image *image, const struct pim_prefix *host)
{
	struct pim_address_value nothing = {};
	uint64_t entry = 0;

	for (size_t at = 0; at < PIM_EDGES && !entry; at++) {
		if (host->family == PIM_IPV4 &&
		    !memcmp(&image->edges4[at].address_be, host->address, 4))
			entry = image->edges4[at].entry;
		if (host->family == PIM_IPV6 && !memcmp(image->edges6[at].address_be, host->address, 16))
			entry = image->edges6[at].entry;
	}
	if (!entry)
		return image->edges_are_all ? nothing : look_up(image, host);
	assert_true(entry & PIM_ENTRY_LEAF);
	assert_int_equal(entry >> 32, 0);
	return (struct pim_address_value){
		.roles = pim_entry_roles(entry),
		.partner = pim_entry_partner(entry),
	};
}

static void assert_edge(const struct pim_image *image, const char *text, unsigned int roles,
			unsigned int partner)
{
	struct pim_prefix host = prefix_of(text);
	struct pim_address_value value = edge_of(image, &host);

	if (value.roles != roles || value.partner != partner)
		fail_msg("%s: roles %#x of partner %u, expected %#x of %u", text, value.roles,
			 value.partner, roles, partner);
}

static void compares_few_edges(void **state)
{
	const unsigned int both = PIM_ROLE_ACCESS | PIM_ROLE_AV;
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	list(&policy, "198.51.100.0/24", PIM_ROLE_PARTNER, add_partner(&policy, "contoso"));
	list(&policy, "198.51.100.10", both, 0);
	list(&policy, "198.51.100.11", PIM_ROLE_AV, 0);
	list(&policy, "203.0.113.4", PIM_ROLE_ACCESS, 0);
	list(&policy, "255.255.255.255", PIM_ROLE_ACCESS, 0);
	list(&policy, "2001:db8::10", PIM_ROLE_AV, 0);
	compile(&policy, NULL, &image);
	assert_true(image.edges_are_all);
	/* What is said of the addresses around an edge address is said of it, too. */
	assert_edge(&image, "198.51.100.10", both | PIM_ROLE_PARTNER, 1);
	assert_edge(&image, "198.51.100.11", PIM_ROLE_AV | PIM_ROLE_PARTNER, 1);
	assert_edge(&image, "203.0.113.4", PIM_ROLE_ACCESS, 0);
	assert_edge(&image, "255.255.255.255", PIM_ROLE_ACCESS, 0);
	assert_edge(&image, "2001:db8::10", PIM_ROLE_AV, 0);
	assert_edge(&image, "198.51.100.12", 0, 0); /* a partner's, but no edge */
	assert_edge(&image, "0.0.0.0", 0, 0);
	assert_edge(&image, "::", 0, 0);
	pim_image_free(&image);
	pim_policy_free(&policy);
}

/* One more than there is room for, in either family; a family without any; a
 * pool, which is no host. */
static void asks_the_image_for_many_edges(void **state)
{
	static const char *const more[] = { "192.0.2.5", "2001:db8::5", "192.0.2.0/31", "2001:db8::/127" };

	(void)state;
	for (size_t at = 0; at < COUNT(more); at++) {
		struct pim_policy policy;
		struct pim_image image;

		assert_int_equal(pim_policy_init(&policy), 0);
		for (unsigned int edge = 1; edge <= PIM_EDGES; edge++) {
			char host[PIM_PREFIX_TEXT];

			snprintf(host, sizeof(host), "192.0.2.%u", edge);
			list(&policy, host, PIM_ROLE_ACCESS, 0);
			snprintf(host, sizeof(host), "2001:db8::%u", edge);
			list(&policy, host, PIM_ROLE_AV, 0);
		}
		compile(&policy, NULL, &image);
		assert_true(image.edges_are_all);
		pim_image_free(&image);

		list(&policy, more[at], PIM_ROLE_ACCESS, 0);
		compile(&policy, NULL, &image);
		assert_false(image.edges_are_all);
		for (size_t other = 0; other < policy.listed_count; other++) {
			struct pim_prefix host = policy.listed[other].prefix;
			struct pim_address_value value = edge_of(&image, &host), all = look_up(&image, &host);

			assert_true(value.roles & policy.listed[other].roles);
			assert_int_equal(value.roles, all.roles);
		}
		assert_edge(&image, "192.0.2.6", 0, 0);
		assert_edge(&image, "2001:db8::6", 0, 0);
		pim_image_free(&image);
		pim_policy_free(&policy);
	}
}

static void knows_that_nothing_is_an_edge(void **state)
{
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	list(&policy, "0.0.0.0/0", PIM_ROLE_CLIENT, 0);
	list(&policy, "::/0", PIM_ROLE_CLIENT, 0);
	compile(&policy, NULL, &image);
	assert_true(image.edges_are_all);
	assert_edge(&image, "0.0.0.0", 0, 0);
	assert_edge(&image, "192.0.2.1", 0, 0);
	assert_edge(&image, "::", 0, 0);
	assert_edge(&image, "2001:db8::1", 0, 0);
	pim_image_free(&image);
	pim_policy_free(&policy);
}

/* ---- rows ---- */

static uint64_t legs_at(const struct pim_image *image, enum pim_transport transport,
			enum pim_port_side side, unsigned int port)
{
	const struct pim_match *match = image->match;

	return match->legs_by_class[transport][side]
				   [match->class_by_port_be[transport][side][htons((uint16_t)port)]];
}

/* Bits by hand: forward legs of the in-rows, then reply legs of the out-rows. */
enum {
	SIP_MTLS_IN = 1 << 0,
	SIP_TLS_IN = 1 << 1,
	STUN_IN = 1 << 2,
	SIP_MTLS_OUT = 1 << 3,
	RTP_OUT = 1 << 4,
	STUN_OUT = 1 << 5,
};

static void orders_the_legs_of_the_table(void **state)
{
	static const char *const rules[] = { "sip-mtls-in", "sip-tls-in", "stun-in",
					     "sip-mtls-out", "rtp-out", "stun-out" };
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	compile(&policy, NULL, &image);
	for (size_t bit = 0; bit < COUNT(rules); bit++)
		assert_string_equal(image.names.rules[image.match->rule[bit]].rule, rules[bit]);
	assert_int_equal(image.match->legs_forward, SIP_MTLS_IN | SIP_TLS_IN | STUN_IN);
	assert_int_equal(image.match->legs_stun, STUN_IN | STUN_OUT);
	for (unsigned int roles = 0; roles < PIM_EDGE_SETS; roles++)
		assert_int_equal(image.match->legs_by_edge[roles],
				 (roles << PIM_EDGE_SHIFT & PIM_ROLE_ACCESS ?
					  SIP_MTLS_IN | SIP_TLS_IN | SIP_MTLS_OUT : 0) |
				 (roles << PIM_EDGE_SHIFT & PIM_ROLE_AV ?
					  STUN_IN | RTP_OUT | STUN_OUT : 0));
	for (unsigned int roles = 0; roles < PIM_PEER_SETS; roles++)
		assert_int_equal(image.match->legs_by_peer[roles],
				 (roles << PIM_PEER_SHIFT & PIM_ROLE_PARTNER ?
					  SIP_MTLS_IN | SIP_MTLS_OUT : 0) |
				 (roles << PIM_PEER_SHIFT & PIM_ROLE_CLIENT ? SIP_TLS_IN : 0) |
				 (roles << PIM_PEER_SHIFT & PIM_ROLE_MESSENGER ?
					  STUN_IN | RTP_OUT | STUN_OUT : 0));
	pim_image_free(&image);
	pim_policy_free(&policy);
}

static void finds_ports_on_their_side(void **state)
{
	static const struct {
		unsigned int port;
		/* by transport and side */
		uint64_t tcp_destination, tcp_source, udp_destination, udp_source;
	} ports[] = {
		{ 0, 0, 0, 0, 0 },
		{ 1, 0, 0, 0, 0 },
		{ 442, 0, 0, 0, 0 },
		{ 443, SIP_TLS_IN, 0, 0, 0 },
		{ 444, 0, 0, 0, 0 },
		{ 3477, 0, 0, 0, 0 },
		{ 3478, 0, 0, STUN_IN, STUN_OUT },
		{ 3479, 0, 0, 0, 0 },
		{ 5060, 0, 0, 0, 0 },
		{ 5061, SIP_MTLS_IN, SIP_MTLS_OUT, 0, 0 },
		{ 5062, 0, 0, 0, 0 },
		{ 49999, 0, 0, 0, 0 },
		{ 50000, RTP_OUT, RTP_OUT, 0, 0 },
		{ 55555, RTP_OUT, RTP_OUT, 0, 0 },
		{ 59999, RTP_OUT, RTP_OUT, 0, 0 },
		{ 60000, 0, 0, 0, 0 },
		{ 65535, 0, 0, 0, 0 },
		{ 0xc513 /* 5061 with its bytes exchanged */, RTP_OUT, RTP_OUT, 0, 0 },
	};
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	compile(&policy, NULL, &image);
	for (size_t at = 0; at < COUNT(ports); at++) {
		unsigned int port = ports[at].port;

		assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, port),
				 ports[at].tcp_destination);
		assert_int_equal(legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, port),
				 ports[at].tcp_source);
		assert_int_equal(legs_at(&image, PIM_UDP, PIM_DESTINATION_PORT, port),
				 ports[at].udp_destination);
		assert_int_equal(legs_at(&image, PIM_UDP, PIM_SOURCE_PORT, port),
				 ports[at].udp_source);
	}
	pim_image_free(&image);
	pim_policy_free(&policy);
}

static void follows_rtp_port_end(void **state)
{
	static const struct {
		uint8_t option;
		uint64_t destination, source;
	} ends[] = {
		{ PIM_RTP_PORT_END_EITHER, RTP_OUT, RTP_OUT },
		{ PIM_RTP_PORT_END_EDGE, RTP_OUT, 0 },
		{ PIM_RTP_PORT_END_PEER, 0, RTP_OUT },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(ends); at++) {
		struct pim_policy policy;
		struct pim_image image;

		assert_int_equal(pim_policy_init(&policy), 0);
		policy.options.rtp_port_end = ends[at].option;
		compile(&policy, NULL, &image);
		for (unsigned int port = 49999; port <= 60000; port++) {
			bool in_range = port >= 50000 && port <= 59999;

			assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, port),
					 in_range ? ends[at].destination : 0);
			assert_int_equal(legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, port),
					 in_range ? ends[at].source : 0);
		}
		/* The other rows do not care. */
		assert_int_equal(legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, 5061), SIP_MTLS_OUT);
		assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 5061), SIP_MTLS_IN);
		pim_image_free(&image);
		pim_policy_free(&policy);
	}
}

static void puts_services_behind_the_table(void **state)
{
	struct pim_policy policy;
	struct pim_image image;
	struct pim_row *row;
	/* Forward: three of the table, then web. Reply: three of the table, then dns. */
	const uint64_t web = 1 << 3, rtp = 1 << 5, dns = 1 << 7;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	row = add_row(&policy, "dns", PIM_UDP, PIM_OUT, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT);
	add_range(row, 1, 1);
	add_range(row, 65535, 65535);
	row = add_row(&policy, "web", PIM_TCP, PIM_IN, PIM_ROLE_AV, PIM_ROLE_CLIENT);
	add_range(row, 50000, 50001);
	add_range(row, 443, 443);
	compile(&policy, NULL, &image);
	assert_int_equal(legs_at(&image, PIM_UDP, PIM_SOURCE_PORT, 1), dns);
	assert_int_equal(legs_at(&image, PIM_UDP, PIM_SOURCE_PORT, 2), 0);
	assert_int_equal(legs_at(&image, PIM_UDP, PIM_SOURCE_PORT, 65534), 0);
	assert_int_equal(legs_at(&image, PIM_UDP, PIM_SOURCE_PORT, 65535), dns);
	assert_int_equal(legs_at(&image, PIM_UDP, PIM_DESTINATION_PORT, 1), 0);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 443), SIP_TLS_IN | web);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 50001), web | rtp);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 50002), rtp);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, 50001), rtp);
	assert_int_equal(image.match->legs_forward, SIP_MTLS_IN | SIP_TLS_IN | STUN_IN | web);
	assert_int_equal(image.match->rule[3], rule_key(&image.names, "web", PIM_FORWARD));
	assert_int_equal(image.match->rule[7], rule_key(&image.names, "dns", PIM_REPLY));
	assert_true(image.match->legs_by_edge[PIM_ROLE_AV >> PIM_EDGE_SHIFT] & web);
	assert_false(image.match->legs_by_edge[PIM_ROLE_ACCESS >> PIM_EDGE_SHIFT] & web);
	pim_image_free(&image);
	pim_policy_free(&policy);
}

/* A disabled row keeps its key and its counters, and has no leg. */
static void gives_disabled_rows_no_leg(void **state)
{
	struct pim_policy policy;
	struct pim_image image;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	policy.rows[0].enabled = false; /* sip-mtls-in */
	policy.rows[3].enabled = false; /* rtp-out */
	compile(&policy, NULL, &image);
	assert_int_equal(rule_key(&image.names, "sip-mtls-in", PIM_FORWARD), 0);
	assert_int_equal(rule_key(&image.names, "rtp-out", PIM_REPLY), 3);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 5061), 0);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 55000), 0);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, 55000), 0);
	/* The bits close up: tls-in, stun-in, mtls-out, stun-out. */
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 443), 1 << 0);
	assert_int_equal(image.match->rule[0], 2);
	assert_int_equal(legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, 5061), 1 << 2);
	assert_int_equal(image.match->rule[2], 1);
	assert_int_equal(image.match->legs_forward, 3);
	for (size_t row = 0; row < policy.row_count; row++)
		policy.rows[row].enabled = false;
	pim_image_free(&image);
	compile(&policy, NULL, &image);
	assert_int_equal(image.match->legs_forward | image.match->legs_stun |
			 image.match->legs_by_edge[3] | image.match->legs_by_peer[7], 0);
	for (unsigned int port = 0; port < PIM_PORTS; port++)
		assert_int_equal(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, port) |
				 legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, port), 0);
	pim_image_free(&image);
	pim_policy_free(&policy);
}

/* Random services: every port's set is that of a search through all ranges. */
static void classifies_as_a_naive_matcher(void **state)
{
	(void)state;
	start_random();
	for (unsigned int round = 0; round < 20; round++) {
		uint64_t seed = random_state;
		unsigned int services = 1 + random_below(20);
		struct pim_policy policy;
		struct pim_image image;

		assert_int_equal(pim_policy_init(&policy), 0);
		policy.options.rtp_port_end = (uint8_t)random_below(3);
		for (unsigned int service = 0; service < services; service++) {
			struct pim_row *row;
			char name[PIM_RULE_NAME];

			snprintf(name, sizeof(name), "service-%u", service);
			row = add_row(&policy, name, random_below(2) ? PIM_TCP : PIM_UDP,
				      random_below(2) ? PIM_IN : PIM_OUT, PIM_ROLE_AV,
				      PIM_ROLE_CLIENT);
			for (unsigned int range = 1 + random_below(3); range; range--) {
				unsigned int low = 1 + random_below(PIM_PORTS - 1);

				add_range(row, low, low + random_below(PIM_PORTS - low));
			}
			row->enabled = random_below(4);
		}
		compile(&policy, NULL, &image);
		for (unsigned int port = 0; port < PIM_PORTS; port++) {
			uint64_t expected[PIM_TRANSPORTS][PIM_PORT_SIDES] = {};
			unsigned int bit = 0;

			for (int direction = PIM_IN; direction <= PIM_OUT; direction++) {
				for (size_t at = 0; at < policy.row_count; at++) {
					const struct pim_row *row = &policy.rows[at];
					bool to = row->direction == PIM_IN, from = !to, hit = false;

					if (!row->enabled || row->direction != (enum pim_direction)direction)
						continue;
					for (size_t range = 0; range < row->range_count; range++)
						hit |= row->ranges[range].low <= port &&
						       row->ranges[range].high >= port;
					if (!strcmp(row->name, "rtp-out")) {
						to = policy.options.rtp_port_end != PIM_RTP_PORT_END_PEER;
						from = policy.options.rtp_port_end != PIM_RTP_PORT_END_EDGE;
					}
					if (hit && to)
						expected[row->transport][PIM_DESTINATION_PORT] |= 1ULL << bit;
					if (hit && from)
						expected[row->transport][PIM_SOURCE_PORT] |= 1ULL << bit;
					bit++;
				}
			}
			for (int transport = 0; transport < PIM_TRANSPORTS; transport++)
				for (int side = 0; side < PIM_PORT_SIDES; side++)
					if (legs_at(&image, (enum pim_transport)transport,
						    (enum pim_port_side)side, port) !=
					    expected[transport][side])
						fail_msg("PIM_SEED=%llu: transport %d, side %d, port %u",
							 (unsigned long long)seed, transport, side, port);
		}
		pim_image_free(&image);
		pim_policy_free(&policy);
	}
}

/* ---- limits ---- */

/* 8 rows, the row of bit n holding the ports with bit n: 255 different sets, as
 * many as there are classes beside the empty one. */
static void overlap_in_255_ways(struct pim_policy *policy, enum pim_direction direction)
{
	assert_int_equal(pim_policy_init(policy), 0);
	for (size_t row = 0; row < policy->row_count; row++)
		policy->rows[row].enabled = false;
	for (unsigned int bit = 0; bit < 8; bit++) {
		struct pim_row *row;
		char name[PIM_RULE_NAME];

		snprintf(name, sizeof(name), "bit-%u", bit);
		row = add_row(policy, name, PIM_UDP, direction, PIM_ROLE_AV, PIM_ROLE_CLIENT);
		for (unsigned int port = 1; port < PIM_PORT_CLASSES; port++)
			if (port >> bit & 1)
				add_range(row, port, port);
	}
}

static void refuses_too_many_overlaps(void **state)
{
	(void)state;
	for (int direction = PIM_IN; direction <= PIM_OUT; direction++) {
		enum pim_port_side side = direction == PIM_IN ? PIM_DESTINATION_PORT : PIM_SOURCE_PORT;
		struct pim_error error = {};
		struct pim_policy policy;
		struct pim_image image;
		struct pim_row *row;

		overlap_in_255_ways(&policy, (enum pim_direction)direction);
		compile(&policy, NULL, &image);
		for (unsigned int port = 0; port < PIM_PORT_CLASSES; port++)
			assert_int_equal(legs_at(&image, PIM_UDP, side, port), port);
		assert_int_equal(legs_at(&image, PIM_UDP, side, PIM_PORT_CLASSES), 0);
		pim_image_free(&image);

		/* Another row on the other transport is another matter. */
		row = add_row(&policy, "other", PIM_TCP, (enum pim_direction)direction, PIM_ROLE_AV,
			      PIM_ROLE_CLIENT);
		add_range(row, 1000, 1000);
		compile(&policy, NULL, &image);
		pim_image_free(&image);

		row->transport = PIM_UDP;
		assert_int_equal(pim_compile(&policy, NULL, &image, &error), -EINVAL);
		assert_int_equal(error.kind, PIM_EXIT_USAGE);
		assert_non_null(strstr(error.text, "255"));
		assert_null(strchr(error.text, '\n'));
		pim_image_free(&image);
		pim_policy_free(&policy);
	}
}

static void holds_as_many_rows_as_bits(void **state)
{
	struct pim_policy policy;
	struct pim_image image;
	uint64_t forward = 0;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	while (policy.row_count < PIM_ROWS_MAX) {
		unsigned int number = (unsigned int)policy.row_count;
		char name[PIM_RULE_NAME];

		snprintf(name, sizeof(name), "service-%u", number);
		add_range(add_row(&policy, name, PIM_TCP, number % 2 ? PIM_IN : PIM_OUT,
				  PIM_ROLE_ACCESS, PIM_ROLE_CLIENT), 6000 + number, 6000 + number);
	}
	compile(&policy, NULL, &image);
	assert_int_equal(image.names.rule_count, PIM_ROWS_MAX);
	/* 3 + 29 in-rows, 3 + 29 out-rows: the last out-row has the last bit. */
	assert_int_equal(image.match->legs_forward, 0xffffffff);
	assert_true(legs_at(&image, PIM_TCP, PIM_SOURCE_PORT, 6062) == 1ULL << 63);
	assert_string_equal(image.names.rules[image.match->rule[63]].rule, "service-62");
	assert_true(legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 6063) == 1ULL << 31);
	assert_string_equal(image.names.rules[image.match->rule[31]].rule, "service-63");
	for (unsigned int number = PIM_BUILTIN_ROWS; number < PIM_ROWS_MAX; number++)
		forward |= legs_at(&image, PIM_TCP, PIM_DESTINATION_PORT, 6000 + number);
	assert_int_equal(forward, 0xfffffff8); /* without the table's three */
	for (unsigned int bit = 0; bit < PIM_ROWS_MAX; bit++) /* each rule once */
		for (unsigned int other = 0; other < bit; other++)
			assert_int_not_equal(image.match->rule[bit], image.match->rule[other]);
	pim_image_free(&image);
	pim_policy_free(&policy);
}

static void frees_an_empty_image(void **state)
{
	struct pim_image image = {};

	(void)state;
	pim_image_free(&image);
	pim_image_free(&image);
}

/* ---- the hash ---- */

/* A policy with something of everything. */
static void small_policy(struct pim_policy *policy)
{
	assert_int_equal(pim_policy_init(policy), 0);
	list(policy, "198.51.100.10", PIM_ROLE_ACCESS | PIM_ROLE_AV, 0);
	list(policy, "203.0.113.0/24", PIM_ROLE_PARTNER, add_partner(policy, "contoso"));
	list(policy, "2001:db8::/32", PIM_ROLE_CLIENT, 0);
	add_range(add_row(policy, "dns", PIM_UDP, PIM_OUT, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT), 53, 53);
}

static uint64_t hash_of(const struct pim_policy *policy)
{
	struct pim_image image;
	uint64_t hash;

	compile(policy, NULL, &image);
	hash = image.hash;
	pim_image_free(&image);
	return hash;
}

static void hashes_the_same_policy_alike(void **state)
{
	struct pim_policy policy, reordered;
	struct pim_image image, again;
	struct pim_listed first;

	(void)state;
	small_policy(&policy);
	compile(&policy, NULL, &image);
	assert_int_equal(hash_of(&policy), image.hash);
	/* What a reload of the unchanged configuration sees. */
	compile(&policy, &image.names, &again);
	assert_int_equal(again.hash, image.hash);
	/* The order of the file, and the place a value stood at, mean nothing. */
	small_policy(&reordered);
	first = reordered.listed[0];
	reordered.listed[0] = reordered.listed[2];
	reordered.listed[2] = first;
	reordered.listed[1].origin = (struct pim_origin){ 3, 99 };
	assert_int_equal(hash_of(&reordered), image.hash);
	/* Nor does a prefix that says nothing new. */
	list(&reordered, "2001:db8:1::/48", PIM_ROLE_CLIENT, 0);
	assert_int_equal(hash_of(&reordered), image.hash);
	pim_image_free(&image);
	pim_image_free(&again);
	pim_policy_free(&policy);
	pim_policy_free(&reordered);
}

enum change {
	CHANGE_ROLE, CHANGE_ADDRESS, CHANGE_LENGTH, CHANGE_PREFIX6, CHANGE_MORE, CHANGE_PARTNER,
	CHANGE_PORT, CHANGE_RULE, CHANGE_TRANSPORT, CHANGE_DIRECTION, CHANGE_EDGE, CHANGE_PEER,
	CHANGE_SHAPE, CHANGE_DISABLE, CHANGE_OPTION, CHANGES = CHANGE_OPTION + PIM_OPTION_COUNT,
};

static void change_one_thing(struct pim_policy *policy, unsigned int change)
{
	struct pim_row *row = &policy->rows[policy->row_count - 1];

	switch (change) {
	case CHANGE_ROLE:
		policy->listed[0].roles = PIM_ROLE_ACCESS;
		break;
	case CHANGE_ADDRESS:
		policy->listed[1].prefix.address[2]++;
		break;
	case CHANGE_LENGTH:
		policy->listed[1].prefix.length++;
		break;
	case CHANGE_PREFIX6:
		policy->listed[2].prefix.address[3]++;
		break;
	case CHANGE_MORE:
		list(policy, "192.0.2.1", PIM_ROLE_BLOCK, 0);
		break;
	case CHANGE_PARTNER:
		policy->partners[0].name[0] = 'C';
		break;
	case CHANGE_PORT:
		row->ranges[0].high++;
		break;
	case CHANGE_RULE:
		row->name[0] = 'D';
		break;
	case CHANGE_TRANSPORT:
		row->transport = PIM_TCP;
		break;
	case CHANGE_DIRECTION:
		row->direction = PIM_IN;
		break;
	case CHANGE_EDGE:
		row->edge_role = PIM_ROLE_AV;
		break;
	case CHANGE_PEER:
		row->peer_role = PIM_ROLE_PARTNER;
		break;
	case CHANGE_SHAPE:
		row->shape = PIM_SHAPE_STUN;
		break;
	case CHANGE_DISABLE:
		row->enabled = false;
		break;
	default:
		((uint8_t *)&policy->options)[change - CHANGE_OPTION] = 1;
	}
}

static void hashes_every_change(void **state)
{
	uint64_t hashes[CHANGES + 1];

	(void)state;
	for (unsigned int change = 0; change <= CHANGES; change++) {
		struct pim_policy policy;

		small_policy(&policy);
		if (change < CHANGES)
			change_one_thing(&policy, change);
		hashes[change] = hash_of(&policy);
		pim_policy_free(&policy);
		for (unsigned int other = 0; other < change; other++)
			if (hashes[other] == hashes[change])
				fail_msg("changes %u and %u hash alike", other, change);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_in_table_order),
		cmocka_unit_test(keeps_keys_over_reloads),
		cmocka_unit_test(keeps_long_names_whole),
		cmocka_unit_test(refuses_more_partners_than_keys),
		cmocka_unit_test(refuses_more_rules_than_keys),
		cmocka_unit_test(unites_roles_of_nested_prefixes),
		cmocka_unit_test(charges_the_longest_partner_prefix),
		cmocka_unit_test(leaves_out_what_says_nothing_new),
		cmocka_unit_test(nests_to_the_bottom),
		cmocka_unit_test(answers_as_a_naive_matcher),
		cmocka_unit_test(compares_few_edges),
		cmocka_unit_test(asks_the_image_for_many_edges),
		cmocka_unit_test(knows_that_nothing_is_an_edge),
		cmocka_unit_test(orders_the_legs_of_the_table),
		cmocka_unit_test(finds_ports_on_their_side),
		cmocka_unit_test(follows_rtp_port_end),
		cmocka_unit_test(puts_services_behind_the_table),
		cmocka_unit_test(gives_disabled_rows_no_leg),
		cmocka_unit_test(classifies_as_a_naive_matcher),
		cmocka_unit_test(refuses_too_many_overlaps),
		cmocka_unit_test(holds_as_many_rows_as_bits),
		cmocka_unit_test(frees_an_empty_image),
		cmocka_unit_test(hashes_the_same_policy_alike),
		cmocka_unit_test(hashes_every_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
