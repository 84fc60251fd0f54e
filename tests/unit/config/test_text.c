/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The text itself: the lines that values are on, and text that is cut or damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "policy/policy.h"
#include "unit/config/fixture.h"

/* ---- lines ---- */

/* A text being built, and the line it has reached. */
struct writer {
	char text[16384];
	size_t size;
	unsigned int line;
};

static void emit(struct writer *writer, const char *piece)
{
	size_t length = strlen(piece);

	assert_true(writer->size + length < sizeof(writer->text));
	memcpy(writer->text + writer->size, piece, length + 1);
	writer->size += length;
	for (; *piece; piece++)
		writer->line += *piece == '\n';
}

/* Writes anything that may come between tokens, then the token. Returns its line. */
static unsigned int emit_token(struct writer *writer, const char *token)
{
	static const char *const between[] = {
		" ",	  "\n",	   "\r\n\t",  "# a \"comment\n", "/* [ \n \" */", "// {\n",
		"\n\n\n", "/***/", "/* # */", "# /*\n",		 "// */\n",	  " \f ",
	};
	unsigned int line;

	emit(writer, " ");
	for (int count = rand() % 3; count; count--)
		emit(writer, between[(size_t)rand() % (sizeof(between) / sizeof(*between))]);
	line = writer->line;
	emit(writer, token);
	return line;
}

static void knows_every_line_in_any_layout(void **state)
{
	(void)state;
	srand(2);
	for (int round = 0; round < 500; round++) {
		static const char *const start[] = { "edge", "=", "{", "access", "=", "[" };
		struct writer writer = { .line = 1 };
		unsigned int edge_line, name_lines[8], address_lines[8][4];
		unsigned int partners = 1 + (unsigned int)rand() % 8;
		struct pim_policy policy;
		size_t at = 0;

		for (size_t token = 0; token < sizeof(start) / sizeof(*start); token++)
			emit_token(&writer, start[token]);
		edge_line = emit_token(&writer, "\"198.51.100.10\"");
		emit_token(&writer, "]");
		emit_token(&writer, "}");
		emit_token(&writer, "partners");
		emit_token(&writer, "=");
		emit_token(&writer, "(");
		for (unsigned int partner = 0; partner < partners; partner++) {
			char text[64];

			emit_token(&writer, partner ? ",{" : "{");
			emit_token(&writer, "name");
			emit_token(&writer, ":");
			snprintf(text, sizeof(text), "\"[p%u #\"", partner);
			name_lines[partner] = emit_token(&writer, text);
			emit_token(&writer, rand() % 2 ? "addresses" : ";addresses");
			emit_token(&writer, "=");
			emit_token(&writer, "(");
			for (unsigned int address = 0; address < 4; address++) {
				snprintf(text, sizeof(text), "\"203.0.%u.%u\"", partner, address);
				if (address)
					emit_token(&writer, ",");
				address_lines[partner][address] = emit_token(&writer, text);
			}
			emit_token(&writer, ")");
			emit_token(&writer, "}");
		}
		emit_token(&writer, ")");
		emit_token(&writer, "");

		read_text(writer.text, &policy);
		assert_int_equal(policy.listed_count, 1 + 4 * partners);
		assert_int_equal(policy.listed[at++].origin.line, edge_line);
		for (unsigned int partner = 0; partner < partners; partner++) {
			assert_int_equal(policy.partners[partner].origin.line, name_lines[partner]);
			for (unsigned int address = 0; address < 4; address++)
				assert_int_equal(policy.listed[at++].origin.line,
						 address_lines[partner][address]);
		}
		pim_policy_free(&policy);
	}
}

/* ---- cut and damaged text ---- */

/* Whether a text may end here: no string, comment or bracket is open, and the
 * last setting is complete. Written independently of the reader's own scan. */
