/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Doctor's checks of the kernel and the BPF file system. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/checks.h"
#include "doctor/facts.h"
#include "unit/doctor/facts.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void judges_the_kernel(void **state)
{
	static const struct {
		const char *release;
		bool no_btf;
		int jit, harden;
		bool jit_known, jited;
		const char *check;
		enum pim_check_state state;
		const char *found, *advice;
	} cases[] = {
		{ "6.1.0", false, 1, 0, true, true, "version", OK, "Linux 6.1.0", "" },
		{ "6.0.19", false, 1, 0, true, true, "version", PROBLEM, "Linux 6.0.19",
		  "6.1 or newer" },
		{ "5.10.0", false, 1, 0, true, true, "version", PROBLEM, "Linux 5.10.0",
		  "6.1 or newer" },
		{ "6.18.1", true, 1, 0, true, true, "btf", PROBLEM, "no /sys/kernel/btf/vmlinux",
		  "CONFIG_DEBUG_INFO_BTF" },
		{ "6.1.0", false, 0, 0, true, true, "jit", OK, "on", "" },
		{ "6.1.0", false, 1, 0, true, false, "jit", PROBLEM, "off", "bpf_jit_enable=1" },
		{ "6.1.0", false, 1, 0, false, false, "jit", OK, "on", "" },
		{ "6.1.0", false, 2, 0, false, false, "jit", OK, "on", "" },
		{ "6.1.0", false, 0, 0, false, false, "jit", PROBLEM, "off", "bpf_jit_enable=1" },
		{ "6.1.0", false, -1, 0, false, false, "jit", WARNING, "unknown",
		  "first network namespace" },
		{ "6.1.0", false, 1, 1, true, true, "jit-hardening", OK, "users without privilege",
		  "" },
		{ "6.1.0", false, 1, 2, true, true, "jit-hardening", WARNING, "every program",
		  "bpf_jit_harden=1" },
		{ "6.1.0", false, 1, -1, true, true, "jit-hardening", OK, "not shown", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pim_machine machine = good_machine();
		struct pim_doctor doctor;

		snprintf(machine.kernel.release, sizeof(machine.kernel.release), "%s",
			 cases[i].release);
		machine.kernel.btf = !cases[i].no_btf;
		machine.kernel.jit = cases[i].jit;
		machine.kernel.jit_harden = cases[i].harden;
		machine.trial.jit_known = cases[i].jit_known;
		machine.trial.jited = cases[i].jited;
		judge_machine(&machine, &doctor);
		assert_check(&doctor, cases[i].check, cases[i].state, cases[i].found,
			     cases[i].advice);
	}
}

/* Lockdown prevents nothing that pimxdp does, in any mode. */
static void judges_lockdown(void **state)
{
	static const char *const says[] = { "unknown", "none", "integrity:", "confidentiality:" };

	(void)state;
	for (size_t mode = 0; mode < COUNT(says); mode++) {
		struct pim_machine machine = good_machine();
		struct pim_doctor doctor;

		machine.privilege.lockdown = mode;
		judge_machine(&machine, &doctor);
		assert_check(&doctor, "lockdown", OK, says[mode], "");
	}
}

/* Counts of flows are not exact there, and that is said. */
static void warns_of_preemptible_softirqs(void **state)
{
	struct pim_machine machine = good_machine();
	struct pim_doctor doctor;

	(void)state;
	judge_machine(&machine, &doctor);
	assert_check(&doctor, "preemption", OK, "one after the other", "");
	machine.kernel.realtime = true;
	judge_machine(&machine, &doctor);
	assert_check(&doctor, "preemption", WARNING, "PREEMPT_RT", "docs/limits.md");
}

/* A kernel without the file of flows is as good as another, but says why. */
static void says_why_there_is_no_iterator(void **state)
{
	struct pim_machine machine = good_machine();
	struct pim_doctor doctor;

	(void)state;
	judge_machine(&machine, &doctor);
	assert_check(&doctor, "iterator", OK, "as a file for cat", "");
	machine.iterator.error = EPERM;
	strcpy(machine.iterator.why, "cannot load the iterator: a reason");
	judge_machine(&machine, &doctor);
	assert_check(&doctor, "iterator", OK,
		     "pimxdp flows shows the same: cannot load the iterator: a reason", "");
}

static void judges_the_bpffs(void **state)
{
	static const struct {
		bool mounted, passable, writable;
		int error;
		const char *check;
		enum pim_check_state state;
		const char *found, *advice;
	} cases[] = {
		{ true, true, true, 0, "access", OK, "may pin there", "" },
		{ true, true, false, 0, "access", PROBLEM, "may pass, but not pin there",
		  "user 0" },
		{ true, false, false, 0, "access", PROBLEM, "may neither pass nor pin", "user 0" },
		{ false, true, true, 0, "mount", PROBLEM, "no BPF file system",
		  "mount -t bpf -o mode=0700 bpf /sys/fs/bpf" },
		{ false, false, false, ENOENT, "mount", PROBLEM, "No such file", "mount -t bpf" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pim_machine machine = good_machine();
		struct pim_doctor doctor;

		machine.bpffs.mounted = cases[i].mounted;
		machine.bpffs.passable = cases[i].passable;
		machine.bpffs.writable = cases[i].writable;
		machine.bpffs.error = cases[i].error;
		judge_machine(&machine, &doctor);
		assert_check(&doctor, cases[i].check, cases[i].state, cases[i].found,
			     cases[i].advice);
	}
}

/* Whoever may write to the root can make the folder of the pins before pimxdp does. */
static void judges_who_may_write_to_the_root(void **state)
{
	static const struct {
		unsigned int mode;
		enum pim_check_state state;
		const char *found, *advice;
	} cases[] = {
		{ 0700, OK, "mode 0700: only its owner may write to /sys/fs/bpf", "" },
		{ 0711, OK, "mode 0711: only its owner", "" },
		{ 0755, OK, "mode 0755: only its owner", "" },
		{ 01777, WARNING, "mode 1777: other users may write to /sys/fs/bpf",
		  "chmod 0700 /sys/fs/bpf" },
		{ 0702, WARNING, "mode 0702: other users", "0711 if a group is to read" },
		{ 0770, WARNING, "mode 0770: other users", "mount it so at boot" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pim_machine machine = good_machine();
		struct pim_doctor doctor;

		machine.bpffs.root_mode = cases[i].mode;
		judge_machine(&machine, &doctor);
		assert_check(&doctor, "root", cases[i].state, cases[i].found, cases[i].advice);
	}
}

static void tells_what_is_wrong_with_the_folder(void **state)
{
	struct pim_machine machine = good_machine();
	struct pim_doctor doctor;

	(void)state;
	strcpy(machine.bpffs.flaw.wrong, "expected a folder of user 0, found one of user 7");
	strcpy(machine.bpffs.flaw.remedy, "rm -r it");
	judge_machine(&machine, &doctor);
	assert_check(&doctor, "folder", PROBLEM, "found one of user 7", "rm -r it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_the_kernel),
		cmocka_unit_test(judges_lockdown),
		cmocka_unit_test(warns_of_preemptible_softirqs),
		cmocka_unit_test(says_why_there_is_no_iterator),
		cmocka_unit_test(judges_the_bpffs),
		cmocka_unit_test(judges_who_may_write_to_the_root),
		cmocka_unit_test(tells_what_is_wrong_with_the_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
