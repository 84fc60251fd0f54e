/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/policy.h"

#include <ctype.h>

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

json_t *pim_rows_json(const struct pim_policy *policy)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < policy->row_count; i++) {
		const struct pim_row *row = &policy->rows[i];
		json_t *ports = json_array();

		for (size_t range = 0; range < row->range_count; range++)
			json_array_append_new(ports, json_pack("[i,i]", row->ranges[range].low,
							       row->ranges[range].high));
		/* clang-format off */
		json_array_append_new(rows, json_pack(
			"{s:I, s:s, s:s, s:s, s:o, s:s, s:s, s:s}", "row", (json_int_t)i + 1,
			"rule", row->name, "service", row->service,
			"transport", pim_transport_name(row->transport), "ports", ports,
			"direction", pim_direction_name(row->direction),
			"edge", pim_role_name(row->edge_role),
			"peer", pim_role_name(row->peer_role)));
		/* clang-format on */
	}
	return rows;
}

void pim_output_policy_json(FILE *stream, bool pretty, const struct pim_policy *policy)
{
	pim_json_print(stream, pim_rows_json(policy), pretty);
}
