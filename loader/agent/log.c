/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/log.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

static enum pim_log_format format;
static bool to_journal;

/* $JOURNAL_STREAM names the stream that systemd set up; stderr may have been redirected
 * since (systemd.exec(5)). */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat found;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       !fstat(STDERR_FILENO, &found) && found.st_dev == device && found.st_ino == inode;
}

void pim_log_start(enum pim_log_format wanted)
{
	format = wanted;
	to_journal = wanted == PIM_LOG_TEXT && stderr_is_journal();
}

/* Numbers are those of syslog(3). */
static const struct level {
	int number;
	const char *name;
} error = { 3, "error" }, warning = { 4, "warning" }, info = { 6, "info" };

#define ERROR &error
#define WARNING &warning
#define INFO &info
static const struct {
	const struct level *level;
	const char *name;
} events[] = {
#define PIM_EVENT(id, level, name, meaning) [PIM_EVENT_##id] = { level, name },
#include "agent/events.def"
#undef PIM_EVENT
};

static bool is_word(const char *text)
{
	const char *at = text;

	while (*at > ' ' && *at <= '~' && !strchr("\"=\\", *at))
		at++;
	return at > text && !*at;
}

/* Unquoted if it is one word; else quoted and escaped, so that it stays on one line. */
static void print_text(FILE *stream, const char *text)
{
	if (is_word(text)) {
		fputs(text, stream);
		return;
	}
	putc('"', stream);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(stream, "\\%c", *text);
		else if (*text < ' ' || *text > '~')
			fprintf(stream, "\\x%02x", (unsigned char)*text);
		else
			putc(*text, stream);
	}
	putc('"', stream);
}

static void print_field(FILE *stream, const char *name, const json_t *value)
{
	fprintf(stream, " %s=", name);
	if (json_is_string(value))
		print_text(stream, json_string_value(value));
	else if (json_is_integer(value))
		fprintf(stream, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else
		fputs(json_is_true(value) ? "true" : "false", stream);
}

static void print_line(FILE *stream, enum pim_event event, const char *time, json_t *fields)
{
	const char *name;
	json_t *value;

	if (to_journal)
		fprintf(stream, "<%d>", events[event].level->number);
	else
		fprintf(stream, "time=%s ", time);
	fprintf(stream, "level=%s event=%s", events[event].level->name, events[event].name);
	json_object_foreach(fields, name, value) print_field(stream, name, value);
	putc('\n', stream);
}

static void print_json(FILE *stream, enum pim_event event, const char *time, json_t *fields)
{
	json_t *line = json_pack("{s:s, s:s, s:s}", "time", time, "level",
				 events[event].level->name, "event", events[event].name);

	if (line && fields)
		json_object_update(line, fields);
	if (line)
		json_dumpf(line, stream, JSON_COMPACT);
	putc('\n', stream);
	json_decref(line);
}

void pim_log(enum pim_event event, json_t *fields)
{
	char time[PIM_TIME_TEXT], *line = NULL;
	size_t size;
	FILE *stream = open_memstream(&line, &size);

	pim_time_format(pim_realtime_ns(), true, time);
	if (stream) {
		if (format == PIM_LOG_JSON)
			print_json(stream, event, time, fields);
		else
			print_line(stream, event, time, fields);
		fclose(stream);
		fwrite(line, 1, size, stderr); /* in one write */
		fflush(stderr);
	}
	free(line);
	json_decref(fields);
}
