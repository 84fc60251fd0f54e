/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/names.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

int pim_name_find(const char *const *names, const char *name)
{
	for (int at = 0; names[at]; at++)
		if (!strcmp(names[at], name))
			return at;
	return -1;
}

/* Longer words are not compared; no name is that long. */
enum { LETTERS_MAX = 32 };

/* The mistakes between two words (Damerau's distance of adjacent swaps, row by row), or a
 * number above LETTERS_MAX if a word is too long. */
static unsigned int count_mistakes(const char *a, const char *b)
{
	unsigned int rows[3][LETTERS_MAX + 1], *before = rows[0], *last = rows[1], *row = rows[2];
	size_t length_a = strnlen(a, LETTERS_MAX + 1), length_b = strnlen(b, LETTERS_MAX + 1);

	if (length_a > LETTERS_MAX || length_b > LETTERS_MAX)
		return LETTERS_MAX + 1;
	for (size_t j = 0; j <= length_b; j++)
		before[j] = last[j] = (unsigned int)j;
	for (size_t i = 1; i <= length_a; i++) {
		unsigned int *oldest = before;

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= length_b; j++) {
			unsigned int least = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < least)
				least = last[j] + 1;
			if (row[j - 1] + 1 < least)
				least = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < least)
				least = before[j - 2] + 1;
			row[j] = least;
		}
		before = last;
		last = row;
		row = oldest;
	}
	return last[length_b];
}

const char *pim_name_nearest(const char *const *names, const char *name)
{
	/* Of one or two letters every short name is near. */
	unsigned int least = strlen(name) < 3 ? 0 : strlen(name) < 5 ? 2 : 3;
	const char *nearest = NULL;

	for (; *names; names++) {
		unsigned int mistakes = count_mistakes(name, *names);

		if (mistakes >= least)
			continue;
		least = mistakes;
		nearest = *names;
	}
	return nearest;
}

char *pim_name_list(const char *const *names, char text[PIM_NAME_LIST])
{
	static const char more[] = ", ...";
	size_t used = 0;

	text[0] = '\0';
	for (; *names; names++) {
		const char *join = used == 0 ? "" : names[1] ? ", " : " or ";

		if (used + strlen(join) + strlen(*names) + sizeof(more) > PIM_NAME_LIST) {
			strcpy(text + used, more);
			break;
		}
		used += (size_t)sprintf(text + used, "%s%s", join, *names);
	}
	return text;
}
