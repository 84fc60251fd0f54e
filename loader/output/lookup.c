/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/lookup.h"

#include <string.h>

#include "output/json.h"
#include "output/policy.h"
#include "output/table.h"
#include "policy/review.h"

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

static void listings_table(FILE *stream, const struct pim_policy *policy,
			   const struct pim_prefix *address)
{
	static const struct pim_column columns[] = {
		{ "listed as", PIM_LEFT },
		{ "prefix", PIM_LEFT },
		{ "partner", PIM_LEFT },
		{ "where", PIM_LEFT },
		{},
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

static const char *fate_text(enum pim_fate fate)
{
	static const char *const texts[] = {
		[PIM_FATE_MARTIAN] = "dropped: no host sends from such an address (martian)",
		[PIM_FATE_EDGE] = "dropped: an address of the Edge does not arrive",
		[PIM_FATE_FAILSAFE] = "passed whatever it sends (failsafe)",
		[PIM_FATE_BLOCKED] = "dropped whatever it sends (blocked)",
		[PIM_FATE_ROWS] = "judged by the rows of the policy",
		[PIM_FATE_NONE] = "dropped, but for ICMP that hosts need",
	};

	return texts[fate];
}

void pim_output_lookup_text(FILE *stream, const struct pim_prefix *address, uint16_t roles,
			    const char *partner, const struct pim_policy *policy)
{
	enum pim_fate fate = pim_source_fate(address, roles);
	char text[PIM_PREFIX_TEXT], names[ROLES_TEXT];

	pim_heading(stream, "%s", pim_prefix_format(address, false, text));
	fprintf(stream, "  roles      %s\n", roles ? roles_format(roles, names) : "none");
	fprintf(stream, "  partner    %s\n", partner ? partner : "none");
	fprintf(stream, "  as source  %s\n", fate_text(fate));
	if (!policy || !roles)
		return;
	fputc('\n', stream);
	listings_table(stream, policy, address);
	if (fate != PIM_FATE_ROWS)
		return;
	fputc('\n', stream);
	pim_output_rows_text(stream, policy, roles);
}

/* ---- JSON ---- */

static json_t *listings_json(const struct pim_policy *policy, const struct pim_prefix *address)
{
	json_t *listings = json_array();
	char text[PIM_PREFIX_TEXT];

	for (size_t i = 0; i < policy->listed_count; i++) {
		const struct pim_listed *listed = &policy->listed[i];

		if (!pim_prefix_contains(&listed->prefix, address))
			continue;
		/* clang-format off */
		json_array_append_new(listings, json_pack(
			"{s:o, s:s, s:o, s:o, s:I}", "roles", pim_json_roles(listed->roles),
			"prefix", pim_prefix_format(&listed->prefix, true, text),
			"partner", pim_json_text_or_null(
				listed->partner ? policy->partners[listed->partner - 1].name : NULL),
			"file", pim_json_text(policy->files[listed->origin.file].path),
			"line", (json_int_t)listed->origin.line));
		/* clang-format on */
	}
	return listings;
}

void pim_output_lookup_json(FILE *stream, bool pretty, const struct pim_prefix *address,
			    uint16_t roles, const char *partner, const struct pim_policy *policy)
{
	static const char *const fates[] = {
		[PIM_FATE_MARTIAN] = "martian",	  [PIM_FATE_EDGE] = "edge",
		[PIM_FATE_FAILSAFE] = "failsafe", [PIM_FATE_BLOCKED] = "blocked",
		[PIM_FATE_ROWS] = "rows",	  [PIM_FATE_NONE] = "none",
	};
	enum pim_fate fate = pim_source_fate(address, roles);
	char text[PIM_PREFIX_TEXT];
	/* clang-format off */
	json_t *value = json_pack("{s:s, s:o, s:o, s:s}",
				  "address", pim_prefix_format(address, false, text),
				  "roles", pim_json_roles(roles),
				  "partner", pim_json_text_or_null(partner),
				  "as_source", fates[fate]);
	/* clang-format on */

	if (policy) {
		json_t *rules = json_array();

		for (size_t i = 0; fate == PIM_FATE_ROWS && i < policy->row_count; i++)
			if (policy->rows[i].enabled && policy->rows[i].peer_role & roles)
				json_array_append_new(rules, json_string(policy->rows[i].name));
		json_object_set_new(value, "listed", listings_json(policy, address));
		json_object_set_new(value, "rules", rules);
	}
	pim_json_print(stream, value, pretty);
}

void pim_output_address_json(FILE *stream, bool pretty, const struct pim_prefix *prefix,
			     enum pim_role role, const char *partner)
{
	char text[PIM_PREFIX_TEXT];

	/* clang-format off */
	pim_json_print(stream, json_pack("{s:s, s:s, s:o}", "role", pim_role_name(role),
					 "prefix", pim_prefix_format(prefix, true, text),
					 "partner", pim_json_text_or_null(partner)), pretty);
	/* clang-format on */
}

void pim_output_address_text(FILE *stream, const struct pim_prefix *prefix, enum pim_role role,
			     const char *partner)
{
	char text[PIM_PREFIX_TEXT];

	fprintf(stream, "%-9s  %s%s%s\n", pim_role_name(role),
		pim_prefix_format(prefix, false, text), partner ? "  " : "",
		partner ? partner : "");
}
