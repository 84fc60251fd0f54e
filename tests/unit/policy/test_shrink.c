/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which losses of a list are too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy/shrink.h"

/* A policy of one partner, or of two with the prefixes in two files besides the configuration. */
static void make(struct pim_policy *policy, size_t first, size_t second)
{
	static struct pim_partner partners[] = { { .name = "contoso" }, { .name = "fabrikam" } };
	static struct pim_source files[] = { { .path = (char *)"edge.conf" },
					     { .path = (char *)"a.prefixes" },
					     { .path = (char *)"b.prefixes" } };
	static struct pim_listed listed[2][256];
	static int which;

	*policy = (struct pim_policy){ .partners = partners,
				       .partner_count = 2,
				       .files = files,
				       .file_count = 3,
				       .listed = listed[which ^= 1],
				       .listed_count = first + second };
	for (size_t i = 0; i < first + second; i++)
		policy->listed[i] = (struct pim_listed){
			.prefix = { .family = PIM_IPV4,
				    .length = 32,
				    .address = { 203, 0, 113, i } },
			.roles = PIM_ROLE_PARTNER,
			.partner = i < first ? 1 : 2,
			.origin.file = i < first ? 1 : 2,
		};
}

static void refuses_what_lost_too_much(void **state)
{
	static const struct {
		size_t was[2], now[2];
		unsigned int percent;
		const char *kind; /* NULL: nothing is refused */
		const char *name;
	} cases[] = {
		{ { 10, 0 }, { 10, 0 }, 50, NULL, NULL },
		{ { 10, 0 }, { 5, 0 }, 50, NULL, NULL },
		{ { 10, 0 }, { 4, 0 }, 50, "role", "partner" },
		{ { 10, 0 }, { 0, 0 }, 50, "role", "partner" },
		{ { 10, 0 }, { 0, 0 }, 99, "role", "partner" },
		{ { 10, 0 }, { 1, 0 }, 99, NULL, NULL },
		{ { 10, 0 }, { 0, 0 }, 100, NULL, NULL },
		{ { 10, 0 }, { 9, 0 }, 0, "role", "partner" },
		{ { 10, 0 }, { 10, 0 }, 0, NULL, NULL },
		{ { 0, 0 }, { 0, 0 }, 0, NULL, NULL },
		{ { 0, 0 }, { 9, 0 }, 0, NULL, NULL },
		{ { 1, 0 }, { 0, 0 }, 50, "role", "partner" },
		/* One of two is cut off; all together lost little. */
		{ { 100, 2 }, { 100, 0 }, 50, "partner", "fabrikam" },
		{ { 100, 9 }, { 100, 4 }, 50, "partner", "fabrikam" },
		{ { 100, 8 }, { 100, 4 }, 50, NULL, NULL },
		{ { 100, 2 }, { 200, 0 }, 50, "partner", "fabrikam" },
	};

	(void)state;
	for (size_t at = 0; at < sizeof(cases) / sizeof(*cases); at++) {
		struct pim_policy before, now;
		struct pim_shrunk shrunk = {};
		int result;

		make(&before, cases[at].was[0], cases[at].was[1]);
		make(&now, cases[at].now[0], cases[at].now[1]);
		result = pim_policy_shrunk(&before, &now, cases[at].percent, &shrunk);
		if (result != (cases[at].kind != NULL))
			fail_msg("case %zu: %d", at, result);
		if (!result)
			continue;
		assert_string_equal(shrunk.kind, cases[at].kind);
		assert_string_equal(shrunk.name, cases[at].name);
		assert_true(shrunk.now < shrunk.was);
	}
}

/* A file may be emptied into another, and a partner may be taken out by hand. */
static void tells_moves_from_losses(void **state)
{
	struct pim_policy before, now;
	struct pim_shrunk shrunk;

	(void)state;
	make(&before, 100, 4);
	for (size_t i = 0; i < before.listed_count; i++)
		before.listed[i].partner = 1;
	make(&now, 104, 0);
	assert_int_equal(pim_policy_shrunk(&before, &now, 50, &shrunk), 0);
	make(&now, 103, 0);
	assert_int_equal(pim_policy_shrunk(&before, &now, 50, &shrunk), 1);
	assert_string_equal(shrunk.kind, "file");
	assert_string_equal(shrunk.name, "b.prefixes");
	make(&before, 100, 4);
	make(&now, 100, 0);
	now.partner_count = 1;
	now.file_count = 2;
	assert_int_equal(pim_policy_shrunk(&before, &now, 50, &shrunk), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_what_lost_too_much),
		cmocka_unit_test(tells_moves_from_losses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
