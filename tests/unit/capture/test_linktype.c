/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "capture/stream.h"

static void test_linktype_names(void **state)
{
	(void)state;
	assert_string_equal(pim_linktype_name(PIM_LINKTYPE_ETHERNET), "Ethernet");
	assert_string_equal(pim_linktype_name(113), "Linux cooked v1");
	assert_string_equal(pim_linktype_name(276), "Linux cooked v2");
	assert_null(pim_linktype_name(0xffff));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_linktype_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
