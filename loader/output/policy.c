/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a configuration admits, for people: policy, check, lookup, addresses. */
#include <ctype.h>
#include <string.h>

#include "output/output.h"
#include "output/table.h"

char *pim_ports_format(const struct pim_row *row, char text[PIM_PORTS_TEXT])
{
	static const char more[] = ", ...";
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < row->range_count; i++) {
		const struct pim_port_range *range = &row->ranges[i];
		bool last = i + 1 == row->range_count;
		char one[24];
		size_t needed;

		snprintf(one, sizeof(one), range->high == range->low ? "%s%u" : "%s%u-%u",
			 i ? ", " : "", range->low, range->high);
		needed = strlen(one) + (last ? 0 : strlen(more));
		if (length + needed >= PIM_PORTS_TEXT) {
			strcpy(text + length, more);
			break;
		}
		strcpy(text + length, one);
		length += strlen(one);
	}
	return text;
}

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
		{ "row", PIM_RIGHT }, { "rule", PIM_LEFT }, { "service", PIM_LEFT },
		{ "port", PIM_LEFT }, { "from", PIM_LEFT }, { "to", PIM_LEFT },
		{ "roles", PIM_LEFT }, {},
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
		pim_table_cell(table, "%s %s",
			       upper(pim_transport_name(row->transport), transport),
			       pim_ports_format(row, ports));
		pim_table_cell(table, "%s", pim_role_title(from));
		pim_table_cell(table, "%s", pim_role_title(to));
		pim_table_cell(table, "%s -> %s", pim_role_name(from), pim_role_name(to));
	}
	pim_table_print(table, stream, 0);
}

/* What a list of prefixes comes to. */
struct tally {
	size_t prefixes4, prefixes6;
	bool all4, all6;
};

static struct tally tally_role(const struct pim_policy *policy, enum pim_role role, uint16_t partner)
{
	struct tally tally = {};

	for (size_t i = 0; i < policy->listed_count; i++) {
		const struct pim_listed *listed = &policy->listed[i];

		if (!(listed->roles & role) || (partner && listed->partner != partner))
			continue;
		if (listed->prefix.family == PIM_IPV4) {
			tally.prefixes4++;
			tally.all4 |= !listed->prefix.length;
		} else {
			tally.prefixes6++;
			tally.all6 |= !listed->prefix.length;
		}
	}
	return tally;
}

static void prefixes_cells(struct pim_table *table, const struct pim_policy *policy,
			   enum pim_role role, uint16_t partner)
{
	struct tally tally = tally_role(policy, role, partner);
	char text[4 * (PIM_PREFIX_TEXT + 2) + 16] = "";
	size_t shown = 0;

	pim_table_number(table, tally.prefixes4);
	pim_table_number(table, tally.prefixes6);
	for (size_t i = 0; i < policy->listed_count; i++) {
		const struct pim_listed *listed = &policy->listed[i];
		char prefix[PIM_PREFIX_TEXT];

		if (!(listed->roles & role) || (partner && listed->partner != partner))
			continue;
		if (shown == 4) {
			strcat(text, ", ...");
			break;
		}
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			 shown++ ? ", " : "", pim_prefix_format(&listed->prefix, false, prefix));
	}
	if (!shown)
		strcpy(text, "nobody");
	pim_table_cell(table, "%s%s", text,
		       tally.all4 && tally.all6 ? "  (every address)" :
		       tally.all4		? "  (every IPv4 address)" :
		       tally.all6		? "  (every IPv6 address)" : "");
}

