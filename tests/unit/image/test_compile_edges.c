/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The addresses of the Edge, which the program compares itself if there are few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <pimxdp/image.h>
#include <pimxdp/role.h>

#include "image/addresses.h"
#include "image/compile.h"
#include "policy/policy.h"
#include "policy/prefix.h"
#include "unit/image/policies.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The program's own steps: it compares the addresses, then asks the image, or nothing. */
static struct pim_address_value edge_of(const struct pim_image *image,
					const struct pim_prefix *host)
{
	struct pim_address_value nothing = {};
	uint64_t entry = 0;

	for (size_t at = 0; at < PIM_EDGES && !entry; at++) {
		if (host->family == PIM_IPV4 &&
		    !memcmp(&image->edges4[at].address_be, host->address, 4))
			entry = image->edges4[at].entry;
		if (host->family == PIM_IPV6 &&
		    !memcmp(image->edges6[at].address_be, host->address, 16))
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
	/* Roles of the addresses around an edge address also apply to it. */
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

/* One more than there is room for, in either family; a family without any; a pool, which
 * is not a host. */
static void asks_the_image_for_many_edges(void **state)
{
	static const char *const more[] = { "192.0.2.5", "2001:db8::5", "192.0.2.0/31",
					    "2001:db8::/127" };

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
			struct pim_address_value value = edge_of(&image, &host),
						 all = look_up(&image, &host);

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_few_edges),
		cmocka_unit_test(asks_the_image_for_many_edges),
		cmocka_unit_test(knows_that_nothing_is_an_edge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
