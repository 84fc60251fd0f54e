/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Judges the kernel and the BPF file system. */
#include "doctor/kernel.h"

#include <string.h>

static const char kernel[] = "kernel", bpffs[] = "bpffs";

static void judge_version(const struct pim_kernel_facts *facts, struct pim_doctor *doctor)
{
	struct pim_check *check = pim_found(doctor, kernel, "version", "Linux %s", facts->release);

	if (pim_kernel_number(facts->release) < PIM_KERNEL(6, 1))
		pim_advise(check, PIM_CHECK_PROBLEM, "expected Linux 6.1 or newer");
}

static void judge_btf(const struct pim_kernel_facts *facts, struct pim_doctor *doctor)
{
	struct pim_check *check =
		pim_found(doctor, kernel, "btf", facts->btf ? "%s" : "no %s to read", PIM_BTF);

	if (!facts->btf)
		pim_advise(check, PIM_CHECK_PROBLEM,
			   "expected a kernel built with CONFIG_DEBUG_INFO_BTF, and /sys mounted");
}

static void judge_jit(const struct pim_machine *machine, struct pim_doctor *doctor)
{
	bool known = machine->trial.jit_known || machine->kernel.jit >= 0;
	bool on = machine->trial.jit_known ? machine->trial.jited : machine->kernel.jit > 0;

	if (!known)
		pim_advise(
			pim_found(
				doctor, kernel, "jit",
				"unknown: net.core.bpf_jit_enable is not shown in this network namespace, "
				"and this process cannot load a program to see"),
			PIM_CHECK_WARNING,
			"sysctl net.core.bpf_jit_enable in the first network namespace: "
			"expected 1");
	else if (!on)
		pim_advise(pim_found(doctor, kernel, "jit", "off: programs would be interpreted"),
			   PIM_CHECK_PROBLEM, "sysctl -w net.core.bpf_jit_enable=1");
	else
		pim_found(doctor, kernel, "jit", "on: programs are compiled to machine code");
}

static void judge_hardening(const struct pim_kernel_facts *facts, struct pim_doctor *doctor)
{
	static const char name[] = "jit-hardening";

	if (facts->jit_harden < 0)
		pim_found(
			doctor, kernel, name,
			"not shown: only root sees net.core.bpf_jit_harden, in the first network namespace");
	else if (facts->jit_harden == 0)
		pim_found(doctor, kernel, name, "off");
	else if (facts->jit_harden == 1)
		pim_found(doctor, kernel, name, "for programs of users without privilege alone");
	else
		pim_advise(pim_found(doctor, kernel, name,
				     "for all: the constants of every program are hidden"),
			   PIM_CHECK_WARNING,
			   "the filter costs more time a packet than it has to: sysctl -w "
			   "net.core.bpf_jit_harden=1 does it for users without privilege alone");
}

/* Lockdown disables bpf_probe_read_kernel and similar helpers (confidentiality) and
 * bpf_probe_write_user (integrity): kernel/trace/bpf_trace.c, kernel/bpf/helpers.c. */
static void judge_lockdown(const struct pim_privilege *privilege, struct pim_doctor *doctor)
{
	static const char *const says[] = {
		[PIM_LOCKDOWN_UNKNOWN] =
			"unknown, /sys/kernel/security shows nothing; it does not stop pimxdp",
		[PIM_LOCKDOWN_NONE] = "none",
		[PIM_LOCKDOWN_INTEGRITY] = "integrity: takes away helpers that pimxdp does not use",
		[PIM_LOCKDOWN_CONFIDENTIALITY] =
			"confidentiality: takes away helpers that pimxdp does not use",
	};

	pim_found(doctor, kernel, "lockdown", "%s", says[privilege->lockdown]);
}

static void judge_unprivileged(const struct pim_privilege *privilege, struct pim_doctor *doctor)
{
	if (privilege->unprivileged_bpf_disabled < 0)
		pim_found(
			doctor, kernel, "unprivileged-bpf",
			"kernel.unprivileged_bpf_disabled cannot be read; pimxdp loads by capabilities");
	else
		pim_found(doctor, kernel, "unprivileged-bpf",
			  "kernel.unprivileged_bpf_disabled is %d; pimxdp loads by capabilities",
			  privilege->unprivileged_bpf_disabled);
}

