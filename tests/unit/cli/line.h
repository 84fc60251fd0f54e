/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Runs the command line as a function: what it prints, where, and its exit status. */
#ifndef PIMXDP_TESTS_CLI_LINE_H
#define PIMXDP_TESTS_CLI_LINE_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/command.h"
#include "unit/folder.h"

#define ARGUMENTS_MAX 12

/* Complete: it causes no warning. */
static const char complete[] =
	"edge = { access = [ \"198.51.100.10\" ] }\n"
	"partners = ( { name = \"contoso\" addresses = [ \"203.0.113.0/24\" ] } )\n"
	"clients = { addresses = [ \"192.0.2.0/24\", \"2001:db8::/32\" ] }\n";

static char output[16384], errors[16384];

static inline int redirect(FILE *stream, int descriptor, const char *path)
{
	int kept, file;

	fflush(stream);
	kept = dup(descriptor);
	file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(kept >= 0 && file >= 0);
	assert_int_equal(dup2(file, descriptor), descriptor);
	close(file);
	return kept;
}

static inline void restore(FILE *stream, int descriptor, int kept, const char *path, char *text,
			   size_t size)
{
	size_t length;
	char *bytes;

	fflush(stream);
	assert_int_equal(dup2(kept, descriptor), descriptor);
	close(kept);
	bytes = read_bytes(path, &length);
	assert_true(length < size);
	memcpy(text, bytes, length + 1);
	free(bytes);
}

/* Runs `pimxdp` with the words of a line, which single blanks separate. */
static inline enum pim_exit run(const char *line)
{
	char words[512], *rest = words, *argv[ARGUMENTS_MAX + 1] = { (char *)"pimxdp" };
	int argc = 1, kept_output, kept_errors;
	enum pim_exit status;

	strcpy(words, line);
	while (*line && rest) {
		assert_true(argc < ARGUMENTS_MAX);
		argv[argc++] = strsep(&rest, " ");
	}
	optind = 0; /* as in a new process */
	kept_output = redirect(stdout, STDOUT_FILENO, "stdout");
	kept_errors = redirect(stderr, STDERR_FILENO, "stderr");
	status = pim_command_line(argc, argv);
	restore(stdout, STDOUT_FILENO, kept_output, "stdout", output, sizeof(output));
	restore(stderr, STDERR_FILENO, kept_errors, "stderr", errors, sizeof(errors));
	return status;
}

static inline void assert_has(const char *where, const char *part)
{
	if (!strstr(where, part))
		fail_msg("expected \"%s\" in: %s", part, where);
}

/* The line ends with status 2, a message that has the text, and nothing on stdout. */
static inline void assert_usage(const char *line, const char *message)
{
	enum pim_exit status = run(line);

	if (status != PIM_EXIT_USAGE || !strstr(errors, message) || *output)
		fail_msg("pimxdp %s: status %d, expected 2 and \"%s\"; stdout: %s stderr: %s", line,
			 status, message, output, errors);
	/* An error in a configuration begins with its file. */
	if (strncmp(errors, message, strlen(message)) || !strstr(message, ".conf:"))
		assert_int_equal(strncmp(errors, "pimxdp", 6), 0);
}

#endif
