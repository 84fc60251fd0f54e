/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config.h"

#include <errno.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "config_check.h"
#include "config_keys.h"
#include "config_names.h"
#include "config_source.h"
#include "config_text.h"
#include "prefix_file.h"
#include "quote.h"

struct reader {
	struct pim_policy *policy;
	struct pim_error *error;
	struct pim_config_text text;
	size_t strings_placed;
	struct pim_listed like; /* what a prefix gets that is read now */
	struct pim_row *row;	/* the service that is read now */
	struct pim_origin row_origins[PIM_ROWS_MAX];
	struct pim_origin disabled[PIM_ROWS_MAX]; /* line 0: not named so far */
};

/* One key of a group, and what reads its value. */
struct key {
	const char *name;
	int (*read)(struct reader *reader, const config_setting_t *setting);
	bool required;
};
#define KEYS_MAX 16

/* ---- where a setting stands ---- */

/* Strings get their true place; see config_text.h. */
static void place_strings(struct reader *reader, config_setting_t *setting)
{
	int count = config_setting_is_aggregate(setting) ? config_setting_length(setting) : 0;

	if (config_setting_type(setting) == CONFIG_TYPE_STRING &&
	    reader->strings_placed < reader->text.string_count)
		config_setting_set_hook(setting,
					&reader->text.strings[reader->strings_placed++]);
	for (int at = 0; at < count; at++)
		place_strings(reader, config_setting_get_elem(setting, (unsigned int)at));
}

static struct pim_origin origin_of(const struct reader *reader, const config_setting_t *setting)
{
	const struct pim_origin *string = config_setting_get_hook(setting);

	if (string)
		return *string;
	if (config_setting_is_root(setting))
		return (struct pim_origin){};
	return pim_config_text_line(&reader->text, config_setting_source_line(setting));
}

/* ---- types ---- */

#define FOUND_TEXT (PIM_QUOTE_TEXT + 16)

static const char *describe(const config_setting_t *setting, char text[FOUND_TEXT])
{
	char quoted[PIM_QUOTE_TEXT];
	const char *string;

	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_GROUP:
		return "a group { }";
	case CONFIG_TYPE_ARRAY:
		return "an array [ ]";
	case CONFIG_TYPE_LIST:
		return "a list ( )";
	case CONFIG_TYPE_BOOL:
		return config_setting_get_bool(setting) ? "the boolean true" : "the boolean false";
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		snprintf(text, FOUND_TEXT, "the number %lld", config_setting_get_int64(setting));
		return text;
	case CONFIG_TYPE_FLOAT:
		snprintf(text, FOUND_TEXT, "the number %g", config_setting_get_float(setting));
		return text;
	case CONFIG_TYPE_STRING:
		string = config_setting_get_string(setting);
		snprintf(text, FOUND_TEXT, "the string %s",
			 pim_quote(string, strlen(string), quoted));
		return text;
	default:
		return "nothing";
	}
}

static int refuse_type(struct reader *reader, const config_setting_t *setting, const char *expected)
{
	char found[FOUND_TEXT];

	return pim_refuse_at(reader->policy, origin_of(reader, setting), reader->error,
			     "expected %s, found %s", expected, describe(setting, found));
}

static bool is_sequence(const config_setting_t *setting)
{
	return config_setting_is_array(setting) || config_setting_is_list(setting);
}

/* Calls `read` for each element of [ ] or ( ). */
static int read_each(struct reader *reader, const config_setting_t *setting, const char *expected,
		     int (*read)(struct reader *reader, const config_setting_t *setting))
{
	int count, result = 0;

	if (!is_sequence(setting))
		return refuse_type(reader, setting, expected);
	count = config_setting_length(setting);
	for (int at = 0; at < count && !result; at++)
		result = read(reader, config_setting_get_elem((config_setting_t *)setting,
							      (unsigned int)at));
	return result;
}

/* ---- groups ---- */

static const config_setting_t *member(const config_setting_t *group, const char *name)
{
	return config_setting_get_member((config_setting_t *)group, name);
}

