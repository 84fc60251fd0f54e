/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The time and memory that a command takes. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

json_t *bench_spend(int count, char **arguments, const struct bench_effort *effort)
{
	struct timespec before, after;
	struct rusage usage;
	int status;
	pid_t child;

	(void)effort;
	if (count < 1)
		bench_die("spend: expected a command");
	setpriority(PRIO_PROCESS, 0, -20); /* ahead of other processes */
	clock_gettime(CLOCK_MONOTONIC, &before);
	child = fork();
	if (child < 0)
		bench_die("fork: %s", strerror(errno));
	if (!child) {
		/* stdout is for our JSON, so the command's output goes to stderr. */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(arguments[0], arguments);
		bench_die("%s: %s", arguments[0], strerror(errno));
	}
	if (wait4(child, &status, 0, &usage) != child)
		bench_die("wait: %s", strerror(errno));
	clock_gettime(CLOCK_MONOTONIC, &after);
	if (status)
		bench_die("%s failed", arguments[0]);
	return json_pack("{s:f, s:f, s:f, s:I}", "seconds",
			 after.tv_sec - before.tv_sec + (after.tv_nsec - before.tv_nsec) / 1e9,
			 "user_seconds", usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6,
			 "system_seconds", usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6,
			 "memory_bytes", (json_int_t)usage.ru_maxrss * 1024);
}
