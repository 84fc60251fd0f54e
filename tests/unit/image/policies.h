/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Policies made by hand, and what is in the image that they compile to. */
#ifndef PIMXDP_TESTS_IMAGE_POLICIES_H
#define PIMXDP_TESTS_IMAGE_POLICIES_H

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "image/addresses.h"
#include "image/compile.h"
#include "image/read.h"
#include "policy/policy.h"
#include "policy/prefix.h"
#include "unit/policy/prefixes.h"

/* ---- policies ---- */

/* Returns 1 + its index, as in struct pim_listed. */
static inline uint16_t add_partner(struct pim_policy *policy, const char *name)
{
	struct pim_partner *partners =
		pim_array_grow(policy->partners, policy->partner_count, sizeof(*partners));

	assert_non_null(partners);
	policy->partners = partners;
	partners[policy->partner_count] = (struct pim_partner){};
	strcpy(partners[policy->partner_count].name, name);
	return (uint16_t)++policy->partner_count;
}

static inline void list_prefix(struct pim_policy *policy, struct pim_prefix prefix,
			       unsigned int roles, uint16_t partner)
{
	struct pim_listed listed = { prefix, (uint16_t)roles, partner, {} };

	assert_int_equal(pim_listed_add(policy, &listed, NULL), 0);
}

static inline void list(struct pim_policy *policy, const char *text, unsigned int roles,
			uint16_t partner)
{
	list_prefix(policy, prefix_of(text), roles, partner);
}

static inline void add_range(struct pim_row *row, unsigned int low, unsigned int high)
{
	struct pim_port_range *ranges =
		pim_array_grow(row->ranges, row->range_count, sizeof(*ranges));

	assert_non_null(ranges);
	row->ranges = ranges;
	ranges[row->range_count++] = (struct pim_port_range){ (uint16_t)low, (uint16_t)high };
}

/* A configured service without ports. */
static inline struct pim_row *add_row(struct pim_policy *policy, const char *name,
				      enum pim_transport transport, enum pim_direction direction,
				      enum pim_role edge, enum pim_role peer)
{
	struct pim_row *row = &policy->rows[policy->row_count++];

	assert_true(policy->row_count <= PIM_ROWS_MAX);
	*row = (struct pim_row){ .transport = transport,
				 .direction = direction,
				 .edge_role = edge,
				 .peer_role = peer,
				 .port_end = PIM_PORT_END_SERVER,
				 .shape = PIM_SHAPE_ANY,
				 .enabled = true };
	strcpy(row->name, name);
	strcpy(row->service, name);
	return row;
}

/* ---- images ---- */

static inline void compile(const struct pim_policy *policy, const struct pim_names *known,
			   struct pim_image *image)
{
	struct pim_error error = {};

	if (pim_compile(policy, known, image, &error))
		fail_msg("refused: %s", error.text);
	assert_int_equal(error.kind, PIM_EXIT_DONE);
}

static inline struct pim_address_value look_up(const struct pim_image *image,
					       const struct pim_prefix *host)
{
	return pim_addresses_look_up(image->addresses.words, host);
}

static inline void assert_address(const struct pim_image *image, const char *text,
				  unsigned int roles, unsigned int partner)
{
	struct pim_prefix host = prefix_of(text);
	struct pim_address_value value = look_up(image, &host);

	if (value.roles != roles || value.partner != partner)
		fail_msg("%s: roles %#x of partner %u, expected %#x of %u", text, value.roles,
			 value.partner, roles, partner);
}

static inline ssize_t rule_key(const struct pim_names *names, const char *rule, enum pim_leg leg)
{
	ssize_t found = -1;

	for (size_t key = 0; key < names->rule_count; key++) {
		if (names->rules[key].leg != leg || strcmp(names->rules[key].rule, rule))
			continue;
		assert_int_equal(found, -1); /* a name has one key */
		found = (ssize_t)key;
	}
	return found;
}

static inline ssize_t partner_key(const struct pim_names *names, const char *partner)
{
	ssize_t found = -1;

	for (size_t key = 0; key < names->partner_count; key++) {
		if (strcmp(names->partners[key], partner))
			continue;
		assert_int_equal(found, -1);
		found = (ssize_t)key;
	}
	return found;
}

static inline uint64_t legs_at(const struct pim_image *image, enum pim_transport transport,
			       enum pim_port_side side, unsigned int port)
{
	const struct pim_match *match = image->match;

	return match
		->legs_by_class[transport][side]
			       [match->class_by_port_be[transport][side][htons((uint16_t)port)]];
}

#endif
