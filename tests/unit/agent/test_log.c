/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The agent's log: one line per event, whatever the text holds. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/log.h"
#include "base/json.h"
#include "unit/folder.h"

static bool journal; /* whether the environment says that stderr is the journal */

/* What one call prints. */
static char *logged(enum pim_log_format format, enum pim_event event, json_t *fields)
{
	int kept, file;
	size_t size;
	char *line;

	enter_new_folder(folder);
	fflush(stderr);
	kept = dup(STDERR_FILENO);
	file = open("line", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(dup2(file, STDERR_FILENO), STDERR_FILENO);
	if (journal) {
		char stream[64];
		struct stat found;

		assert_int_equal(fstat(file, &found), 0);
		snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)found.st_dev,
			 (unsigned long long)found.st_ino);
		setenv("JOURNAL_STREAM", stream, 1);
	}
	pim_log_start(format);
	pim_log(event, fields);
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(file);
	line = read_bytes("line", &size);
	remove_folder(folder);
	assert_true(size > 0 && line[size - 1] == '\n' && strchr(line, '\n') == line + size - 1);
	return line;
}

static json_t *fields(const char *text)
{
	return json_pack("{s:o, s:i, s:b}", "text", pim_json_text(text), "number", -7, "truth", 1);
}

/* Compares what follows the time, which differs on each call. */
static void assert_text(enum pim_event event, const char *text, const char *expected)
{
	char *line = logged(PIM_LOG_TEXT, event, fields(text));

	assert_int_equal(strncmp(line, "time=20", 7), 0);
	assert_string_equal(strchr(line, ' ') + 1, expected);
	free(line);
}

static void prints_text(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	assert_text(PIM_EVENT_STARTED, "word",
		    "level=info event=started text=word number=-7 truth=true\n");
	assert_text(PIM_EVENT_CONFIG, "two words",
		    "level=warning event=config-warning text=\"two words\" number=-7 truth=true\n");
	assert_text(PIM_EVENT_FAILED, "",
		    "level=error event=failed text=\"\" number=-7 truth=true\n");
	assert_text(PIM_EVENT_STARTED, "a=\"b\\c\"",
		    "level=info event=started text=\"a=\\\"b\\\\c\\\"\" number=-7 truth=true\n");
	assert_text(PIM_EVENT_STARTED, "x\nlevel=error event=forged\x1b[2J\x7f",
		    "level=info event=started text=\"x\\x0alevel=error event=forged\\x1b[2J\\x7f\" "
		    "number=-7 truth=true\n");
	/* A direction mark (U+202E) and a C1 control character, both valid UTF-8. */
	assert_text(
		PIM_EVENT_STARTED, "\xe2\x80\xae\xc2\x9b",
		"level=info event=started text=\"\\xe2\\x80\\xae\\xc2\\x9b\" number=-7 truth=true\n");
	assert_text(PIM_EVENT_STARTED, "\x1b[2J",
		    "level=info event=started text=\"\\x1b[2J\" number=-7 truth=true\n");
}

static void tells_the_journal_its_level(void **state)
{
	char *line;

	(void)state;
	journal = true;
	line = logged(PIM_LOG_TEXT, PIM_EVENT_CONFIG, NULL);
	assert_string_equal(line, "<4>level=warning event=config-warning\n");
	free(line);
	line = logged(PIM_LOG_JSON, PIM_EVENT_CONFIG, NULL);
	assert_int_equal(*line, '{');
	free(line);
	journal = false;
	setenv("JOURNAL_STREAM", "1:2", 1); /* inherited, for another stream */
	assert_text(PIM_EVENT_STARTED, "word",
		    "level=info event=started text=word number=-7 truth=true\n");
	unsetenv("JOURNAL_STREAM");
}

static void prints_json(void **state)
{
	static const char *const texts[] = { "word", "two words\n", "\"", "\xff\x80", "\xc3\xa9" };
	static const char *const shown[] = { "word", "two words\n", "\"", "??", "\xc3\xa9" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char *line = logged(PIM_LOG_JSON, PIM_EVENT_FAILED, fields(texts[i]));
		json_t *value = json_loads(line, 0, NULL);

		assert_non_null(value);
		assert_string_equal(json_string_value(json_object_get(value, "level")), "error");
		assert_string_equal(json_string_value(json_object_get(value, "event")), "failed");
		assert_string_equal(json_string_value(json_object_get(value, "text")), shown[i]);
		assert_int_equal(json_integer_value(json_object_get(value, "number")), -7);
		assert_true(json_is_true(json_object_get(value, "truth")));
		assert_non_null(json_object_get(value, "time"));
		json_decref(value);
		free(line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_text),
		cmocka_unit_test(tells_the_journal_its_level),
		cmocka_unit_test(prints_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
