/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What hinders a process, from made-up facts; and reading the real ones. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/privilege.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define ALL PIM_CAPABILITIES_ALL

/* A process that nothing hinders. */
static struct pim_privilege free_process(void)
{
	return (struct pim_privilege){
		.effective = ALL,
		.permitted = ALL,
		.bounding = ALL,
		.bpf_error = EFAULT,
		.unprivileged_bpf_disabled = 2,
		.memlock_bytes = UINT64_MAX,
		.kernel = PIM_KERNEL(6, 1),
	};
}

/* The text has every part of `why`, which '|' separates; "": nothing hinders. */
static void assert_hinders(const struct pim_privilege *privilege, unsigned int needed,
			   const char *expected, const char *name)
{
	char why[PIM_PRIVILEGE_TEXT], parts[256], *rest = parts, *part;
	bool hinders = pim_privilege_hinders(privilege, needed, why);

	if (hinders != (*expected != '\0') || hinders != (*why != '\0'))
		fail_msg("%s: expected \"%s\", found \"%s\"", name, expected, why);
	snprintf(parts, sizeof(parts), "%s", expected);
	while (*parts && (part = strsep(&rest, "|")))
		if (!strstr(why, part))
			fail_msg("%s: expected \"%s\" in \"%s\"", name, part, why);
	assert_null(strstr(why, "MEMLOCK"));
	assert_true(strlen(why) < PIM_PRIVILEGE_TEXT - 1);
}

