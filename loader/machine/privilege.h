/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this process may do with BPF: the facts that decide it, and which of them stands
 * in the way. */
#ifndef PIMXDP_MACHINE_PRIVILEGE_H
#define PIMXDP_MACHINE_PRIVILEGE_H

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

/* Of the capability with bit `index`: its number (linux/capability.h), its name
 * ("CAP_BPF"), and what fails without it. -1 or NULL if there is no such bit. */
int pim_capability_number(unsigned int index);
const char *pim_capability_name(unsigned int index);
const char *pim_capability_stops(unsigned int index);
/* Writes the names of a set of capabilities, separated by `separator`; returns text. */
#define PIM_CAPABILITIES_TEXT 64
char *pim_capability_names(unsigned int capabilities, const char *separator,
			   char text[PIM_CAPABILITIES_TEXT]);

/* From /sys/kernel/security/lockdown; unknown if securityfs is not mounted. */
enum pim_lockdown {
	PIM_LOCKDOWN_UNKNOWN,
	PIM_LOCKDOWN_NONE,
	PIM_LOCKDOWN_INTEGRITY,
	PIM_LOCKDOWN_CONFIDENTIALITY,
};

struct pim_privilege {
	/* Sets of enum pim_capability. CAP_SYS_ADMIN counts as all of them, as it does in
	 * the kernel when a program is loaded. */
	unsigned int effective, permitted, bounding;
	bool sys_admin;	     /* effective, not in a user namespace: may open programs by ID */
	bool user_namespace; /* not the initial one: its capabilities do not count for BPF */
	bool no_new_privs;   /* set-user-ID and file capabilities have no effect */
	bool seccomp;	     /* a filter is installed */
	int bpf_error;	     /* errno of bpf(2) with a NULL attr: EFAULT unless blocked first */
	enum pim_lockdown lockdown;
	int unprivileged_bpf_disabled; /* the sysctl: 0, 1, 2; -1: cannot be read */
	uint64_t memlock_bytes;	       /* RLIMIT_MEMLOCK; UINT64_MAX: no limit */
	unsigned int kernel;	       /* PIM_KERNEL() of uname(2); 0: not known */
	char modules[128]; /* security modules, "lockdown,capability,..."; "": cannot be read */
};

/* A kernel's major and minor version as one number, for comparisons. */
#define PIM_KERNEL(major, minor) ((major) << 16 | (minor))
/* The version of a release such as "6.1.0-18-amd64" as PIM_KERNEL; 0 if it has none. */
unsigned int pim_kernel_number(const char *release);

/* The value of an integer sysctl, named by its path below /proc/sys, such as
 * "net/core/bpf_jit_enable"; -1 if it cannot be read. */
int pim_sysctl(const char *name);

/* Examines this process and its kernel, and changes nothing: every kernel refuses the
 * bpf(2) calls that it makes. What cannot be read is left unknown. */
void pim_privilege_read(struct pim_privilege *privilege);

/* The capabilities in `needed` that this process lacks: all of them in a user namespace. */
unsigned int pim_privilege_missing(const struct pim_privilege *privilege, unsigned int needed);

/* Whether a seccomp filter blocks bpf(2). */
bool pim_privilege_filtered(const struct pim_privilege *privilege);

/* Whether something is known to keep this process from using BPF in a way that needs
 * these capabilities (0: bpf(2) itself, without any). Fills `why` with the cause and what
 * to do about it: one phrase that does not name the operation. If nothing is known,
 * returns false and makes `why` empty. */
#define PIM_PRIVILEGE_TEXT 512
bool pim_privilege_hinders(const struct pim_privilege *privilege, unsigned int needed,
			   char why[PIM_PRIVILEGE_TEXT]);

/* Writes a phrase about how to get the missing capabilities; returns text. */
char *pim_privilege_grant(const struct pim_privilege *privilege, unsigned int missing,
			  char text[PIM_PRIVILEGE_TEXT]);

#endif
