/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What doctor makes of facts, which are made up here. */
#include <errno.h>
#include <jansson.h>
#include <net/if_arp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/checks.h"
#include "doctor/facts.h"
#include "doctor/interface.h"
#include "doctor/kernel.h"
#include "doctor/process.h"
#include "output/doctor.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define OK PIM_CHECK_OK
#define WARNING PIM_CHECK_WARNING
#define PROBLEM PIM_CHECK_PROBLEM

/* ---- a machine and an interface without a fault ---- */

static struct pim_machine good_machine(void)
{
	return (struct pim_machine){
		.kernel = { .release = "6.1.0-18-amd64", .btf = true, .jit = 1, .jit_harden = 0, .cpus = 4 },
		.privilege = { .effective = PIM_CAPABILITIES_ALL, .permitted = PIM_CAPABILITIES_ALL,
			       .bounding = PIM_CAPABILITIES_ALL, .bpf_error = EFAULT,
			       .unprivileged_bpf_disabled = 2, .memlock_bytes = 8388608,
			       .kernel = PIM_KERNEL(6, 1), .lockdown = PIM_LOCKDOWN_NONE },
		.bpffs = { .root = "/sys/fs/bpf", .mounted = true, .folder = "/sys/fs/bpf/pimxdp",
			   .passable = true, .writable = true, .mode = 0755 },
		.trial = { .jit_known = true, .jited = true },
	};
}

static struct pim_interface good_interface(void)
{
	return (struct pim_interface){
		.name = "eth1", .ifindex = 7, .hardware = ARPHRD_ETHER, .up = true, .running = true,
		.mtu_bytes = 1500, .driver = "ice", .xdp_known = true,
		.xdp_features = PIM_XDP_BASIC | PIM_XDP_RX_SG, .lro = { .known = true },
		.gro_hw = { .known = true }, .rx_vlan = { .known = true }, .rx_queues = 4,
		.rx_queues_max = 8,
	};
}

/* ---- looking for a check ---- */

static const struct pim_check *find(const struct pim_doctor *doctor, const char *check)
{
	for (size_t i = 0; i < doctor->count; i++)
		if (!strcmp(doctor->checks[i].check, check))
			return &doctor->checks[i];
	return NULL;
}

/* The check has that state and both texts in it; advice exactly where it is not ok;
 * every other check is ok. NULL as `found`: there is no such check. */
static void assert_check(struct pim_doctor *doctor, const char *check, enum pim_check_state state,
			 const char *found, const char *advice)
{
	const struct pim_check *at = find(doctor, check);

	if (!at != !found)
		fail_msg("%s: expected %s", check, found ? found : "no such check");
	if (at && (at->state != state || !strstr(at->found, found) || !strstr(at->advice, advice)))
		fail_msg("%s: expected %s, \"%s\", \"%s\"; found %s, \"%s\", \"%s\"", check,
			 pim_check_state_name(state), found, advice, pim_check_state_name(at->state),
			 at->found, at->advice);
	for (size_t i = 0; i < doctor->count; i++) {
		const struct pim_check *other = &doctor->checks[i];

		if ((other->state == OK) != !*other->advice || !*other->found)
			fail_msg("%s: %s with advice \"%s\"", other->check,
				 pim_check_state_name(other->state), other->advice);
		if (other != at && other->state != OK)
			fail_msg("%s: %s besides: %s", check, other->check, other->found);
	}
	pim_doctor_free(doctor);
}

static void judge_machine(const struct pim_machine *machine, struct pim_doctor *doctor)
{
	*doctor = (struct pim_doctor){};
	pim_judge_kernel(machine, doctor);
	pim_judge_bpffs(machine, doctor);
	pim_judge_process(machine, doctor);
}

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
		if (doctor.checks[i].state != OK || *doctor.checks[i].advice || !*doctor.checks[i].found)
			fail_msg("%s: %s", doctor.checks[i].check, doctor.checks[i].found);
	assert_int_equal(doctor.count, 6 + 2 + 6 + 11);
	assert_int_equal(pim_doctor_worst(&doctor), OK);
	pim_doctor_free(&doctor);
}

