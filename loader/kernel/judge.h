/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Runs, times and measures a filter without an interface. */
#ifndef PIMXDP_KERNEL_JUDGE_H
#define PIMXDP_KERNEL_JUDGE_H

#include "kernel/filter.h"

/* Runs one Ethernet frame (complete, as on the wire but without the FCS; 1 to
 * PIM_JUDGE_BYTES bytes) through the program (BPF_PROG_TEST_RUN). The filter must have
 * been loaded with PIM_LOAD_TRACE. *passed tells whether the program returned XDP_PASS;
 * in observe mode this differs from the verdict of decision->outcome. Returns 0 or
 * -errno with a text. */
#define PIM_JUDGE_BYTES 9216u
int pim_filter_judge(struct pim_filter *filter, const void *frame, uint32_t length_bytes,
		     struct pim_decision *decision, bool *passed, struct pim_error *error);

/* Runs the frame `repeat` times in the kernel; *run_ns receives the average time of one
 * run. Returns 0 or -errno with a text. */
int pim_filter_time(struct pim_filter *filter, const void *frame, uint32_t length_bytes,
		    uint32_t repeat, uint32_t *run_ns, struct pim_error *error);

/* The size of the program after the verifier and the JIT. verified_instructions is 0 on
 * kernels that do not report it (before 5.16). */
struct pim_program_size {
	uint32_t verified_instructions;
	uint32_t jited_bytes;
	uint32_t translated_bytes;
};
int pim_filter_size(const struct pim_filter *filter, struct pim_program_size *size,
		    struct pim_error *error);

#endif
