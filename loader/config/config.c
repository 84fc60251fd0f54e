/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/quote.h"
#include "config/check.h"
#include "config/keys.h"
#include "config/message.h"
#include "config/prefix_file.h"
#include "config/rows.h"
#include "config/setting.h"
#include "config/source.h"
#include "policy/warn.h"

/* ---- prefixes ---- */

static int read_address(struct pim_reader *reader, const config_setting_t *setting)
{
	struct pim_listed listed = reader->like;
	int result;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		return pim_setting_refuse_type(reader, setting, "an address or prefix in quotes");
	listed.origin = pim_setting_origin(reader, setting);
	if (pim_prefix_parse(config_setting_get_string(setting), &listed.prefix, reader->error))
		return pim_refused_at(reader->policy, listed.origin, reader->error);
	if (listed.roles & PIM_EDGE_ANY) {
		result = pim_check_edge(reader->policy, &listed, reader->error);
		if (result)
			return result;
	}
	return pim_listed_add(reader->policy, &listed, reader->error);
}

static int read_addresses(struct pim_reader *reader, const config_setting_t *setting)
{
	return pim_setting_each(reader, setting, "a list of addresses as [ \"ADDRESS\", ... ]",
				read_address);
}

static int read_file(struct pim_reader *reader, const config_setting_t *setting)
{
	struct pim_listed like = reader->like;
	const char *name;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		return pim_setting_refuse_type(reader, setting,
					       "the name of a prefix file in quotes");
	like.origin = pim_setting_origin(reader, setting);
	name = config_setting_get_string(setting);
	if (!*name)
		return pim_setting_refuse(reader, setting,
					  "expected the name of a prefix file, found \"\"");
	return pim_prefix_file_read(reader->policy, name, &like, reader->error);
}

static int read_files(struct pim_reader *reader, const config_setting_t *setting)
{
	return pim_setting_each(reader, setting, "a list of prefix files as [ \"FILE\", ... ]",
				read_file);
}

/* ---- edge ---- */

static int read_edge_addresses(struct pim_reader *reader, const config_setting_t *setting,
			       unsigned int roles)
{
	int result;

	reader->like = (struct pim_listed){ .roles = (uint16_t)roles };
	result = read_addresses(reader, setting);
	if (!result && !config_setting_length(setting))
		return pim_setting_refuse(reader, setting,
					  "expected at least one address for %s.%s, found none",
					  PIM_KEY_EDGE, config_setting_name(setting));
	return result;
}

static int read_edge_access(struct pim_reader *reader, const config_setting_t *setting)
{
	unsigned int av = reader->policy->av_is_access ? PIM_ROLE_AV : 0;

	return read_edge_addresses(reader, setting, PIM_ROLE_ACCESS | av);
}

static int read_edge_av(struct pim_reader *reader, const config_setting_t *setting)
{
	return read_edge_addresses(reader, setting, PIM_ROLE_AV);
}

static int read_edge(struct pim_reader *reader, const config_setting_t *setting)
{
	const struct pim_setting_key keys[] = {
		{ pim_role_name(PIM_ROLE_ACCESS), read_edge_access, true },
		{ pim_role_name(PIM_ROLE_AV), read_edge_av, false },
	};

	reader->policy->av_is_access =
		config_setting_is_group(setting) && !pim_setting_member(setting, keys[1].name);
	return PIM_SETTING_GROUP(reader, setting, PIM_KEY_EDGE, keys);
}

/* ---- partners ---- */

static bool is_partner_name(const char *name)
{
	size_t length = strlen(name);

	if (!length || length >= PIM_PARTNER_NAME || name[0] == ' ' || name[length - 1] == ' ')
		return false;
	for (; *name; name++)
		if (*name < ' ' || *name > '~' || *name == '"' || *name == '\\')
			return false;
	return true;
}

