/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "doctor/checks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"

const char *pim_check_state_name(enum pim_check_state state)
{
	static const char *const names[] = { "ok", "warning", "problem" };

	return state < sizeof(names) / sizeof(*names) ? names[state] : NULL;
}

struct pim_check *pim_found(struct pim_doctor *doctor, const char *subject, const char *check,
			    const char *format, ...)
{
	struct pim_check *checks = pim_array_grow(doctor->checks, doctor->count, sizeof(*checks));
	struct pim_check *added;
	va_list arguments;

	if (!checks) {
		doctor->out_of_memory = true;
		return NULL;
	}
	doctor->checks = checks;
	added = &checks[doctor->count++];
	*added = (struct pim_check){ .state = PIM_CHECK_OK };
	snprintf(added->subject, sizeof(added->subject), "%s", subject);
	snprintf(added->check, sizeof(added->check), "%s", check);
	va_start(arguments, format);
	vsnprintf(added->found, sizeof(added->found), format, arguments);
	va_end(arguments);
	return added;
}

void pim_advise(struct pim_check *check, enum pim_check_state state, const char *format, ...)
{
	va_list arguments;

	if (!check)
		return;
	check->state = state;
	va_start(arguments, format);
	vsnprintf(check->advice, sizeof(check->advice), format, arguments);
	va_end(arguments);
}

enum pim_check_state pim_doctor_worst(const struct pim_doctor *doctor)
{
	enum pim_check_state worst = PIM_CHECK_OK;

	for (size_t i = 0; i < doctor->count; i++)
		if (doctor->checks[i].state > worst)
			worst = doctor->checks[i].state;
	return worst;
}

void pim_doctor_free(struct pim_doctor *doctor)
{
	free(doctor->checks);
	*doctor = (struct pim_doctor){};
}
