/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/say.h"
#include "cli/verb.h"
#include "control/observe.h"
#include "image/read.h"
#include "output/lookup.h"

struct listing {
	const struct pim_observation *seen;
	enum pim_role role;
};

static int list_prefix(const struct pim_prefix *prefix, struct pim_address_value value,
		       void *context)
{
	const struct listing *listing = context;

	if (value.roles & listing->role)
		pim_output_address_text(stdout, prefix, listing->role,
					listing->role == PIM_ROLE_PARTNER ?
						pim_observed_partner(listing->seen, value.partner) :
						NULL);
	return ferror(stdout) ? -EIO : 0;
}

static enum pim_exit addresses(const struct pim_arguments *arguments)
{
	struct pim_observation seen;
	struct pim_error error = {};
	int result = 0;

	if (pim_observe_filter(arguments->operand, PIM_PART_COUNTERS | PIM_PART_ADDRESSES, &seen,
			       &error))
		return pim_give_up(&error);
	pim_observation_release(&seen);
	for (unsigned int bit = 0; !result && bit < PIM_ROLES; bit++) {
		struct listing listing = { &seen, 1u << bit };

		if (arguments->role && arguments->role != listing.role)
			continue;
		result = pim_addresses_merge(seen.words, seen.word_count, listing.role, list_prefix,
					     &listing);
	}
	if (result)
		pim_fail(&error, -result, "%s: cannot list the addresses: %s", arguments->operand,
			 strerror(-result));
	pim_observation_free(&seen);
	return result ? pim_give_up(&error) : PIM_EXIT_DONE;
}

const struct pim_verb pim_verb_addresses = {
	.name = "addresses",
	.operand = "INTERFACE",
	.takes = PIM_TAKES(ROLE),
	.summary = "the address lists that an attached filter holds",
	.description =
		"A line a prefix: role, prefix, partner; neighbours that say the same are merged.\n",
	.run = addresses,
};
