/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Doctor's checks of an interface, and of what is attached there. */
#include <net/if_arp.h>
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
#include "doctor/interface.h"
#include "kernel/hook_xdp.h"
#include "kernel/place.h"
#include "machine/interface.h"
#include "unit/doctor/facts.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

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
		{ BASIC, 3507, WARNING, "3,507",
		  "most drivers refuse native mode: lower the MTU to 3,506" },
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
					 cases[i].driver == BASIC ? PIM_XDP_BASIC :
								    0;
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
		{ true, PIM_XDP_RX_SG, "e1000", "", WARNING, "e1000: has no native mode",
		  "skb mode" },
		{ true, 0, "veth", "veth", WARNING, "veth: has no native mode now",
		  "as many RX queues" },
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
		{ .down = true,
		  .no_carrier = true,
		  .check = "link",
		  .state = WARNING,
		  .found = "down",
		  .advice = "ip link set dev eth1 up" },
		{ .no_carrier = true,
		  .check = "link",
		  .state = WARNING,
		  .found = "without carrier",
		  .advice = "cable" },
		{ .lro = { true, true, false },
		  .check = "lro",
		  .state = WARNING,
		  .found = "on",
		  .advice = "ethtool -K eth1 lro off" },
		{ .gro_hw = { true, true, false },
		  .check = "gro-hw",
		  .state = WARNING,
		  .found = "on",
		  .advice = "ethtool -K eth1 rx-gro-hw off" },
		{ .gro_hw = { true, true, true },
		  .check = "gro-hw",
		  .state = WARNING,
		  .found = "on, and fixed",
		  .advice = "outside" },
		{ .check = "lro", .state = OK, .found = "not told", .advice = "" },
		{ .lro = { true, false, true },
		  .check = "lro",
		  .state = OK,
		  .found = "off",
		  .advice = "" },
		{ .rx_vlan = { true, true, false },
		  .check = "rx-vlan",
		  .state = OK,
		  .found = "verdicts are otherwise the same",
		  .advice = "" },
		{ .rx_vlan = { true, false, false },
		  .check = "rx-vlan",
		  .state = OK,
		  .found = "off: tags stay",
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
		assert_check(&doctor, cases[i].check, cases[i].state, cases[i].found,
			     cases[i].advice);
	}
}

/* Skb mode is not affected. */
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

