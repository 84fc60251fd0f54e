/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names in a list: finding one, and printing all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/names.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void finds_whole_names(void **state)
{
	static const char *const names[] = { "native", "skb", "nat", NULL };
	static const char *const none[] = { NULL };

	(void)state;
	for (int at = 0; names[at]; at++)
		assert_int_equal(pim_name_find(names, names[at]), at);
	assert_int_equal(pim_name_find(names, "na"), -1);
	assert_int_equal(pim_name_find(names, "natives"), -1);
	assert_int_equal(pim_name_find(names, "SKB"), -1);
	assert_int_equal(pim_name_find(names, ""), -1);
	assert_int_equal(pim_name_find(none, "skb"), -1);
}

static void lists_names(void **state)
{
	static const struct {
		const char *names[4];
		const char *text;
	} cases[] = {
		{ { NULL }, "" },
		{ { "a", NULL }, "a" },
		{ { "a", "b", NULL }, "a or b" },
		{ { "a", "b", "c", NULL }, "a, b or c" },
	};
	char text[PIM_NAME_LIST];

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		memset(text, 'x', sizeof(text));
		assert_ptr_equal(pim_name_list(cases[at].names, text), text);
		assert_string_equal(text, cases[at].text);
	}
}

/* A list that just leaves room for the dots is printed whole; a longer one loses names. */
static void ends_long_lists_in_dots(void **state)
{
	const size_t most = PIM_NAME_LIST - sizeof(", ...") - strlen(" or b");
	char name[PIM_NAME_LIST] = "", text[PIM_NAME_LIST], expected[2 * PIM_NAME_LIST];

	(void)state;
	for (size_t length = most - 1; length <= most + 1; length++) {
		const char *const names[] = { name, "b", NULL };

		memset(name, 'x', length);
		strcpy(expected, name);
		strcat(expected, length <= most ? " or b" : ", ...");
		assert_string_equal(pim_name_list(names, text), expected);
	}
}

static void finds_the_nearest_name(void **state)
{
	static const char *const names[] = { "stats", "status", "attach", "detach", "run", NULL };
	static const char *const none[] = { NULL };
	static const struct {
		const char *name, *nearest;
	} cases[] = {
		{ "stats", "stats" },	 { "stat", "stats" },	  { "statsu", "stats" },
		{ "statuss", "status" }, { "sttas", "stats" },	  { "statis", "stats" },
		{ "attahc", "attach" },	 { "dettach", "detach" }, { "etach", "detach" },
		{ "rnu", "run" },	 { "rum", "run" },	  { "runs", "run" },
		{ "rust", NULL },	 { "ab", NULL },	  { "", NULL },
		{ "rn", NULL },		 { "flows", NULL },	  { "attachments", NULL },
		{ "STATS", NULL },
	};
	char huge[100001];

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		const char *found = pim_name_nearest(names, cases[at].name);

		if (!found != !cases[at].nearest || (found && strcmp(found, cases[at].nearest)))
			fail_msg("%s: %s instead of %s", cases[at].name, found ? found : "none",
				 cases[at].nearest ? cases[at].nearest : "none");
	}
	assert_null(pim_name_nearest(none, "stats"));
	memset(huge, 's', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	assert_null(pim_name_nearest(names, huge));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_whole_names),
		cmocka_unit_test(lists_names),
		cmocka_unit_test(ends_long_lists_in_dots),
		cmocka_unit_test(finds_the_nearest_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