static int check_keys(struct reader *reader, const config_setting_t *group, const char *title,
		      const struct key *keys, size_t count)
{
	const char *names[KEYS_MAX + 1] = {};
	char what[64];

	for (size_t at = 0; at < count; at++)
		names[at] = keys[at].name;
	for (int at = 0; at < config_setting_length(group); at++) {
		const config_setting_t *setting =
			config_setting_get_elem((config_setting_t *)group, (unsigned int)at);

		if (pim_name_find(names, config_setting_name(setting)) >= 0)
			continue;
		snprintf(what, sizeof(what), "a key of %s", title);
		return pim_name_refuse(reader->policy, origin_of(reader, setting), what, names,
				       config_setting_name(setting), reader->error);
	}
	return 0;
}

/* Refuses unknown keys, then reads the members in the order of `keys`. */
static int read_group(struct reader *reader, const config_setting_t *group, const char *title,
		      const struct key *keys, size_t count)
{
	char expected[64];
	int result;

	if (!config_setting_is_group(group)) {
		snprintf(expected, sizeof(expected), "a group { } for %s", title);
		return refuse_type(reader, group, expected);
	}
	result = check_keys(reader, group, title, keys, count);
	for (; count && !result; keys++, count--) {
		const config_setting_t *setting = member(group, keys->name);

		if (setting)
			result = keys->read(reader, setting);
		else if (keys->required)
			result = pim_refuse_at(reader->policy, origin_of(reader, group),
					       reader->error, "expected a key \"%s\" in %s, found "
					       "none", keys->name, title);
	}
	return result;
}
#define READ_GROUP(reader, group, title, keys) \
	read_group(reader, group, title, keys, sizeof(keys) / sizeof(*(keys)))

/* ---- prefixes ---- */

static int read_address(struct reader *reader, const config_setting_t *setting)
{
	struct pim_listed listed = reader->like;
	int result;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		return refuse_type(reader, setting, "an address or prefix in quotes");
	listed.origin = origin_of(reader, setting);
	if (pim_prefix_parse(config_setting_get_string(setting), &listed.prefix, reader->error))
		return pim_refused_at(reader->policy, listed.origin, reader->error);
	if (listed.roles & PIM_EDGE_ANY) {
		result = pim_check_edge(reader->policy, &listed, reader->error);
		if (result)
			return result;
	}
	return pim_listed_add(reader->policy, &listed, reader->error);
}

static int read_addresses(struct reader *reader, const config_setting_t *setting)
{
	return read_each(reader, setting, "a list of addresses as [ \"ADDRESS\", ... ]",
			 read_address);
}

static int read_file(struct reader *reader, const config_setting_t *setting)
{
	struct pim_listed like = reader->like;
	const char *name;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		return refuse_type(reader, setting, "the name of a prefix file in quotes");
	like.origin = origin_of(reader, setting);
	name = config_setting_get_string(setting);
	if (!*name)
		return pim_refuse_at(reader->policy, like.origin, reader->error,
				     "expected the name of a prefix file, found \"\"");
	return pim_prefix_file_read(reader->policy, name, &like, reader->error);
}

static int read_files(struct reader *reader, const config_setting_t *setting)
{
	return read_each(reader, setting, "a list of prefix files as [ \"FILE\", ... ]", read_file);
}

/* ---- edge ---- */

static int read_edge_addresses(struct reader *reader, const config_setting_t *setting,
			       unsigned int roles)
{
	size_t before = reader->policy->listed_count;
	int result;

	reader->like = (struct pim_listed){ .roles = (uint16_t)roles };
	result = read_addresses(reader, setting);
	if (!result && reader->policy->listed_count == before)
		return pim_refuse_at(reader->policy, origin_of(reader, setting), reader->error,
				     "expected at least one address for %s.%s, found none",
				     PIM_KEY_EDGE, config_setting_name(setting));
	return result;
}

static int read_edge_access(struct reader *reader, const config_setting_t *setting)
{
	unsigned int av = reader->policy->av_is_access ? PIM_ROLE_AV : 0;

	return read_edge_addresses(reader, setting, PIM_ROLE_ACCESS | av);
}

static int read_edge_av(struct reader *reader, const config_setting_t *setting)
{
	return read_edge_addresses(reader, setting, PIM_ROLE_AV);
}

