/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/failure.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/quote.h"
#include "machine/privilege.h"

/* ---- listening ---- */

static char said[512];		/* the kernel's message, through libbpf */
static char verifier_said[512]; /* the verdict of the verifier's log */

const char *pim_said(void)
{
	return said;
}

void pim_said_clear(void)
{
	said[0] = verifier_said[0] = '\0';
}

/* The verifier's log ends with its verdict and then some statistics. */
static void keep_verdict(char *log)
{
	char *line, *rest = log;

	while ((line = strsep(&rest, "\n")))
		if (*line && strncmp(line, "processed ", 10) && !strstr(line, "PROG LOAD LOG"))
			snprintf(verifier_said, sizeof(verifier_said), "%s", line);
}

/* libbpf prints the kernel's extended ack as a separate warning. That line tells more
 * than the other messages of libbpf. */
static int listen(enum libbpf_print_level level, const char *format, va_list arguments)
{
	static const char kernel_says[] = "Kernel error message: ";
	char *text, *at, *visible = NULL;

	if (level == LIBBPF_DEBUG)
		return 0;
	if (vasprintf(&text, format, arguments) < 0)
		return 0;
	if (getenv("PIMXDP_DEBUG") && (visible = pim_visible(text, "\t\n")))
		fputs(visible, stderr);
	free(visible);
	if ((at = strstr(text, kernel_says))) {
		at[strcspn(at, "\n")] = '\0';
		snprintf(said, sizeof(said), "%s", at + strlen(kernel_says));
	} else if ((at = strstr(text, "BEGIN PROG LOAD LOG"))) {
		keep_verdict(at);
	}
	free(text);
	return 0;
}

void pim_kernel_start(void)
{
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(listen);
}

/* ---- explaining ---- */

/* The kernel's internal ENOTSUPP, which has no name in user space. */
enum { KERNEL_ENOTSUPP = 524 };

/* Before Linux 5.11 maps counted against RLIMIT_MEMLOCK; exceeding it gave EPERM. */
static bool memlock_counts(const struct pim_privilege *privilege)
{
	return privilege->kernel && privilege->kernel < PIM_KERNEL(5, 11) &&
	       privilege->memlock_bytes != UINT64_MAX;
}

static int fail_forbidden(struct pim_error *error, int code, const char *trying,
			  const struct pim_privilege *privilege)
{
	if (memlock_counts(privilege))
		return pim_fail(error, code,
				"%s: not permitted: this kernel counts maps against "
				"RLIMIT_MEMLOCK, which is %llu bytes: expected Linux 6.1 or newer",
				trying, (unsigned long long)privilege->memlock_bytes);
	return pim_fail(
		error, code,
		"%s: not permitted, although the capabilities are there and no seccomp filter is "
		"in the way: a security module forbids it (active: %s): its denials are in the "
		"kernel's log",
		trying, *privilege->modules ? privilege->modules : "unknown");
}

int pim_fail_kernel(struct pim_error *error, int code, const char *trying)
{
	struct pim_privilege privilege;
	char why[PIM_PRIVILEGE_TEXT];

	if (code == EPERM || code == EACCES || code == ENOSYS) {
		pim_privilege_read(&privilege);
		if (pim_privilege_hinders(&privilege, PIM_CAPABILITIES_ALL, why))
			return pim_fail(error, code, "%s: not permitted: %s", trying, why);
		if (code != ENOSYS)
			return fail_forbidden(error, code, trying, &privilege);
		return pim_fail(error, code,
				"%s: this kernel has no bpf(2): expected one built with "
				"CONFIG_BPF_SYSCALL",
				trying);
	}
	return pim_fail(error, code, "%s: %s", trying,
			*said			? said :
			code == KERNEL_ENOTSUPP ? "not supported by this kernel" :
						  strerror(code));
}

