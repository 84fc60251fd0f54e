/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/command.h"

#include <stdio.h>

#include "output/output.h"

enum pim_exit pim_cmd_doctor(const struct pim_arguments *arguments)
{
	struct pim_doctor doctor = {};
	struct pim_error error = {};
	enum pim_exit status;

	if (pim_doctor_run(arguments->operand, &doctor, &error)) {
		status = pim_give_up(&error);
	} else {
		if (arguments->json)
			pim_output_doctor_json(stdout, arguments->pretty, &doctor);
		else
			pim_output_doctor_text(stdout, &doctor);
		status = pim_doctor_worst(&doctor) == PIM_CHECK_PROBLEM ? PIM_EXIT_FAILED : PIM_EXIT_DONE;
	}
	pim_doctor_free(&doctor);
	return status;
}