static void names_what_hinders(void **state)
{
	static const struct {
		const char *name;
		unsigned int lack; /* removed from the effective capabilities */
		bool permitted, unbounded, user_namespace, no_new_privs, seccomp;
		int bpf_error;
		unsigned int needed;
		const char *expected;
	} cases[] = {
		{ .name = "nothing", .needed = ALL, .expected = "" },
		{ .name = "one",
		  .lack = PIM_CAPABILITY_PERFMON,
		  .needed = ALL,
		  .expected = "lacks CAP_PERFMON: |run as root" },
		{ .name = "all",
		  .lack = ALL,
		  .needed = ALL,
		  .expected = "lacks CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON: |setcap" },
		{ .name = "not needed", .lack = ALL, .needed = 0, .expected = "" },
		{ .name = "another one needed",
		  .lack = PIM_CAPABILITY_BPF,
		  .needed = PIM_CAPABILITY_NET_ADMIN,
		  .expected = "" },
		{ .name = "permitted",
		  .lack = PIM_CAPABILITY_BPF,
		  .permitted = true,
		  .needed = ALL,
		  .expected = "lacks CAP_BPF: |not effective" },
		{ .name = "out of bounds",
		  .lack = PIM_CAPABILITY_BPF,
		  .unbounded = true,
		  .needed = ALL,
		  .expected = "lacks CAP_BPF: |taken CAP_BPF away for good|CapabilityBoundingSet" },
		{ .name = "no new privileges",
		  .lack = ALL,
		  .no_new_privs = true,
		  .needed = ALL,
		  .expected = "no_new_privs is set|ambient" },
		{ .name = "no new privileges, and none needed",
		  .no_new_privs = true,
		  .needed = ALL,
		  .expected = "" },
		{ .name = "root of a user namespace",
		  .user_namespace = true,
		  .needed = ALL,
		  .expected = "user namespace of its own|do not count|start it outside" },
		{ .name = "a user namespace where nothing is needed",
		  .user_namespace = true,
		  .needed = 0,
		  .expected = "" },
		{ .name = "a filter that lets it through",
		  .seccomp = true,
		  .needed = ALL,
		  .expected = "" },
		{ .name = "EPERM",
		  .seccomp = true,
		  .bpf_error = EPERM,
		  .needed = ALL,
		  .expected =
			  "seccomp filter answers bpf(2) with EPERM|--security-opt|SystemCallFilter" },
		{ .name = "ENOSYS",
		  .seccomp = true,
		  .bpf_error = ENOSYS,
		  .needed = 0,
		  .expected = "seccomp filter answers bpf(2) with ENOSYS" },
		{ .name = "a filter and a lack",
		  .lack = PIM_CAPABILITY_BPF,
		  .seccomp = true,
		  .bpf_error = EPERM,
		  .needed = ALL,
		  .expected = "seccomp filter|CAP_BPF missing, too" },
		{ .name = "an error without a filter is none",
		  .bpf_error = ENOSYS,
		  .needed = ALL,
		  .expected = "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pim_privilege privilege = free_process();

		privilege.effective &= ~cases[i].lack;
		if (!cases[i].permitted)
			privilege.permitted = privilege.effective;
		if (cases[i].unbounded)
			privilege.bounding = privilege.effective;
		privilege.user_namespace = cases[i].user_namespace;
		privilege.no_new_privs = cases[i].no_new_privs;
		privilege.seccomp = cases[i].seccomp;
		if (cases[i].bpf_error)
			privilege.bpf_error = cases[i].bpf_error;
		assert_hinders(&privilege, cases[i].needed, cases[i].expected, cases[i].name);
	}
}

/* Before 5.19 the sysctl alone made bpf(2) fail with EPERM: no seccomp filter is blamed. */
static void knows_the_old_sysctl(void **state)
{
	static const struct {
		unsigned int kernel, effective;
		int sysctl;
		bool filtered;
	} cases[] = {
		{ PIM_KERNEL(5, 18), 0, 2, false },  { PIM_KERNEL(5, 19), 0, 2, true },
		{ PIM_KERNEL(5, 18), 0, 0, true },   { PIM_KERNEL(5, 18), 0, -1, true },
		{ PIM_KERNEL(5, 18), ALL, 2, true }, { 0, 0, 2, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pim_privilege privilege = free_process();

		privilege.kernel = cases[i].kernel;
		privilege.effective = cases[i].effective;
		privilege.unprivileged_bpf_disabled = cases[i].sysctl;
		privilege.seccomp = true;
		privilege.bpf_error = EPERM;
		if (pim_privilege_filtered(&privilege) != cases[i].filtered)
			fail_msg("case %zu: expected %d", i, cases[i].filtered);
	}
}

static void numbers_kernels(void **state)
{
	static const struct {
		const char *release;
		unsigned int number;
	} cases[] = {
		{ "6.1.0-18-amd64", PIM_KERNEL(6, 1) },
		{ "6.18.44", PIM_KERNEL(6, 18) },
		{ "5.10", PIM_KERNEL(5, 10) },
		{ "7.0-rc1", PIM_KERNEL(7, 0) },
		{ "6", 0 },
		{ "", 0 },
		{ "x.1", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(pim_kernel_number(cases[i].release), cases[i].number);
	assert_true(PIM_KERNEL(5, 18) < PIM_KERNEL(5, 19));
	assert_true(PIM_KERNEL(5, 99) < PIM_KERNEL(6, 0));
}

static void names_capabilities(void **state)
{
	char text[PIM_CAPABILITIES_TEXT];

	(void)state;
	assert_string_equal(pim_capability_names(0, ", ", text), "");
	assert_string_equal(pim_capability_names(PIM_CAPABILITY_NET_ADMIN, ", ", text),
			    "CAP_NET_ADMIN");
	assert_string_equal(pim_capability_names(ALL, ", ", text),
			    "CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON");
	assert_null(pim_capability_name(PIM_CAPABILITIES));
}

/* The facts depend on the machine: only their consistency is checked. */
static void reads_real_facts(void **state)
{
	struct pim_privilege privilege;

	(void)state;
	pim_privilege_read(&privilege);
	assert_int_equal(privilege.effective & ~privilege.permitted, 0);
	assert_true(privilege.kernel >= PIM_KERNEL(3, 0));
	assert_true(privilege.bpf_error == EFAULT || pim_privilege_filtered(&privilege) ||
		    privilege.kernel < PIM_KERNEL(5, 19));
	assert_true(privilege.unprivileged_bpf_disabled >= -1 &&
		    privilege.unprivileged_bpf_disabled <= 2);
	assert_true(privilege.lockdown <= PIM_LOCKDOWN_CONFIDENTIALITY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_what_hinders), cmocka_unit_test(knows_the_old_sysctl),
		cmocka_unit_test(numbers_kernels),    cmocka_unit_test(names_capabilities),
		cmocka_unit_test(reads_real_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
