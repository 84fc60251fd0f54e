/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/judge.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <linux/if_ether.h>

#include "kernel/object.h"

static int run(struct pim_filter *filter, const void *frame, uint32_t length_bytes, uint32_t repeat,
	       uint32_t *action, uint32_t *run_ns, struct pim_error *error)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = length_bytes,
		    .repeat = repeat);

	if (!length_bytes || length_bytes > PIM_JUDGE_BYTES)
		return pim_fail(error, EMSGSIZE, "expected a frame of 1 to %u bytes, found %u",
				PIM_JUDGE_BYTES, length_bytes);
	if (bpf_prog_test_run_opts(pim_filter_program(filter), &options))
		return pim_fail_kernel(error, errno, "cannot run the program on a frame");
	*action = options.retval;
	if (run_ns)
		*run_ns = options.duration;
	return 0;
}

int pim_filter_judge(struct pim_filter *filter, const void *frame, uint32_t length_bytes,
		     struct pim_decision *decision, bool *passed, struct pim_error *error)
{
	volatile struct pim_decision *written = pim_filter_decision(filter);
	uint32_t action;
	int result;

	if (length_bytes < ETH_HLEN) {
		/* The kernel runs no program on such a frame, and no driver delivers one.
		 * This is the outcome of step 1 of docs/classification.md. */
		*decision = (struct pim_decision){ .length_bytes = length_bytes,
						   .rule = PIM_NO_RULE,
						   .outcome = PIM_DROP_TRUNCATED };
		*passed = pim_filter_options(filter)->mode == PIM_MODE_OBSERVE;
		return 0;
	}
	*written = (struct pim_decision){ .outcome = PIM_UNDECIDED };
	result = run(filter, frame, length_bytes, 1, &action, NULL, error);
	if (result)
		return result;
	*decision = *written;
	*passed = action == XDP_PASS;
	if (decision->outcome >= PIM_OUTCOMES || (action != XDP_PASS && action != XDP_DROP))
		return pim_fail(error, EPROTO, "the program ended in action %u, outcome %u", action,
				decision->outcome);
	return 0;
}

int pim_filter_time(struct pim_filter *filter, const void *frame, uint32_t length_bytes,
		    uint32_t repeat, uint32_t *run_ns, struct pim_error *error)
{
	uint32_t action;

	return run(filter, frame, length_bytes, repeat, &action, run_ns, error);
}

int pim_filter_size(const struct pim_filter *filter, struct pim_program_size *size,
		    struct pim_error *error)
{
	struct bpf_prog_info info;
	int result = pim_object_info(pim_filter_program(filter), &info, sizeof(info));

	if (result)
		return pim_fail_kernel(error, -result, "cannot describe the program");
	*size = (struct pim_program_size){
		.verified_instructions = info.verified_insns,
		.jited_bytes = info.jited_prog_len,
		.translated_bytes = info.xlated_prog_len,
	};
	return 0;
}