static int read_edge(struct reader *reader, const config_setting_t *setting)
{
	const struct key keys[] = {
		{ pim_role_name(PIM_ROLE_ACCESS), read_edge_access, true },
		{ pim_role_name(PIM_ROLE_AV), read_edge_av, false },
	};

	reader->policy->av_is_access =
		config_setting_is_group(setting) && !member(setting, keys[1].name);
	return READ_GROUP(reader, setting, PIM_KEY_EDGE, keys);
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

static int read_partner_name(struct reader *reader, const config_setting_t *setting)
{
	struct pim_policy *policy = reader->policy;
	struct pim_origin origin = origin_of(reader, setting);
	struct pim_partner *partners;
	char quoted[PIM_QUOTE_TEXT];
	const char *name;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		return refuse_type(reader, setting, "a partner's name in quotes");
	name = config_setting_get_string(setting);
	if (!is_partner_name(name))
		return pim_refuse_at(policy, origin, reader->error,
				     "expected a partner's name of 1 to %d printable ASCII "
				     "characters without \" and \\ and without blanks around it, "
				     "found %s", PIM_PARTNER_NAME - 1,
				     pim_quote(name, strlen(name), quoted));
	if (policy->partner_count == PIM_PARTNERS_MAX - 1)
		return pim_refuse_at(policy, origin, reader->error,
				     "expected at most %u partners, found more",
				     PIM_PARTNERS_MAX - 1);
	partners = pim_array_grow(policy->partners, policy->partner_count, sizeof(*partners));
	if (!partners)
		return pim_out_of_memory(reader->error);
	policy->partners = partners;
	partners += policy->partner_count++;
	*partners = (struct pim_partner){ .origin = origin };
	strcpy(partners->name, name);
	reader->like = (struct pim_listed){ .roles = PIM_ROLE_PARTNER,
					    .partner = (uint16_t)policy->partner_count };
	return 0;
}

static int read_partner(struct reader *reader, const config_setting_t *setting)
{
	/* The name first: the others need the partner it makes. */
	static const struct key keys[] = {
		{ PIM_KEY_NAME, read_partner_name, true },
		{ PIM_KEY_ADDRESSES, read_addresses, false },
		{ PIM_KEY_FILES, read_files, false },
	};

	return READ_GROUP(reader, setting, "a partner", keys);
}

static int read_partners(struct reader *reader, const config_setting_t *setting)
{
	return read_each(reader, setting, "a list of partners as ( { name = \"NAME\" ... }, ... )",
			 read_partner);
}

/* ---- the other peers ---- */

static int read_peers(struct reader *reader, const config_setting_t *setting, unsigned int roles)
{
	static const struct key keys[] = {
		{ PIM_KEY_ADDRESSES, read_addresses, false },
		{ PIM_KEY_FILES, read_files, false },
	};

	reader->like = (struct pim_listed){ .roles = (uint16_t)roles };
	return READ_GROUP(reader, setting, config_setting_name(setting), keys);
}

static int read_clients(struct reader *reader, const config_setting_t *setting)
{
	unsigned int messenger = reader->policy->messenger_is_clients ? PIM_ROLE_MESSENGER : 0;

	return read_peers(reader, setting, PIM_ROLE_CLIENT | messenger);
}

static int read_messenger(struct reader *reader, const config_setting_t *setting)
{
	return read_peers(reader, setting, PIM_ROLE_MESSENGER);
}

static int read_block(struct reader *reader, const config_setting_t *setting)
{
	return read_peers(reader, setting, PIM_ROLE_BLOCK);
}

static int read_failsafe(struct reader *reader, const config_setting_t *setting)
{
	return read_peers(reader, setting, PIM_ROLE_FAILSAFE);
}

/* ---- services ---- */

static int row_position(const struct reader *reader, const char *name)
{
	for (size_t row = 0; row < reader->policy->row_count; row++)
		if (!strcmp(reader->policy->rows[row].name, name))
			return (int)row;
	return -1;
}

static bool is_service_name(const char *name)
{
	if (*name < 'a' || *name > 'z' || strlen(name) >= PIM_RULE_NAME)
		return false;
	for (; *name; name++)
		if ((*name < 'a' || *name > 'z') && (*name < '0' || *name > '9') && *name != '-')
			return false;
	return true;
}

static int read_service_name(struct reader *reader, const config_setting_t *setting)
{
	struct pim_policy *policy = reader->policy;
	struct pim_origin origin = origin_of(reader, setting);
	char quoted[PIM_QUOTE_TEXT], where[PIM_ORIGIN_TEXT];
	const char *name;
	int row;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		return refuse_type(reader, setting, "a service's name in quotes");
	name = config_setting_get_string(setting);
	if (!is_service_name(name))
		return pim_refuse_at(policy, origin, reader->error,
				     "expected a service's name of 1 to %d characters a-z, 0-9 "
				     "and -, the first a letter, found %s", PIM_RULE_NAME - 1,
				     pim_quote(name, strlen(name), quoted));
	row = row_position(reader, name);
	if (row >= 0 && row < PIM_BUILTIN_ROWS)
		return pim_refuse_at(policy, origin, reader->error,
				     "expected a name no other row has, found \"%s\", which is "
				     "built in", name);
	if (row >= 0)
		return pim_refuse_at(policy, origin, reader->error,
				     "expected a name no other row has, found \"%s\" again, first "
				     "at %s", name,
				     pim_origin_format(policy, reader->row_origins[row], where));
	strcpy(reader->row->name, name);
	strcpy(reader->row->service, name);
	reader->row_origins[policy->row_count] = origin;
	return 0;
}

/* The position of a string value among names, or -EINVAL. */
static int read_choice(struct reader *reader, const config_setting_t *setting, const char *what,
		       const char *const *names)
{
	char list[PIM_NAME_LIST], expected[PIM_NAME_LIST + 64];
	const char *found;
	int position;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING) {
		snprintf(expected, sizeof(expected), "%s in quotes (%s)", what,
			 pim_name_list(names, list));
		return refuse_type(reader, setting, expected);
	}
	found = config_setting_get_string(setting);
	position = pim_name_find(names, found);
	if (position < 0)
		return pim_name_refuse(reader->policy, origin_of(reader, setting), what, names,
				       found, reader->error);
	return position;
}

