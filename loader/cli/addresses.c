/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* addresses, and lookup --interface: what the filter in force holds. */
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/read.h"
#include "output/output.h"

struct loaded {
	struct pim_place place;
	struct pim_raw raw; /* for the partners' names */
	__u32 *words;
	size_t word_count;
};

static void close_loaded(struct loaded *loaded)
{
	free(loaded->words);
	pim_raw_free(&loaded->raw);
	pim_place_close(&loaded->place);
}

static int open_loaded(const char *interface, struct loaded *loaded, struct pim_error *error)
{
	int result;

	*loaded = (struct loaded){};
	result = pim_place_open(interface, PIM_TO_READ, &loaded->place, error);
	if (result)
		return result;
	if (!pim_place_counts(&loaded->place))
		result = pim_place_refuse(&loaded->place, error);
	if (!result)
		result = pim_place_read(&loaded->place, false, &loaded->raw, error);
	if (!result)
		result = pim_place_addresses(&loaded->place, &loaded->words, &loaded->word_count,
					     error);
	if (result)
		close_loaded(loaded);
	return result;
}

static const char *partner_name(const struct loaded *loaded, uint16_t partner)
{
	if (!partner)
		return NULL;
	return partner < loaded->raw.partner_count ? loaded->raw.partners[partner].partner : "?";
}

enum pim_exit pim_look_up_attached(const char *interface, const struct pim_prefix *address)
{
	struct pim_error error = {};
	struct loaded loaded;
	struct pim_address_value value;
	int result;

	if (open_loaded(interface, &loaded, &error))
		return pim_give_up(&error);
	result = pim_addresses_check(loaded.words, loaded.word_count);
	if (result) {
		pim_fail(&error, -result, "%s: expected an address image as this pimxdp makes it, found "
			 "another: reload or attach again", interface);
		close_loaded(&loaded);
		return pim_give_up(&error);
	}
	value = pim_addresses_look_up(loaded.words, address);
	pim_output_lookup_text(stdout, address, value.roles, partner_name(&loaded, value.partner),
			       NULL);
	close_loaded(&loaded);
	return PIM_EXIT_DONE;
}

struct listing {
	const struct loaded *loaded;
	enum pim_role role;
};

static int list_prefix(const struct pim_prefix *prefix, struct pim_address_value value,
		       void *context)
{
	const struct listing *listing = context;

	if (value.roles & listing->role)
		pim_output_address_text(stdout, prefix, listing->role,
					listing->role == PIM_ROLE_PARTNER ?
						partner_name(listing->loaded, value.partner) : NULL);
	return ferror(stdout) ? -EIO : 0;
}

enum pim_exit pim_cmd_addresses(const struct pim_arguments *arguments)
{
	struct pim_error error = {};
	struct loaded loaded;
	int result;

	if (open_loaded(arguments->operand, &loaded, &error))
		return pim_give_up(&error);
	result = 0;
	for (unsigned int bit = 0; !result && bit < PIM_ROLES; bit++) {
		struct listing listing = { &loaded, 1u << bit };

		if (arguments->role && arguments->role != listing.role)
			continue;
		result = pim_addresses_merge(loaded.words, loaded.word_count, listing.role,
					     list_prefix, &listing);
	}
	if (result)
		pim_fail(&error, -result, "%s: cannot list the addresses: %s", arguments->operand,
			 strerror(-result));
	close_loaded(&loaded);
	return result ? pim_give_up(&error) : PIM_EXIT_DONE;
}
