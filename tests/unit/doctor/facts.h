/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Facts about a machine and an interface without faults, and doctor's checks of them. */
#ifndef PIMXDP_TESTS_DOCTOR_FACTS_H
#define PIMXDP_TESTS_DOCTOR_FACTS_H

#include <errno.h>
#include <net/if_arp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/checks.h"
#include "doctor/facts.h"
#include "doctor/interface.h"
#include "doctor/kernel.h"
#include "doctor/process.h"
#include "machine/interface.h"
#include "machine/privilege.h"

#define OK PIM_CHECK_OK
#define WARNING PIM_CHECK_WARNING
#define PROBLEM PIM_CHECK_PROBLEM

/* ---- a machine and an interface without faults ---- */

static inline struct pim_machine good_machine(void)
{
	return (struct pim_machine){
		.kernel = { .release = "6.1.0-18-amd64",
			    .btf = true,
			    .jit = 1,
			    .jit_harden = 0,
			    .cpus = 4 },
		.privilege = { .effective = PIM_CAPABILITIES_ALL,
			       .permitted = PIM_CAPABILITIES_ALL,
			       .bounding = PIM_CAPABILITIES_ALL,
			       .bpf_error = EFAULT,
			       .unprivileged_bpf_disabled = 2,
			       .memlock_bytes = 8388608,
			       .kernel = PIM_KERNEL(6, 1),
			       .lockdown = PIM_LOCKDOWN_NONE },
		.bpffs = { .root = "/sys/fs/bpf",
			   .mounted = true,
			   .directory = "/sys/fs/bpf/pimxdp",
			   .passable = true,
			   .writable = true,
			   .mode = 0755,
			   .root_mode = 0700 },
		.trial = { .jit_known = true, .jited = true },
	};
}

static inline struct pim_interface good_interface(void)
{
	return (struct pim_interface){
		.name = "eth1",
		.ifindex = 7,
		.hardware = ARPHRD_ETHER,
		.up = true,
		.running = true,
		.mtu_bytes = 1500,
		.driver = "ice",
		.xdp_known = true,
		.xdp_features = PIM_XDP_BASIC | PIM_XDP_RX_SG,
		.lro = { .known = true },
		.gro_hw = { .known = true },
		.rx_vlan = { .known = true },
		.rx_queues = 4,
		.rx_queues_max = 8,
	};
}

/* ---- judging ---- */

static inline void judge_machine(const struct pim_machine *machine, struct pim_doctor *doctor)
{
	*doctor = (struct pim_doctor){};
	pim_judge_kernel(machine, doctor);
	pim_judge_bpffs(machine, doctor);
	pim_judge_process(machine, doctor);
}

static inline void judge(const struct pim_interface *interface, struct pim_doctor *doctor)
{
	static const struct pim_attachment nothing;

	*doctor = (struct pim_doctor){};
	pim_judge_interface(interface, &nothing, 4, doctor);
}

/* ---- looking for a check ---- */

static inline const struct pim_check *find(const struct pim_doctor *doctor, const char *check)
{
	for (size_t i = 0; i < doctor->count; i++)
		if (!strcmp(doctor->checks[i].check, check))
			return &doctor->checks[i];
	return NULL;
}

/* The check has this state and contains both texts, with advice only when it is not ok;
 * every other check is ok. NULL as `found`: there is no such check. */
static inline void assert_check(struct pim_doctor *doctor, const char *check,
				enum pim_check_state state, const char *found, const char *advice)
{
	const struct pim_check *at = find(doctor, check);

	if (!at != !found)
		fail_msg("%s: expected %s", check, found ? found : "no such check");
	if (at && (at->state != state || !strstr(at->found, found) || !strstr(at->advice, advice)))
		fail_msg("%s: expected %s, \"%s\", \"%s\"; found %s, \"%s\", \"%s\"", check,
			 pim_check_state_name(state), found, advice,
			 pim_check_state_name(at->state), at->found, at->advice);
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

#endif
