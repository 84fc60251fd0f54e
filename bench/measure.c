/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "bench.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "kernel/judge.h"
#include "say.h"

static uint64_t thread_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Nanoseconds of one run. */
static double run(struct bench_subject *subject, const void *frame, uint32_t length_bytes,
		  uint32_t repeat)
{
	struct pim_error error = {};
	uint64_t start_ns = thread_ns();
	uint32_t ignored;

	if (subject->program >= 0) {
		LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame,
			    .data_size_in = length_bytes, .repeat = repeat);

		if (bpf_prog_test_run_opts(subject->program, &options))
			bench_die("%s does not run: %s", subject->name, strerror(errno));
		subject->action = options.retval;
	} else if (pim_filter_time(subject->filter, frame, length_bytes, repeat, &ignored,
				   &error)) {
		bench_die("%s", error.text);
	}
	return (double)(thread_ns() - start_ns) / repeat;
}

static uint32_t repeats_in_slice(const struct bench_effort *effort, double ns)
{
	double repeats = effort->slice_ms * 1e6 / ns;

	return repeats > 4 ? repeats : 4;
}

void bench_round(struct bench_subject *subjects, size_t count, const struct bench_effort *effort,
		 unsigned int round, const void *frame, uint32_t length_bytes)
{
	for (size_t i = 0; i < count; i++)
		subjects[i].rounds_ns[round] =
			run(&subjects[i], frame, length_bytes,
			    repeats_in_slice(effort, subjects[i].expected_ns));
}

void bench_interleave(struct bench_subject *subjects, size_t count,
		      const struct bench_effort *effort, const void *frame, uint32_t length_bytes)
{
	for (size_t i = 0; i < count; i++) {
		if (subjects[i].expected_ns)
			continue;
		/* The first run has cold caches; the second one counts. */
		run(&subjects[i], frame, length_bytes, 2);
		subjects[i].expected_ns = run(&subjects[i], frame, length_bytes, 4);
	}
	for (unsigned int round = 0; round < effort->rounds; round++)
		bench_round(subjects, count, effort, round, frame, length_bytes);
}

static int compare(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;

	return (first > second) - (first < second);
}

static json_t *rounded(double value)
{
	return json_real((double)(int64_t)(value * 1000 + (value < 0 ? -0.5 : 0.5)) / 1000);
}

json_t *bench_summary(const double *rounds, const double *base, double divisor,
		      const struct bench_effort *effort)
{
	const unsigned int count = effort->rounds;
	double sorted[BENCH_ROUNDS_MAX];

	for (unsigned int i = 0; i < count; i++)
		sorted[i] = (rounds[i] - (base ? base[i] : 0)) / divisor;
	qsort(sorted, count, sizeof(*sorted), compare);
	return json_pack("{s:o, s:o, s:o, s:i}", "median",
			 rounded((sorted[(count - 1) / 2] + sorted[count / 2]) / 2), "min",
			 rounded(sorted[0]), "max", rounded(sorted[count - 1]), "rounds", count);
}

void bench_pin(void)
{
	cpu_set_t allowed, one;

	setpriority(PRIO_PROCESS, 0, -20);
	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return;
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}