static int read_partner_name(struct pim_reader *reader, const config_setting_t *setting)
{
	struct pim_policy *policy = reader->policy;
	struct pim_partner *partners;
	char quoted[PIM_QUOTE_TEXT];
	const char *name;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		return pim_setting_refuse_type(reader, setting, "a partner's name in quotes");
	name = config_setting_get_string(setting);
	if (!is_partner_name(name))
		return pim_setting_refuse(reader, setting,
					  "expected a partner's name of 1 to %d printable ASCII "
					  "characters without \" and \\ and without blanks around "
					  "it, found %s",
					  PIM_PARTNER_NAME - 1,
					  pim_quote(name, strlen(name), quoted));
	if (policy->partner_count == PIM_PARTNERS_MAX - 1)
		return pim_setting_refuse(reader, setting,
					  "expected at most %u partners, found more",
					  PIM_PARTNERS_MAX - 1);
	partners = pim_array_grow(policy->partners, policy->partner_count, sizeof(*partners));
	if (!partners)
		return pim_out_of_memory(reader->error);
	policy->partners = partners;
	partners += policy->partner_count++;
	*partners = (struct pim_partner){ .origin = pim_setting_origin(reader, setting) };
	strcpy(partners->name, name);
	reader->like = (struct pim_listed){ .roles = PIM_ROLE_PARTNER,
					    .partner = (uint16_t)policy->partner_count };
	return 0;
}

static int read_partner(struct pim_reader *reader, const config_setting_t *setting)
{
	/* The name comes first: it creates the partner that the other keys add to. */
	static const struct pim_setting_key keys[] = {
		{ PIM_KEY_NAME, read_partner_name, true },
		{ PIM_KEY_ADDRESSES, read_addresses, false },
		{ PIM_KEY_FILES, read_files, false },
	};

	reader->like = (struct pim_listed){ .roles = PIM_ROLE_PARTNER };
	return PIM_SETTING_GROUP(reader, setting, "a partner", keys);
}

static int read_partners(struct pim_reader *reader, const config_setting_t *setting)
{
	return pim_setting_each(reader, setting,
				"a list of partners as ( { name = \"NAME\" ... }, ... )",
				read_partner);
}

/* ---- the other peers ---- */

static int read_peers(struct pim_reader *reader, const config_setting_t *setting,
		      unsigned int roles)
{
	static const struct pim_setting_key keys[] = {
		{ PIM_KEY_ADDRESSES, read_addresses, false },
		{ PIM_KEY_FILES, read_files, false },
	};

	reader->like = (struct pim_listed){ .roles = (uint16_t)roles };
	return PIM_SETTING_GROUP(reader, setting, config_setting_name(setting), keys);
}

static int read_clients(struct pim_reader *reader, const config_setting_t *setting)
{
	unsigned int messenger = reader->policy->messenger_is_clients ? PIM_ROLE_MESSENGER : 0;

	return read_peers(reader, setting, PIM_ROLE_CLIENT | messenger);
}

static int read_messenger(struct pim_reader *reader, const config_setting_t *setting)
{
	return read_peers(reader, setting, PIM_ROLE_MESSENGER);
}

static int read_block(struct pim_reader *reader, const config_setting_t *setting)
{
	return read_peers(reader, setting, PIM_ROLE_BLOCK);
}

static int read_failsafe(struct pim_reader *reader, const config_setting_t *setting)
{
	return read_peers(reader, setting, PIM_ROLE_FAILSAFE);
}

/* ---- options ---- */

static int read_option(struct pim_reader *reader, const config_setting_t *setting)
{
	for (size_t at = 0; at < PIM_OPTION_COUNT; at++) {
		const struct pim_option_name *option = &pim_option_names[at];
		char what[64];
		int value;

		if (strcmp(option->name, config_setting_name(setting)))
			continue;
		snprintf(what, sizeof(what), "a value of %s", option->name);
		value = pim_setting_choice(reader, setting, what, option->values);
		if (value < 0)
			return value;
		((uint8_t *)&reader->policy->options)[option->offset] = (uint8_t)value;
		reader->policy->option_origins[at] = pim_setting_origin(reader, setting);
		return 0;
	}
	return -EINVAL; /* cannot happen: check_keys has the same names */
}

