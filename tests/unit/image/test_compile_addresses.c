/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the image of a policy says about addresses, by hand and against a naive matcher.
 * PIM_SEED repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
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
#include "unit/random.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

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
	assert_address(&image, "10.1.0.0", PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER | PIM_ROLE_PARTNER,
		       1);
	assert_address(&image, "10.1.2.0",
		       PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER | PIM_ROLE_PARTNER | PIM_ROLE_BLOCK, 1);
	assert_address(&image, "10.1.2.3",
		       PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER | PIM_ROLE_PARTNER | PIM_ROLE_BLOCK |
			       PIM_ROLE_FAILSAFE,
		       1);
	assert_address(&image, "10.1.2.4",
		       PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER | PIM_ROLE_PARTNER | PIM_ROLE_BLOCK, 1);
	/* A sibling does not inherit from the block beside it. */
	assert_address(&image, "10.1.3.255",
		       PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER | PIM_ROLE_PARTNER | PIM_ROLE_ACCESS,
		       1);
	assert_address(&image, "10.1.4.0", PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER | PIM_ROLE_PARTNER,
		       1);
	assert_address(&image, "10.2.0.0", PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER, 0);
	assert_address(&image, "11.0.0.0", 0, 0);
	assert_address(&image, "a01:203::", 0, 0); /* the same first bytes */
	/* Where the answer changes: 0, 10.0, 10.1.0, 10.1.2.0, .3, .4, 10.1.3, 10.1.4, 10.2, 11. */
	assert_int_equal(image.addresses.range_count[0], 10);
	assert_int_equal(image.addresses.range_count[1],
			 1); /* one range of all addresses, without a role */
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

/* The answer changes at these addresses, and at no other. */
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
	static const char *const starts4[] = { "0.0.0.0", "10.1.0.0", "10.1.1.2", "10.1.1.3",
					       "10.2.0.0" };
	static const char *const starts6[] = { "::", "8000::" };
	struct pim_policy policy;
	struct pim_image image;
	uint16_t contoso;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	contoso = add_partner(&policy, "contoso");
	list(&policy, "0.0.0.0/0", PIM_ROLE_CLIENT, 0);
	list(&policy, "10.0.0.0/8", PIM_ROLE_CLIENT, 0); /* nothing new */
	list(&policy, "10.1.0.0/16", PIM_ROLE_PARTNER, contoso);
	list(&policy, "10.1.1.0/24", PIM_ROLE_CLIENT, 0);     /* nothing new */
	list(&policy, "10.1.1.1", PIM_ROLE_PARTNER, contoso); /* nothing new */
	list(&policy, "10.1.1.2", PIM_ROLE_BLOCK, 0);	      /* new, inside one left out */
	list(&policy, "10.1.1.2", PIM_ROLE_CLIENT, 0);	      /* the same prefix: one entry */
	list(&policy, "::/0", PIM_ROLE_CLIENT, 0);
	list(&policy, "::/1", PIM_ROLE_CLIENT, 0); /* nothing new */
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

/* Every prefix length, nested, each with a new role or partner, so that no entry can be
 * left out. */
static void nests_to_the_bottom(void **state)
{
	static const struct {
		const char *host;
		unsigned int bits;
	} families[] = { { "255.255.255.255", 32 },
			 { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 128 } };
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
				prefix.address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
			list_prefix(&policy, prefix, PIM_ROLE_PARTNER, partners[bits % 2]);
		}
	}
	compile(&policy, NULL, &image);
	assert_int_equal(image.addresses.range_count[0], 33); /* all end at the end of the space */
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

/* ---- against a naive matcher ---- */

static void set_bit(uint8_t address[16], unsigned int bit, bool value)
{
	address[bit / 8] = (uint8_t)(address[bit / 8] & ~(0x80 >> bit % 8));
	if (value)
		address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

static struct pim_address_value naive_lookup(const struct pim_policy *policy,
					     const struct pim_prefix *host)
{
	struct pim_address_value value = {};
	int longest = -1;

	for (size_t at = 0; at < policy->listed_count; at++) {
		const struct pim_listed *listed = &policy->listed[at];

		if (!contains_by_bits(&listed->prefix, host))
			continue;
		value.roles |= listed->roles;
		if (listed->partner && listed->prefix.length > longest) {
			longest = listed->prefix.length;
			value.partner = listed->partner; /* at the first attach this is its key */
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

/* Just inside a prefix, just outside, further inside, or anywhere. */
static struct pim_prefix random_host(const struct pim_policy *policy)
{
	struct pim_prefix host =
		policy->listed[random_below((unsigned int)policy->listed_count)].prefix;
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
	return memcmp(((const struct pim_prefix *)a)->address,
		      ((const struct pim_prefix *)b)->address, 16);
}

/* There are as many ranges as addresses at which the naive answer changes: none repeats
 * the one before it. The answer can change only where a prefix begins or after its end. */
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
			/* After its end: carry. Nothing follows a prefix at the end of the space. */
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
			changes +=
				!at || value.roles != last.roles || value.partner != last.partner;
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
	/* The generator must cover what it is meant to. */
	assert_true(answers > 10000);
	assert_true(with_partner > 1000);
	assert_true(with_many > 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unites_roles_of_nested_prefixes),
		cmocka_unit_test(charges_the_longest_partner_prefix),
		cmocka_unit_test(leaves_out_what_says_nothing_new),
		cmocka_unit_test(nests_to_the_bottom),
		cmocka_unit_test(answers_as_a_naive_matcher),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
