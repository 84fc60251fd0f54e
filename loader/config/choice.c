/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/choice.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "base/quote.h"
#include "config/message.h"

/* A suggestion is at most this many edits away from what was found. */
#define NEAR 2
/* Longer names are never suggested. */
#define COMPARED 47

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Levenshtein distance, ignoring case, one row of the table at a time. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[COMPARED + 1];
	size_t width = strlen(b);

	if (width > COMPARED)
		return UINT32_MAX;
	for (unsigned int at = 0; at <= width; at++)
		row[at] = at;
	for (; *a; a++) {
		unsigned int diagonal = row[0];

		row[0]++;
		for (size_t at = 1; at <= width; at++) {
			unsigned int above = row[at];

			row[at] = least(above + 1, row[at - 1] + 1,
					diagonal + !same_letter(*a, b[at - 1]));
			diagonal = above;
		}
	}
	return row[width];
}

static const char *nearest(const char *const *names, const char *found)
{
	const char *best = NULL;
	unsigned int best_distance = NEAR + 1;

	for (; *names; names++) {
		unsigned int edits = distance(found, *names);

		/* At most half a name may differ: any two-letter name is two edits away. */
		if (edits < best_distance && 2 * edits <= strlen(*names)) {
			best = *names;
			best_distance = edits;
		}
	}
	return best;
}

int pim_name_refuse(struct pim_policy *policy, struct pim_origin origin, const char *what,
		    const char *const *names, const char *found, struct pim_error *error)
{
	const char *meant = nearest(names, found);
	char list[PIM_NAME_LIST], quoted[PIM_QUOTE_TEXT];

	return pim_refuse_at(policy, origin, error, "expected %s (%s), found %s%s%s%s", what,
			     pim_name_list(names, list), pim_quote(found, strlen(found), quoted),
			     meant ? ": did you mean \"" : "", meant ? meant : "",
			     meant ? "\"?" : "");
}