static void judges_big_tcp(void **state)
{
	static const struct {
		uint32_t bytes;
		bool native;
		enum pim_attach_mode attached;
		enum pim_check_state state;
		const char *found, *advice;
	} cases[] = {
		{ 0, true, PIM_ATTACH_SKB, OK, "not told", "" },
		{ 65536, true, PIM_ATTACH_SKB, OK, "off", "" },
		{ 65537, true, PIM_ATTACH_NATIVE, OK, "up to 65,537 bytes; native mode", "" },
		{ 65537, true, PIM_ATTACH_AUTO, OK, "before they are merged", "" },
		{ 65537, true, PIM_ATTACH_SKB, WARNING, "on", "dev eth1 gro_max_size 65536" },
		{ 524280, false, PIM_ATTACH_AUTO, WARNING, "524,280", "gso_max_size 65536" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct pim_attachment attachment = { .program = {
								   .mode = cases[i].attached } };
		struct pim_interface interface = good_interface();
		struct pim_doctor doctor = {};
		const struct pim_check *check;

		interface.merged_bytes = cases[i].bytes;
		if (!cases[i].native)
			interface.xdp_features = 0;
		pim_judge_interface(&interface, &attachment, 4, &doctor);
		check = find(&doctor, "big-tcp");
		assert_non_null(check);
		assert_int_equal(check->state, cases[i].state);
		assert_non_null(strstr(check->found, cases[i].found));
		assert_non_null(strstr(check->advice, cases[i].advice));
		assert_int_equal(!*check->advice, check->state == OK);
		pim_doctor_free(&doctor);
	}
}

static void judges_the_stack(void **state)
{
	static const struct {
		const char *kind, *master, *master_kind, *lower, *upper;
		enum pim_check_state state;
		const char *found, *advice;
	} cases[] = {
		{ "", "", "", "", "", OK, "stands alone", "" },
		{ "", "bond0", "bond", "", "", WARNING, "member of bond0 (bond)",
		  "attach to bond0, or" },
		{ "", "team0", "team", "", "", WARNING, "member of team0 (team)",
		  "every member of team0" },
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
	assert_check(&doctor, "stack", OK, "abcdefghijklm07 (abcdefghijklmno), ...: their frames",
		     "");
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

/* ---- what is attached ---- */

static void judges_what_is_attached(void **state)
{
	static const struct {
		struct pim_attachment attachment;
		const char *check;
		enum pim_check_state state;
		const char *found, *advice;
	} cases[] = {
		{ {}, "program", OK, "no XDP program", "" },
		{ { .program = { 9, PIM_ATTACH_NATIVE, "" },
		    .pinned_program = 9,
		    .pins = PIM_PLACE_ATTACHED },
		  "program",
		  OK,
		  "pimxdp's own, id 9, native mode",
		  "" },
		{ { .program = { 9, PIM_ATTACH_SKB, "" },
		    .pinned_program = 9,
		    .pins = PIM_PLACE_ATTACHED },
		  "program",
		  WARNING,
		  "skb mode",
		  "--mode native" },
		{ { .program = { 9, PIM_ATTACH_NATIVE, "other" } },
		  "program",
		  PROBLEM,
		  "another's, other, id 9, native mode",
		  "bpftool net show dev eth1" },
		{ { .program = { 9, PIM_ATTACH_SKB, "" } },
		  "program",
		  PROBLEM,
		  "whose name only CAP_SYS_ADMIN sees, id 9, skb mode",
		  "detach it" },
		{ { .program = { 9, PIM_ATTACH_NATIVE, "pimxdp" }, .named_before = "eth0" },
		  "program",
		  PROBLEM,
		  "pimxdp's own, id 9, native mode, attached when this interface was named eth0",
		  "pimxdp detach eth0" },
		{ { .program_error = ENOTSUP },
		  "program",
		  WARNING,
		  "unknown: ",
		  "attach will say" },
		{ {}, "pins", OK, "none", "" },
		{ { .pins_unreadable = "not permitted: why" },
		  "pins",
		  WARNING,
		  "cannot be seen",
		  "not permitted: why" },
		{ { .pins = PIM_PLACE_GONE },
		  "pins",
		  WARNING,
		  "interface is gone",
		  "attach removes them" },
		{ { .pins = PIM_PLACE_UNFINISHED },
		  "pins",
		  WARNING,
		  "interrupted",
		  "pimxdp detach eth1" },
		{ { .pins = PIM_PLACE_ELSEWHERE, .pins_refusal = "rename it back" },
		  "pins",
		  PROBLEM,
		  "on another interface",
		  "rename it back" },
		{ { .pins = PIM_PLACE_FOREIGN, .pins_refusal = "use that pimxdp" },
		  "pins",
		  PROBLEM,
		  "another version",
		  "use that pimxdp" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pim_interface interface = good_interface();
		struct pim_doctor doctor = {};

		pim_judge_interface(&interface, &cases[i].attachment, 4, &doctor);
		assert_check(&doctor, cases[i].check, cases[i].state, cases[i].found,
			     cases[i].advice);
	}
}

/* Without the pins it is unknown which filter the program belongs to. */
static void does_not_guess_whose_program_it_is(void **state)
{
	static const struct pim_attachment attachment = {
		.program = { 9, PIM_ATTACH_NATIVE, "" },
		.pins_unreadable = "not permitted",
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
	assert_check(&doctor, "interface", PROBLEM, "loopback", "faces the Internet");
	interface.ifindex = 0;
	judge(&interface, &doctor);
	assert_int_equal(doctor.count, 2); /* it may have left pins */
	assert_check(&doctor, "interface", PROBLEM, "not in this network namespace", "ip link");
}

static void judges_briefly(void **state)
{
	static const struct pim_attachment nothing,
		ours = { .program = { .id = 9 }, .pinned_program = 9 },
		foreign = { .program = { .id = 9 } };
	struct pim_interface interface = good_interface();
	struct pim_doctor doctor = {};

	(void)state;
	pim_judge_briefly(&interface, &nothing, 4, &doctor);
	assert_check(&doctor, "eth1", OK, "ice, up, MTU 1,500, native mode", "");
	pim_judge_briefly(&interface, &ours, 4, &doctor);
	assert_check(&doctor, "eth1", OK, "native mode, pimxdp attached", "");
	pim_judge_briefly(&interface, &foreign, 4, &doctor); /* a problem only if asked about it */
	assert_check(&doctor, "eth1", WARNING, "an XDP program attached", "pimxdp doctor eth1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_the_mtu),
		cmocka_unit_test(judges_the_driver),
		cmocka_unit_test(judges_link_and_features),
		cmocka_unit_test(minds_merging_in_native_mode_alone),
		cmocka_unit_test(judges_big_tcp),
		cmocka_unit_test(judges_the_stack),
		cmocka_unit_test(names_some_of_many_neighbours),
		cmocka_unit_test(judges_the_queues),
		cmocka_unit_test(judges_what_is_attached),
		cmocka_unit_test(does_not_guess_whose_program_it_is),
		cmocka_unit_test(judges_what_is_no_ethernet_interface),
		cmocka_unit_test(judges_briefly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