static int read_options(struct pim_reader *reader, const config_setting_t *setting)
{
	struct pim_setting_key keys[PIM_OPTION_COUNT];

	_Static_assert(PIM_OPTION_COUNT <= PIM_SETTING_KEYS, "check_keys has room");
	for (size_t at = 0; at < PIM_OPTION_COUNT; at++)
		keys[at] = (struct pim_setting_key){ .name = pim_option_names[at].name,
						     .read = read_option };
	return PIM_SETTING_GROUP(reader, setting, PIM_KEY_OPTIONS, keys);
}

/* ---- the file ---- */

static int read_root(struct pim_reader *reader, const config_setting_t *root)
{
	static const struct pim_setting_key keys[] = {
		{ PIM_KEY_EDGE, read_edge, true },
		{ PIM_KEY_PARTNERS, read_partners, false },
		{ PIM_KEY_CLIENTS, read_clients, false },
		{ PIM_KEY_MESSENGER, read_messenger, false },
		{ PIM_KEY_BLOCK, read_block, false },
		{ PIM_KEY_FAILSAFE, read_failsafe, false },
		{ PIM_KEY_SERVICES, pim_config_services, false },
		{ PIM_KEY_DISABLE, pim_config_disable, false }, /* after the rows it may name */
		{ PIM_KEY_OPTIONS, read_options, false },
	};
	int result;

	reader->policy->messenger_is_clients = !pim_setting_member(root, PIM_KEY_MESSENGER);
	result = PIM_SETTING_GROUP(reader, root, "the configuration", keys);
	if (!result)
		result = pim_setting_go_on(reader,
					   pim_check_partners(reader->policy, reader->error));
	if (!result && !reader->policy->errors.count && pim_policy_warn(reader->policy))
		result = pim_out_of_memory(reader->error);
	return result;
}

static int refuse_syntax(struct pim_reader *reader, const config_t *config)
{
	static const struct {
		const char *libconfig, *ours;
	} faults[] = {
		{ "duplicate setting name", "expected each key once in its group" },
		{ "mismatched element type in array",
		  "expected one type of value in an array [ ]" },
	};
	const char *fault = "expected libconfig syntax (a quote, comma, bracket or = is missing or "
			    "too much, here or on the line before)";

	for (size_t at = 0; at < sizeof(faults) / sizeof(*faults); at++)
		if (!strcmp(config_error_text(config), faults[at].libconfig))
			fault = faults[at].ours;
	return pim_config_text_refuse(reader->policy, &reader->text,
				      (unsigned int)config_error_line(config), fault,
				      reader->error);
}

static int read_text(struct pim_reader *reader)
{
	config_t config;
	int result;

	config_init(&config);
	if (!config_read_string(&config, reader->text.bytes)) {
		result = pim_setting_go_on(reader, refuse_syntax(reader, &config));
	} else {
		pim_setting_place_strings(reader, config_root_setting(&config));
		result = read_root(reader, config_root_setting(&config));
	}
	config_destroy(&config);
	return result;
}

/* *error says the first, and how many there are. Returns why. */
static int refuse_all(const struct pim_reader *reader)
{
	const struct pim_findings *errors = &reader->policy->errors;
	char first[PIM_FINDING_TEXT];
	size_t count = errors->count + errors->more;

	pim_finding_format(reader->policy, &errors->list[0], first);
	if (count == 1)
		pim_refuse(reader->error, "%s", first);
	else
		pim_refuse(reader->error, "%.*s (the first of %zu errors)",
			   (int)sizeof(reader->error->text) - 48, first, count);
	return reader->failed ? reader->failed : -EINVAL;
}

int pim_config_read(const char *path, struct pim_policy *policy, struct pim_error *error)
{
	struct pim_error unwanted;
	struct pim_reader reader = { .policy = policy, .error = error ? error : &unwanted };
	uint32_t file;
	int result;

	if (pim_policy_init(policy))
		return pim_out_of_memory(error);
	result = pim_source_add(policy, path, &file, reader.error);
	if (!result)
		result = pim_config_text_read(policy, &reader.text, reader.error);
	if (result)
		reader.failed = result;
	else
		result = read_text(&reader);
	pim_config_text_free(&reader.text);
	if (result == -ENOMEM)
		return result;
	if (policy->errors.count)
		return refuse_all(&reader);
	/* That there was an error must not be lost with its text. */
	return policy->errors.more ? pim_out_of_memory(reader.error) : result;
}
