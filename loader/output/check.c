/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "output/json.h"
#include "output/policy.h"
#include "output/table.h"
#include "policy/review.h"

/* ---- text ---- */

static void prefixes_cells(struct pim_table *table, const struct pim_policy *policy,
			   const struct pim_tally *tally)
{
	char text[PIM_TALLY_FIRST * (PIM_PREFIX_TEXT + 2) + 16] = "", prefix[PIM_PREFIX_TEXT];
	size_t count = tally->prefixes4 + tally->prefixes6;

	pim_table_number(table, tally->prefixes4);
	pim_table_number(table, tally->prefixes6);
	for (size_t i = 0; i < count && i < PIM_TALLY_FIRST; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? ", " : "",
			 pim_prefix_format(&policy->listed[tally->first[i]].prefix, false, prefix));
	if (count > PIM_TALLY_FIRST)
		strcat(text, ", ...");
	pim_table_cell(table, "%s%s", count ? text : "nobody",
		       tally->all4 && tally->all6 ? "  (every address)" :
		       tally->all4		  ? "  (every IPv4 address)" :
		       tally->all6		  ? "  (every IPv6 address)" :
						    "");
}

void pim_output_check_text(FILE *stream, const char *config, const struct pim_policy *policy,
			   uint64_t hash)
{
	static const struct pim_column address_columns[] = {
		{ "role", PIM_LEFT },
		{ "IPv4", PIM_RIGHT },
		{ "IPv6", PIM_RIGHT },
		{ "prefixes", PIM_LEFT },
		{},
	};
	static const struct pim_column partner_columns[] = {
		{ "partner", PIM_LEFT },
		{ "IPv4", PIM_RIGHT },
		{ "IPv6", PIM_RIGHT },
		{ "prefixes", PIM_LEFT },
		{},
	};
	struct pim_tallies tallies;
	struct pim_table *table;
	bool disabled = false, whole = !pim_policy_tally(policy, &tallies);
	char text[PIM_HASH_TEXT];

	pim_heading(stream, "%s: correct", config);
	fprintf(stream,
		"\nAdmitted to the Edge, first match decides; all else to its addresses is dropped,\n"
		"but for ICMP that hosts need, ARP and failsafe sources:\n\n");
	pim_output_rows_text(stream, policy, PIM_PEER_ANY);
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
		prefixes_cells(table, policy, &tallies.roles[bit]);
	}
	pim_table_print(table, stream, 2);
	if (policy->av_is_access || policy->messenger_is_clients)
		fprintf(stream, "  by default:%s%s%s\n",
			policy->av_is_access ? " av is access" : "",
			policy->av_is_access && policy->messenger_is_clients ? "," : "",
			policy->messenger_is_clients ? " messenger is the clients" : "");
	if (policy->partner_count && whole) {
		fputc('\n', stream);
		table = pim_table_new(partner_columns);
		for (size_t i = 0; i < policy->partner_count; i++) {
			pim_table_cell(table, "%s", policy->partners[i].name);
			prefixes_cells(table, policy, &tallies.partners[i]);
		}
		pim_table_print(table, stream, 2);
	}
	fprintf(stream, "\n  options: ");
	for (size_t i = 0; i < PIM_OPTION_COUNT; i++)
		fprintf(stream, "%s%s = %s", i ? ", " : "", pim_option_names[i].name,
			pim_option_text(&policy->options, pim_option_names[i].offset));
	fprintf(stream, "\n  hash: %s\n", pim_hash_format(hash, text));
	free(tallies.partners);
}

void pim_output_findings_text(FILE *stream, const char *before, const struct pim_policy *policy,
			      const struct pim_findings *findings)
{
	char text[PIM_FINDING_TEXT], count[PIM_GROUPED];

	for (size_t at = 0; at < findings->count; at++)
		fprintf(stream, "%s%s\n", before,
			pim_finding_format(policy, &findings->list[at], text));
	if (findings->more)
		fprintf(stream, "%sand %s more\n", before, pim_grouped(findings->more, count));
}

/* ---- JSON ---- */

json_t *pim_findings_json(const struct pim_policy *policy, const struct pim_findings *findings)
{
	json_t *array = json_array();

	for (size_t at = 0; at < findings->count; at++) {
		const struct pim_finding *finding = &findings->list[at];

		/* clang-format off */
		json_array_append_new(array, json_pack(
			"{s:o, s:o, s:o, s:o}",
			"file", pim_json_text(policy->files[finding->origin.file].path),
			"line", finding->origin.line ? json_integer(finding->origin.line) : json_null(),
			"text", pim_json_text(finding->text),
			"remedy", pim_json_text_or_null(finding->remedy)));
		/* clang-format on */
	}
	return array;
}

static json_t *tally_json(const struct pim_tally *tally)
{
	return json_pack("{s:I, s:I, s:b, s:b}", "ipv4", pim_json_number(tally->prefixes4), "ipv6",
			 pim_json_number(tally->prefixes6), "every_ipv4", tally->all4, "every_ipv6",
			 tally->all6);
}

static json_t *summary_json(const struct pim_policy *policy)
{
	json_t *roles = json_object(), *partners = json_array(), *options = json_object();
	json_t *disabled = json_array();
	struct pim_tallies tallies;

	if (pim_policy_tally(policy, &tallies))
		return NULL;
	for (unsigned int bit = 0; bit < PIM_ROLES; bit++)
		json_object_set_new(roles, pim_role_name((enum pim_role)(1u << bit)),
				    tally_json(&tallies.roles[bit]));
	for (size_t i = 0; i < policy->partner_count; i++) {
		json_t *partner = tally_json(&tallies.partners[i]);

		json_object_set_new(partner, "name", pim_json_text(policy->partners[i].name));
		json_array_append_new(partners, partner);
	}
	free(tallies.partners);
	for (size_t i = 0; i < policy->row_count; i++)
		if (!policy->rows[i].enabled)
			json_array_append_new(disabled, json_string(policy->rows[i].name));
	for (size_t i = 0; i < PIM_OPTION_COUNT; i++)
		json_object_set_new(
			options, pim_option_names[i].name,
			json_string(pim_option_text(&policy->options, pim_option_names[i].offset)));
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "rows", pim_rows_json(policy), "disabled",
			 disabled, "roles", roles, "partners", partners, "options", options);
}

void pim_output_check_json(FILE *stream, bool pretty, const char *config,
			   const struct pim_policy *policy, uint64_t hash)
{
	const struct pim_findings *errors = &policy->errors;
	bool correct = !errors->count && !errors->more;
	char text[PIM_HASH_TEXT];

	/* clang-format off */
	pim_json_print(stream, json_pack(
		"{s:o, s:b, s:o, s:o, s:I, s:o, s:o}",
		"config", pim_json_text(config), "correct", correct,
		"policy_hash", correct ? json_string(pim_hash_format(hash, text)) : json_null(),
		"errors", pim_findings_json(policy, errors),
		"error_count", pim_json_number(errors->count + errors->more),
		"warnings", pim_findings_json(policy, &policy->warnings),
		"policy", correct ? summary_json(policy) : json_null()), pretty);
	/* clang-format on */
}
