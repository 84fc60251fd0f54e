/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The hash of a policy: the same for the same policy, different for any other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <pimxdp/role.h>

#include "image/compile.h"
#include "policy/policy.h"
#include "unit/image/policies.h"

/* A policy with one of everything. */
static void small_policy(struct pim_policy *policy)
{
	assert_int_equal(pim_policy_init(policy), 0);
	list(policy, "198.51.100.10", PIM_ROLE_ACCESS | PIM_ROLE_AV, 0);
	list(policy, "203.0.113.0/24", PIM_ROLE_PARTNER, add_partner(policy, "contoso"));
	list(policy, "2001:db8::/32", PIM_ROLE_CLIENT, 0);
	add_range(add_row(policy, "dns", PIM_UDP, PIM_OUT, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT), 53,
		  53);
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
	/* As in a reload of the unchanged configuration. */
	compile(&policy, &image.names, &again);
	assert_int_equal(again.hash, image.hash);
	/* The order in the file, and the lines that values are on, make no difference. */
	small_policy(&reordered);
	first = reordered.listed[0];
	reordered.listed[0] = reordered.listed[2];
	reordered.listed[2] = first;
	reordered.listed[1].origin = (struct pim_origin){ 3, 99 };
	assert_int_equal(hash_of(&reordered), image.hash);
	/* Nor does a prefix that adds nothing. */
	list(&reordered, "2001:db8:1::/48", PIM_ROLE_CLIENT, 0);
	assert_int_equal(hash_of(&reordered), image.hash);
	pim_image_free(&image);
	pim_image_free(&again);
	pim_policy_free(&policy);
	pim_policy_free(&reordered);
}

/* Known names have other keys, or are there no more: that is not part of the policy. */
static void hashes_alike_whatever_was_before(void **state)
{
	struct pim_policy policy, before;
	struct pim_image image, old, over;

	(void)state;
	small_policy(&policy);
	add_partner(&policy, "fabrikam");
	compile(&policy, NULL, &image);
	assert_int_equal(pim_policy_init(&before), 0);
	list(&before, "198.51.100.10", PIM_ROLE_ACCESS | PIM_ROLE_AV, 0);
	add_partner(&before, "fabrikam");
	add_range(add_row(&before, "ntp", PIM_UDP, PIM_OUT, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT), 123,
		  123);
	compile(&before, NULL, &old);
	compile(&policy, &old.names, &over);
	assert_string_equal(over.names.partners[1], "fabrikam"); /* keeps its key */
	assert_int_equal(over.hash, image.hash);
	pim_image_free(&over);
	/* Only the rows differ. */
	add_partner(&before, "contoso");
	strcpy(before.partners[0].name, "contoso");
	strcpy(before.partners[1].name, "fabrikam");
	pim_image_free(&old);
	compile(&before, NULL, &old);
	compile(&policy, &old.names, &over);
	assert_int_equal(over.hash, image.hash);
	pim_image_free(&over);
	pim_image_free(&old);
	pim_image_free(&image);
	pim_policy_free(&policy);
	pim_policy_free(&before);
}

enum change {
	CHANGE_ROLE,
	CHANGE_ADDRESS,
	CHANGE_LENGTH,
	CHANGE_PREFIX6,
	CHANGE_MORE,
	CHANGE_PARTNER,
	CHANGE_PORT,
	CHANGE_RULE,
	CHANGE_TRANSPORT,
	CHANGE_DIRECTION,
	CHANGE_EDGE,
	CHANGE_PEER,
	CHANGE_SHAPE,
	CHANGE_DISABLE,
	CHANGE_OPTION,
	CHANGES = CHANGE_OPTION + PIM_OPTION_COUNT,
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
		cmocka_unit_test(hashes_the_same_policy_alike),
		cmocka_unit_test(hashes_alike_whatever_was_before),
		cmocka_unit_test(hashes_every_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
