/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "image/compile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image/read.h"

/* ---- names and their keys ---- */

void pim_names_free(struct pim_names *names)
{
	free(names->rules);
	free(names->partners);
	*names = (struct pim_names){};
}

static ssize_t find_rule(const struct pim_names *names, const char *rule, enum pim_leg leg)
{
	for (size_t i = 0; i < names->rule_count; i++)
		if (names->rules[i].leg == leg && !strcmp(names->rules[i].rule, rule))
			return i;
	return -1;
}

/* The leg of a row that arrives, which is the one that the peer sends. */
static enum pim_leg arriving_leg(const struct pim_row *row)
{
	return row->direction == PIM_IN ? PIM_FORWARD : PIM_REPLY;
}

static int name_rules(const struct pim_policy *policy, const struct pim_names *known,
		      struct pim_names *names, struct pim_error *error)
{
	size_t count = known->rule_count;

	names->rules = calloc(known->rule_count + policy->row_count, sizeof(*names->rules));
	if (!names->rules)
		return -ENOMEM;
	if (count)
		memcpy(names->rules, known->rules, count * sizeof(*names->rules));
	names->rule_count = count;
	for (size_t i = 0; i < policy->row_count; i++) {
		const struct pim_row *row = &policy->rows[i];
		struct pim_rule_key *key;

		if (find_rule(names, row->name, arriving_leg(row)) >= 0)
			continue;
		if (names->rule_count == PIM_NO_RULE)
			return pim_fail(
				error, ENOSPC,
				"expected at most %u service names since the attach, found more: "
				"detach and attach again to forget those that are gone",
				PIM_NO_RULE);
		key = &names->rules[names->rule_count++];
		memcpy(key->rule, row->name, sizeof(key->rule));
		key->leg = arriving_leg(row);
	}
	return 0;
}

/* A sorted view of the known partner names: looking up thousands is not quadratic. */
struct name_at {
	const char *name;
	size_t key;
};

static int compare_name_at(const void *a, const void *b)
{
	return strcmp(((const struct name_at *)a)->name, ((const struct name_at *)b)->name);
}

/* Sets keys[i] to the key of the policy's partner i. */
static int name_partners(const struct pim_policy *policy, const struct pim_names *known,
			 struct pim_names *names, uint16_t *keys, struct pim_error *error)
{
	size_t known_count = known->partner_count ? known->partner_count : 1;
	struct name_at *view;

	names->partners = calloc(known_count + policy->partner_count, sizeof(*names->partners));
	view = calloc(known_count, sizeof(*view));
	if (!names->partners || !view) {
		free(view);
		return -ENOMEM;
	}
	if (known->partner_count)
		memcpy(names->partners, known->partners,
		       known->partner_count * sizeof(*names->partners));
	names->partner_count = known_count;
	for (size_t i = 0; i < known_count; i++)
		view[i] = (struct name_at){ names->partners[i], i };
	qsort(view, known_count, sizeof(*view), compare_name_at);
	for (size_t i = 0; i < policy->partner_count; i++) {
		struct name_at wanted = { policy->partners[i].name, 0 };
		struct name_at *found =
			bsearch(&wanted, view, known_count, sizeof(*view), compare_name_at);

		if (found) {
			keys[i] = found->key;
			continue;
		}
		if (names->partner_count > PIM_PARTNERS_MAX) {
			free(view);
			return pim_fail(
				error, ENOSPC,
				"expected at most %u partner names since the attach, found more: "
				"detach and attach again to forget those that are gone",
				PIM_PARTNERS_MAX);
		}
		keys[i] = names->partner_count;
		memcpy(names->partners[names->partner_count++], policy->partners[i].name,
		       PIM_PARTNER_NAME);
	}
	free(view);
	return 0;
}

/* ---- addresses ---- */

static int compile_addresses(const struct pim_policy *policy, const uint16_t *partner_keys,
			     struct pim_image *image)
{
	struct pim_claim *claims = calloc(policy->listed_count + 1, sizeof(*claims));
	int result;

	if (!claims)
		return -ENOMEM;
	for (size_t i = 0; i < policy->listed_count; i++) {
		const struct pim_listed *listed = &policy->listed[i];

		claims[i] = (struct pim_claim){
			.prefix = listed->prefix,
			.roles = listed->roles,
			.partner = listed->partner ? partner_keys[listed->partner - 1] : 0,
		};
	}
	result = pim_addresses_build(claims, policy->listed_count, &image->addresses);
	free(claims);
	return result;
}

/* The first edge hosts of each family, for the program to compare. A family without one
 * has 0.0.0.0 or ::, which no Edge has, with a leaf without roles. */
