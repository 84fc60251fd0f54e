/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A list of checks, and the worst of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/checks.h"
#include "unit/doctor/facts.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void knows_the_worst(void **state)
{
	static const struct {
		size_t count;
		enum pim_check_state states[3], worst;
	} cases[] = {
		{ 0, { OK }, OK },
		{ 1, { OK }, OK },
		{ 2, { OK, WARNING }, WARNING },
		{ 2, { WARNING, OK }, WARNING },
		{ 3, { WARNING, PROBLEM, OK }, PROBLEM },
		{ 3, { OK, OK, PROBLEM }, PROBLEM },
		{ 3, { PROBLEM, WARNING, WARNING }, PROBLEM },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct pim_doctor doctor = {};

		for (size_t check = 0; check < cases[at].count; check++) {
			struct pim_check *added = pim_found(&doctor, "kernel", "version", "6");

			if (cases[at].states[check] != OK)
				pim_advise(added, cases[at].states[check], "newer");
		}
		assert_int_equal(doctor.count, cases[at].count);
		assert_int_equal(pim_doctor_worst(&doctor), cases[at].worst);
		pim_doctor_free(&doctor);
	}
}

static void names_states(void **state)
{
	(void)state;
	assert_string_equal(pim_check_state_name(PIM_CHECK_OK), "ok");
	assert_string_equal(pim_check_state_name(PIM_CHECK_WARNING), "warning");
	assert_string_equal(pim_check_state_name(PIM_CHECK_PROBLEM), "problem");
}

/* When there was no memory for a check, advice for it is ignored. */
static void takes_advice_without_a_check(void **state)
{
	(void)state;
	pim_advise(NULL, PIM_CHECK_PROBLEM, "more memory");
}

/* A text that is too long is cut, and still ends with NUL. */
static void cuts_what_is_too_long(void **state)
{
	char longer[sizeof(((struct pim_check *)NULL)->found) + 1];
	struct pim_doctor doctor = {};
	const struct pim_check *check;

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	pim_advise(pim_found(&doctor, longer, longer, "%s", longer), WARNING, "%s", longer);
	check = &doctor.checks[0];
	assert_int_equal(strlen(check->subject), sizeof(check->subject) - 1);
	assert_int_equal(strlen(check->check), sizeof(check->check) - 1);
	assert_int_equal(strlen(check->found), sizeof(check->found) - 1);
	assert_int_equal(strlen(check->advice), sizeof(check->advice) - 1);
	pim_doctor_free(&doctor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_worst),
		cmocka_unit_test(names_states),
		cmocka_unit_test(takes_advice_without_a_check),
		cmocka_unit_test(cuts_what_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
