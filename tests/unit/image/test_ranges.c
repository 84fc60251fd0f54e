/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Ranges from sorted claims, by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pimxdp/image.h>

#include "image/addresses.h"
#include "image/ranges.h"
#include "policy/prefix.h"
#include "unit/policy/prefixes.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { MOST = 8 };

static const pim_number last = ~(pim_number)0;

/* An IPv4 address is in the upper 32 bits. */
static pim_number four(uint32_t address)
{
	return (pim_number)address << 96;
}

static void makes_ranges(void **state)
{
	const struct {
		struct {
			const char *prefix; /* NULL: the end */
			uint16_t roles, partner;
		} claims[MOST];
		struct {
			pim_number start;
			uint16_t roles, partner;
		} ranges[MOST];
		size_t count;
	} cases[] = {
		{ { { NULL, 0, 0 } }, { { 0, 0, 0 } }, 1 },
		/* The whole, and the halves, different and equal. */
		{ { { "0.0.0.0/0", 1, 0 } }, { { 0, 1, 0 } }, 1 },
		{ { { "0.0.0.0/1", 1, 0 }, { "128.0.0.0/1", 2, 0 } },
		  { { 0, 1, 0 }, { four(0x80000000), 2, 0 } },
		  2 },
		{ { { "0.0.0.0/1", 1, 0 }, { "128.0.0.0/1", 1, 0 } }, { { 0, 1, 0 } }, 1 },
		/* In the middle, first, last. */
		{ { { "10.0.0.0/8", 1, 0 } },
		  { { 0, 0, 0 }, { four(0x0a000000), 1, 0 }, { four(0x0b000000), 0, 0 } },
		  3 },
		{ { { "0.0.0.0", 1, 0 } }, { { 0, 1, 0 }, { four(1), 0, 0 } }, 2 },
		{ { { "255.255.255.255", 1, 0 } }, { { 0, 0, 0 }, { four(0xffffffff), 1, 0 } }, 2 },
		{ { { "::", 1, 0 } }, { { 0, 1, 0 }, { 1, 0, 0 } }, 2 },
		{ { { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1, 0 } },
		  { { 0, 0, 0 }, { last, 1, 0 } },
		  2 },
		/* Neighbours that merge, and a gap of one address. */
		{ { { "10.0.0.0", 1, 0 }, { "10.0.0.1", 1, 0 } },
		  { { 0, 0, 0 }, { four(0x0a000000), 1, 0 }, { four(0x0a000002), 0, 0 } },
		  3 },
		{ { { "10.0.0.0", 1, 0 }, { "10.0.0.2", 1, 0 } },
		  { { 0, 0, 0 },
		    { four(0x0a000000), 1, 0 },
		    { four(0x0a000001), 0, 0 },
		    { four(0x0a000002), 1, 0 },
		    { four(0x0a000003), 0, 0 } },
		  5 },
		/* Nested: roles add up, the longest partner is charged. */
		{ { { "10.0.0.0/8", 1, 7 }, { "10.0.0.0/9", 2, 0 }, { "10.0.0.0/10", 4, 8 } },
		  { { 0, 0, 0 },
		    { four(0x0a000000), 7, 8 },
		    { four(0x0a400000), 3, 7 },
		    { four(0x0a800000), 1, 7 },
		    { four(0x0b000000), 0, 0 } },
		  5 },
		/* Both end at the same address; what is inside adds nothing. */
		{ { { "10.0.0.0/8", 1, 0 }, { "10.255.255.255", 2, 0 } },
		  { { 0, 0, 0 },
		    { four(0x0a000000), 1, 0 },
		    { four(0x0affffff), 3, 0 },
		    { four(0x0b000000), 0, 0 } },
		  4 },
		{ { { "10.0.0.0/8", 1, 0 }, { "10.1.0.0/16", 1, 0 } },
		  { { 0, 0, 0 }, { four(0x0a000000), 1, 0 }, { four(0x0b000000), 0, 0 } },
		  3 },
		/* The same prefix, again and again. */
		{ { { "10.0.0.0/8", 1, 7 }, { "10.0.0.0/8", 2, 0 }, { "10.0.0.0/8", 4, 0 } },
		  { { 0, 0, 0 }, { four(0x0a000000), 7, 7 }, { four(0x0b000000), 0, 0 } },
		  3 },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct pim_claim claims[MOST];
		struct pim_ranges ranges;
		size_t count = 0;

		for (; count < MOST && cases[at].claims[count].prefix; count++)
			claims[count] =
				(struct pim_claim){ prefix_of(cases[at].claims[count].prefix),
						    cases[at].claims[count].roles,
						    cases[at].claims[count].partner };
		assert_int_equal(pim_ranges_make(claims, count, &ranges), 0);
		if (ranges.count != cases[at].count)
			fail_msg("case %zu: expected %zu ranges, found %zu", at, cases[at].count,
				 ranges.count);
		for (size_t range = 0; range < ranges.count; range++)
			if (ranges.list[range].start != cases[at].ranges[range].start ||
			    ranges.list[range].leaf !=
				    pim_address_leaf(cases[at].ranges[range].roles,
						     cases[at].ranges[range].partner))
				fail_msg("case %zu: range %zu is another", at, range);
		free(ranges.list);
	}
}

/* As many prefixes as can contain one address, each twice. */
static void nests_as_deep_as_prefixes_go(void **state)
{
	struct pim_claim claims[2 * 129];
	struct pim_ranges ranges;

	(void)state;
	for (unsigned int at = 0; at < COUNT(claims); at++)
		claims[at] =
			(struct pim_claim){ { .family = PIM_IPV6, .length = (uint8_t)(at / 2) },
					    1,
					    (uint16_t)(1 + at / 2) };
	assert_int_equal(pim_ranges_make(claims, COUNT(claims), &ranges), 0);
	assert_int_equal(ranges.count, 129);
	assert_int_equal(ranges.list[0].leaf, pim_address_leaf(1, 129));
	for (unsigned int at = 1; at < 129; at++) {
		assert_true(ranges.list[at].start == (pim_number)1 << (at - 1));
		assert_int_equal(ranges.list[at].leaf, pim_address_leaf(1, (uint16_t)(129 - at)));
	}
	free(ranges.list);
}

static void knows_the_last_address(void **state)
{
	(void)state;
	assert_true(pim_last_of(0, 0) == last);
	assert_true(pim_last_of(0, 1) == last >> 1);
	assert_true(pim_last_of(2, 127) == 3);
	assert_true(pim_last_of(last, 128) == last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_ranges),
		cmocka_unit_test(nests_as_deep_as_prefixes_go),
		cmocka_unit_test(knows_the_last_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
