/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>

#include "cli/input.h"
#include "cli/say.h"
#include "control/observe.h"
#include "image/read.h"
#include "output/lookup.h"

static void show(const struct pim_arguments *arguments, const struct pim_prefix *address,
		 uint16_t roles, const char *partner, const struct pim_policy *policy)
{
	if (arguments->json)
		pim_output_lookup_json(stdout, arguments->pretty, address, roles, partner, policy);
	else
		pim_output_lookup_text(stdout, address, roles, partner, policy);
}

static enum pim_exit ask_config(const struct pim_arguments *arguments,
				const struct pim_prefix *address)
{
	struct pim_address_value value;
	struct pim_policy policy;
	struct pim_image image;
	enum pim_exit status;

	if (pim_load_image(arguments->config, &policy, &image, &status))
		return status;
	value = pim_addresses_look_up(image.addresses.words, address);
	show(arguments, address, value.roles,
	     value.partner ? image.names.partners[value.partner] : NULL, &policy);
	pim_image_free(&image);
	pim_policy_free(&policy);
	return PIM_EXIT_DONE;
}

static enum pim_exit ask_filter(const struct pim_arguments *arguments,
				const struct pim_prefix *address)
{
	struct pim_observation seen;
	struct pim_address_value value;
	struct pim_error error = {};
	int result;

	if (pim_observe_filter(arguments->interface, PIM_PART_COUNTERS | PIM_PART_ADDRESSES, &seen,
			       &error))
		return pim_give_up(&error);
	pim_observation_release(&seen);
	result = pim_addresses_check(seen.words, seen.word_count);
	if (result) {
		pim_fail(&error, -result,
			 "%s: expected an address image as this pimxdp makes it, found "
			 "another: reload or attach again",
			 arguments->interface);
	} else {
		value = pim_addresses_look_up(seen.words, address);
		show(arguments, address, value.roles, pim_observed_partner(&seen, value.partner),
		     NULL);
	}
	pim_observation_free(&seen);
	return result ? pim_give_up(&error) : PIM_EXIT_DONE;
}

static enum pim_exit lookup(const struct pim_arguments *arguments)
{
	struct pim_error error = {};
	struct pim_prefix address;

	if (pim_prefix_parse(arguments->operand, &address, &error))
		return pim_give_up(&error);
	if (address.length != pim_family_bits(address.family)) {
		pim_refuse(&error, "expected an address, found the prefix '%s'",
			   arguments->operand);
		return pim_give_up(&error);
	}
	if (!arguments->config == !arguments->interface) {
		pim_refuse(&error, "lookup: expected either --config FILE or --interface IF");
		return pim_give_up(&error);
	}
	return arguments->config ? ask_config(arguments, &address) :
				   ask_filter(arguments, &address);
}

const struct pim_verb pim_verb_lookup = {
	.name = "lookup",
	.operand = "ADDRESS",
	.takes = PIM_TAKES(CONFIG) | PIM_TAKES(INTERFACE) | PIM_TAKES(JSON) | PIM_TAKES(PRETTY),
	.summary = "what a configuration, or an attached filter, makes of an address",
	.description =
		"With --config: roles, partner, where it is listed, which rows it meets; needs no\n"
		"privilege. With --interface: what the filter in force there has of it.\n",
	.run = lookup,
};
