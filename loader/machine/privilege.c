/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "machine/privilege.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

static const struct {
	cap_value_t number;
	const char *name, *stops;
} capabilities[] = {
	{ CAP_BPF, "CAP_BPF", "no program can be loaded" },
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN", "no XDP program can be loaded" },
	{ CAP_PERFMON, "CAP_PERFMON",
	  "the verifier refuses a program that reads packets in place" },
};
_Static_assert(sizeof(capabilities) / sizeof(*capabilities) == PIM_CAPABILITIES, "all have names");

int pim_capability_number(unsigned int index)
{
	return index < PIM_CAPABILITIES ? capabilities[index].number : -1;
}

const char *pim_capability_name(unsigned int index)
{
	return index < PIM_CAPABILITIES ? capabilities[index].name : NULL;
}

const char *pim_capability_stops(unsigned int index)
{
	return index < PIM_CAPABILITIES ? capabilities[index].stops : NULL;
}

char *pim_capability_names(unsigned int set, const char *separator,
			   char text[PIM_CAPABILITIES_TEXT])
{
	size_t length = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < PIM_CAPABILITIES && length < PIM_CAPABILITIES_TEXT; i++)
		if (set >> i & 1)
			length += snprintf(text + length, PIM_CAPABILITIES_TEXT - length, "%s%s",
					   length ? separator : "", capabilities[i].name);
	return text;
}

unsigned int pim_kernel_number(const char *release)
{
	unsigned int major, minor;

	return sscanf(release, "%u.%u", &major, &minor) == 2 ? PIM_KERNEL(major, minor) : 0;
}

/* ---- facts ---- */

/* Reads the first line of a file, without its newline; false, and "", if it cannot. */
static bool read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	bool read = file && fgets(line, size, file);

	if (file)
		fclose(file);
	line[read ? strcspn(line, "\n") : 0] = '\0';
	return read;
}

static bool has_flag(cap_t set, cap_value_t number, cap_flag_t flag)
{
	cap_flag_value_t value = CAP_CLEAR;

	return set && !cap_get_flag(set, number, flag, &value) && value == CAP_SET;
}

static unsigned int flagged(cap_t set, cap_flag_t flag)
{
	unsigned int found = 0;

	if (has_flag(set, CAP_SYS_ADMIN, flag))
		return PIM_CAPABILITIES_ALL;
	for (unsigned int i = 0; i < PIM_CAPABILITIES; i++)
		if (has_flag(set, capabilities[i].number, flag))
			found |= 1u << i;
	return found;
}

static void read_capabilities(struct pim_privilege *privilege)
{
	cap_t set = cap_get_proc();

	privilege->effective = flagged(set, CAP_EFFECTIVE);
	privilege->permitted = flagged(set, CAP_PERMITTED);
	privilege->sys_admin =
		has_flag(set, CAP_SYS_ADMIN, CAP_EFFECTIVE) && !privilege->user_namespace;
	if (set)
		cap_free(set);
	for (unsigned int i = 0; i < PIM_CAPABILITIES; i++)
		if (cap_get_bound(capabilities[i].number) == CAP_SET ||
		    cap_get_bound(CAP_SYS_ADMIN) == CAP_SET)
			privilege->bounding |= 1u << i;
}

int pim_sysctl(const char *name)
{
	char path[128], line[32];
	int value;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	return read_line(path, line, sizeof(line)) && sscanf(line, "%d", &value) == 1 ? value : -1;
}

/* The initial user namespace has the same inode number on every kernel. If /proc does
 * not show the namespace, look for the initial uid_map, which maps all IDs to themselves. */
static bool in_user_namespace(void)
{
	enum { INITIAL_USER_NAMESPACE = 0xEFFFFFFD }; /* include/uapi/linux/nsfs.h since 6.18 */
	unsigned long inside, outside, count;
	struct stat namespace;
	char map[128];

	if (!stat("/proc/self/ns/user", &namespace))
		return namespace.st_ino != (ino_t)(unsigned int)INITIAL_USER_NAMESPACE;
	return read_line("/proc/self/uid_map", map, sizeof(map)) &&
	       !(sscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3 && !inside &&
		 !outside && count == UINT32_MAX);
}

static void read_status(struct pim_privilege *privilege)
{
	FILE *status = fopen("/proc/self/status", "re");
	unsigned int value;
	char line[256];

	while (status && fgets(line, sizeof(line), status)) {
		if (sscanf(line, "NoNewPrivs: %u", &value) == 1)
			privilege->no_new_privs = value;
		else if (sscanf(line, "Seccomp: %u", &value) == 1)
			privilege->seccomp = value;
	}
	if (status)
		fclose(status);
}

/* The file reads "none [integrity] confidentiality": the brackets mark the current mode. */
static enum pim_lockdown read_lockdown(void)
{
	static const char *const modes[] = {
		[PIM_LOCKDOWN_NONE] = "[none]",
		[PIM_LOCKDOWN_INTEGRITY] = "[integrity]",
		[PIM_LOCKDOWN_CONFIDENTIALITY] = "[confidentiality]",
	};
	char line[128];

	if (!read_line("/sys/kernel/security/lockdown", line, sizeof(line)))
		return PIM_LOCKDOWN_UNKNOWN;
	for (enum pim_lockdown mode = PIM_LOCKDOWN_NONE; mode <= PIM_LOCKDOWN_CONFIDENTIALITY;
	     mode++)
		if (strstr(line, modes[mode]))
			return mode;
	return PIM_LOCKDOWN_UNKNOWN;
}

/* The kernel copies the attributes before it checks almost anything else, LSMs included, so
 * a NULL pointer fails with EFAULT. A seccomp filter acts before that, so any other result
 * is most likely the filter's. */
