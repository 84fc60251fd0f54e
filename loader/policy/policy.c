/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "policy/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/quote.h"

/* ---- names ---- */

const char *pim_role_name(enum pim_role role)
{
	switch (role) {
#define PIM_ROLE(id, kind, name, title) \
	case PIM_ROLE_##id:             \
		return name;
#include <pimxdp/roles.def>
#undef PIM_ROLE
	}
	return NULL;
}

const char *pim_role_title(enum pim_role role)
{
	switch (role) {
#define PIM_ROLE(id, kind, name, title) \
	case PIM_ROLE_##id:             \
		return title;
#include <pimxdp/roles.def>
#undef PIM_ROLE
	}
	return NULL;
}

/* The name of a value in a table of names, or NULL if it is past the end. */
#define NAME_OF(table, value) \
	((size_t)(value) < sizeof(table) / sizeof(*(table)) ? (table)[value] : NULL)

const char *pim_transport_name(enum pim_transport transport)
{
	static const char *const names[] = { [PIM_TCP] = "tcp", [PIM_UDP] = "udp" };

	_Static_assert(sizeof(names) / sizeof(*names) == PIM_TRANSPORTS, "one name each");
	return NAME_OF(names, transport);
}

const char *pim_direction_name(enum pim_direction direction)
{
	static const char *const names[] = { [PIM_IN] = "in", [PIM_OUT] = "out" };

	return NAME_OF(names, direction);
}

const char *pim_leg_name(enum pim_leg leg)
{
	static const char *const names[] = { [PIM_FORWARD] = "forward", [PIM_REPLY] = "reply" };

	_Static_assert(sizeof(names) / sizeof(*names) == PIM_LEGS, "one name each");
	return NAME_OF(names, leg);
}

const char *pim_verdict_name(enum pim_verdict verdict)
{
	static const char *const names[] = { [PIM_PASS] = "pass", [PIM_DROP] = "drop" };

	return NAME_OF(names, verdict);
}

const char *pim_outcome_reason(enum pim_outcome outcome)
{
	static const char *const reasons[] = {
#define PIM_OUTCOME(verdict, id, reason, meaning) [PIM_##verdict##_##id] = reason,
#include <pimxdp/reasons.def>
#undef PIM_OUTCOME
	};

	_Static_assert(sizeof(reasons) / sizeof(*reasons) == PIM_OUTCOMES, "one reason each");
	return NAME_OF(reasons, outcome);
}

const char *pim_outcome_meaning(enum pim_outcome outcome)
{
	static const char *const meanings[] = {
#define PIM_OUTCOME(verdict, id, reason, meaning) [PIM_##verdict##_##id] = meaning,
#include <pimxdp/reasons.def>
#undef PIM_OUTCOME
	};

	return NAME_OF(meanings, outcome);
}

/* Indexed by enum pim_option_value_position. The NULL at the base of an option ends
 * the values of the option before it. */
static const char *const option_values[] = {
#define PIM_OPTION(FIELD, field, name) [PIM_OPT_##FIELD##_BASE] = NULL,
#define PIM_OPTION_VALUE(FIELD, VALUE, field, text) [PIM_OPT_##FIELD##_##VALUE] = text,
#include <pimxdp/options.def>
#undef PIM_OPTION
#undef PIM_OPTION_VALUE
	NULL,
};

