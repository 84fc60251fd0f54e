/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/setting.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "base/quote.h"
#include "config/choice.h"
#include "config/message.h"

int pim_setting_go_on(struct pim_reader *reader, int result)
{
	if (result == -ENOMEM)
		return result;
	if (result && (!reader->failed || reader->failed == -EINVAL))
		reader->failed = result;
	return 0;
}

/* ---- where a setting is ---- */

/* Strings have the same order in libconfig's tree as in the text. */
void pim_setting_place_strings(struct pim_reader *reader, config_setting_t *setting)
{
	int count = config_setting_is_aggregate(setting) ? config_setting_length(setting) : 0;

	if (config_setting_type(setting) == CONFIG_TYPE_STRING &&
	    reader->strings_placed < reader->text.string_count)
		config_setting_set_hook(setting, &reader->text.strings[reader->strings_placed++]);
	for (int at = 0; at < count; at++)
		pim_setting_place_strings(reader,
					  config_setting_get_elem(setting, (unsigned int)at));
}

struct pim_origin pim_setting_origin(const struct pim_reader *reader,
				     const config_setting_t *setting)
{
	const struct pim_origin *string = config_setting_get_hook(setting);

	if (string)
		return *string;
	if (config_setting_is_root(setting))
		return (struct pim_origin){};
	return pim_config_text_line(&reader->text, config_setting_source_line(setting));
}

int pim_setting_refuse(struct pim_reader *reader, const config_setting_t *setting,
		       const char *format, ...)
{
	char text[sizeof(reader->error->text)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return pim_refuse_at(reader->policy, pim_setting_origin(reader, setting), reader->error,
			     "%s", text);
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

int pim_setting_refuse_type(struct pim_reader *reader, const config_setting_t *setting,
			    const char *expected)
{
	char found[FOUND_TEXT];

	return pim_setting_refuse(reader, setting, "expected %s, found %s", expected,
				  describe(setting, found));
}

static bool is_sequence(const config_setting_t *setting)
{
	return config_setting_is_array(setting) || config_setting_is_list(setting);
}

int pim_setting_each(struct pim_reader *reader, const config_setting_t *setting,
		     const char *expected, pim_setting_read *read)
{
	int count, result = 0;

	if (!is_sequence(setting))
		return pim_setting_refuse_type(reader, setting, expected);
	count = config_setting_length(setting);
	for (int at = 0; at < count && !result; at++)
		result = pim_setting_go_on(
			reader, read(reader, config_setting_get_elem((config_setting_t *)setting,
								     (unsigned int)at)));
	return result;
}

/* ---- groups ---- */

const config_setting_t *pim_setting_member(const config_setting_t *group, const char *name)
{
	return config_setting_get_member((config_setting_t *)group, name);
}

static void check_keys(struct pim_reader *reader, const config_setting_t *group, const char *title,
		       const struct pim_setting_key *keys, size_t count)
{
	const char *names[PIM_SETTING_KEYS + 1] = {};
	char what[64];

	for (size_t at = 0; at < count; at++)
		names[at] = keys[at].name;
	for (int at = 0; at < config_setting_length(group); at++) {
		const config_setting_t *setting =
			config_setting_get_elem((config_setting_t *)group, (unsigned int)at);

		if (pim_name_find(names, config_setting_name(setting)) >= 0)
			continue;
		snprintf(what, sizeof(what), "a key of %s", title);
		pim_setting_go_on(reader,
				  pim_name_refuse(reader->policy,
						  pim_setting_origin(reader, setting), what, names,
						  config_setting_name(setting), reader->error));
	}
}

int pim_setting_group(struct pim_reader *reader, const config_setting_t *group, const char *title,
		      const struct pim_setting_key *keys, size_t count)
{
	char expected[64];
	int result = 0;

	if (!config_setting_is_group(group)) {
		snprintf(expected, sizeof(expected), "a group { } for %s", title);
		return pim_setting_refuse_type(reader, group, expected);
	}
	check_keys(reader, group, title, keys, count);
	for (; count && !result; keys++, count--) {
		const config_setting_t *setting = pim_setting_member(group, keys->name);

		if (setting)
			result = keys->read(reader, setting);
		else if (keys->required)
			result = pim_setting_refuse(reader, group,
						    "expected a key \"%s\" in %s, found none",
						    keys->name, title);
		result = pim_setting_go_on(reader, result);
	}
	return result;
}

/* ---- choices ---- */

int pim_setting_choice(struct pim_reader *reader, const config_setting_t *setting, const char *what,
		       const char *const *names)
{
	char list[PIM_NAME_LIST], expected[PIM_NAME_LIST + 64];
	const char *found;
	int position;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING) {
		snprintf(expected, sizeof(expected), "%s in quotes (%s)", what,
			 pim_name_list(names, list));
		return pim_setting_refuse_type(reader, setting, expected);
	}
	found = config_setting_get_string(setting);
	position = pim_name_find(names, found);
	if (position < 0)
		return pim_name_refuse(reader->policy, pim_setting_origin(reader, setting), what,
				       names, found, reader->error);
	return position;
}
