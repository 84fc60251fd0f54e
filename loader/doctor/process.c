/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Judges the privileges of this process. */
#include "doctor/process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char process[] = "process";

static void judge_user_namespace(const struct pim_privilege *privilege, struct pim_doctor *doctor)
{
	char grant[PIM_PRIVILEGE_TEXT];

	if (!privilege->user_namespace) {
		pim_found(doctor, process, "user-namespace", "the first one");
		return;
	}
	pim_advise(pim_found(doctor, process, "user-namespace",
			     "one of its own: its capabilities do not count for BPF"),
		   PIM_CHECK_PROBLEM, "%s",
		   pim_privilege_grant(privilege, PIM_CAPABILITIES_ALL, grant));
}

static void judge_capabilities(const struct pim_privilege *privilege, struct pim_doctor *doctor)
{
	unsigned int missing = pim_privilege_missing(privilege, PIM_CAPABILITIES_ALL);
	char names[PIM_CAPABILITIES_TEXT], grant[PIM_PRIVILEGE_TEXT], lacks[512];
	size_t length = 0;

	if (privilege->user_namespace)
		return; /* judge_user_namespace has said it */
	if (!missing) {
		pim_found(doctor, process, "capabilities", "%s%s",
			  pim_capability_names(PIM_CAPABILITIES_ALL, ", ", names),
			  privilege->sys_admin ? "; CAP_SYS_ADMIN, to name other programs" : "");
		return;
	}
	for (unsigned int i = 0; i < PIM_CAPABILITIES && length < sizeof(lacks); i++)
		if (missing >> i & 1)
			length += snprintf(lacks + length, sizeof(lacks) - length, "%s%s (%s)",
					   length ? ", " : "", pim_capability_name(i),
					   pim_capability_stops(i));
	pim_advise(pim_found(doctor, process, "capabilities", "lacks %s", lacks), PIM_CHECK_PROBLEM,
		   "%s", pim_privilege_grant(privilege, missing, grant));
}

static void judge_seccomp(const struct pim_privilege *privilege, struct pim_doctor *doctor)
{
	char why[PIM_PRIVILEGE_TEXT];

	if (pim_privilege_filtered(privilege)) {
		char *advice;

		/* The text is "cause: advice". */
		pim_privilege_hinders(privilege, 0, why);
		advice = strstr(why, ": ");
		pim_advise(pim_found(doctor, process, "seccomp", "%.*s", (int)(advice - why), why),
			   PIM_CHECK_PROBLEM, "%s", advice + 2);
	} else {
		pim_found(doctor, process, "seccomp",
			  privilege->seccomp ? "a filter is there, and lets bpf(2) through" :
					       "no filter");
	}
}

static void judge_memlock(const struct pim_privilege *privilege, struct pim_doctor *doctor)
{
	bool counts = privilege->kernel && privilege->kernel < PIM_KERNEL(5, 11);
	char bytes[PIM_GROUPED];
	struct pim_check *check;

	if (privilege->memlock_bytes == UINT64_MAX) {
		pim_found(doctor, process, "memlock", "unlimited");
		return;
	}
	check = pim_found(doctor, process, "memlock", "%s bytes%s",
			  pim_grouped(privilege->memlock_bytes, bytes),
			  counts ? "" : ", and since Linux 5.11 BPF does not count against it");
	if (counts)
		pim_advise(check, PIM_CHECK_PROBLEM, "maps count against it: ulimit -l unlimited");
}

/* The attempt to load a program; silent if another check names the cause of its failure. */
static void judge_trial(const struct pim_machine *machine, struct pim_doctor *doctor)
{
	char why[PIM_PRIVILEGE_TEXT];
	struct pim_check *check;
	int code = machine->trial.error;

	if (!code) {
		pim_found(doctor, process, "load", "an XDP program can be loaded");
		return;
	}
	if (pim_privilege_hinders(&machine->privilege, PIM_CAPABILITIES_ALL, why))
		return;
	check = pim_found(doctor, process, "load", "an XDP program cannot be loaded: %s",
			  strerror(code));
	if (code == EPERM || code == EACCES)
		pim_advise(check, PIM_CHECK_PROBLEM,
			   "a security module forbids it (active: %s): its denials "
			   "are in the kernel's log",
			   *machine->privilege.modules ? machine->privilege.modules : "unknown");
	else
		pim_advise(check, PIM_CHECK_PROBLEM,
			   "the kernel says so: expected Linux 6.1 or newer, built "
			   "with CONFIG_BPF_SYSCALL and CONFIG_BPF_JIT");
}

void pim_judge_process(const struct pim_machine *machine, struct pim_doctor *doctor)
{
	judge_user_namespace(&machine->privilege, doctor);
	judge_capabilities(&machine->privilege, doctor);
	pim_found(doctor, process, "no-new-privs",
		  machine->privilege.no_new_privs ?
			  "set: sudo and file capabilities are without effect" :
			  "not set");
	judge_seccomp(&machine->privilege, doctor);
	judge_memlock(&machine->privilege, doctor);
	judge_trial(machine, doctor);
}
