/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "policy/arrival.h"

#include "policy/review.h"

static bool in_ranges(const struct pim_row *row, uint16_t port)
{
	for (size_t i = 0; i < row->range_count; i++)
		if (row->ranges[i].low <= port && port <= row->ranges[i].high)
			return true;
	return false;
}

/* The leg of a row by which packets arrive. */
static bool ports_match(const struct pim_policy *policy, const struct pim_row *row,
			const struct pim_arrival *arrival)
{
	bool to = in_ranges(row, arrival->destination_port);
	bool from = !arrival->source_port || in_ranges(row, arrival->source_port);

	if (row->direction == PIM_IN)
		return to;
	if (row->port_end != PIM_PORT_END_OPTION)
		return from;
	return policy->options.rtp_port_end == PIM_RTP_PORT_END_EDGE ? to :
	       policy->options.rtp_port_end == PIM_RTP_PORT_END_PEER ? from :
								       to || from;
}

static enum pim_outcome judge_rows(const struct pim_policy *policy,
				   const struct pim_arrival *arrival, const struct pim_row **row)
{
	enum pim_outcome refusal = PIM_DROP_NO_SERVICE;

	for (int direction = PIM_IN; direction <= PIM_OUT; direction++) {
		for (size_t i = 0; i < policy->row_count; i++) {
			const struct pim_row *at = &policy->rows[i];
			bool fits;

			if (!at->enabled || at->direction != (enum pim_direction)direction ||
			    at->transport != arrival->transport ||
			    !(at->edge_role & arrival->destination_roles) ||
			    !ports_match(policy, at, arrival))
				continue;
			fits = at->direction == PIM_IN || at->transport != PIM_TCP ||
			       !arrival->opens;
			if (fits && at->peer_role & arrival->source_roles) {
				*row = at;
				return PIM_PASS_RULE;
			}
			if (*row)
				continue;
			*row = at;
			refusal = at->peer_role & arrival->source_roles ? PIM_DROP_UNSOLICITED :
									  PIM_DROP_ROLE;
		}
	}
	return refusal;
}

enum pim_outcome pim_policy_judge(const struct pim_policy *policy,
				  const struct pim_arrival *arrival, const struct pim_row **row)
{
	*row = NULL;
	if (!(arrival->destination_roles & PIM_EDGE_ANY))
		return policy->options.not_edge == PIM_NOT_EDGE_DROP ? PIM_DROP_NOT_EDGE :
								       PIM_PASS_NOT_EDGE;
	switch (pim_source_fate(&arrival->source, arrival->source_roles)) {
	case PIM_FATE_MARTIAN:
	case PIM_FATE_EDGE:
		return PIM_DROP_MARTIAN;
	case PIM_FATE_FAILSAFE:
		return PIM_PASS_FAILSAFE;
	case PIM_FATE_BLOCKED:
		return PIM_DROP_BLOCKED;
	case PIM_FATE_ROWS:
	case PIM_FATE_NONE:
		break;
	}
	return judge_rows(policy, arrival, row);
}
