/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this process may do with BPF, and what hinders it, as facts; and which of
 * them it is that stops it. */
#ifndef PIMXDP_PRIVILEGE_H
#define PIMXDP_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The capabilities that loading and attaching need, as bits. */
enum pim_capability {
	PIM_CAPABILITY_BPF = 1 << 0,
	PIM_CAPABILITY_NET_ADMIN = 1 << 1,
	PIM_CAPABILITY_PERFMON = 1 << 2,
};
#define PIM_CAPABILITIES 3u /* how many there are */
#define PIM_CAPABILITIES_ALL ((1u << PIM_CAPABILITIES) - 1)

/* The index-th's number (linux/capability.h), its name, "CAP_BPF", and what the lack
 * of it stops. */
int pim_capability_number(unsigned int index);
const char *pim_capability_name(unsigned int index);
const char *pim_capability_stops(unsigned int index);
/* Their names, separated by ", ", or by `separator`; returns text. */
#define PIM_CAPABILITIES_TEXT 64
char *pim_capability_names(unsigned int capabilities, const char *separator,
			   char text[PIM_CAPABILITIES_TEXT]);

/* /sys/kernel/security/lockdown; unknown where securityfs is not mounted. */
enum pim_lockdown {
	PIM_LOCKDOWN_UNKNOWN,
	PIM_LOCKDOWN_NONE,
	PIM_LOCKDOWN_INTEGRITY,
	PIM_LOCKDOWN_CONFIDENTIALITY,
};
const char *pim_lockdown_name(enum pim_lockdown lockdown); /* "integrity" */

struct pim_privilege {
	/* Sets of enum pim_capability. CAP_SYS_ADMIN counts as each of them, as it does
	 * for the kernel where a program is loaded. */
	unsigned int effective, permitted, bounding;
	bool sys_admin;		/* effective, where it counts: names other's programs */
	bool user_namespace;	/* not the initial one: its capabilities do not count */
	bool no_new_privs;	/* set-user-ID and file capabilities are without effect */
	bool seccomp;		/* a filter is there */
	int bpf_error;		/* errno of a bpf(2) that the kernel itself answers with EFAULT */
	enum pim_lockdown lockdown;
	int unprivileged_bpf_disabled; /* the sysctl: 0, 1, 2; -1: cannot be read */
	uint64_t memlock_bytes;	/* RLIMIT_MEMLOCK; UINT64_MAX: none */
	unsigned int kernel;	/* PIM_KERNEL() of uname; 0: not understood */
	char modules[128];	/* security modules, "lockdown,capability,..."; "": cannot be read */
};

/* Two numbers of a kernel's version, to compare. */
#define PIM_KERNEL(major, minor) ((major) << 16 | (minor))
/* The first two numbers of a release, "6.1.0-18-amd64", as PIM_KERNEL; 0: none. */
unsigned int pim_kernel_number(const char *release);

/* The number that a setting of the kernel has, "net/core/bpf_jit_enable"; -1: cannot
 * be read. */
int pim_sysctl(const char *name);

/* Looks at this process and its kernel. Changes nothing; the one bpf(2) call that
 * it makes is refused by every kernel. What cannot be read is left unknown. */
void pim_privilege_read(struct pim_privilege *privilege);

/* Those of `needed` that do not count for this process. */
unsigned int pim_privilege_missing(const struct pim_privilege *privilege, unsigned int needed);

/* Whether a seccomp filter stands before bpf(2). */
bool pim_privilege_filtered(const struct pim_privilege *privilege);

/* What is known to keep this process from a use of BPF that needs these
 * capabilities (0: none but bpf(2) itself), and what to do about it: one phrase,
 * without the name of what was tried. Returns false, and "", where nothing is. */
#define PIM_PRIVILEGE_TEXT 512
bool pim_privilege_hinders(const struct pim_privilege *privilege, unsigned int needed,
			   char why[PIM_PRIVILEGE_TEXT]);

/* What to do about missing capabilities, a phrase; returns text. */
char *pim_privilege_grant(const struct pim_privilege *privilege, unsigned int missing,
			  char text[PIM_PRIVILEGE_TEXT]);

#endif
