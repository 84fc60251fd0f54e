/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From libconfig's settings to values, strictly: types, keys and choices are
 * refused with a place, what was expected and what was found. Every function
 * that reads returns 0 or a negative errno with reader->error filled.
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
	size_t strings_placed;
	struct pim_listed like; /* what a prefix gets that is read now */
	struct pim_row *row;	/* the service that is read now */
	struct pim_origin row_origins[PIM_ROWS_MAX];
	struct pim_origin disabled[PIM_ROWS_MAX]; /* where a row was */
};

typedef int pim_setting_read(struct pim_reader *reader, const config_setting_t *setting);

/* Gives each string setting its place; the others have libconfig's. */
void pim_setting_place_strings(struct pim_reader *reader, config_setting_t *root);
struct pim_origin pim_setting_origin(const struct pim_reader *reader,
				     const config_setting_t *setting);

/* As pim_refuse, with the setting's place in front. */
int pim_setting_refuse(struct pim_reader *reader, const config_setting_t *setting,
		       const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Refuses a setting for its type; `expected` says what it should be. */
int pim_setting_refuse_type(struct pim_reader *reader, const config_setting_t *setting,
			    const char *expected);

/* Calls `read` for each element of [ ] or ( ). */
int pim_setting_each(struct pim_reader *reader, const config_setting_t *setting,
		     const char *expected, pim_setting_read *read);

/* One key of a group, and what reads its value. */
struct pim_setting_key {
	const char *name;
	pim_setting_read *read;
	bool required;
};
#define PIM_SETTING_KEYS 16 /* of one group, at most */

/* A member of a group, or NULL. */
const config_setting_t *pim_setting_member(const config_setting_t *group, const char *name);

/* Refuses what is no group { } and keys that are not known, then reads the
 * members in the order of `keys`. `title` names the group in messages. */
int pim_setting_group(struct pim_reader *reader, const config_setting_t *group, const char *title,
		      const struct pim_setting_key *keys, size_t count);
#define PIM_SETTING_GROUP(reader, group, title, keys) \
	pim_setting_group(reader, group, title, keys, sizeof(keys) / sizeof(*(keys)))

/* The position of a string among `names` (NULL after the last), or a negative
 * errno. `what` says what it is: "a transport". */
int pim_setting_choice(struct pim_reader *reader, const config_setting_t *setting,
		       const char *what, const char *const *names);

#endif
