/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "output/line.h"

struct pim_table {
	const struct pim_column *columns;
	size_t column_count;
	char **cells;
	size_t cell_count;
};

struct pim_table *pim_table_new(const struct pim_column *columns)
{
	struct pim_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->columns = columns;
	while (columns[table->column_count].title)
		table->column_count++;
	return table;
}

void pim_table_cell(struct pim_table *table, const char *format, ...)
{
	va_list arguments;
	char **cells, *text;

	if (!table)
		return;
	va_start(arguments, format);
	text = pim_vtext(format, arguments);
	va_end(arguments);
	if (!text)
		return;
	cells = pim_array_grow(table->cells, table->cell_count, sizeof(*cells));
	if (!cells) {
		free(text);
		return;
	}
	table->cells = cells;
	cells[table->cell_count++] = text;
}

void pim_table_number(struct pim_table *table, uint64_t number)
{
	char text[PIM_GROUPED];

	pim_table_cell(table, "%s", pim_grouped(number, text));
}

/* Honours NO_COLOR (no-color.org) and TERM=dumb. */
static bool has_colour(FILE *stream)
{
	const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return !(none && *none) && !(terminal && !strcmp(terminal, "dumb")) &&
	       isatty(fileno(stream));
}

const char *pim_bold(FILE *stream)
{
	return has_colour(stream) ? "\033[1m" : "";
}

const char *pim_coloured(FILE *stream, enum pim_colour colour)
{
	static const char *const codes[] = { "\033[32m", "\033[33m", "\033[31m" };

	return has_colour(stream) ? codes[colour] : "";
}

const char *pim_plain(FILE *stream)
{
	return has_colour(stream) ? "\033[0m" : "";
}

void pim_heading(FILE *stream, const char *format, ...)
{
	va_list arguments;

	fputs(pim_bold(stream), stream);
	va_start(arguments, format);
	pim_vprint(stream, format, arguments);
	va_end(arguments);
	fprintf(stream, "%s\n", pim_plain(stream));
}

/* Prints no trailing blanks after the last column. */
static void print_cell(const struct pim_table *table, FILE *stream, size_t column, size_t width,
		       const char *text)
{
	if (column)
		fputs("  ", stream);
	if (table->columns[column].align == PIM_RIGHT)
		fprintf(stream, "%*s", (int)width, text);
	else if (column + 1 == table->column_count)
		fputs(text, stream);
	else
		fprintf(stream, "%-*s", (int)width, text);
}

void pim_table_print(struct pim_table *table, FILE *stream, unsigned int indent)
{
	size_t *widths;

	if (!table)
		return;
	widths = calloc(table->column_count, sizeof(*widths));
	for (size_t i = 0; widths && i < table->column_count; i++)
		widths[i] = strlen(table->columns[i].title);
	for (size_t i = 0; widths && i < table->cell_count; i++) {
		size_t length = strlen(table->cells[i]);

		if (widths[i % table->column_count] < length)
			widths[i % table->column_count] = length;
	}
	if (widths) {
		fprintf(stream, "%*s%s", (int)indent, "", pim_bold(stream));
		for (size_t i = 0; i < table->column_count; i++)
			print_cell(table, stream, i, widths[i], table->columns[i].title);
		fprintf(stream, "%s\n", pim_plain(stream));
		for (size_t i = 0; i < table->cell_count; i++) {
			size_t column = i % table->column_count;

			if (!column)
				fprintf(stream, "%*s", (int)indent, "");
			print_cell(table, stream, column, widths[column], table->cells[i]);
			if (column + 1 == table->column_count)
				fputc('\n', stream);
		}
	}
	for (size_t i = 0; i < table->cell_count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(widths);
	free(table);
}
