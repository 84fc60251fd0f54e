/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Aligned text tables. */
#ifndef PIMXDP_OUTPUT_TABLE_H
#define PIMXDP_OUTPUT_TABLE_H

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

/* Starts a table. The last element of `columns` has no title; the array must outlive the
 * table. pim_table_print frees the table. Returns NULL when out of memory, which all
 * functions accept and ignore. */
struct pim_table *pim_table_new(const struct pim_column *columns);

/* Adds a cell, from left to right; a new row starts after the last column. The text is
 * copied, with what is not printable as escapes (output/line.h). */
void pim_table_cell(struct pim_table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Adds a number with its digits in groups of three: 1,234,567. */
void pim_table_number(struct pim_table *table, uint64_t number);

/* Prints the table, each line indented by `indent` spaces, and frees it. Titles are bold
 * on a terminal. */
void pim_table_print(struct pim_table *table, FILE *stream, unsigned int indent);

/* Prints the title of a section, bold on a terminal; escaped as cells are. */
void pim_heading(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Escape sequences, or "" when the stream is not a terminal with colours. */
const char *pim_bold(FILE *stream);
enum pim_colour { PIM_GREEN, PIM_YELLOW, PIM_RED };
const char *pim_coloured(FILE *stream, enum pim_colour colour);
const char *pim_plain(FILE *stream);

#endif
