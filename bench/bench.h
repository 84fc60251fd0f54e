/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pimbench has one command for each kind of measurement. Each prints one JSON value to
 * stdout; bench/report.py combines them into one report.
 */
#ifndef PIMXDP_BENCH_H
#define PIMXDP_BENCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/splitmix64.h"
#include "kernel/judge.h"

/* How much to measure: pimbench's options. */
struct bench_effort {
	unsigned int rounds;   /* interleaved; the result is their median */
	unsigned int slice_ms; /* time of one subject in one round */
	size_t largest;	       /* length of a list, or number of flows */
};

/* ---- measuring ---- */

#define BENCH_ROUNDS_MAX 64
#define BENCH_SUBJECTS_MAX 16

/* A program to run on a frame, over and over. */
struct bench_subject {
	const char *name;
	int program;		   /* XDP, run by BPF_PROG_TEST_RUN; -1: use `filter` */
	struct pim_filter *filter; /* ours, run by pim_filter_time */
	double expected_ns;	   /* of a run, roughly; 0: not known yet */
	uint32_t action;	   /* of the last run, where it has a `program` */
	double rounds_ns[BENCH_ROUNDS_MAX];
};

/* Runs the subjects in turn, `effort->rounds` times, on the same frame. A figure is the CPU
 * time of the call divided by its repeats. The kernel's own figure is rounded to whole
 * nanoseconds, and excludes no noise that CPU time does not exclude. Changing to another
 * program makes the kernel wait for 20 ms, so runs are few and long. Exits on failure. */
void bench_interleave(struct bench_subject *subjects, size_t count,
		      const struct bench_effort *effort, const void *frame, uint32_t length_bytes);

/* A single round, for callers that change the frame between rounds. expected_ns must be set. */
void bench_round(struct bench_subject *subjects, size_t count, const struct bench_effort *effort,
		 unsigned int round, const void *frame, uint32_t length_bytes);

/* {"median":, "min":, "max":, "rounds":} of the figures, each less that of `base` in the same
 * round (`base` may be NULL) and divided by `divisor`. The caller owns the object. */
json_t *bench_summary(const double *rounds, const double *base, double divisor,
		      const struct bench_effort *effort);

/* Pins this process to the last CPU that it may use, since interrupts mostly go to the
 * first, and raises its priority. */
void bench_pin(void);

/* ---- lists ---- */

struct pim_prefix;

/* `count` different prefixes in random order, like those of real lists: IPv4 with the
 * lengths of a routing table and some hosts, IPv6 from /32 to /64 inside the registries'
 * blocks. The caller frees them. */
struct pim_prefix *bench_list(uint8_t family, size_t count, uint64_t seed);

/* A random address in the prefix, as a host prefix. */
struct pim_prefix bench_inside(const struct pim_prefix *prefix, uint64_t *state);

/* A random address, as a host prefix, from the space that such lists are drawn from. */
struct pim_prefix bench_anywhere(uint8_t family, uint64_t *state);

/* Reads a file with one prefix per line. The caller frees the list. */
struct pim_prefix *bench_read_list(const char *path, size_t *count);

/* ---- commands ---- */

/* Each gets the arguments after its name (see the table in pimbench.c) and returns the JSON
 * value to print. */
json_t *bench_prepare(int count, char **arguments, const struct bench_effort *effort);
json_t *bench_hot(int count, char **arguments, const struct bench_effort *effort);
json_t *bench_lookup(int count, char **arguments, const struct bench_effort *effort);
json_t *bench_flows(int count, char **arguments, const struct bench_effort *effort);
json_t *bench_hang(int count, char **arguments, const struct bench_effort *effort);
json_t *bench_rate(int count, char **arguments, const struct bench_effort *effort);
json_t *bench_storm(int count, char **arguments, const struct bench_effort *effort);
json_t *bench_spend(int count, char **arguments, const struct bench_effort *effort);

#endif
