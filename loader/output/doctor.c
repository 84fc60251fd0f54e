/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output/doctor.h"

#include <string.h>

#include "base/json.h"
#include "output/json.h"
#include "output/line.h"
#include "output/table.h"

/* ---- text ---- */

static void print_check(FILE *stream, const struct pim_check *check, int width)
{
	static const enum pim_colour colours[] = {
		[PIM_CHECK_OK] = PIM_GREEN,
		[PIM_CHECK_WARNING] = PIM_YELLOW,
		[PIM_CHECK_PROBLEM] = PIM_RED,
	};

	fprintf(stream, "  %s%-7s%s", pim_coloured(stream, colours[check->state]),
		pim_check_state_name(check->state), pim_plain(stream));
	pim_line(stream, "  %-*s  %s", width, check->check, check->found);
	if (*check->advice)
		pim_line(stream, "  %7s  %*s  -> %s", "", width, "", check->advice);
}

static void print_sum(FILE *stream, const struct pim_doctor *doctor)
{
	size_t warnings = 0, problems = 0;

	for (size_t i = 0; i < doctor->count; i++) {
		warnings += doctor->checks[i].state == PIM_CHECK_WARNING;
		problems += doctor->checks[i].state == PIM_CHECK_PROBLEM;
	}
	fprintf(stream, "%zu problem%s, %zu warning%s\n", problems, problems == 1 ? "" : "s",
		warnings, warnings == 1 ? "" : "s");
}

void pim_output_doctor_text(FILE *stream, const struct pim_doctor *doctor)
{
	const char *subject = "";
	size_t width = 0;

	for (size_t i = 0; i < doctor->count; i++)
		if (width < strlen(doctor->checks[i].check))
			width = strlen(doctor->checks[i].check);
	for (size_t i = 0; i < doctor->count; i++) {
		if (strcmp(subject, doctor->checks[i].subject)) {
			subject = doctor->checks[i].subject;
			pim_heading(stream, "%s", subject);
		}
		print_check(stream, &doctor->checks[i], width);
	}
	print_sum(stream, doctor);
}

/* ---- JSON ---- */

void pim_output_doctor_json(FILE *stream, bool pretty, const struct pim_doctor *doctor)
{
	json_t *checks = json_array();

	for (size_t i = 0; i < doctor->count; i++) {
		const struct pim_check *check = &doctor->checks[i];

		/* clang-format off */
		json_array_append_new(checks, json_pack(
			"{s:o, s:s, s:s, s:o, s:o}", "subject", pim_json_text(check->subject),
			"check", check->check, "state", pim_check_state_name(check->state),
			"found", pim_json_text(check->found),
			"advice", *check->advice ? pim_json_text(check->advice) : json_null()));
		/* clang-format on */
	}
	/* clang-format off */
	pim_json_print(stream, json_pack("{s:s, s:o}", "state",
					 pim_check_state_name(pim_doctor_worst(doctor)), "checks", checks),
		       pretty);
	/* clang-format on */
}