/* ---- the kernel ---- */

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
		{ "6.0.19", false, 1, 0, true, true, "version", PROBLEM, "Linux 6.0.19", "6.1 or newer" },
		{ "5.10.0", false, 1, 0, true, true, "version", PROBLEM, "Linux 5.10.0", "6.1 or newer" },
		{ "6.18.1", true, 1, 0, true, true, "btf", PROBLEM, "no /sys/kernel/btf/vmlinux",
		  "CONFIG_DEBUG_INFO_BTF" },
		{ "6.1.0", false, 0, 0, true, true, "jit", OK, "on", "" },
		{ "6.1.0", false, 1, 0, true, false, "jit", PROBLEM, "off", "bpf_jit_enable=1" },
		{ "6.1.0", false, 1, 0, false, false, "jit", OK, "on", "" },
		{ "6.1.0", false, 2, 0, false, false, "jit", OK, "on", "" },
		{ "6.1.0", false, 0, 0, false, false, "jit", PROBLEM, "off", "bpf_jit_enable=1" },
		{ "6.1.0", false, -1, 0, false, false, "jit", WARNING, "unknown", "first network namespace" },
		{ "6.1.0", false, 1, 1, true, true, "jit-hardening", OK, "users without privilege", "" },
		{ "6.1.0", false, 1, 2, true, true, "jit-hardening", WARNING, "every program",
		  "bpf_jit_harden=1" },
		{ "6.1.0", false, 1, -1, true, true, "jit-hardening", OK, "not shown", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pim_machine machine = good_machine();
		struct pim_doctor doctor;

		snprintf(machine.kernel.release, sizeof(machine.kernel.release), "%s", cases[i].release);
		machine.kernel.btf = !cases[i].no_btf;
		machine.kernel.jit = cases[i].jit;
		machine.kernel.jit_harden = cases[i].harden;
		machine.trial.jit_known = cases[i].jit_known;
		machine.trial.jited = cases[i].jited;
		judge_machine(&machine, &doctor);
		assert_check(&doctor, cases[i].check, cases[i].state, cases[i].found, cases[i].advice);
	}
}

/* It stops nothing that pimxdp does, in any mode. */
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
		{ true, true, false, 0, "access", PROBLEM, "may pass, but not pin there", "user 0" },
		{ true, false, false, 0, "access", PROBLEM, "may neither pass nor pin", "user 0" },
		{ false, true, true, 0, "mount", PROBLEM, "no BPF file system", "mount -t bpf bpf /sys/fs/bpf" },
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
		assert_check(&doctor, cases[i].check, cases[i].state, cases[i].found, cases[i].advice);
	}
}

/* ---- the process ---- */

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
		{ .lack = PIM_CAPABILITY_PERFMON, .trial = 0, .check = "capabilities", .state = PROBLEM,
		  .found = "lacks CAP_PERFMON (the verifier", .advice = "run as root" },
		{ .lack = PIM_CAPABILITIES_ALL, .trial = EPERM, .check = "capabilities", .state = PROBLEM,
		  .found = "CAP_NET_ADMIN (no XDP program can be loaded), CAP_PERFMON", .advice = "grant" },
		{ .lack = PIM_CAPABILITIES_ALL, .trial = EPERM, .check = "load", .state = PROBLEM },
		{ .user_namespace = true, .trial = EPERM, .check = "user-namespace", .state = PROBLEM,
		  .found = "one of its own", .advice = "start it outside" },
		{ .user_namespace = true, .trial = EPERM, .check = "capabilities", .state = PROBLEM },
		{ .check = "user-namespace", .state = OK, .found = "the first one", .advice = "" },
		{ .no_new_privs = true, .check = "no-new-privs", .state = OK, .found = "set: ", .advice = "" },
		{ .check = "no-new-privs", .state = OK, .found = "not set", .advice = "" },
		{ .seccomp = true, .check = "seccomp", .state = OK, .found = "lets bpf(2) through",
		  .advice = "" },
		{ .seccomp = true, .bpf_error = ENOSYS, .trial = ENOSYS, .check = "seccomp",
		  .state = PROBLEM, .found = "answers bpf(2) with ENOSYS", .advice = "use a profile" },
		{ .check = "memlock", .state = OK, .found = "8,388,608 bytes, and since Linux 5.11",
		  .advice = "" },
		{ .memlock_bytes = UINT64_MAX, .check = "memlock", .state = OK, .found = "unlimited",
		  .advice = "" },
		{ .kernel = PIM_KERNEL(5, 11), .check = "memlock", .state = OK, .found = "since Linux 5.11",
		  .advice = "" },
		{ .kernel = PIM_KERNEL(5, 10), .check = "memlock", .state = PROBLEM, .found = "8,388,608 bytes",
		  .advice = "ulimit -l unlimited" },
		{ .trial = 0, .check = "load", .state = OK, .found = "can be loaded", .advice = "" },
		{ .trial = EPERM, .check = "load", .state = PROBLEM, .found = "cannot be loaded: Operation not",
		  .advice = "security module" },
		{ .trial = ENOSYS, .check = "load", .state = PROBLEM, .found = "cannot be loaded: Function not",
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
		if (!cases[i].found) { /* another check has said it */
			assert_null(find(&doctor, cases[i].check));
			assert_int_equal(pim_doctor_worst(&doctor), PROBLEM);
			pim_doctor_free(&doctor);
			continue;
		}
		assert_check(&doctor, cases[i].check, cases[i].state, cases[i].found, cases[i].advice);
	}
}

