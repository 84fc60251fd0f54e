/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/linktype.h"

static void test_linktype_names(void **state)
{
	(void)state;
	assert_string_equal(pim_linktype_name(PIM_LINKTYPE_ETHERNET), "Ethernet");
	assert_string_equal(pim_linktype_name(113), "Linux cooked v1");
	assert_string_equal(pim_linktype_name(276), "Linux cooked v2");
	assert_null(pim_linktype_name(0xffff));
}

/* The first and the last of the list, and the numbers next to known ones. */
static void test_linktype_boundaries(void **state)
{
	static const struct {
		uint32_t linktype;
		const char *name;
	} cases[] = {
		{ 0, "BSD loopback" },
		{ 2, NULL },
		{ 5, NULL },
		{ 6, "Token Ring" },
		{ 9, "PPP" },
		{ 11, NULL },
		{ 100, "ATM, RFC 1483" },
		{ 101, "raw IP" },
		{ 102, NULL },
		{ 112, NULL },
		{ 114, NULL },
		{ 275, NULL },
		{ 277, NULL },
		{ 0x10001, NULL },
		{ UINT32_MAX, NULL },
	};

	(void)state;
	for (size_t at = 0; at < sizeof(cases) / sizeof(*cases); at++) {
		const char *found = pim_linktype_name(cases[at].linktype);

		if (!cases[at].name && found)
			fail_msg("%u has a name: %s", cases[at].linktype, found);
		if (cases[at].name)
			assert_string_equal(found, cases[at].name);
	}
}

/* No two types share a name, so a message says which one was found. */
static void test_linktype_names_differ(void **state)
{
	const char *names[512];
	size_t count = 0;

	(void)state;
	for (uint32_t linktype = 0; linktype < 512; linktype++) {
		const char *name = pim_linktype_name(linktype);

		for (size_t other = 0; name && other < count; other++)
			assert_string_not_equal(name, names[other]);
		if (name)
			names[count++] = name;
	}
	assert_true(count > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_linktype_names),
		cmocka_unit_test(test_linktype_boundaries),
		cmocka_unit_test(test_linktype_names_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