static int read_transport(struct reader *reader, const config_setting_t *setting)
{
	const char *names[PIM_TRANSPORTS + 1] = {};
	int position;

	for (unsigned int at = 0; at < PIM_TRANSPORTS; at++)
		names[at] = pim_transport_name((enum pim_transport)at);
	position = read_choice(reader, setting, "a transport", names);
	if (position < 0)
		return position;
	reader->row->transport = (enum pim_transport)position;
	return 0;
}

static int read_direction(struct reader *reader, const config_setting_t *setting)
{
	const char *const names[] = { [PIM_IN] = pim_direction_name(PIM_IN),
				      [PIM_OUT] = pim_direction_name(PIM_OUT),
				      NULL };
	int position = read_choice(reader, setting, "a direction", names);

	if (position < 0)
		return position;
	reader->row->direction = (enum pim_direction)position;
	return 0;
}

/* One of the roles in the set `among`. */
static int read_role(struct reader *reader, const config_setting_t *setting, const char *what,
		     unsigned int among, enum pim_role *role)
{
	const char *names[PIM_ROLES + 1] = {};
	enum pim_role roles[PIM_ROLES];
	size_t count = 0;
	int position;

	for (unsigned int bit = 0; bit < PIM_ROLES; bit++) {
		if (!(among & (1u << bit)))
			continue;
		roles[count] = (enum pim_role)(1u << bit);
		names[count] = pim_role_name(roles[count]);
		count++;
	}
	position = read_choice(reader, setting, what, names);
	if (position < 0)
		return position;
	*role = roles[position];
	return 0;
}

static int read_service_edge(struct reader *reader, const config_setting_t *setting)
{
	return read_role(reader, setting, "a role of the Edge", PIM_EDGE_ANY,
			 &reader->row->edge_role);
}

static int read_service_peers(struct reader *reader, const config_setting_t *setting)
{
	return read_role(reader, setting, "a role of the peers", PIM_PEER_ANY,
			 &reader->row->peer_role);
}