static void judge_preemption(const struct pim_kernel_facts *facts, struct pim_doctor *doctor)
{
	if (!facts->realtime)
		pim_found(doctor, kernel, "preemption",
			  "packets on one CPU are judged one after the other");
	else
		pim_advise(
			pim_found(doctor, kernel, "preemption",
				  "PREEMPT_RT: a packet can be judged in the middle of another"),
			PIM_CHECK_WARNING,
			"verdicts and the counters of reasons, rules and partners stay exact; those of "
			"single flows may lack a few packets (docs/limits.md): for exact ones, a kernel "
			"without PREEMPT_RT or with CONFIG_PREEMPT_RT_NEEDS_BH_LOCK");
}

/* A convenience, and often forbidden: no warning. */
static void judge_iterator(const struct pim_iterator_trial *iterator, struct pim_doctor *doctor)
{
	if (!iterator->error)
		pim_found(doctor, kernel, "iterator", "flows can be pinned as a file for cat");
	else
		pim_found(doctor, kernel, "iterator",
			  "no file of flows for cat; pimxdp flows shows the same: %s",
			  iterator->why);
}

void pim_judge_kernel(const struct pim_machine *machine, struct pim_doctor *doctor)
{
	judge_version(&machine->kernel, doctor);
	judge_btf(&machine->kernel, doctor);
	judge_jit(machine, doctor);
	judge_hardening(&machine->kernel, doctor);
	judge_lockdown(&machine->privilege, doctor);
	judge_unprivileged(&machine->privilege, doctor);
	judge_preemption(&machine->kernel, doctor);
	judge_iterator(&machine->iterator, doctor);
}

static void judge_access(const struct pim_bpffs *facts, struct pim_doctor *doctor)
{
	struct pim_check *check =
		pim_found(doctor, bpffs, "access",
			  "%s is user %u's and group %u's, mode %04o: this process may %s",
			  facts->directory, facts->uid, facts->gid, facts->mode,
			  facts->writable ? "pin there" :
			  facts->passable ? "pass, but not pin there" :
					    "neither pass nor pin there");

	if (!facts->writable)
		pim_advise(check, PIM_CHECK_PROBLEM,
			   "run as root or user %u, or give the folder to the user "
			   "that attaches; %s",
			   facts->uid,
			   facts->passable ?
				   "reading works where the modes of the pins let it" :
				   "without passing, nothing pinned there can be read either");
}

/* In a folder where anybody may make another, anybody can make ours before we do. */
static void judge_root(const struct pim_bpffs *facts, struct pim_doctor *doctor)
{
	struct pim_check *check;

	if (!(facts->root_mode & 0022)) {
		pim_found(doctor, bpffs, "root", "mode %04o: only its owner may write to %s",
			  facts->root_mode, facts->root);
		return;
	}
	check = pim_found(doctor, bpffs, "root", "mode %04o: other users may write to %s",
			  facts->root_mode, facts->root);
	pim_advise(check, PIM_CHECK_WARNING,
		   "chmod 0700 %s (0711 if a group is to read, as --group lets it), and mount it "
		   "so at boot",
		   facts->root);
}

static void judge_folder(const struct pim_bpffs *facts, struct pim_doctor *doctor)
{
	if (*facts->flaw.wrong)
		pim_advise(pim_found(doctor, bpffs, "folder", "%s", facts->flaw.wrong),
			   PIM_CHECK_PROBLEM, "%s", facts->flaw.remedy);
}

void pim_judge_bpffs(const struct pim_machine *machine, struct pim_doctor *doctor)
{
	const struct pim_bpffs *facts = &machine->bpffs;
	struct pim_check *check;

	if (facts->mounted) {
		pim_found(doctor, bpffs, "mount", "a BPF file system is on %s", facts->root);
		judge_root(facts, doctor);
		judge_folder(facts, doctor);
		judge_access(facts, doctor);
		return;
	}
	check = pim_found(doctor, bpffs, "mount", "%s: %s", facts->root,
			  facts->error ? strerror(facts->error) : "no BPF file system is there");
	pim_advise(check, PIM_CHECK_PROBLEM,
		   PIM_BPFFS_MOUNT "; a container: mount the host's folder into it, or its pins "
				   "end with it");
}