/* bpf_xdp_load_bytes tells whether the kernel has multi-buffer XDP (Linux 5.18). */
int pim_fail_load(struct pim_error *error, int code)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const bool has_btf = btf;
	struct pim_privilege privilege;
	char why[PIM_PRIVILEGE_TEXT];
	struct utsname kernel;

	btf__free(btf);
	uname(&kernel);
	/* First: without CAP_PERFMON the failure comes from the verifier. */
	pim_privilege_read(&privilege);
	if (pim_privilege_hinders(&privilege, PIM_CAPABILITIES_ALL, why))
		return pim_fail(error, code, "cannot load the program: not permitted: %s", why);
	if (!has_btf)
		return pim_fail(
			error, ENOTSUP,
			"Linux %s has no BTF in /sys/kernel/btf/vmlinux: expected a kernel built "
			"with CONFIG_DEBUG_INFO_BTF",
			kernel.release);
	if (code == KERNEL_ENOTSUPP && !pim_sysctl("net/core/bpf_jit_enable"))
		return pim_fail(error, ENOTSUP,
				"cannot load the program: the BPF JIT is off: "
				"sysctl -w net.core.bpf_jit_enable=1");
	if (code != EPERM && code != ENOMEM &&
	    libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, NULL) == 0)
		return pim_fail(error, ENOTSUP,
				"Linux %s is too old: it lacks the helper bpf_xdp_load_bytes: "
				"expected Linux 6.1 or newer",
				kernel.release);
	if (*verifier_said)
		return pim_fail(
			error, code == KERNEL_ENOTSUPP ? ENOTSUP : code,
			"the verifier of Linux %s refuses the program: %s: please report this "
			"with the output of PIMXDP_DEBUG=1",
			kernel.release, verifier_said);
	return pim_fail_kernel(error, code, "cannot load the program");
}

/* Finds the part of a path that the file modes do not let this process use. */
static int fail_mode(const char *path, enum pim_access wanted, struct pim_error *error)
{
	char part[PATH_MAX] = "";
	struct stat found = {};

	for (const char *end = path; (end = strchr(end + 1, '/'));) {
		snprintf(part, sizeof(part), "%.*s", (int)(end - path), path);
		if (eaccess(part, X_OK) && errno == EACCES)
			return pim_fail(error, EACCES,
					"%s: this user may not pass %s: run as root, or let "
					"users pass it: chmod o+x %s",
					path, part, part);
	}
	if (stat(path, &found) && !stat(part, &found))
		return pim_fail(error, EACCES,
				"%s: this user may not write to %s: run as root, or as user %u, "
				"whose it is",
				path, part, (unsigned int)found.st_uid);
	if (wanted == PIM_TO_CHANGE)
		return pim_fail(error, EACCES, "%s: only its owner may change it: run as user %u",
				path, (unsigned int)found.st_uid);
	if (found.st_mode & S_IRGRP)
		return pim_fail(error, EACCES,
				"%s: this user may not read it: run as root, or as a member of "
				"group %u",
				path, (unsigned int)found.st_gid);
	return pim_fail(error, EACCES,
			"%s: this user may not read it: run as root, or attach with --group "
			"to let a group read",
			path);
}

int pim_fail_path(const char *path, enum pim_access wanted, int code, struct pim_error *error)
{
	struct pim_privilege privilege;
	char why[PIM_PRIVILEGE_TEXT];
	int result;

	if (code != EACCES && code != EPERM && code != ENOSYS)
		return pim_fail(error, code, "%s: %s", path, strerror(code));
	pim_privilege_read(&privilege);
	if (pim_privilege_hinders(&privilege, 0, why))
		return pim_fail(error, code, "%s: not permitted: %s", path, why);
	if (code != EACCES)
		return pim_fail_kernel(error, code, path);
	result = fail_mode(path, wanted, error);
	if (privilege.user_namespace) /* "root" may be an ordinary user outside */
		pim_error_prefix(error, "in a user namespace of its own (a rootless container): ");
	return result;
}