/* Digits without a leading zero, at most 65535; behind them stands *end. */
static bool parse_port(const char *text, const char **end, unsigned int *port)
{
	unsigned int value = 0;

	if (*text < '0' || *text > '9' || (text[0] == '0' && text[1] >= '0' && text[1] <= '9'))
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		value = value * 10 + (unsigned int)(*text - '0');
		if (value >= PIM_PORTS)
			return false;
	}
	*port = value;
	*end = text;
	return true;
}

static int refuse_ports(struct reader *reader, const config_setting_t *setting, const char *fault)
{
	const char *found = config_setting_get_string(setting);
	char quoted[PIM_QUOTE_TEXT];

	return pim_refuse_at(reader->policy, origin_of(reader, setting), reader->error,
			     "expected a port from 1 to %u or a range \"LOW-HIGH\" of them, found "
			     "%s%s", PIM_PORTS - 1, pim_quote(found, strlen(found), quoted), fault);
}

static int read_range(struct reader *reader, const config_setting_t *setting)
{
	struct pim_port_range *ranges;
	unsigned int low, high;
	const char *end;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		return refuse_type(reader, setting, "a port or a range of ports in quotes");
	if (!parse_port(config_setting_get_string(setting), &end, &low))
		return refuse_ports(reader, setting, "");
	high = low;
	if (*end == '-' && !parse_port(end + 1, &end, &high))
		return refuse_ports(reader, setting, "");
	if (*end || !low || !high)
		return refuse_ports(reader, setting, "");
	if (low > high)
		return refuse_ports(reader, setting, ", the higher one first");

	ranges = pim_array_grow(reader->row->ranges, reader->row->range_count, sizeof(*ranges));
	if (!ranges)
		return pim_out_of_memory(reader->error);
	reader->row->ranges = ranges;
	ranges[reader->row->range_count++] =
		(struct pim_port_range){ (uint16_t)low, (uint16_t)high };
	return 0;
}

static int read_ports(struct reader *reader, const config_setting_t *setting)
{
	int result = read_each(reader, setting,
			       "a list of ports as [ \"PORT\", \"LOW-HIGH\", ... ]", read_range);

	if (!result && !reader->row->range_count)
		return pim_refuse_at(reader->policy, origin_of(reader, setting), reader->error,
				     "expected at least one port, found none");
	return result;
}

static int read_service(struct reader *reader, const config_setting_t *setting)
{
	static const struct key keys[] = {
		{ PIM_KEY_NAME, read_service_name, true },
		{ PIM_KEY_TRANSPORT, read_transport, true },
		{ PIM_KEY_DIRECTION, read_direction, true },
		{ PIM_KEY_SERVICE_EDGE, read_service_edge, true },
		{ PIM_KEY_PEERS, read_service_peers, true },
		{ PIM_KEY_PORTS, read_ports, true },
	};
	struct pim_policy *policy = reader->policy;
	struct pim_row row = {
		.port_end = PIM_PORT_END_SERVER,
		.shape = PIM_SHAPE_ANY,
		.enabled = true,
	};
	int result;

	if (policy->row_count == PIM_ROWS_MAX)
		return pim_refuse_at(policy, origin_of(reader, setting), reader->error,
				     "expected at most %u services beside the built-in rows, found "
				     "more", PIM_ROWS_MAX - PIM_BUILTIN_ROWS);
	reader->row = &row;
	result = READ_GROUP(reader, setting, "a service", keys);
	reader->row = NULL;
	if (result)
		free(row.ranges);
	else
		policy->rows[policy->row_count++] = row;
	return result;
}

static int read_services(struct reader *reader, const config_setting_t *setting)
{
	return read_each(reader, setting, "a list of services as ( { name = \"NAME\" ... }, ... )",
			 read_service);
}

/* ---- disable ---- */

