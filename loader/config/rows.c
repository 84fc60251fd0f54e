/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/quote.h"
#include "config/keys.h"
#include "config/message.h"

/* ---- services ---- */

static int row_position(const struct pim_reader *reader, const char *name)
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

static int read_service_name(struct pim_reader *reader, const config_setting_t *setting)
{
	const struct pim_policy *policy = reader->policy;
	char quoted[PIM_QUOTE_TEXT], where[PIM_ORIGIN_TEXT];
	const char *name;
	int row;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		return pim_setting_refuse_type(reader, setting, "a service's name in quotes");
	name = config_setting_get_string(setting);
	if (!is_service_name(name))
		return pim_setting_refuse(reader, setting,
					  "expected a service's name of 1 to %d characters a-z, "
					  "0-9 and -, the first a letter, found %s",
					  PIM_RULE_NAME - 1, pim_quote(name, strlen(name), quoted));
	row = row_position(reader, name);
	if (row >= 0 && row < PIM_BUILTIN_ROWS)
		return pim_setting_refuse(reader, setting,
					  "expected a name no other row has, found \"%s\", which "
					  "is built in",
					  name);
	if (row >= 0)
		return pim_setting_refuse(
			reader, setting,
			"expected a name no other row has, found \"%s\" again, "
			"first at %s",
			name, pim_origin_format(policy, policy->rows[row].origin, where));
	strcpy(reader->row->name, name);
	strcpy(reader->row->service, name);
	reader->row->origin = pim_setting_origin(reader, setting);
	return 0;
}

static int read_transport(struct pim_reader *reader, const config_setting_t *setting)
{
	const char *names[PIM_TRANSPORTS + 1] = {};
	int position;

	for (unsigned int at = 0; at < PIM_TRANSPORTS; at++)
		names[at] = pim_transport_name((enum pim_transport)at);
	position = pim_setting_choice(reader, setting, "a transport", names);
	if (position < 0)
		return position;
	reader->row->transport = (enum pim_transport)position;
	return 0;
}

static int read_direction(struct pim_reader *reader, const config_setting_t *setting)
{
	const char *const names[] = {
		[PIM_IN] = pim_direction_name(PIM_IN), [PIM_OUT] = pim_direction_name(PIM_OUT), NULL
	};
	int position = pim_setting_choice(reader, setting, "a direction", names);

	if (position < 0)
		return position;
	reader->row->direction = (enum pim_direction)position;
	return 0;
}

/* One of the roles in the set `among`. */
static int read_role(struct pim_reader *reader, const config_setting_t *setting, const char *what,
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
	position = pim_setting_choice(reader, setting, what, names);
	if (position < 0)
		return position;
	*role = roles[position];
	return 0;
}

static int read_service_edge(struct pim_reader *reader, const config_setting_t *setting)
{
	return read_role(reader, setting, "a role of the Edge", PIM_EDGE_ANY,
			 &reader->row->edge_role);
}

static int read_service_peers(struct pim_reader *reader, const config_setting_t *setting)
{
	return read_role(reader, setting, "a role of the peers", PIM_PEER_ANY,
			 &reader->row->peer_role);
}

/* Parses digits without a leading zero, at most 65535. *end is the first byte after them. */
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

static int refuse_ports(struct pim_reader *reader, const config_setting_t *setting,
			const char *fault)
{
	const char *found = config_setting_get_string(setting);
	char quoted[PIM_QUOTE_TEXT];

	return pim_setting_refuse(reader, setting,
				  "expected a port from 1 to %u or a range \"LOW-HIGH\" of them, "
				  "found %s%s",
				  PIM_PORTS - 1, pim_quote(found, strlen(found), quoted), fault);
}

static int read_range(struct pim_reader *reader, const config_setting_t *setting)
{
	struct pim_port_range *ranges;
	unsigned int low, high;
	const char *end;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		return pim_setting_refuse_type(reader, setting,
					       "a port or a range of ports in quotes");
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

static int read_ports(struct pim_reader *reader, const config_setting_t *setting)
{
	int result = pim_setting_each(
		reader, setting, "a list of ports as [ \"PORT\", \"LOW-HIGH\", ... ]", read_range);

	if (!result && !config_setting_length(setting))
		return pim_setting_refuse(reader, setting,
					  "expected at least one port, found none");
	return result;
}

static int read_service(struct pim_reader *reader, const config_setting_t *setting)
{
	static const struct pim_setting_key keys[] = {
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
		return pim_setting_refuse(reader, setting,
					  "expected at most %u services beside the built-in rows, "
					  "found more",
					  PIM_ROWS_MAX - PIM_BUILTIN_ROWS);
	reader->row = &row;
	result = PIM_SETTING_GROUP(reader, setting, "a service", keys);
	reader->row = NULL;
	/* A row with a fault is kept for its name, which `disable` may use. */
	if (result || !*row.name)
		free(row.ranges);
	else
		policy->rows[policy->row_count++] = row;
	return result;
}

int pim_config_services(struct pim_reader *reader, const config_setting_t *setting)
{
	return pim_setting_each(reader, setting,
				"a list of services as ( { name = \"NAME\" ... }, ... )",
				read_service);
}

/* ---- disable ---- */

static int read_disabled(struct pim_reader *reader, const config_setting_t *setting)
{
	struct pim_policy *policy = reader->policy;
	const char *names[PIM_ROWS_MAX + 1] = {};
	char where[PIM_ORIGIN_TEXT];
	int row;

	for (size_t at = 0; at < policy->row_count; at++)
		names[at] = policy->rows[at].name;
	row = pim_setting_choice(reader, setting, "the name of a row", names);
	if (row < 0)
		return row;
	if (!policy->rows[row].enabled)
		return pim_setting_refuse(reader, setting,
					  "expected each row once in %s, found \"%s\" again, first "
					  "at %s",
					  PIM_KEY_DISABLE, names[row],
					  pim_origin_format(policy, reader->disabled[row], where));
	policy->rows[row].enabled = false;
	reader->disabled[row] = pim_setting_origin(reader, setting);
	return 0;
}

int pim_config_disable(struct pim_reader *reader, const config_setting_t *setting)
{
	return pim_setting_each(reader, setting, "a list of rows as [ \"ROW\", ... ]",
				read_disabled);
}
