/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The outcomes of a frame and their verdicts, derived from reasons.def. */
#ifndef PIMXDP_ABI_OUTCOME_H
#define PIMXDP_ABI_OUTCOME_H

#include <pimxdp/types.h>

enum pim_verdict { PIM_PASS, PIM_DROP };

/* PIM_PASS_ARP ... PIM_DROP_STUN_SHAPE. Each is the key of its counters in
 * pim_reasons (counters.h). */
enum pim_outcome {
#define PIM_OUTCOME(verdict, id, reason, meaning) PIM_##verdict##_##id,
#include <pimxdp/reasons.def>
#undef PIM_OUTCOME
	PIM_OUTCOMES,
	PIM_UNDECIDED = 0xff, /* of a step that leaves the decision to the next */
};

/* The number of passing outcomes, which come first. */
enum {
	PIM_PASS_OUTCOMES = 0
#define PIM_OUTCOME(verdict, id, reason, meaning) +(PIM_##verdict == PIM_PASS)
#include <pimxdp/reasons.def>
#undef PIM_OUTCOME
};
_Static_assert((int)PIM_PASS_RULE < PIM_PASS_OUTCOMES &&
		       (int)PIM_DROP_TRUNCATED >= PIM_PASS_OUTCOMES,
	       "passing outcomes stand first");

/* The verdict of an enum pim_outcome: what happens to the frame in enforce mode. */
static inline enum pim_verdict pim_outcome_verdict(__u32 outcome)
{
	return outcome < PIM_PASS_OUTCOMES ? PIM_PASS : PIM_DROP;
}

#endif
