/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The compiler: the model in, the exact contents of every map out. Pure: the
 * same policy and names give the same image on any machine.
 */
#ifndef PIMXDP_IMAGE_COMPILE_H
#define PIMXDP_IMAGE_COMPILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pimxdp/counters.h>
#include <pimxdp/image.h>
#include <pimxdp/match.h>
#include <pimxdp/options.h>
#include <pimxdp/row.h>

#include "image/addresses.h"
#include "policy/policy.h"

/* The keys of pim_rules and pim_partners by name. Keys are never reused while a
 * filter is attached, so counters and flows keep their meaning over a reload:
 * a new policy takes the keys that its names already have, and new names are
 * appended. Entry 0 of the partners is "no partner". */
struct pim_rule_key {
	char rule[PIM_RULE_NAME];
	enum pim_leg leg;
};
struct pim_names {
	struct pim_rule_key *rules;
	size_t rule_count;
	char (*partners)[PIM_PARTNER_NAME];
	size_t partner_count;
};
void pim_names_free(struct pim_names *names);

/* Owns everything it points to. */
struct pim_image {
	struct pim_addresses addresses;
	struct pim_edge4 edges4[PIM_EDGES];
	struct pim_edge6 edges6[PIM_EDGES];
	bool edges_are_all;
	struct pim_match *match;
	struct pim_options options;
	struct pim_names names;
	uint64_t hash; /* of all the above, as far as it decides or names */
};

/* Compiles. `known` (may be NULL) are the names of the attached filter. Fails
 * with a text when a limit of the maps is passed, or out of memory. The caller
 * frees *image whatever the result. */
int pim_compile(const struct pim_policy *policy, const struct pim_names *known,
		struct pim_image *image, struct pim_error *error);
void pim_image_free(struct pim_image *image);

#endif
