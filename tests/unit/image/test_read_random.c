/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Random words, and images with random changes: nothing outside them is read. PIM_SEED
 * repeats a run. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pimxdp/image.h>
#include <pimxdp/role.h>

#include "image/addresses.h"
#include "unit/image/corrupt.h"
#include "unit/image/random_lists.h"

static void stays_inside_of_random_words(void **state)
{
	size_t walked = 0, refused = 0;

	(void)state;
	start_random();
	for (unsigned int round = 0; round < 3000; round++) {
		size_t count = PIM_PALETTE + random_below(round % 3 ? 3000 : 10);
		uint32_t *words = calloc(count, sizeof(*words));
		unsigned int manner = random_below(4);
		int result;

		assert_non_null(words);
		for (size_t at = 0; at < count; at++) {
			uint32_t word = (uint32_t)random_number();

			if (manner &&
			    !(word & PIM_ENTRY_LEAF)) /* offsets near the end, or inside */
				word = (word & ~PIM_ENTRY_OFFSET) |
				       (manner == 1 ? count - 1 - random_below(300) :
						      random_below((unsigned int)count));
			if (manner == 3 && at >= PIM_PALETTE &&
			    random_below(3)) /* a list's length */
				word = random_below(random_below(2) ? 40 : 70000);
			if (at == PIM_PALETTE && random_below(8))
				word = random_below(4); /* leaves */
			else if (at > PIM_PALETTE && at < PIM_PALETTE + 4 && random_below(64))
				word |= PIM_ENTRY_LEAF;
			if (at < PIM_PALETTE &&
			    random_below(200)) /* most entries of the roots are leaves */
				word |= PIM_ENTRY_LEAF;
			words[at] = word;
		}
		result = merge_exactly(words, count, 1u << random_below(PIM_ROLES), 2000);
		refused += result == -EBADMSG;
		walked += result != -EBADMSG;
		free(words);
	}
	assert_true(walked > 100);
	assert_true(refused > 1000);
}

/* An image as built, with a few words changed. */
static void stays_inside_of_changed_images(void **state)
{
	size_t refused = 0, taken = 0;

	(void)state;
	start_random();
	for (unsigned int round = 0; round < 300; round++) {
		struct pim_addresses addresses;
		struct list list = {};
		uint32_t *words;

		add_random(&list, (enum kind)(round % LIST_KINDS), 1 + random_below(200));
		list.table_words = random_below(2) ? 0 : 1u << random_below(16);
		build(&list, &addresses);
		words = malloc(addresses.used_words * sizeof(*words));
		assert_non_null(words);
		for (unsigned int change = 0; change < 20; change++) {
			size_t at = random_below((unsigned int)addresses.used_words);
			int result;

			memcpy(words, addresses.words, addresses.used_words * sizeof(*words));
			switch (random_below(4)) {
			case 0:
				words[at] ^= 1u << random_below(32);
				break;
			case 1:
				words[at] = (uint32_t)random_number();
				break;
			case 2:
				words[at] = words[random_below((unsigned int)addresses.used_words)];
				break;
			default: /* to a node at the very end */
				words[at] =
					(words[at] & ~PIM_ENTRY_OFFSET & ~PIM_ENTRY_LEAF) |
					((uint32_t)addresses.used_words - 1 - random_below(260));
			}
			result = merge_exactly(words, addresses.used_words,
					       1u << random_below(PIM_ROLES), 5000);
			refused += result == -EBADMSG;
			taken += result == 0;
		}
		free(words);
		pim_addresses_free(&addresses);
		free_list(&list);
	}
	assert_true(refused > 100 && taken > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stays_inside_of_random_words),
		cmocka_unit_test(stays_inside_of_changed_images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