/* ---- the interface ---- */

static void judge(const struct pim_interface *interface, struct pim_doctor *doctor)
{
	static const struct pim_attachment nothing;

	*doctor = (struct pim_doctor){};
	pim_judge_interface(interface, &nothing, 4, doctor);
}

static void judges_the_mtu(void **state)
{
	enum { NO, BASIC, FRAGS, UNKNOWN };
	static const struct {
		int driver;
		uint32_t mtu_bytes;
		enum pim_check_state state;
		const char *found, *advice;
	} cases[] = {
		{ FRAGS, 1500, OK, "1,500", "" },
		{ FRAGS, 9000, OK, "9,000", "" },
		{ BASIC, 1500, OK, "1,500", "" },
		{ BASIC, 1501, WARNING, "no frames in several buffers", "some refuse" },
		{ BASIC, 3506, WARNING, "3,506", "some refuse" },
		{ BASIC, 3507, WARNING, "3,507", "most drivers refuse native mode: lower the MTU to 3,506" },
		{ UNKNOWN, 1500, OK, "1,500", "" },
		{ UNKNOWN, 1501, WARNING, "is unknown", "some refuse" },
		{ UNKNOWN, 3507, WARNING, "is unknown", "without them most drivers refuse" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pim_interface interface = good_interface();
		struct pim_doctor doctor;

		interface.mtu_bytes = cases[i].mtu_bytes;
		interface.xdp_known = cases[i].driver != UNKNOWN;
		interface.xdp_features = cases[i].driver == FRAGS ? PIM_XDP_BASIC | PIM_XDP_RX_SG :
					 cases[i].driver == BASIC ? PIM_XDP_BASIC : 0;
		judge(&interface, &doctor);
		assert_check(&doctor, "mtu", cases[i].state, cases[i].found, cases[i].advice);
	}
}

static void judges_the_driver(void **state)
{
	static const struct {
		bool known;
		uint64_t features;
		const char *driver, *kind;
		enum pim_check_state state;
		const char *found, *advice;
	} cases[] = {
		{ true, PIM_XDP_BASIC, "ixgbe", "", OK, "ixgbe: has native mode", "" },
		{ true, PIM_XDP_BASIC | PIM_XDP_RX_SG, "ice", "", OK, "several buffers", "" },
		{ true, PIM_XDP_RX_SG, "e1000", "", WARNING, "e1000: has no native mode", "skb mode" },
		{ true, 0, "veth", "veth", WARNING, "veth: has no native mode now", "as many RX queues" },
		{ true, 0, "", "ifb", WARNING, "ifb: has no", "skb mode" },
		{ true, 0, "", "", WARNING, "device: has no", "skb mode" },
		{ false, 0, "ice", "", OK, "native mode unknown", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pim_interface interface = good_interface();
		struct pim_doctor doctor;

		interface.xdp_known = cases[i].known;
		interface.xdp_features = cases[i].features;
		strcpy(interface.driver, cases[i].driver);
		strcpy(interface.kind, cases[i].kind);
		judge(&interface, &doctor);
		assert_check(&doctor, "driver", cases[i].state, cases[i].found, cases[i].advice);
	}
}

static void judges_link_and_features(void **state)
{
	static const struct {
		bool down, no_carrier;
		struct pim_feature lro, gro_hw, rx_vlan;
		const char *check;
		enum pim_check_state state;
		const char *found, *advice;
	} cases[] = {
		{ .down = true, .no_carrier = true, .check = "link", .state = WARNING, .found = "down",
		  .advice = "ip link set dev eth1 up" },
		{ .no_carrier = true, .check = "link", .state = WARNING, .found = "without carrier",
		  .advice = "cable" },
		{ .lro = { true, true, false }, .check = "lro", .state = WARNING, .found = "on",
		  .advice = "ethtool -K eth1 lro off" },
		{ .gro_hw = { true, true, false }, .check = "gro-hw", .state = WARNING, .found = "on",
		  .advice = "ethtool -K eth1 rx-gro-hw off" },
		{ .gro_hw = { true, true, true }, .check = "gro-hw", .state = WARNING,
		  .found = "on, and fixed", .advice = "outside" },
		{ .check = "lro", .state = OK, .found = "not told", .advice = "" },
		{ .lro = { true, false, true }, .check = "lro", .state = OK, .found = "off", .advice = "" },
		{ .rx_vlan = { true, true, false }, .check = "rx-vlan", .state = OK,
		  .found = "verdicts are otherwise the same", .advice = "" },
		{ .rx_vlan = { true, false, false }, .check = "rx-vlan", .state = OK, .found = "off: tags stay",
		  .advice = "" },
		{ .check = "rx-vlan", .state = OK, .found = "not told", .advice = "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pim_interface interface = good_interface();
		struct pim_doctor doctor;

		interface.up = !cases[i].down;
		interface.running = !cases[i].no_carrier;
		interface.lro = cases[i].lro;
		interface.gro_hw = cases[i].gro_hw;
		interface.rx_vlan = cases[i].rx_vlan;
		judge(&interface, &doctor);
		assert_check(&doctor, cases[i].check, cases[i].state, cases[i].found, cases[i].advice);
	}
}

/* Skb mode copes by itself. */
static void minds_merging_in_native_mode_alone(void **state)
{
	struct pim_interface interface = good_interface();
	struct pim_doctor doctor;

	(void)state;
	interface.xdp_features = 0;
	interface.lro = interface.gro_hw = (struct pim_feature){ .known = true, .on = true };
	interface.mtu_bytes = 9000;
	judge(&interface, &doctor);
	assert_int_equal(find(&doctor, "lro")->state, OK);
	assert_int_equal(find(&doctor, "gro-hw")->state, OK);
	assert_int_equal(find(&doctor, "mtu")->state, OK);
	assert_check(&doctor, "driver", WARNING, "no native mode", "skb mode");
}

static void judges_the_stack(void **state)
{
	static const struct {
		const char *kind, *master, *master_kind, *lower, *upper;
		enum pim_check_state state;
		const char *found, *advice;
	} cases[] = {
		{ "", "", "", "", "", OK, "stands alone", "" },
		{ "", "bond0", "bond", "", "", WARNING, "member of bond0 (bond)", "attach to bond0, or" },
		{ "", "team0", "team", "", "", WARNING, "member of team0 (team)", "every member of team0" },
		{ "", "br0", "bridge", "", "", OK, "port of the bridge br0", "" },
		{ "", "vrf0", "vrf", "", "", OK, "member of vrf0 (vrf)", "" },
		{ "bond", "", "", "eth3", "", OK, "bond on eth3 (device)", "" },
		{ "team", "", "", "eth3", "", WARNING, "team on eth3", "every member" },
		{ "bridge", "", "", "eth3", "", WARNING, "bridge on eth3", "attach to the ports" },
		{ "vlan", "", "", "eth3", "", WARNING, "vlan on eth3", "attach to eth3" },
		{ "", "", "", "", "eth1.5", OK, "below eth1.5 (vlan)", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pim_interface interface = good_interface();
		struct pim_doctor doctor;

		strcpy(interface.kind, cases[i].kind);
		strcpy(interface.master, cases[i].master);
		strcpy(interface.master_kind, cases[i].master_kind);
		strcpy(interface.lower.list[0].name, cases[i].lower);
		interface.lower.count = *cases[i].lower != '\0';
		strcpy(interface.upper.list[0].name, cases[i].upper);
		strcpy(interface.upper.list[0].kind, "vlan");
		interface.upper.count = *cases[i].upper != '\0';
		judge(&interface, &doctor);
		assert_check(&doctor, "stack", cases[i].state, cases[i].found, cases[i].advice);
	}
}

/* More than the list holds. */
static void names_some_of_many_neighbours(void **state)
{
	struct pim_interface interface = good_interface();
	struct pim_doctor doctor;

	(void)state;
	for (size_t i = 0; i < PIM_NEIGHBOURS; i++) {
		snprintf(interface.upper.list[i].name, sizeof(interface.upper.list[i].name),
			 "abcdefghijklm%02zu", i);
		strcpy(interface.upper.list[i].kind, "abcdefghijklmno");
	}
	interface.upper.count = 1000;
	judge(&interface, &doctor);
	assert_check(&doctor, "stack", OK, "abcdefghijklm07 (abcdefghijklmno), ...: their frames", "");
}

static void judges_the_queues(void **state)
{
	static const struct {
		uint32_t queues, most;
		unsigned int cpus;
		const char *kind;
		enum pim_check_state state;
		const char *found, *advice;
	} cases[] = {
		{ 4, 8, 4, "", OK, "4 RX queues for 4 CPUs", "" },
		{ 8, 8, 4, "", OK, "8 RX queues for 4 CPUs", "" },
		{ 3, 8, 4, "", WARNING, "3 RX queues for 4 CPUs", "ethtool -L eth1 combined 4" },
		{ 1, 2, 4, "", WARNING, "1 RX queue for 4 CPUs", "combined 2" },
		{ 1, 1, 4, "", OK, "1 RX queue for 4 CPUs, as many as there are", "" },
		{ 1, 1, 1, "", OK, "1 RX queue for 1 CPU", "" },
		{ 1, 8, 4, "veth", OK, "1 RX queue for 4 CPUs", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		static const struct pim_attachment nothing;
		struct pim_interface interface = good_interface();
		struct pim_doctor doctor = {};

		interface.rx_queues = cases[i].queues;
		interface.rx_queues_max = cases[i].most;
		strcpy(interface.kind, cases[i].kind);
		pim_judge_interface(&interface, &nothing, cases[i].cpus, &doctor);
		assert_check(&doctor, "queues", cases[i].state, cases[i].found, cases[i].advice);
	}
}

static void judges_what_is_attached(void **state)
{
	static const struct {
		struct pim_attachment attachment;
		const char *check;
		enum pim_check_state state;
		const char *found, *advice;
	} cases[] = {
		{ {}, "program", OK, "no XDP program", "" },
		{ { .program = { 9, PIM_ATTACH_NATIVE, "" }, .pinned_program = 9,
		    .pins = PIM_PLACE_ATTACHED },
		  "program", OK, "pimxdp's own, id 9, native mode", "" },
		{ { .program = { 9, PIM_ATTACH_SKB, "" }, .pinned_program = 9, .pins = PIM_PLACE_ATTACHED },
		  "program", WARNING, "skb mode", "--mode native" },
		{ { .program = { 9, PIM_ATTACH_NATIVE, "other" } },
		  "program", PROBLEM, "another's, other, id 9, native mode", "bpftool net show dev eth1" },
		{ { .program = { 9, PIM_ATTACH_SKB, "" } },
		  "program", PROBLEM, "whose name only CAP_SYS_ADMIN sees, id 9, skb mode", "detach it" },
		{ { .program_error = ENOTSUP }, "program", WARNING, "unknown: ", "attach will say" },
		{ {}, "pins", OK, "none", "" },
		{ { .pins_unreadable = "not permitted: why" }, "pins", WARNING, "cannot be seen",
		  "not permitted: why" },
		{ { .pins = PIM_PLACE_GONE }, "pins", WARNING, "interface is gone", "attach removes them" },
		{ { .pins = PIM_PLACE_UNFINISHED }, "pins", WARNING, "interrupted", "pimxdp detach eth1" },
		{ { .pins = PIM_PLACE_ELSEWHERE, .pins_refusal = "rename it back" }, "pins", PROBLEM,
		  "on another interface", "rename it back" },
		{ { .pins = PIM_PLACE_FOREIGN, .pins_refusal = "use that pimxdp" }, "pins", PROBLEM,
		  "another version", "use that pimxdp" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pim_interface interface = good_interface();
		struct pim_doctor doctor = {};

		pim_judge_interface(&interface, &cases[i].attachment, 4, &doctor);
		assert_check(&doctor, cases[i].check, cases[i].state, cases[i].found, cases[i].advice);
	}
}

/* Whose it is cannot be said without the pins. */
static void does_not_guess_whose_program_it_is(void **state)
{
	static const struct pim_attachment attachment = {
		.program = { 9, PIM_ATTACH_NATIVE, "" }, .pins_unreadable = "not permitted",
	};
	struct pim_interface interface = good_interface();
	struct pim_doctor doctor = {};

	(void)state;
	pim_judge_interface(&interface, &attachment, 4, &doctor);
	assert_int_equal(find(&doctor, "pins")->state, WARNING);
	assert_int_equal(find(&doctor, "program")->state, WARNING);
	assert_non_null(strstr(find(&doctor, "program")->found, "cannot be seen"));
	pim_doctor_free(&doctor);
}

static void judges_what_is_no_ethernet_interface(void **state)
{
	struct pim_interface interface = good_interface();
	struct pim_doctor doctor;

	(void)state;
	interface.hardware = ARPHRD_PPP;
	judge(&interface, &doctor);
	assert_int_equal(doctor.count, 1);
	assert_check(&doctor, "interface", PROBLEM, "hardware type 512", "Ethernet headers");
	interface.hardware = ARPHRD_LOOPBACK;
	judge(&interface, &doctor);
	assert_check(&doctor, "interface", OK, "loopback", "");
	interface.ifindex = 0;
	judge(&interface, &doctor);
	assert_int_equal(doctor.count, 2); /* pins may be left of it */
	assert_check(&doctor, "interface", PROBLEM, "not in this network namespace", "ip link");
}

static void judges_briefly(void **state)
{
	static const struct pim_attachment nothing, ours = { .program = { .id = 9 }, .pinned_program = 9 },
							foreign = { .program = { .id = 9 } };
	struct pim_interface interface = good_interface();
	struct pim_doctor doctor = {};

	(void)state;
	pim_judge_briefly(&interface, &nothing, 4, &doctor);
	assert_check(&doctor, "eth1", OK, "ice, up, MTU 1,500, native mode", "");
	pim_judge_briefly(&interface, &ours, 4, &doctor);
	assert_check(&doctor, "eth1", OK, "native mode, pimxdp attached", "");
	pim_judge_briefly(&interface, &foreign, 4, &doctor); /* a problem only to who asks for it */
	assert_check(&doctor, "eth1", WARNING, "an XDP program attached", "pimxdp doctor eth1");
}

/* ---- output ---- */

static void prints_text_and_json(void **state)
{
	struct pim_doctor doctor = {};
	json_t *json, *checks;
	json_error_t error;
	size_t size;
	FILE *stream;
	char *text;

	(void)state;
	pim_found(&doctor, "kernel", "version", "Linux %d", 6);
	pim_advise(pim_found(&doctor, "kernel", "btf", "none"), PROBLEM, "build %s", "one");
	pim_advise(pim_found(&doctor, "eth1", "jit-hardening", "all"), WARNING, "less");
	stream = open_memstream(&text, &size);
	pim_output_doctor_text(stream, &doctor);
	fclose(stream);
	assert_string_equal(text, "kernel\n"
				  "  ok       version        Linux 6\n"
				  "  problem  btf            none\n"
				  "                          -> build one\n"
				  "eth1\n"
				  "  warning  jit-hardening  all\n"
				  "                          -> less\n"
				  "1 problem, 1 warning\n");
	free(text);
	stream = open_memstream(&text, &size);
	pim_output_doctor_json(stream, false, &doctor);
	fclose(stream);
	json = json_loads(text, 0, &error);
	assert_non_null(json);
	checks = json_object_get(json, "checks");
	assert_int_equal(json_array_size(checks), 3);
	assert_string_equal(json_string_value(json_object_get(json, "state")), "problem");
	assert_true(json_is_null(json_object_get(json_array_get(checks, 0), "advice")));
	assert_string_equal(json_string_value(json_object_get(json_array_get(checks, 1), "advice")),
			    "build one");
	assert_string_equal(json_string_value(json_object_get(json_array_get(checks, 2), "subject")), "eth1");
	assert_int_equal(json_object_size(json_array_get(checks, 2)), 5);
	json_decref(json);
	free(text);
	pim_doctor_free(&doctor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_no_fault),
		cmocka_unit_test(judges_the_kernel),
		cmocka_unit_test(judges_lockdown),
		cmocka_unit_test(judges_the_bpffs),
		cmocka_unit_test(judges_the_process),
		cmocka_unit_test(judges_the_mtu),
		cmocka_unit_test(judges_the_driver),
		cmocka_unit_test(judges_link_and_features),
		cmocka_unit_test(minds_merging_in_native_mode_alone),
		cmocka_unit_test(judges_the_stack),
		cmocka_unit_test(names_some_of_many_neighbours),
		cmocka_unit_test(judges_the_queues),
		cmocka_unit_test(judges_what_is_attached),
		cmocka_unit_test(does_not_guess_whose_program_it_is),
		cmocka_unit_test(judges_what_is_no_ethernet_interface),
		cmocka_unit_test(judges_briefly),
		cmocka_unit_test(prints_text_and_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
