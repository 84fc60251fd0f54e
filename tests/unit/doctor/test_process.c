/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Doctor's checks of the process and its privileges. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doctor/checks.h"
#include "doctor/facts.h"
#include "doctor/process.h"
#include "machine/privilege.h"
#include "unit/doctor/facts.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void judges_the_process(void **state)
{
	static const struct {
		unsigned int lack;
		bool user_namespace, no_new_privs, seccomp;
		int bpf_error;
		uint64_t memlock_bytes;
		unsigned int kernel;
		int trial;
		const char *check;
		enum pim_check_state state;
		const char *found, *advice;
	} cases[] = {
		{ .lack = PIM_CAPABILITY_PERFMON,
		  .trial = 0,
		  .check = "capabilities",
		  .state = PROBLEM,
		  .found = "lacks CAP_PERFMON (the verifier",
		  .advice = "run as root" },
		{ .lack = PIM_CAPABILITIES_ALL,
		  .trial = EPERM,
		  .check = "capabilities",
		  .state = PROBLEM,
		  .found = "CAP_NET_ADMIN (no XDP program can be loaded), CAP_PERFMON",
		  .advice = "grant" },
		{ .lack = PIM_CAPABILITIES_ALL, .trial = EPERM, .check = "load", .state = PROBLEM },
		{ .user_namespace = true,
		  .trial = EPERM,
		  .check = "user-namespace",
		  .state = PROBLEM,
		  .found = "one of its own",
		  .advice = "start it outside" },
		{ .user_namespace = true,
		  .trial = EPERM,
		  .check = "capabilities",
		  .state = PROBLEM },
		{ .check = "user-namespace", .state = OK, .found = "the first one", .advice = "" },
		{ .no_new_privs = true,
		  .check = "no-new-privs",
		  .state = OK,
		  .found = "set: ",
		  .advice = "" },
		{ .check = "no-new-privs", .state = OK, .found = "not set", .advice = "" },
		{ .seccomp = true,
		  .check = "seccomp",
		  .state = OK,
		  .found = "lets bpf(2) through",
		  .advice = "" },
		{ .seccomp = true,
		  .bpf_error = ENOSYS,
		  .trial = ENOSYS,
		  .check = "seccomp",
		  .state = PROBLEM,
		  .found = "answers bpf(2) with ENOSYS",
		  .advice = "use a profile" },
		{ .check = "memlock",
		  .state = OK,
		  .found = "8,388,608 bytes, and since Linux 5.11",
		  .advice = "" },
		{ .memlock_bytes = UINT64_MAX,
		  .check = "memlock",
		  .state = OK,
		  .found = "unlimited",
		  .advice = "" },
		{ .kernel = PIM_KERNEL(5, 11),
		  .check = "memlock",
		  .state = OK,
		  .found = "since Linux 5.11",
		  .advice = "" },
		{ .kernel = PIM_KERNEL(5, 10),
		  .check = "memlock",
		  .state = PROBLEM,
		  .found = "8,388,608 bytes",
		  .advice = "ulimit -l unlimited" },
		{ .trial = 0,
		  .check = "load",
		  .state = OK,
		  .found = "can be loaded",
		  .advice = "" },
		{ .trial = EPERM,
		  .check = "load",
		  .state = PROBLEM,
		  .found = "cannot be loaded: Operation not",
		  .advice = "security module" },
		{ .trial = ENOSYS,
		  .check = "load",
		  .state = PROBLEM,
		  .found = "cannot be loaded: Function not",
		  .advice = "CONFIG_BPF_SYSCALL" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pim_machine machine = good_machine();
		struct pim_privilege *privilege = &machine.privilege;
		struct pim_doctor doctor = {};

		privilege->effective &= ~cases[i].lack;
		privilege->permitted = privilege->effective;
		privilege->user_namespace = cases[i].user_namespace;
		privilege->no_new_privs = cases[i].no_new_privs;
		privilege->seccomp = cases[i].seccomp;
		if (cases[i].bpf_error)
			privilege->bpf_error = cases[i].bpf_error;
		if (cases[i].memlock_bytes)
			privilege->memlock_bytes = cases[i].memlock_bytes;
		if (cases[i].kernel)
			privilege->kernel = cases[i].kernel;
		machine.trial.error = cases[i].trial;
		pim_judge_process(&machine, &doctor);
		if (!cases[i].found) { /* another check reports it */
			assert_null(find(&doctor, cases[i].check));
			assert_int_equal(pim_doctor_worst(&doctor), PROBLEM);
			pim_doctor_free(&doctor);
			continue;
		}
		assert_check(&doctor, cases[i].check, cases[i].state, cases[i].found,
			     cases[i].advice);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