const struct pim_option_name pim_option_names[PIM_OPTION_COUNT] = {
#define PIM_OPTION(FIELD, field, text)                   \
	{ .name = text,                                  \
	  .offset = offsetof(struct pim_options, field), \
	  .values = option_values + PIM_OPT_##FIELD##_BASE + 1 },
#define PIM_OPTION_VALUE(FIELD, VALUE, field, text)
#include <pimxdp/options.def>
#undef PIM_OPTION
#undef PIM_OPTION_VALUE
};

/* ---- the model ---- */

#define PIM_ROW(ID, row_name, row_service, ...)                      \
	_Static_assert(sizeof(row_name) <= PIM_RULE_NAME, row_name); \
	_Static_assert(sizeof(row_service) <= PIM_RULE_NAME, row_service);
#include <pimxdp/policy.def>
#undef PIM_ROW
_Static_assert(PIM_BUILTIN_ROWS <= PIM_ROWS_MAX, "the table fits");

static int add_builtin(struct pim_policy *policy, const struct pim_row *row,
		       struct pim_port_range range)
{
	struct pim_port_range *ranges = malloc(sizeof(*ranges));

	if (!ranges)
		return -ENOMEM;
	*ranges = range;
	policy->rows[policy->row_count] = *row;
	policy->rows[policy->row_count].ranges = ranges;
	policy->rows[policy->row_count].range_count = 1;
	policy->row_count++;
	return 0;
}

int pim_policy_init(struct pim_policy *policy)
{
	static const struct {
		struct pim_row row;
		struct pim_port_range range;
	} builtin[PIM_BUILTIN_ROWS] = {
#define PIM_ROW(ID, row_name, row_service, TRANSPORT, low_port, high_port, DIRECTION, EDGE, PEER, \
		PORT_END, SHAPE)                                                                  \
	[PIM_ROW_##ID] = {                                                                        \
		.row = { .name = row_name,                                                        \
			 .service = row_service,                                                  \
			 .transport = PIM_##TRANSPORT,                                            \
			 .direction = PIM_##DIRECTION,                                            \
			 .edge_role = PIM_ROLE_##EDGE,                                            \
			 .peer_role = PIM_ROLE_##PEER,                                            \
			 .port_end = PIM_PORT_END_##PORT_END,                                     \
			 .shape = PIM_SHAPE_##SHAPE,                                              \
			 .enabled = true },                                                       \
		.range = { low_port, high_port },                                                 \
	},
#include <pimxdp/policy.def>
#undef PIM_ROW
	};

	*policy = (struct pim_policy){ .errors.limit = PIM_ERRORS_LISTED };
	for (size_t row = 0; row < PIM_BUILTIN_ROWS; row++) {
		int result = add_builtin(policy, &builtin[row].row, builtin[row].range);

		if (result) {
			pim_policy_free(policy);
			return result;
		}
	}
	return 0;
}

const char *pim_option_text(const struct pim_options *options, size_t offset)
{
	for (size_t i = 0; i < PIM_OPTION_COUNT; i++)
		if (pim_option_names[i].offset == offset)
			return pim_option_names[i].values[((const uint8_t *)options)[offset]];
	return "?";
}

void pim_policy_free(struct pim_policy *policy)
{
	for (size_t row = 0; row < policy->row_count; row++)
		free(policy->rows[row].ranges);
	for (size_t file = 0; file < policy->file_count; file++)
		free(policy->files[file].path);
	free(policy->listed);
	free(policy->partners);
	free(policy->files);
	pim_findings_free(&policy->errors);
	pim_findings_free(&policy->warnings);
	*policy = (struct pim_policy){};
}

int pim_listed_add(struct pim_policy *policy, const struct pim_listed *listed,
		   struct pim_error *error)
{
	struct pim_listed *grown =
		pim_array_grow(policy->listed, policy->listed_count, sizeof(*grown));

	if (!grown)
		return pim_out_of_memory(error);
	policy->listed = grown;
	grown[policy->listed_count++] = *listed;
	return 0;
}

char *pim_origin_format(const struct pim_policy *policy, struct pim_origin origin,
			char text[PIM_ORIGIN_TEXT])
{
	char path[PIM_QUOTE_PATH];

	pim_quote_path(policy->files[origin.file].path, path);
	if (origin.line)
		snprintf(text, PIM_ORIGIN_TEXT, "%s:%u", path, origin.line);
	else
		snprintf(text, PIM_ORIGIN_TEXT, "%s", path);
	return text;
}

char *pim_finding_format(const struct pim_policy *policy, const struct pim_finding *finding,
			 char text[PIM_FINDING_TEXT])
{
	char where[PIM_ORIGIN_TEXT];

	snprintf(text, PIM_FINDING_TEXT, "%s: %s%s%s",
		 pim_origin_format(policy, finding->origin, where), finding->text,
		 finding->remedy ? ": " : "", finding->remedy ? finding->remedy : "");
	return text;
}

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
