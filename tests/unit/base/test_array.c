/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/array.h"

/* There is always room for one more, and no element is lost as the array grows. The
 * sanitizers catch a write without room. */
static void has_room_for_one_more(void **state)
{
	uint64_t *array = NULL;

	(void)state;
	for (size_t count = 0; count < 1000; count++) {
		array = pim_array_grow(array, count, sizeof(*array));
		assert_non_null(array);
		array[count] = 7 * count;
	}
	for (size_t at = 0; at < 1000; at++)
		assert_int_equal(array[at], 7 * at);
	free(array);
}

/* The room is a power of two: between two powers the array does not move. */
static void stays_until_the_room_is_used(void **state)
{
	(void)state;
	for (size_t count = 3; count <= 1000; count++) {
		char array[1];

		if (count & (count - 1)) /* at a power of two it would be freed */
			assert_ptr_equal(pim_array_grow(array, count, 1), array);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_room_for_one_more),
		cmocka_unit_test(stays_until_the_room_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
