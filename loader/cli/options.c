/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/server.h"
#include "base/group.h"
#include "kernel/hook_xdp.h"
#include "policy/policy.h"

/* ---- types: parse_TYPE, and what is expected of a value ---- */

static int parse_FLAG(const char *text, void *field)
{
	(void)text;
	*(PIM_TYPE_FLAG *)field = true;
	return 0;
}

static int parse_TEXT(const char *text, void *field)
{
	*(PIM_TYPE_TEXT *)field = text;
	return 0;
}

static int parse_NUMBER(const char *text, void *field)
{
	PIM_TYPE_NUMBER *number = field;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	number->value = strtoul(text, &end, 10);
	number->given = true;
	return *end || errno ? -EINVAL : 0;
}

static int parse_ROLE(const char *text, void *field)
{
	for (unsigned int bit = 0; bit < PIM_ROLES; bit++) {
		if (strcmp(text, pim_role_name(1u << bit)))
			continue;
		*(PIM_TYPE_ROLE *)field = 1u << bit;
		return 0;
	}
	return -EINVAL;
}

static int parse_MODE(const char *text, void *field)
{
	PIM_TYPE_MODE *mode = field;

	if (!strcmp(text, "auto"))
		*mode = PIM_ATTACH_AUTO;
	else if (!strcmp(text, pim_attach_mode_name(PIM_ATTACH_NATIVE)))
		*mode = PIM_ATTACH_NATIVE;
	else if (!strcmp(text, pim_attach_mode_name(PIM_ATTACH_SKB)))
		*mode = PIM_ATTACH_SKB;
	else
		return -EINVAL;
	return 0;
}

static int parse_GROUP(const char *text, void *field)
{
	return pim_group_parse(text, field);
}

static int parse_WHERE(const char *text, void *field)
{
	*(PIM_TYPE_WHERE *)field = text;
	return pim_server_is_address(text) ? 0 : -EINVAL;
}

static int parse_LOG_FORMAT(const char *text, void *field)
{
	if (strcmp(text, "text") && strcmp(text, "json"))
		return -EINVAL;
	*(PIM_TYPE_LOG_FORMAT *)field = *text == 'j' ? PIM_LOG_JSON : PIM_LOG_TEXT;
	return 0;
}

/* For the types whose values can be wrong, except ROLE, whose names are listed. */
static const struct {
	int (*parse)(const char *text, void *field);
	const char *expected;
} expectations[] = {
	{ parse_NUMBER, "a number after --%s" },
	{ parse_MODE, "--%s auto, native or skb" },
	{ parse_GROUP, "a group of /etc/group, or its number" },
	{ parse_WHERE, "--%s ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH" },
	{ parse_LOG_FORMAT, "--%s text or json" },
};

/* ---- options ---- */

const struct pim_option pim_options_known[PIM_CLI_OPTIONS] = {
#define PIM_CLI_OPTION(ID, field, name_, letter_, TYPE, argument_, help_) \
	[PIM_CLI_##ID] = { .name = name_,                                 \
			   .letter = letter_,                             \
			   .argument = argument_,                         \
			   .help = help_,                                 \
			   .parse = parse_##TYPE,                         \
			   .offset = offsetof(struct pim_arguments, field) },
#include "cli/options.def"
#undef PIM_CLI_OPTION
};

char *pim_option_values(enum pim_cli_option option, char text[PIM_NAME_LIST])
{
	const char *names[PIM_ROLES + 1] = {};

	for (unsigned int bit = 0; bit < PIM_ROLES; bit++)
		names[bit] = pim_role_name(1u << bit);
	text[0] = '\0';
	return pim_options_known[option].parse == parse_ROLE ? pim_name_list(names, text) : text;
}

char *pim_option_expected(enum pim_cli_option option, char text[PIM_EXPECTED_TEXT])
{
	const struct pim_option *known = &pim_options_known[option];
	char values[PIM_NAME_LIST];

	snprintf(text, PIM_EXPECTED_TEXT, "a role (%s)", pim_option_values(option, values));
	for (size_t i = 0; i < sizeof(expectations) / sizeof(*expectations); i++)
		if (expectations[i].parse == known->parse)
			snprintf(text, PIM_EXPECTED_TEXT, expectations[i].expected, known->name);
	return text;
}
