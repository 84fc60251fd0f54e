/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

static void fails_with_the_errno(void **state)
{
	struct pim_error error = {};

	(void)state;
	assert_int_equal(pim_fail(&error, ENOENT, "%s: %d", "file", 7), -ENOENT);
	assert_int_equal(error.kind, PIM_EXIT_FAILED);
	assert_string_equal(error.text, "file: 7");
	assert_int_equal(pim_fail(NULL, EPERM, "nobody reads this"), -EPERM);
}

static void refuses_what_the_user_said(void **state)
{
	struct pim_error error = {};

	(void)state;
	assert_int_equal(pim_refuse(&error, "expected %u", 3u), -EINVAL);
	assert_int_equal(error.kind, PIM_EXIT_USAGE);
	assert_string_equal(error.text, "expected 3");
	assert_int_equal(pim_refuse(NULL, "nobody reads this"), -EINVAL);
}

/* The prefix goes in front of the text; the kind does not change. */
static void puts_text_in_front(void **state)
{
	struct pim_error error = {};

	(void)state;
	pim_refuse(&error, "no such row");
	pim_error_prefix(&error, "%s:%u: ", "a.conf", 3u);
	assert_string_equal(error.text, "a.conf:3: no such row");
	assert_int_equal(error.kind, PIM_EXIT_USAGE);
	pim_fail(&error, EIO, "no answer");
	pim_error_prefix(&error, "eth1: ");
	assert_string_equal(error.text, "eth1: no answer");
	assert_int_equal(error.kind, PIM_EXIT_FAILED);
	pim_error_prefix(NULL, "nobody reads this");
}

/* A text that just fits is kept whole, a longer one is cut at its end. */
static void cuts_long_texts(void **state)
{
	enum { MOST = sizeof(((struct pim_error *)NULL)->text) - 1 };
	char text[MOST + 3] = "";
	struct pim_error error;

	(void)state;
	for (int more = -1; more <= 1; more++) {
		memset(text, 'x', MOST + more);
		text[MOST + more] = '\0';
		error = (struct pim_error){};
		pim_fail(&error, EIO, "%s", text);
		assert_int_equal(strlen(error.text), more < 0 ? MOST - 1 : MOST);
		text[MOST + more - 1] = '\0'; /* the prefix is one byte */
		pim_fail(&error, EIO, "%s", text);
		pim_error_prefix(&error, "y");
		assert_int_equal(strlen(error.text), more < 0 ? MOST - 1 : MOST);
		assert_int_equal(error.text[0], 'y');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fails_with_the_errno),
		cmocka_unit_test(refuses_what_the_user_said),
		cmocka_unit_test(puts_text_in_front),
		cmocka_unit_test(cuts_long_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
