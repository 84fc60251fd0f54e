/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All checks together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doctor/checks.h"
#include "doctor/facts.h"
#include "doctor/interface.h"
#include "machine/interface.h"
#include "unit/doctor/facts.h"

static void finds_no_fault(void **state)
{
	struct pim_machine machine = good_machine();
	struct pim_interface interface = good_interface();
	struct pim_attachment nothing = {};
	struct pim_doctor doctor = {};

	(void)state;
	judge_machine(&machine, &doctor);
	pim_judge_interface(&interface, &nothing, 4, &doctor);
	for (size_t i = 0; i < doctor.count; i++)
		if (doctor.checks[i].state != OK || *doctor.checks[i].advice ||
		    !*doctor.checks[i].found)
			fail_msg("%s: %s", doctor.checks[i].check, doctor.checks[i].found);
	assert_int_equal(doctor.count, 8 + 3 + 6 + 12);
	assert_int_equal(pim_doctor_worst(&doctor), OK);
	pim_doctor_free(&doctor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_no_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
