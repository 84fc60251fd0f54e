/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pimbench: a command a kind of measurement. Each prints one JSON value to
 * stdout; bench/report.py makes one report of them.
 */
#ifndef PIMXDP_BENCH_H
#define PIMXDP_BENCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/judge.h"
#include "base/splitmix64.h"

/* How much to measure: pimbench's options. */
struct bench_effort {
	unsigned int rounds;   /* interleaved; the median of them counts */
	unsigned int slice_ms; /* of one subject in one round */
	size_t largest;	       /* list or number of flows */
};

/* ---- measuring ---- */

#define BENCH_ROUNDS_MAX 64
#define BENCH_SUBJECTS_MAX 16

/* Something that runs `repeat` times on a frame when asked. */
struct bench_subject {
	const char *name;
	int program;		   /* XDP, run by BPF_PROG_TEST_RUN; or -1: */
	struct pim_filter *filter; /* ours, run by pim_filter_time */
	double expected_ns;	   /* of a run, roughly; 0: to be found out */
	uint32_t action;	   /* of the last run, where it has a `program` */
	double rounds_ns[BENCH_ROUNDS_MAX];
};

/* Runs the subjects in turn, `effort->rounds` times, on the same frame. What is
 * measured is the CPU time of the call over `repeat`: the kernel's own figure
 * is a whole number, and all of the noise that it leaves out is left out here,
 * too. To run another program than the last costs the kernel 20 ms of waiting,
 * so there are few runs, and long ones. Ends the program when one fails. */
void bench_interleave(struct bench_subject *subjects, size_t count,
		      const struct bench_effort *effort, const void *frame, uint32_t length_bytes);

/* One round, where each has another frame; expected_ns must be known. */
void bench_round(struct bench_subject *subjects, size_t count, const struct bench_effort *effort,
		 unsigned int round, const void *frame, uint32_t length_bytes);

/* {"median":, "min":, "max":, "rounds":} of the figures, each minus `base`'s of
 * the same round (base may be NULL) and divided by `divisor`. */
json_t *bench_summary(const double *rounds, const double *base, double divisor,
		      const struct bench_effort *effort);

/* Keeps this process on one CPU, the last, since interrupts mostly go to the
 * first, and ahead of others there. */
void bench_pin(void);

/* ---- lists ---- */

struct pim_prefix;

/* `count` different prefixes in no order, as real lists have them: IPv4 with
 * the lengths of a routing table and some hosts, IPv6 from /32 to /64 inside of
 * the registries' blocks. The caller frees them. */
struct pim_prefix *bench_list(uint8_t family, size_t count, uint64_t seed);

/* An address in the prefix, as a host prefix. */
struct pim_prefix bench_inside(const struct pim_prefix *prefix, uint64_t *state);

/* An address where such lists have theirs. */
struct pim_prefix bench_anywhere(uint8_t family, uint64_t *state);

/* The list as a file of one prefix a line. */
void bench_write_list(const char *path, const struct pim_prefix *prefixes, size_t count);
struct pim_prefix *bench_read_list(const char *path, size_t *count);

/* ---- commands ---- */

/* Each gets what follows its name; bench_usage tells what that is. */
json_t *bench_prepare(int count, char **arguments, const struct bench_effort *effort);
json_t *bench_hot(int count, char **arguments, const struct bench_effort *effort);
json_t *bench_lookup(int count, char **arguments, const struct bench_effort *effort);
json_t *bench_flows(int count, char **arguments, const struct bench_effort *effort);
json_t *bench_hang(int count, char **arguments, const struct bench_effort *effort);
json_t *bench_rate(int count, char **arguments, const struct bench_effort *effort);
json_t *bench_storm(int count, char **arguments, const struct bench_effort *effort);
json_t *bench_spend(int count, char **arguments, const struct bench_effort *effort);

#endif
