/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "output/table.h"
#include "unit/output/printed.h"

/* ---- layout ---- */

static const struct pim_column left_right_left[] = {
	{ "name", PIM_LEFT },
	{ "packets", PIM_RIGHT },
	{ "meaning", PIM_LEFT },
	{},
};

static void aligns_columns(void **state)
{
	struct pim_table *table = pim_table_new(left_right_left);
	FILE *stream = open_text();

	(void)state;
	pim_table_cell(table, "%s-%d", "longer than its title", 1);
	pim_table_number(table, 5);
	pim_table_cell(table, "short");
	pim_table_cell(table, "x");
	pim_table_number(table, 123456789);
	pim_table_cell(table, "the longest of all, but nothing is behind it");
	pim_table_print(table, stream, 2);
	assert_text(
		stream,
		"  name                         packets  meaning\n"
		"  longer than its title-1            5  short\n"
		"  x                        123,456,789  the longest of all, but nothing is behind it\n");
}

static void leaves_no_blanks_at_the_end(void **state)
{
	static const struct pim_column columns[] = { { "a", PIM_LEFT }, { "title", PIM_LEFT }, {} };
	struct pim_table *table = pim_table_new(columns);
	FILE *stream = open_text();

	(void)state;
	for (unsigned int length = 1; length < 12; length++) {
		pim_table_cell(table, "%u", length);
		pim_table_cell(table, "%.*s", (int)length, "abcdefghijkl");
	}
	pim_table_print(table, stream, 4);
	assert_int_equal(fclose(stream), 0);
	assert_null(strstr(text, " \n"));
	assert_non_null(strstr(text, "    a   title\n    1   a\n"));
	free(text);
}

static void ends_right_aligned_columns_at_one_place(void **state)
{
	static const struct pim_column columns[] = { { "packets", PIM_RIGHT },
						     { "bytes", PIM_RIGHT },
						     {} };
	struct pim_table *table = pim_table_new(columns);
	FILE *stream = open_text();

	(void)state;
	pim_table_number(table, 1);
	pim_table_number(table, 1500);
	pim_table_number(table, 10000000);
	pim_table_number(table, 64);
	pim_table_print(table, stream, 0);
	assert_text(stream, "   packets  bytes\n"
			    "         1  1,500\n"
			    "10,000,000     64\n");
}

static void prints_titles_alone(void **state)
{
	FILE *stream = open_text();

	(void)state;
	pim_table_print(pim_table_new(left_right_left), stream, 1);
	assert_text(stream, " name  packets  meaning\n");
}

/* As after a failed pim_table_new. */
static void does_nothing_without_a_table(void **state)
{
	FILE *stream = open_text();

	(void)state;
	pim_table_cell(NULL, "%d", 1);
	pim_table_number(NULL, 1);
	pim_table_print(NULL, stream, 0);
	assert_text(stream, "");
}

static void holds_many_and_long_cells(void **state)
{
	static const struct pim_column columns[] = { { "n", PIM_RIGHT }, { "cell", PIM_LEFT }, {} };
	struct pim_table *table = pim_table_new(columns);
	FILE *stream = open_text();
	char longest[5000];
	size_t lines = 0;

	(void)state;
	memset(longest, 'y', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (unsigned int row = 0; row < 3000; row++) {
		pim_table_number(table, row);
		pim_table_cell(table, "%s", row == 1500 ? longest : "z");
	}
	pim_table_print(table, stream, 0);
	assert_int_equal(fclose(stream), 0);
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 3001);
	assert_non_null(strstr(text, longest));
	assert_non_null(strstr(text, "\n2,999  z\n"));
	free(text);
}

/* A cell is printed as it is, never used as a format. */
static void takes_cells_literally(void **state)
{
	static const struct pim_column columns[] = { { "%s%n", PIM_LEFT }, {} };
	struct pim_table *table = pim_table_new(columns);
	FILE *stream = open_text();

	(void)state;
	pim_table_cell(table, "%s", "100 %n\\");
	pim_table_print(table, stream, 0);
	assert_text(stream, "%s%n\n100 %n\\\n");
}

/* ---- terminals ---- */

static void writes_no_escapes_into_files(void **state)
{
	struct pim_table *table = pim_table_new(left_right_left);
	FILE *stream = tmpfile();
	char found[200] = "";

	(void)state;
	assert_non_null(stream);
	assert_string_equal(pim_bold(stream), "");
	assert_string_equal(pim_plain(stream), "");
	pim_heading(stream, "%s %d", "heading", 1);
	pim_table_print(table, stream, 0);
	rewind(stream);
	assert_true(fread(found, 1, sizeof(found) - 1, stream) > 0);
	assert_string_equal(found, "heading 1\nname  packets  meaning\n");
	fclose(stream);
}

static void writes_bold_titles_on_terminals(void **state)
{
	struct pim_table *table = pim_table_new(left_right_left);
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	struct termios settings;
	char found[400] = "";
	size_t length = 0;
	ssize_t bytes;
	FILE *stream;
	int terminal;

	(void)state;
	if (master < 0 || grantpt(master) || unlockpt(master))
		skip();
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(terminal >= 0);
	assert_int_equal(tcgetattr(terminal, &settings), 0);
	cfmakeraw(&settings); /* a newline stays one byte */
	assert_int_equal(tcsetattr(terminal, TCSANOW, &settings), 0);
	stream = fdopen(terminal, "w");
	assert_non_null(stream);
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	pim_heading(stream, "%s", "heading");
	pim_table_cell(table, "a");
	pim_table_number(table, 1);
	pim_table_cell(table, "b");
	pim_table_print(table, stream, 2);
	assert_int_equal(fclose(stream), 0);
	/* A terminal hands its text over in pieces of any size; its end is an error, EIO. */
	while ((bytes = read(master, found + length, sizeof(found) - 1 - length)) > 0)
		length += (size_t)bytes;
	assert_int_equal(errno, EIO);
	assert_string_equal(found, "\033[1mheading\033[0m\n"
				   "  \033[1mname  packets  meaning\033[0m\n"
				   "  a           1  b\n");
	close(master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aligns_columns),
		cmocka_unit_test(leaves_no_blanks_at_the_end),
		cmocka_unit_test(ends_right_aligned_columns_at_one_place),
		cmocka_unit_test(prints_titles_alone),
		cmocka_unit_test(does_nothing_without_a_table),
		cmocka_unit_test(holds_many_and_long_cells),
		cmocka_unit_test(takes_cells_literally),
		cmocka_unit_test(writes_no_escapes_into_files),
		cmocka_unit_test(writes_bold_titles_on_terminals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