static int read_disabled(struct reader *reader, const config_setting_t *setting)
{
	struct pim_policy *policy = reader->policy;
	struct pim_origin origin = origin_of(reader, setting);
	const char *names[PIM_ROWS_MAX + 1] = {};
	char where[PIM_ORIGIN_TEXT];
	int row;

	for (size_t at = 0; at < policy->row_count; at++)
		names[at] = policy->rows[at].name;
	row = read_choice(reader, setting, "the name of a row", names);
	if (row < 0)
		return row;
	if (!policy->rows[row].enabled)
		return pim_refuse_at(policy, origin, reader->error,
				     "expected each row once in %s, found \"%s\" again, first at %s",
				     PIM_KEY_DISABLE, names[row],
				     pim_origin_format(policy, reader->disabled[row], where));
	policy->rows[row].enabled = false;
	reader->disabled[row] = origin;
	return 0;
}

static int read_disable(struct reader *reader, const config_setting_t *setting)
{
	return read_each(reader, setting, "a list of rows as [ \"ROW\", ... ]", read_disabled);
}

/* ---- options ---- */

static int read_option(struct reader *reader, const config_setting_t *setting)
{
	for (size_t at = 0; at < PIM_OPTION_COUNT; at++) {
		const struct pim_option_name *option = &pim_option_names[at];
		char what[64];
		int value;

		if (strcmp(option->name, config_setting_name(setting)))
			continue;
		snprintf(what, sizeof(what), "a value of %s", option->name);
		value = read_choice(reader, setting, what, option->values);
		if (value < 0)
			return value;
		((uint8_t *)&reader->policy->options)[option->offset] = (uint8_t)value;
		return 0;
	}
	return -EINVAL; /* cannot be: check_keys knows the same names */
}

static int read_options(struct reader *reader, const config_setting_t *setting)
{
	struct key keys[PIM_OPTION_COUNT];

	_Static_assert(PIM_OPTION_COUNT <= KEYS_MAX, "check_keys has room");
	for (size_t at = 0; at < PIM_OPTION_COUNT; at++)
		keys[at] = (struct key){ pim_option_names[at].name, read_option, false };
	return READ_GROUP(reader, setting, PIM_KEY_OPTIONS, keys);
}

/* ---- the file ---- */

static int read_root(struct reader *reader, const config_setting_t *root)
{
	static const struct key keys[] = {
		{ PIM_KEY_EDGE, read_edge, true },
		{ PIM_KEY_PARTNERS, read_partners, false },
		{ PIM_KEY_CLIENTS, read_clients, false },
		{ PIM_KEY_MESSENGER, read_messenger, false },
		{ PIM_KEY_BLOCK, read_block, false },
		{ PIM_KEY_FAILSAFE, read_failsafe, false },
		{ PIM_KEY_SERVICES, read_services, false },
		{ PIM_KEY_DISABLE, read_disable, false }, /* behind the services it may name */
		{ PIM_KEY_OPTIONS, read_options, false },
	};
	int result;

	reader->policy->messenger_is_clients = !member(root, PIM_KEY_MESSENGER);
	result = READ_GROUP(reader, root, "the configuration", keys);
	if (!result)
		result = pim_check_partners(reader->policy, reader->error);
	if (!result)
		result = pim_check_warn(reader->policy, reader->error);
	return result;
}

static int refuse_syntax(struct reader *reader, const config_t *config)
{
	static const struct {
		const char *libconfig, *ours;
	} faults[] = {
		{ "duplicate setting name", "expected each key once in its group" },
		{ "mismatched element type in array", "expected one type of value in an array [ ]" },
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

static int read_text(struct reader *reader)
{
	config_t config;
	int result;

	config_init(&config);
	if (!config_read_string(&config, reader->text.bytes)) {
		result = refuse_syntax(reader, &config);
	} else {
		place_strings(reader, config_root_setting(&config));
		result = read_root(reader, config_root_setting(&config));
	}
	config_destroy(&config);
	return result;
}

int pim_config_read(const char *path, struct pim_policy *policy, struct pim_error *error)
{
	struct reader reader = { .policy = policy, .error = error };
	uint32_t file;
	int result;

	if (pim_policy_init(policy))
		return pim_out_of_memory(error);
	result = pim_source_add(policy, path, &file, error);
	if (!result)
		result = pim_config_text_read(policy, &reader.text, error);
	if (!result)
		result = read_text(&reader);
	pim_config_text_free(&reader.text);
	return result;
}
