/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Strict conversion of libconfig settings to values. A wrong type, key or choice is
 * refused with its file and line, what was expected and what was found. Every function
 * that returns int returns 0 or a negative errno with reader->error filled, unless
 * stated otherwise. A fault ends the value that has it, and reading goes on behind it.
 */
#ifndef PIMXDP_CONFIG_SETTING_H
#define PIMXDP_CONFIG_SETTING_H

#include <libconfig.h>

#include "config/text.h"

/* One configuration being read. */
struct pim_reader {
	struct pim_policy *policy;
	struct pim_error *error;
	struct pim_config_text text;
	size_t strings_placed;	/* how many of text.strings are attached to settings */
	struct pim_listed like; /* roles and partner for the prefixes being read */
	struct pim_row *row;	/* the service being read */
	int failed;		/* of the first error, but one that is not -EINVAL comes first */
	struct pim_origin disabled[PIM_ROWS_MAX]; /* where each row was disabled */
};

/* Notes that something was refused, and returns 0; but -ENOMEM ends the reading, and is
 * returned. */
int pim_setting_go_on(struct pim_reader *reader, int result);

typedef int pim_setting_read(struct pim_reader *reader, const config_setting_t *setting);

/* Attaches to each string setting its place in reader->text; other settings have
 * libconfig's line numbers. pim_setting_origin then finds the place of any setting. */
void pim_setting_place_strings(struct pim_reader *reader, config_setting_t *root);
struct pim_origin pim_setting_origin(const struct pim_reader *reader,
				     const config_setting_t *setting);

/* As pim_refuse, with the file and line of the setting in front. */
int pim_setting_refuse(struct pim_reader *reader, const config_setting_t *setting,
		       const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Refuses a setting for its type; `expected` says what it should be. */
int pim_setting_refuse_type(struct pim_reader *reader, const config_setting_t *setting,
			    const char *expected);

/* Calls `read` for each element of an array [ ] or list ( ).
 * `expected` describes the setting, for a message about its type. */
int pim_setting_each(struct pim_reader *reader, const config_setting_t *setting,
		     const char *expected, pim_setting_read *read);

/* One key of a group, and the function that reads its value. */
struct pim_setting_key {
	const char *name;
	pim_setting_read *read;
	bool required;
};
#define PIM_SETTING_KEYS 16 /* at most, in one group */

/* A member of a group, or NULL. */
const config_setting_t *pim_setting_member(const config_setting_t *group, const char *name);

/* Refuses anything but a group { }, unknown keys, and a required key that is missing.
 * Reads the members in the order of `keys`. `title` names the group in messages. */
int pim_setting_group(struct pim_reader *reader, const config_setting_t *group, const char *title,
		      const struct pim_setting_key *keys, size_t count);
#define PIM_SETTING_GROUP(reader, group, title, keys) \
	pim_setting_group(reader, group, title, keys, sizeof(keys) / sizeof(*(keys)))

/* Returns the position of a string setting in `names` (which ends with NULL), or a
 * negative errno. `what` names it in messages: "a transport". */
int pim_setting_choice(struct pim_reader *reader, const config_setting_t *setting, const char *what,
		       const char *const *names);

#endif
