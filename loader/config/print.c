/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>

#include "config/keys.h"

/* Sequences with more strings get one line for each. */
#define ON_ONE_LINE 3

/* A sequence of strings being printed; `depth` is the indentation of its setting. */
struct sequence {
	FILE *out;
	unsigned int depth;
	size_t count, printed;
};

static void print_indent(FILE *out, unsigned int depth)
{
	fprintf(out, "%*s", 4 * (int)depth, "");
}

static void print_value(FILE *out, unsigned int depth, const char *name, const char *value)
{
	print_indent(out, depth);
	fprintf(out, "%s = \"%s\"\n", name, value);
}

static struct sequence open_sequence(FILE *out, unsigned int depth, const char *name, size_t count)
{
	print_indent(out, depth);
	fprintf(out, "%s = [", name);
	return (struct sequence){ .out = out, .depth = depth, .count = count };
}

static void print_element(struct sequence *sequence, const char *text)
{
	fputs(sequence->printed++ ? "," : "", sequence->out);
	if (sequence->count > ON_ONE_LINE) {
		fputc('\n', sequence->out);
		print_indent(sequence->out, sequence->depth + 1);
	} else {
		fputc(' ', sequence->out);
	}
	fprintf(sequence->out, "\"%s\"", text);
}

static void close_sequence(const struct sequence *sequence)
{
	if (sequence->count > ON_ONE_LINE) {
		fputc('\n', sequence->out);
		print_indent(sequence->out, sequence->depth);
	} else {
		fputc(' ', sequence->out);
	}
	fputs("]\n", sequence->out);
}

/* ---- the listed prefixes, by partner or role ---- */

/* One list for each partner, then one for each role. */
struct lists {
	const struct pim_policy *policy;
	size_t *starts;	   /* of each list in `entries`; after the last, the end */
	uint32_t *entries; /* indices into policy->listed, in its order within each list */
};

static size_t list_of(const struct pim_policy *policy, const struct pim_listed *listed)
{
	if (listed->partner)
		return listed->partner - 1u;
	/* A default may add a second role. The lower role bit is the one it was listed under. */
	return policy->partner_count + (size_t)__builtin_ctz(listed->roles | 1u << PIM_ROLES);
}

static size_t list_of_role(const struct lists *lists, enum pim_role role)
{
	return lists->policy->partner_count + (size_t)__builtin_ctz(role);
}

static bool sort_into_lists(struct lists *lists)
{
	const struct pim_policy *policy = lists->policy;
	size_t count = policy->partner_count + PIM_ROLES + 1;

	/* Keep each start one place too high: filling list N moves starts[N + 1] to its end,
	 * which is the start of list N + 1. */
	lists->starts = calloc(count + 2, sizeof(*lists->starts));
	lists->entries = calloc(policy->listed_count + 1, sizeof(*lists->entries));
	if (!lists->starts || !lists->entries)
		return false;
	for (size_t at = 0; at < policy->listed_count; at++)
		lists->starts[list_of(policy, &policy->listed[at]) + 2]++;
	for (size_t list = 2; list < count + 2; list++)
		lists->starts[list] += lists->starts[list - 1];
	for (size_t at = 0; at < policy->listed_count; at++)
		lists->entries[lists->starts[list_of(policy, &policy->listed[at]) + 1]++] =
			(uint32_t)at;
	return true;
}

static void print_list(FILE *out, const struct lists *lists, unsigned int depth, const char *name,
		       size_t list)
{
	size_t start = lists->starts[list], end = lists->starts[list + 1];
	struct sequence sequence = open_sequence(out, depth, name, end - start);
	char text[PIM_PREFIX_TEXT];

	for (; start < end; start++) {
		const struct pim_listed *listed = &lists->policy->listed[lists->entries[start]];

		print_element(&sequence, pim_prefix_format(&listed->prefix, false, text));
	}
	close_sequence(&sequence);
}

/* ---- the groups ---- */

static void print_edge(FILE *out, const struct lists *lists)
{
	fputs(PIM_KEY_EDGE " = {\n", out);
	print_list(out, lists, 1, pim_role_name(PIM_ROLE_ACCESS),
		   list_of_role(lists, PIM_ROLE_ACCESS));
	if (lists->policy->av_is_access)
		fprintf(out, "    # %s = the addresses above\n", pim_role_name(PIM_ROLE_AV));
	else
		print_list(out, lists, 1, pim_role_name(PIM_ROLE_AV),
			   list_of_role(lists, PIM_ROLE_AV));
	fputs("}\n", out);
}