static void compile_edges(const struct pim_policy *policy, struct pim_image *image)
{
	const __u32 *words = image->addresses.words, nothing = pim_address_leaf(0, 0);
	size_t count4 = 0, count6 = 0;

	image->edges_are_all = true;
	for (size_t i = 0; i < policy->listed_count; i++) {
		const struct pim_prefix *prefix = &policy->listed[i].prefix;
		struct pim_address_value value;
		__u32 entry;

		if (!(policy->listed[i].roles & PIM_EDGE_ANY))
			continue;
		value = pim_addresses_look_up(words, prefix);
		entry = pim_address_leaf(value.roles, value.partner);
		if (prefix->length != pim_family_bits(prefix->family)) {
			image->edges_are_all = false; /* a pool */
		} else if (prefix->family == PIM_IPV4 && count4 < PIM_EDGES) {
			memcpy(&image->edges4[count4].address_be, prefix->address, 4);
			image->edges4[count4++].entry = entry;
		} else if (prefix->family == PIM_IPV6 && count6 < PIM_EDGES) {
			memcpy(image->edges6[count6].address_be, prefix->address, 16);
			image->edges6[count6++].entry = entry;
		} else {
			image->edges_are_all = false;
		}
	}
	for (; count4 < PIM_EDGES; count4++)
		image->edges4[count4] =
			count4 ? image->edges4[0] : (struct pim_edge4){ .entry = nothing };
	for (; count6 < PIM_EDGES; count6++)
		image->edges6[count6] =
			count6 ? image->edges6[0] : (struct pim_edge6){ .entry = nothing };
}

/* ---- rows ---- */

static void set_ports(__u64 legs_by_port[PIM_PORTS], const struct pim_row *row, uint64_t leg)
{
	for (size_t i = 0; i < row->range_count; i++)
		for (unsigned int port = row->ranges[i].low; port <= row->ranges[i].high; port++)
			legs_by_port[port] |= leg;
}

/* Whether the row's ports are compared with the packet's port on this side. */
static bool leg_has_side(const struct pim_row *row, const struct pim_options *options,
			 enum pim_port_side side)
{
	if (row->port_end == PIM_PORT_END_OPTION) {
		if (options->rtp_port_end == PIM_RTP_PORT_END_EITHER)
			return true;
		/* An arriving packet has the Edge's port as its destination port. */
		return (side == PIM_DESTINATION_PORT) ==
		       (options->rtp_port_end == PIM_RTP_PORT_END_EDGE);
	}
	return (side == PIM_DESTINATION_PORT) == (arriving_leg(row) == PIM_FORWARD);
}

/* Maps ports to classes: ports with equal sets share a class; class 0 is the empty set. */
static int classify_ports(const __u64 legs_by_port[PIM_PORTS],
			  __u64 legs_by_class[PIM_PORT_CLASSES],
			  uint8_t class_by_port_be[PIM_PORTS], struct pim_error *error)
{
	unsigned int classes = 1, last = 0;

	for (unsigned int port = 0; port < PIM_PORTS; port++) {
		if (legs_by_port[port] != legs_by_class[last])
			for (last = 0; last < classes; last++)
				if (legs_by_class[last] == legs_by_port[port])
					break;
		if (last == classes) {
			if (classes == PIM_PORT_CLASSES)
				return pim_refuse(
					error,
					"expected services whose port ranges overlap in at most "
					"%u different ways, found more: use fewer, wider ranges",
					PIM_PORT_CLASSES - 1);
			legs_by_class[classes++] = legs_by_port[port];
		}
		class_by_port_be[htons(port)] = last;
	}
	return 0;
}

static int compile_rows(const struct pim_policy *policy, struct pim_image *image,
			struct pim_error *error)
{
	__u64(*legs)[PIM_PORT_SIDES][PIM_PORTS];
	struct pim_match *match;
	unsigned int bit = 0;
	int result = 0;

	match = image->match = calloc(1, sizeof(*image->match));
	legs = calloc(PIM_TRANSPORTS, sizeof(*legs));
	if (!match || !legs) {
		free(legs);
		return -ENOMEM;
	}
	/* Bit order is decision order: forward legs of in-rows, then reply legs of out-rows. */
	for (int leg = 0; leg < PIM_LEGS; leg++) {
		for (size_t i = 0; i < policy->row_count; i++) {
			const struct pim_row *row = &policy->rows[i];
			uint64_t mask;

			if (!row->enabled || (int)arriving_leg(row) != leg)
				continue;
			mask = 1ULL << bit;
			for (int side = 0; side < PIM_PORT_SIDES; side++)
				if (leg_has_side(row, &policy->options, side))
					set_ports(legs[row->transport][side], row, mask);
			for (unsigned int set = 0; set < PIM_EDGE_SETS; set++)
				if (set << PIM_EDGE_SHIFT & row->edge_role)
					match->legs_by_edge[set] |= mask;
			for (unsigned int set = 0; set < PIM_PEER_SETS; set++)
				if (set << PIM_PEER_SHIFT & row->peer_role)
					match->legs_by_peer[set] |= mask;
			if (leg == PIM_FORWARD)
				match->legs_forward |= mask;
			if (row->shape == PIM_SHAPE_STUN)
				match->legs_stun |= mask;
			match->rule[bit++] = find_rule(&image->names, row->name, leg);
		}
	}
	for (int transport = 0; !result && transport < PIM_TRANSPORTS; transport++)
		for (int side = 0; !result && side < PIM_PORT_SIDES; side++)
			result = classify_ports(legs[transport][side],
						match->legs_by_class[transport][side],
						match->class_by_port_be[transport][side], error);
	free(legs);
	return result;
}

