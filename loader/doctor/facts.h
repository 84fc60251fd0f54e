/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is so: of the kernel, this process and an interface. Reading is apart from
 * judging, which is pure. */
#ifndef PIMXDP_DOCTOR_FACTS_H
#define PIMXDP_DOCTOR_FACTS_H

#include "kernel/place.h"
#include "kernel/probe.h"
#include "machine/privilege.h"

#define PIM_BTF "/sys/kernel/btf/vmlinux"

/* Of the kernel, for everybody; a setting is -1 where it cannot be read: in another
 * network namespace than the first, or only by root. */
struct pim_kernel_facts {
	char release[65];
	bool btf;
	int jit;	/* net.core.bpf_jit_enable */
	int jit_harden;	/* net.core.bpf_jit_harden */
	unsigned int cpus; /* online */
};
void pim_kernel_facts_read(struct pim_kernel_facts *facts);

/* All of the machine. */
struct pim_machine {
	struct pim_kernel_facts kernel;
	struct pim_privilege privilege;
	struct pim_bpffs bpffs;
	struct pim_trial trial;	/* of loading a program */
};
void pim_machine_read(struct pim_machine *machine);

/* Of one interface, beside what pim_interfaces_read says. */
struct pim_attachment {
	struct pim_xdp_program program;
	int program_error;	   /* errno; 0: `program` was read */
	enum pim_place_state pins; /* meaningless where pins_unreadable is not empty */
	uint32_t pinned_program;   /* id; 0: none */
	enum pim_attach_mode mode; /* of what is pinned and attached */
	char pins_unreadable[512]; /* why the pins cannot be looked at */
	char pins_refusal[768];	   /* what keeps attach from these pins; "" where nothing does */
};
/* Reads both; ifindex 0: there is no such interface. What cannot be read is said in
 * *attachment; only a name that no interface can have is an error. Returns 0 or
 * -EINVAL. */
int pim_attachment_read(const char *interface, unsigned int ifindex,
			struct pim_attachment *attachment, struct pim_error *error);

#endif