static bool is_whole(const char *text, size_t size)
{
	enum { PLAIN, STRING, LINE, BLOCK } in = PLAIN;
	char last = '\0';
	int depth = 0;

	for (size_t at = 0; at < size; at++) {
		char here = text[at], next = at + 1 < size ? text[at + 1] : '\0';

		if (in == STRING) {
			if (here == '\\')
				at++;
			else if (here == '"')
				in = PLAIN;
		} else if (in == LINE) {
			if (here == '\n')
				in = PLAIN;
		} else if (in == BLOCK) {
			if (here == '*' && next == '/') {
				in = PLAIN;
				at++;
			}
		} else if (here == '#' || (here == '/' && next == '/')) {
			in = LINE;
		} else if (here == '/' && next == '*') {
			in = BLOCK;
			at++;
		} else {
			if (here == '"')
				in = STRING;
			depth += here == '{' || here == '[' || here == '(';
			depth -= here == '}' || here == ']' || here == ')';
			if (here != ' ' && here != '\n')
				last = here;
		}
	}
	return (in == PLAIN || in == LINE) && !depth && last && strchr("})];,", last);
}

static void check_cut(const char *text, size_t size)
{
	struct pim_policy policy;
	struct pim_error error = {};
	int result;

	write_bytes("cut.conf", text, size);
	result = pim_config_read("cut.conf", &policy, &error);
	if (is_whole(text, size) != !result)
		fail_msg("cut at %zu: %s", size, result ? error.text : "accepted");
	if (result) {
		assert_int_equal(error.kind, PIM_EXIT_USAGE);
		assert_int_equal(strncmp(error.text, "cut.conf:", 9), 0);
		assert_null(strchr(error.text, '\n'));
	}
	pim_policy_free(&policy);
}

static void survives_a_cut_at_every_byte(void **state)
{
	(void)state;
	for (size_t size = 0; size <= sample_size; size++)
		check_cut(sample, size);
}

static void survives_damage(void **state)
{
	static const char bytes[] = "\"\\{}[]()#/*@,;:=-0a \t\r\n\x80\xff";
	char *text = malloc(2 * sample_size);
	unsigned int accepted = 0, refused = 0;

	(void)state;
	srand(3);
	assert_non_null(text);
	for (int round = 0; round < 4000; round++) {
		size_t size = sample_size;
		struct pim_policy policy;
		struct pim_error error = {};

		memcpy(text, sample, size);
		for (int count = 1 + rand() % 3; count; count--) {
			size_t at = (size_t)rand() % size, length = (size_t)rand() % 8;

			switch (rand() % 4) {
			case 0: /* another byte, a NUL now and then */
				text[at] = bytes[(size_t)rand() % sizeof(bytes)];
				break;
			case 1: /* one byte more */
				memmove(text + at + 1, text + at, size++ - at);
				text[at] = bytes[(size_t)rand() % sizeof(bytes)];
				break;
			case 2: /* a few bytes less */
				length = length < size - at ? length : size - at - 1;
				memmove(text + at, text + at + length, size - at - length);
				size -= length;
				break;
			default: /* a part repeated */
				length = length < size - at ? length : size - at;
				memmove(text + at + length, text + at, size - at);
				size += length;
				break;
			}
		}
		write_bytes("damaged.conf", text, size);
		if (pim_config_read("damaged.conf", &policy, &error)) {
			refused++;
			assert_int_equal(error.kind, PIM_EXIT_USAGE);
			for (const char *at = error.text; *at; at++)
				assert_true(*at >= ' ' && *at <= '~');
			assert_non_null(strchr(error.text, ':'));
		} else {
			char *printed = pim_config_print(&policy);
			struct pim_policy again;

			accepted++;
			assert_non_null(printed);
			read_text(printed, &again);
			assert_policies_equal(&policy, &again);
			pim_policy_free(&again);
			free(printed);
		}
		pim_policy_free(&policy);
	}
	free(text);
	assert_true(accepted > 100 && refused > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_every_line_in_any_layout),
		cmocka_unit_test(survives_a_cut_at_every_byte),
		cmocka_unit_test(survives_damage),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