static int ask_bpf(int command)
{
	return syscall(__NR_bpf, command, NULL, sizeof(union bpf_attr)) < 0 ? errno : 0;
}

static int ask_every_bpf(const struct pim_privilege *privilege)
{
	/* Without CAP_BPF, the kernel itself may refuse the last two before it copies. */
	static const int commands[] = { BPF_OBJ_GET, BPF_OBJ_GET_INFO_BY_FD, BPF_LINK_CREATE,
					BPF_MAP_CREATE, BPF_PROG_LOAD };
	size_t count = pim_privilege_missing(privilege, PIM_CAPABILITY_BPF) ? 3 : 5;
	int error = 0;

	for (size_t i = 0; i < count && (!i || error == EFAULT); i++)
		error = ask_bpf(commands[i]);
	return error;
}

void pim_privilege_read(struct pim_privilege *privilege)
{
	struct rlimit limit;
	struct utsname kernel;

	*privilege = (struct pim_privilege){
		.unprivileged_bpf_disabled = pim_sysctl("kernel/unprivileged_bpf_disabled"),
	};
	privilege->user_namespace = in_user_namespace();
	read_capabilities(privilege);
	read_status(privilege);
	privilege->lockdown = read_lockdown();
	privilege->memlock_bytes =
		getrlimit(RLIMIT_MEMLOCK, &limit) || limit.rlim_cur == RLIM_INFINITY ?
			UINT64_MAX :
			limit.rlim_cur;
	if (!uname(&kernel))
		privilege->kernel = pim_kernel_number(kernel.release);
	read_line("/sys/kernel/security/lsm", privilege->modules, sizeof(privilege->modules));
	privilege->bpf_error = ask_every_bpf(privilege);
}

/* ---- judgement ---- */

unsigned int pim_privilege_missing(const struct pim_privilege *privilege, unsigned int needed)
{
	return privilege->user_namespace ? needed : needed & ~privilege->effective;
}

bool pim_privilege_filtered(const struct pim_privilege *privilege)
{
	/* Before 5.19 the sysctl made every bpf(2) call fail without CAP_BPF. */
	bool kernel_refuses = privilege->kernel && privilege->kernel < PIM_KERNEL(5, 19) &&
			      privilege->unprivileged_bpf_disabled > 0 &&
			      pim_privilege_missing(privilege, PIM_CAPABILITY_BPF);

	return privilege->seccomp && privilege->bpf_error != EFAULT && !kernel_refuses;
}

char *pim_privilege_grant(const struct pim_privilege *privilege, unsigned int missing,
			  char text[PIM_PRIVILEGE_TEXT])
{
	unsigned int unbounded = missing & ~privilege->bounding;
	char names[PIM_CAPABILITIES_TEXT];

	if (privilege->user_namespace)
		snprintf(text, PIM_PRIVILEGE_TEXT,
			 "start it outside (not in a rootless container), as root or with %s",
			 pim_capability_names(missing, ", ", names));
	else if (unbounded)
		snprintf(
			text, PIM_PRIVILEGE_TEXT,
			"what started it has taken %s away for good: let it keep them (a container: "
			"--cap-add; systemd: CapabilityBoundingSet=)",
			pim_capability_names(unbounded, ", ", names));
	else if (!(missing & ~privilege->permitted))
		snprintf(
			text, PIM_PRIVILEGE_TEXT,
			"they are permitted, but not effective: grant them as effective, too (setcap "
			"...=ep)");
	else if (privilege->no_new_privs)
		snprintf(
			text, PIM_PRIVILEGE_TEXT,
			"no_new_privs is set, so neither sudo nor file capabilities give them: start it as "
			"root, or with ambient capabilities (systemd: AmbientCapabilities=)");
	else
		snprintf(
			text, PIM_PRIVILEGE_TEXT,
			"run as root, or grant them (setcap; systemd: AmbientCapabilities=; a container: "
			"--cap-add)");
	return text;
}

static void explain_filter(const struct pim_privilege *privilege, unsigned int missing,
			   char why[PIM_PRIVILEGE_TEXT])
{
	const char *name = strerrorname_np(privilege->bpf_error);
	char names[PIM_CAPABILITIES_TEXT];
	int length;

	length = snprintf(
		why, PIM_PRIVILEGE_TEXT,
		"a seccomp filter answers bpf(2) with %s: use a profile that allows bpf(2) (a "
		"container: --security-opt seccomp=FILE; systemd: SystemCallFilter=bpf)",
		name ? name : "success");
	if (missing)
		snprintf(why + length, PIM_PRIVILEGE_TEXT - length, "; %s missing, too",
			 pim_capability_names(missing, ", ", names));
}

bool pim_privilege_hinders(const struct pim_privilege *privilege, unsigned int needed,
			   char why[PIM_PRIVILEGE_TEXT])
{
	unsigned int missing = pim_privilege_missing(privilege, needed);
	char names[PIM_CAPABILITIES_TEXT], grant[PIM_PRIVILEGE_TEXT];

	why[0] = '\0';
	if (pim_privilege_filtered(privilege))
		explain_filter(privilege, missing, why);
	else if (missing && privilege->user_namespace)
		snprintf(
			why, PIM_PRIVILEGE_TEXT,
			"this process is in a user namespace of its own, whose capabilities do not count "
			"for BPF: %s",
			pim_privilege_grant(privilege, missing, grant));
	else if (missing)
		snprintf(why, PIM_PRIVILEGE_TEXT, "this process lacks %s: %s",
			 pim_capability_names(missing, ", ", names),
			 pim_privilege_grant(privilege, missing, grant));
	return *why;
}
