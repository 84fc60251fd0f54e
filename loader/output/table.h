/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Aligned tables for people. */
#ifndef PIMXDP_TABLE_H
#define PIMXDP_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum pim_align { PIM_LEFT, PIM_RIGHT };

struct pim_column {
	const char *title;
	enum pim_align align;
};

struct pim_table;

/* A table of `columns`, ended by one without a title; the array must outlive
 * it. NULL when out of memory; every function then does nothing. */
struct pim_table *pim_table_new(const struct pim_column *columns);

/* Adds a cell, left to right, a new row behind the last column. The text is
 * copied. */
void pim_table_cell(struct pim_table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A number with its digits in groups of three: 1,234,567. */
void pim_table_number(struct pim_table *table, uint64_t number);

/* Prints it, each line behind `indent` spaces, and frees it. Titles are bold on
 * a terminal. */
void pim_table_print(struct pim_table *table, FILE *stream, unsigned int indent);


/* A section's title, bold on a terminal. */
void pim_heading(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Escape sequences, or "" where the stream is no terminal. */
const char *pim_bold(FILE *stream);
enum pim_colour { PIM_GREEN, PIM_YELLOW, PIM_RED };
const char *pim_coloured(FILE *stream, enum pim_colour colour);
const char *pim_plain(FILE *stream);

#endif
