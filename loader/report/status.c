/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/status.h"

#include <stddef.h>

#include "policy/policy.h"

void pim_status_report(const struct pim_place *place, struct pim_status_report *report)
{
	const struct pim_options *options = &place->stamp.options;

	*report = (struct pim_status_report){
		.place = place,
		.state = pim_place_state_name(place->state),
		.attached = place->state == PIM_PLACE_ATTACHED,
		.counts = pim_place_counts(place),
		.replies = "stateless",
	};
	if (!report->attached)
		pim_place_refuse(place, &report->refusal);
	if (!report->counts)
		return;
	report->mode = pim_option_text(options, offsetof(struct pim_options, mode));
	report->observes = options->mode == PIM_MODE_OBSERVE;
}
