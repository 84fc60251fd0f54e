/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A filter that judges, is timed and is measured, without an interface. */
#ifndef PIMXDP_KERNEL_JUDGE_H
#define PIMXDP_KERNEL_JUDGE_H

#include "kernel/filter.h"

/* Runs one Ethernet frame (whole, as on the wire without FCS; 1 to
 * PIM_JUDGE_BYTES) through the program (BPF_PROG_TEST_RUN). The filter must have
 * been loaded with PIM_LOAD_TRACE. *passed is what the program really returned,
 * which in observe mode is not decision->outcome's verdict. */
#define PIM_JUDGE_BYTES 9216u
int pim_filter_judge(struct pim_filter *filter, const void *frame, uint32_t length_bytes,
		     struct pim_decision *decision, bool *passed, struct pim_error *error);

/* Times `repeat` runs of the frame in the kernel: *run_ns is the average of one. */
int pim_filter_time(struct pim_filter *filter, const void *frame, uint32_t length_bytes,
		    uint32_t repeat, uint32_t *run_ns, struct pim_error *error);

/* What the verifier and the JIT made of the program. verified_instructions is 0
 * where the kernel does not say (before 5.16). */
struct pim_program_size {
	uint32_t verified_instructions;
	uint32_t jited_bytes;
	uint32_t translated_bytes;
};
int pim_filter_size(const struct pim_filter *filter, struct pim_program_size *size,
		    struct pim_error *error);

#endif
