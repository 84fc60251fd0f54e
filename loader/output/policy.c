/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/policy.h"

#include <ctype.h>

#include "base/clock.h"
#include "base/text.h"
#include "output/json.h"
#include "output/table.h"

static const char *upper(const char *text, char buffer[16])
{
	size_t i;

	for (i = 0; text[i] && i < 15; i++)
		buffer[i] = toupper((unsigned char)text[i]);
	buffer[i] = '\0';
	return buffer;
}

void pim_output_policy_text(FILE *stream, const struct pim_policy *policy)
{
	static const struct pim_column columns[] = {
		{ "row", PIM_RIGHT },	 { "rule", PIM_LEFT },
		{ "service", PIM_LEFT }, { "port", PIM_LEFT },
		{ "from", PIM_LEFT },	 { "to", PIM_LEFT },
		{ "roles", PIM_LEFT },	 {},
	};
	struct pim_table *table = pim_table_new(columns);

	for (size_t i = 0; i < policy->row_count; i++) {
		const struct pim_row *row = &policy->rows[i];
		enum pim_role from = row->direction == PIM_IN ? row->peer_role : row->edge_role;
		enum pim_role to = row->direction == PIM_IN ? row->edge_role : row->peer_role;
		char ports[PIM_PORTS_TEXT], transport[16];

		pim_table_cell(table, "%zu", i + 1);
		pim_table_cell(table, "%s", row->name);
		pim_table_cell(table, "%s", row->service);
		pim_table_cell(table, "%s %s", upper(pim_transport_name(row->transport), transport),
			       pim_ports_format(row, ports));
		pim_table_cell(table, "%s", pim_role_title(from));
		pim_table_cell(table, "%s", pim_role_title(to));
		pim_table_cell(table, "%s -> %s", pim_role_name(from), pim_role_name(to));
	}
	pim_table_print(table, stream, 0);
}

void pim_output_rows_text(FILE *stream, const struct pim_policy *policy, uint16_t roles)
{
	static const struct pim_column columns[] = {
		{ "rule", PIM_LEFT },	 { "arriving", PIM_LEFT },  { "from role", PIM_LEFT },
		{ "to role", PIM_LEFT }, { "condition", PIM_LEFT }, {},
	};
	struct pim_table *table = pim_table_new(columns);

	for (int direction = PIM_IN; direction <= PIM_OUT; direction++) {
		for (size_t i = 0; i < policy->row_count; i++) {
			const struct pim_row *row = &policy->rows[i];
			const char *side = row->direction == PIM_IN ? "to port" : "from port";
			char ports[PIM_PORTS_TEXT], transport[16];

			if (!row->enabled || row->direction != (enum pim_direction)direction ||
			    !(row->peer_role & roles))
				continue;
			if (row->port_end == PIM_PORT_END_OPTION)
				side = policy->options.rtp_port_end == PIM_RTP_PORT_END_EITHER ?
					       "to or from port" :
				       policy->options.rtp_port_end == PIM_RTP_PORT_END_EDGE ?
					       "to port" :
					       "from port";
			pim_table_cell(table, "%s", row->name);
			pim_table_cell(table, "%s %s %s",
				       upper(pim_transport_name(row->transport), transport), side,
				       pim_ports_format(row, ports));
			pim_table_cell(table, "%s", pim_role_name(row->peer_role));
			pim_table_cell(table, "%s", pim_role_name(row->edge_role));
			if (row->shape == PIM_SHAPE_STUN)
				pim_table_cell(
					table, "payload shape: %s",
					pim_option_text(&policy->options,
							offsetof(struct pim_options, stun_shape)));
			else if (row->direction == PIM_OUT && row->transport == PIM_TCP)
				pim_table_cell(table, "never a bare SYN");
			else
				pim_table_cell(table, "-");
		}
	}
	pim_table_print(table, stream, 2);
}

static json_t *row_json(const struct pim_row *row, size_t number)
{
	json_t *ports = json_array();

	for (size_t range = 0; range < row->range_count; range++)
		json_array_append_new(
			ports, json_pack("[i,i]", row->ranges[range].low, row->ranges[range].high));
	/* clang-format off */
	return json_pack(
		"{s:I, s:s, s:s, s:s, s:o, s:s, s:s, s:s}", "row", (json_int_t)number,
		"rule", row->name, "service", row->service,
		"transport", pim_transport_name(row->transport), "ports", ports,
		"direction", pim_direction_name(row->direction),
		"edge", pim_role_name(row->edge_role),
		"peer", pim_role_name(row->peer_role));
	/* clang-format on */
}

json_t *pim_rows_json(const struct pim_policy *policy)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < policy->row_count; i++)
		json_array_append_new(rows, row_json(&policy->rows[i], i + 1));
	return rows;
}

void pim_output_policy_json(FILE *stream, bool pretty, const struct pim_policy *policy)
{
	pim_json_print(stream, pim_rows_json(policy), pretty);
}

/* Neighbours in the list that have the same roles and partner are one object. */
static json_t *lists_json(const struct pim_policy *policy)
{
	json_t *lists = json_array(), *prefixes = NULL;
	char text[PIM_PREFIX_TEXT];

	for (size_t i = 0; i < policy->listed_count; i++) {
		const struct pim_listed *listed = &policy->listed[i];

		if (!i || listed->roles != listed[-1].roles ||
		    listed->partner != listed[-1].partner) {
			prefixes = json_array();
			/* clang-format off */
			json_array_append_new(lists, json_pack(
				"{s:o, s:o, s:o}", "roles", pim_json_roles(listed->roles),
				"partner", pim_json_text_or_null(
					listed->partner ? policy->partners[listed->partner - 1].name : NULL),
				"prefixes", prefixes));
			/* clang-format on */
		}
		json_array_append_new(prefixes,
				      json_string(pim_prefix_format(&listed->prefix, true, text)));
	}
	return lists;
}

void pim_output_policy_in_force_json(FILE *stream, bool pretty, const char *interface,
				     const struct pim_stamp *stamp, const struct pim_policy *policy)
{
	json_t *rows = json_array(), *options = json_object();
	char loaded[PIM_TIME_TEXT], hash[PIM_HASH_TEXT];

	for (size_t i = 0; i < policy->row_count; i++) {
		json_t *row = row_json(&policy->rows[i], i + 1);

		json_object_set_new(row, "enabled", json_boolean(policy->rows[i].enabled));
		json_array_append_new(rows, row);
	}
	for (size_t i = 0; i < PIM_OPTION_COUNT; i++)
		json_object_set_new(
			options, pim_option_names[i].name,
			json_string(pim_option_text(&policy->options, pim_option_names[i].offset)));
	/* clang-format off */
	pim_json_print(stream, json_pack(
		"{s:o, s:I, s:s, s:s, s:o, s:o, s:o}", "interface", pim_json_text(interface),
		"generation", pim_json_number(stamp->generation),
		"loaded", pim_time_format(stamp->loaded_ns, false, loaded),
		"policy_hash", pim_hash_format(stamp->policy_hash, hash),
		"rows", rows, "lists", lists_json(policy), "options", options), pretty);
	/* clang-format on */
}
