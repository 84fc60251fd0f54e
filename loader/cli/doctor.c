/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>

#include "cli/input.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "doctor/doctor.h"
#include "output/doctor.h"

static enum pim_exit doctor(const struct pim_arguments *arguments)
{
	struct pim_doctor checks = {};
	struct pim_error error = {};
	struct pim_policy policy = {};
	struct pim_image image = {};
	enum pim_exit status;

	if (arguments->config && pim_load_image(arguments->config, &policy, &image, &status))
		return status;
	if (pim_doctor_run(arguments->operand, arguments->config ? &policy : NULL,
			   arguments->config ? &image : NULL, &checks, &error)) {
		status = pim_give_up(&error);
	} else {
		if (arguments->json)
			pim_output_doctor_json(stdout, arguments->pretty, &checks);
		else
			pim_output_doctor_text(stdout, &checks);
		status = pim_doctor_worst(&checks) == PIM_CHECK_PROBLEM ? PIM_EXIT_FAILED :
									  PIM_EXIT_DONE;
	}
	pim_doctor_free(&checks);
	pim_image_free(&image);
	pim_policy_free(&policy);
	return status;
}

const struct pim_verb pim_verb_doctor = {
	.name = "doctor",
	.operand = "INTERFACE",
	.operands = PIM_AT_MOST_ONE,
	.takes = PIM_TAKES(CONFIG) | PIM_TAKES(JSON) | PIM_TAKES(PRETTY),
	.summary = "whether attach will work here, and how fast",
	.description =
		"Looks at the kernel, the BPF file system, this process and the interface, changes\n"
		"nothing, and says of each thing: ok, warning or problem, and what to do. Without\n"
		"an interface: a line for each one. Needs no privilege: it tells what it cannot see.\n"
		"With --config: also what that policy would do to this host, as attach warns of it.\n"
		"Exit status 1: a problem was found.\n",
	.run = doctor,
};