static void rows_table(FILE *stream, const struct pim_policy *policy, uint16_t roles)
{
	static const struct pim_column columns[] = {
		{ "rule", PIM_LEFT }, { "arriving", PIM_LEFT }, { "from role", PIM_LEFT },
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
					       "to port" : "from port";
			pim_table_cell(table, "%s", row->name);
			pim_table_cell(table, "%s %s %s",
				       upper(pim_transport_name(row->transport), transport), side,
				       pim_ports_format(row, ports));
			pim_table_cell(table, "%s", pim_role_name(row->peer_role));
			pim_table_cell(table, "%s", pim_role_name(row->edge_role));
			if (row->shape == PIM_SHAPE_STUN)
				pim_table_cell(table, "payload shape: %s",
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

void pim_output_check_text(FILE *stream, const char *config, const struct pim_policy *policy)
{
	static const struct pim_column address_columns[] = {
		{ "role", PIM_LEFT }, { "IPv4", PIM_RIGHT }, { "IPv6", PIM_RIGHT },
		{ "prefixes", PIM_LEFT }, {},
	};
	static const struct pim_column partner_columns[] = {
		{ "partner", PIM_LEFT }, { "IPv4", PIM_RIGHT }, { "IPv6", PIM_RIGHT },
		{ "prefixes", PIM_LEFT }, {},
	};
	struct pim_table *table;
	bool disabled = false;

	pim_heading(stream, "%s: correct", config);
	fprintf(stream, "\nAdmitted to the Edge, first match decides; all else to its addresses is dropped,\n"
			"but for ICMP that hosts need, ARP and failsafe sources:\n\n");
	rows_table(stream, policy, PIM_PEER_ANY);
	for (size_t i = 0; i < policy->row_count; i++) {
		if (policy->rows[i].enabled)
			continue;
		fprintf(stream, "%s%s", disabled ? ", " : "\n  disabled: ", policy->rows[i].name);
		disabled = true;
	}
	fprintf(stream, disabled ? "\n\n" : "\n");
	table = pim_table_new(address_columns);
	for (unsigned int bit = 0; bit < PIM_ROLES; bit++) {
		enum pim_role role = 1u << bit;

		pim_table_cell(table, "%s", pim_role_name(role));
		prefixes_cells(table, policy, role, 0);
	}
	pim_table_print(table, stream, 2);
	if (policy->av_is_access || policy->messenger_is_clients)
		fprintf(stream, "  by default:%s%s%s\n", policy->av_is_access ? " av is access" : "",
			policy->av_is_access && policy->messenger_is_clients ? "," : "",
			policy->messenger_is_clients ? " messenger is the clients" : "");
	if (policy->partner_count) {
		fputc('\n', stream);
		table = pim_table_new(partner_columns);
		for (size_t i = 0; i < policy->partner_count; i++) {
			pim_table_cell(table, "%s", policy->partners[i].name);
			prefixes_cells(table, policy, PIM_ROLE_PARTNER, i + 1);
		}
		pim_table_print(table, stream, 2);
	}
	fprintf(stream, "\n  options: ");
	for (size_t i = 0; i < PIM_OPTION_COUNT; i++)
		fprintf(stream, "%s%s = %s", i ? ", " : "", pim_option_names[i].name,
			pim_option_text(&policy->options, pim_option_names[i].offset));
	fputc('\n', stream);
}

/* "partner, client" */
#define ROLES_TEXT 64
static char *roles_format(uint16_t roles, char text[ROLES_TEXT])
{
	text[0] = '\0';
	for (unsigned int bit = 0; bit < PIM_ROLES; bit++)
		if (roles >> bit & 1)
			snprintf(text + strlen(text), ROLES_TEXT - strlen(text), "%s%s",
				 *text ? ", " : "", pim_role_name(1u << bit));
	return text;
}

static const char *fate(uint16_t roles)
{
	if (roles & PIM_EDGE_ANY)
		return "dropped: an address of the Edge does not arrive";
	if (roles & PIM_ROLE_FAILSAFE)
		return "passed whatever it sends (failsafe)";
	if (roles & PIM_ROLE_BLOCK)
		return "dropped whatever it sends (blocked)";
	if (roles & PIM_PEER_ANY)
		return "judged by the rows of the policy";
	return "dropped, but for ICMP that hosts need";
}

static void listings_table(FILE *stream, const struct pim_policy *policy,
			   const struct pim_prefix *address)
{
	static const struct pim_column columns[] = {
		{ "listed as", PIM_LEFT }, { "prefix", PIM_LEFT }, { "partner", PIM_LEFT },
		{ "where", PIM_LEFT }, {},
	};
	struct pim_table *table = pim_table_new(columns);
	char text[PIM_PREFIX_TEXT], roles[ROLES_TEXT];

	for (size_t i = 0; i < policy->listed_count; i++) {
		const struct pim_listed *listed = &policy->listed[i];

		if (!pim_prefix_contains(&listed->prefix, address))
			continue;
		pim_table_cell(table, "%s", roles_format(listed->roles, roles));
		pim_table_cell(table, "%s", pim_prefix_format(&listed->prefix, true, text));
		pim_table_cell(table, "%s",
			       listed->partner ? policy->partners[listed->partner - 1].name : "-");
		pim_table_cell(table, "%s:%u", policy->files[listed->origin.file].path,
			       listed->origin.line);
	}
	pim_table_print(table, stream, 2);
}

void pim_output_lookup_text(FILE *stream, const struct pim_prefix *address, uint16_t roles,
			    const char *partner, const struct pim_policy *policy)
{
	char text[PIM_PREFIX_TEXT], names[ROLES_TEXT];

	pim_heading(stream, "%s", pim_prefix_format(address, false, text));
	fprintf(stream, "  roles      %s\n", roles ? roles_format(roles, names) : "none");
	fprintf(stream, "  partner    %s\n", partner ? partner : "none");
	fprintf(stream, "  as source  %s\n", fate(roles));
	if (!policy || !roles)
		return;
	fputc('\n', stream);
	listings_table(stream, policy, address);
	if (roles & (PIM_EDGE_ANY | PIM_ROLE_FAILSAFE | PIM_ROLE_BLOCK) || !(roles & PIM_PEER_ANY))
		return;
	fputc('\n', stream);
	rows_table(stream, policy, roles);
}

void pim_output_address_text(FILE *stream, const struct pim_prefix *prefix, enum pim_role role,
			     const char *partner)
{
	char text[PIM_PREFIX_TEXT];

	fprintf(stream, "%-9s  %s%s%s\n", pim_role_name(role),
		pim_prefix_format(prefix, false, text), partner ? "  " : "", partner ? partner : "");
}
