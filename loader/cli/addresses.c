/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/input.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "control/observe.h"
#include "image/read.h"
#include "output/lookup.h"

struct listing {
	const struct pim_arguments *arguments;
	const struct pim_observation *seen;
	enum pim_role role;
};

static int list_prefix(const struct pim_prefix *prefix, struct pim_address_value value,
		       void *context)
{
	const struct listing *listing = context;
	const char *partner = listing->role == PIM_ROLE_PARTNER ?
				      pim_observed_partner(listing->seen, value.partner) :
				      NULL;

	if (!(value.roles & listing->role))
		return 0;
	if (listing->arguments->json)
		pim_output_address_json(stdout, listing->arguments->pretty, prefix, listing->role,
					partner);
	else
		pim_output_address_text(stdout, prefix, listing->role, partner);
	return ferror(stdout) ? -EIO : 0;
}

static enum pim_exit addresses(const struct pim_arguments *arguments)
{
	struct pim_observation seen;
	struct pim_error error = {};
	char *interface;
	int result = pim_the_interface(arguments, &interface, &error);

	if (!result)
		result = pim_observe_filter(interface, PIM_PART_COUNTERS | PIM_PART_ADDRESSES,
					    &seen, &error);
	free(interface);
	if (result)
		return pim_give_up(&error);
	pim_observation_release(&seen);
	for (unsigned int bit = 0; !result && bit < PIM_ROLES; bit++) {
		struct listing listing = { arguments, &seen, 1u << bit };

		if (arguments->role && arguments->role != listing.role)
			continue;
		result = pim_addresses_merge(seen.words, seen.word_count, listing.role, list_prefix,
					     &listing);
	}
	if (result)
		pim_fail(&error, -result, "%s: cannot list the addresses: %s", seen.place.interface,
			 strerror(-result));
	pim_observation_free(&seen);
	return result ? pim_give_up(&error) : PIM_EXIT_DONE;
}

const struct pim_verb pim_verb_addresses = {
	.name = "addresses",
	.operand = "INTERFACE",
	.operands = PIM_AT_MOST_ONE,
	.takes = PIM_TAKES(ROLE) | PIM_TAKES(JSON) | PIM_TAKES(PRETTY),
	.summary = "the address lists that an attached filter holds",
	.description =
		"A line a prefix: role, prefix, partner; neighbours that say the same are merged.\n"
		"INTERFACE may be left out if only one has a filter.\n",
	.run = addresses,
};