/* ---- the image ---- */

/* Like FNV-1a, but of 64-bit words, with a shift to mix them; then of the remaining bytes. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
	const uint8_t *byte = bytes;
	uint64_t word;

	for (; length >= sizeof(word); length -= sizeof(word), byte += sizeof(word)) {
		memcpy(&word, byte, sizeof(word));
		hash = (hash ^ word) * 0x100000001b3ULL;
		hash ^= hash >> 29;
	}
	while (length--)
		hash = (hash ^ *byte++) * 0x100000001b3ULL;
	return hash;
}

static uint64_t hash_image(const struct pim_image *image)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	hash = hash_bytes(hash, image->addresses.words,
			  image->addresses.used_words * sizeof(*image->addresses.words));
	hash = hash_bytes(hash, image->match, sizeof(*image->match));
	hash = hash_bytes(hash, &image->options, sizeof(image->options));
	hash = hash_bytes(hash, image->names.rules,
			  image->names.rule_count * sizeof(*image->names.rules));
	return hash_bytes(hash, image->names.partners,
			  image->names.partner_count * sizeof(*image->names.partners));
}

static int compile(const struct pim_policy *policy, const struct pim_names *known,
		   struct pim_image *image, struct pim_error *error)
{
	static const struct pim_names none;
	uint16_t *partner_keys;
	int result;

	*image = (struct pim_image){ .options = policy->options };
	partner_keys = calloc(policy->partner_count + 1, sizeof(*partner_keys));
	if (!partner_keys)
		return pim_out_of_memory(error);
	result = name_rules(policy, known ? known : &none, &image->names, error);
	if (!result)
		result = name_partners(policy, known ? known : &none, &image->names, partner_keys,
				       error);
	if (!result)
		result = compile_addresses(policy, partner_keys, image);
	if (!result)
		compile_edges(policy, image);
	if (!result)
		result = compile_rows(policy, image, error);
	if (!result)
		result = pim_policy_pack(policy, &image->policy);
	if (!result)
		image->hash = hash_image(image);
	free(partner_keys);
	if (result == -E2BIG)
		return pim_fail(error, E2BIG,
				"expected address lists whose image fits %zu MiB, found "
				"longer ones: use fewer or wider prefixes",
				PIM_IMAGE_WORDS_MAX / 1024 * sizeof(__u32) / 1024);
	return result == -ENOMEM ? pim_out_of_memory(error) : result;
}

/* Whether the keys are those that names have by themselves, without any known before. */
static bool has_own_keys(const struct pim_policy *policy, const struct pim_image *image)
{
	if (image->names.partner_count != policy->partner_count + 1 ||
	    image->names.rule_count != policy->row_count)
		return false;
	for (size_t at = 0; at < policy->partner_count; at++)
		if (strcmp(image->names.partners[at + 1], policy->partners[at].name))
			return false;
	for (size_t at = 0; at < policy->row_count; at++)
		if (strcmp(image->names.rules[at].rule, policy->rows[at].name) ||
		    image->names.rules[at].leg != arriving_leg(&policy->rows[at]))
			return false;
	return true;
}

int pim_compile(const struct pim_policy *policy, const struct pim_names *known,
		struct pim_image *image, struct pim_error *error)
{
	struct pim_image own;
	int result = compile(policy, known, image, error);

	if (result || !known || has_own_keys(policy, image))
		return result;
	/* The hash is the policy's, whatever was in force before it. */
	result = compile(policy, NULL, &own, error);
	image->hash = own.hash;
	pim_image_free(&own);
	return result;
}

int pim_policy_hash(const struct pim_policy *policy, uint64_t *hash, struct pim_error *error)
{
	struct pim_image image;
	int result = pim_compile(policy, NULL, &image, error);

	*hash = result ? 0 : image.hash;
	pim_image_free(&image);
	return result;
}

void pim_image_free(struct pim_image *image)
{
	pim_addresses_free(&image->addresses);
	free(image->match);
	pim_names_free(&image->names);
	pim_pack_free(&image->policy);
	*image = (struct pim_image){};
}
