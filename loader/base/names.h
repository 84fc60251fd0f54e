/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Looking up names in a list, and writing a list out for messages. A list is an array
 * with NULL after the last name. */
#ifndef PIMXDP_BASE_NAMES_H
#define PIMXDP_BASE_NAMES_H

/* Position of `name` in `names`, or -1. */
int pim_name_find(const char *const *names, const char *name);

/* The name that `name` was most likely meant to be: the one with the fewest letters added,
 * missing, replaced or swapped with their neighbour, the first of several. NULL if none is
 * near: at most one such mistake in three or four letters, two in more. */
const char *pim_name_nearest(const char *const *names, const char *name);

/* Size of the text, NUL included; a list that does not fit ends in `...`. */
#define PIM_NAME_LIST 256
/* Writes "a, b or c" and returns text. */
char *pim_name_list(const char *const *names, char text[PIM_NAME_LIST]);

#endif
