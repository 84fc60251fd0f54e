/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Messages with the longest names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "unit/config/fixture.h"

static void keeps_messages_whole_with_long_names(void **state)
{
	char path[2048] = "", text[4096];
	const char *found;

	(void)state;
	/* The longest path, followed by the longest of everything else. */
	for (int depth = 0; depth < 7; depth++) {
		memset(path + strlen(path), '\x01', 250);
		assert_int_equal(mkdir(path, 0755), 0);
		strcat(path, "/");
	}
	strcat(path, "end.conf");
	snprintf(text, sizeof(text), EDGE "partners = ( { name = \"%s\" },\n{ name = \"%s\" } )",
		 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
		 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn");
	write_text(path, text);
	found = refusal_of(path);
	assert_non_null(strstr(found, "end.conf:3: expected a name no other partner has"));
	assert_true(!strcmp(found + strlen(found) - strlen("end.conf:2"), "end.conf:2"));
	assert_int_equal(strncmp(found, "...\\x01", 7), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_messages_whole_with_long_names),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