static void print_partners(FILE *out, const struct lists *lists)
{
	const struct pim_policy *policy = lists->policy;

	fputs(PIM_KEY_PARTNERS " = (", out);
	for (size_t partner = 0; partner < policy->partner_count; partner++) {
		fprintf(out, "%s\n    {\n", partner ? "," : "");
		print_value(out, 2, PIM_KEY_NAME, policy->partners[partner].name);
		print_list(out, lists, 2, PIM_KEY_ADDRESSES, partner);
		fputs("    }", out);
	}
	fprintf(out, "%s)\n", policy->partner_count ? "\n" : " ");
}

static void print_peers(FILE *out, const struct lists *lists, const char *name, enum pim_role role)
{
	fprintf(out, "%s = {\n", name);
	print_list(out, lists, 1, PIM_KEY_ADDRESSES, list_of_role(lists, role));
	fputs("}\n", out);
}

static void print_ports(FILE *out, const struct pim_row *row)
{
	struct sequence sequence = open_sequence(out, 2, PIM_KEY_PORTS, row->range_count);
	char text[sizeof("65535-65535")];

	for (size_t at = 0; at < row->range_count; at++) {
		const struct pim_port_range *range = &row->ranges[at];

		if (range->low == range->high)
			snprintf(text, sizeof(text), "%u", range->low);
		else
			snprintf(text, sizeof(text), "%u-%u", range->low, range->high);
		print_element(&sequence, text);
	}
	close_sequence(&sequence);
}

static void print_services(FILE *out, const struct pim_policy *policy)
{
	bool any = policy->row_count > PIM_BUILTIN_ROWS;

	fputs(PIM_KEY_SERVICES " = (", out);
	for (size_t at = PIM_BUILTIN_ROWS; at < policy->row_count; at++) {
		const struct pim_row *row = &policy->rows[at];

		fprintf(out, "%s\n    {\n", at > PIM_BUILTIN_ROWS ? "," : "");
		print_value(out, 2, PIM_KEY_NAME, row->name);
		print_value(out, 2, PIM_KEY_TRANSPORT, pim_transport_name(row->transport));
		print_value(out, 2, PIM_KEY_DIRECTION, pim_direction_name(row->direction));
		print_value(out, 2, PIM_KEY_SERVICE_EDGE, pim_role_name(row->edge_role));
		print_value(out, 2, PIM_KEY_PEERS, pim_role_name(row->peer_role));
		print_ports(out, row);
		fputs("    }", out);
	}
	fprintf(out, "%s)\n", any ? "\n" : " ");
}

static void print_disabled(FILE *out, const struct pim_policy *policy)
{
	struct sequence sequence;
	size_t count = 0;

	for (size_t at = 0; at < policy->row_count; at++)
		count += !policy->rows[at].enabled;
	sequence = open_sequence(out, 0, PIM_KEY_DISABLE, count);
	for (size_t at = 0; at < policy->row_count; at++)
		if (!policy->rows[at].enabled)
			print_element(&sequence, policy->rows[at].name);
	close_sequence(&sequence);
}

static void print_options(FILE *out, const struct pim_policy *policy)
{
	fputs(PIM_KEY_OPTIONS " = {\n", out);
	for (size_t at = 0; at < PIM_OPTION_COUNT; at++) {
		const struct pim_option_name *option = &pim_option_names[at];
		uint8_t value = ((const uint8_t *)&policy->options)[option->offset];

		print_value(out, 1, option->name, option->values[value]);
	}
	fputs("}\n", out);
}

char *pim_config_print(const struct pim_policy *policy)
{
	struct lists lists = { .policy = policy };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool whole = out && sort_into_lists(&lists);

	if (whole) {
		print_edge(out, &lists);
		print_partners(out, &lists);
		print_peers(out, &lists, PIM_KEY_CLIENTS, PIM_ROLE_CLIENT);
		if (policy->messenger_is_clients)
			fputs("# " PIM_KEY_MESSENGER " = the " PIM_KEY_CLIENTS "\n", out);
		else
			print_peers(out, &lists, PIM_KEY_MESSENGER, PIM_ROLE_MESSENGER);
		print_peers(out, &lists, PIM_KEY_BLOCK, PIM_ROLE_BLOCK);
		print_peers(out, &lists, PIM_KEY_FAILSAFE, PIM_ROLE_FAILSAFE);
		print_services(out, policy);
		print_disabled(out, policy);
		print_options(out, policy);
		whole = !ferror(out);
	}
	if (out && fclose(out))
		whole = false;
	free(lists.starts);
	free(lists.entries);
	if (whole)
		return text;
	free(text);
	return NULL;
}
