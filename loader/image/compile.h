/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The compiler: turns the model into the exact contents of every map. Pure: the same
 * policy and names give the same image on any machine.
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
#include "image/pack.h"
#include "policy/policy.h"

/* The names behind the keys of pim_rules and pim_partners: a key is an index here. A key
 * is never given another name while a filter is attached, so counters and flows keep
 * their meaning over a reload: names of a new policy keep the keys that they have, and
 * new names are appended. Entry 0 of the partners is "no partner". */
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

/* Owns everything it points to. Addresses and edges as in pimxdp/image.h. */
struct pim_image {
	struct pim_addresses addresses;
	struct pim_edge4 edges4[PIM_EDGES];
	struct pim_edge6 edges6[PIM_EDGES];
	bool edges_are_all; /* there are no other edge addresses */
	struct pim_match *match;
	struct pim_options options;
	struct pim_names names;
	/* Of all of the above that affects verdicts or names, as if no names were known: so
	 * it is the same whatever was in force before. */
	uint64_t hash;
	struct pim_pack policy; /* what it was compiled from */
};

/* Compiles a policy. `known` are the names of the attached filter; NULL: none. Returns 0, or
 * -errno with *error filled: a limit of the maps is exceeded, or memory is short. Whatever
 * the result, the caller frees *image with pim_image_free. */
int pim_compile(const struct pim_policy *policy, const struct pim_names *known,
		struct pim_image *image, struct pim_error *error);
void pim_image_free(struct pim_image *image);

/* The hash of a policy's image, without the image. Returns 0 or -errno with *error filled, and
 * *hash is 0. */
int pim_policy_hash(const struct pim_policy *policy, uint64_t *hash, struct pim_error *error);

#endif
