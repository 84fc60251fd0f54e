/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Facts about the kernel, this process and an interface. Reading them is separate from
 * judging them, which is pure. */
#ifndef PIMXDP_DOCTOR_FACTS_H
#define PIMXDP_DOCTOR_FACTS_H

#include "kernel/iterator.h"
#include "kernel/place.h"
#include "kernel/probe.h"
#include "machine/privilege.h"

#define PIM_BTF "/sys/kernel/btf/vmlinux"

/* The kernel. A setting is -1 when it cannot be read: some exist only in the initial
 * network namespace, some only root may read. */
struct pim_kernel_facts {
	char release[65];
	bool btf;
	int jit;	   /* net.core.bpf_jit_enable */
	int jit_harden;	   /* net.core.bpf_jit_harden */
	unsigned int cpus; /* online */
	bool realtime;	   /* PREEMPT_RT */
};

/* The whole machine. */
struct pim_machine {
	struct pim_kernel_facts kernel;
	struct pim_privilege privilege;
	struct pim_bpffs bpffs;
	struct pim_trial trial;		    /* the attempt to load a program */
	struct pim_iterator_trial iterator; /* and one that prints flows */
};
void pim_machine_read(struct pim_machine *machine);

/* One interface, in addition to what pim_interfaces_read returns. */
struct pim_attachment {
	struct pim_xdp_program program;
	int program_error;	   /* positive errno; 0: `program` is valid */
	char named_before[16];	   /* the program is ours, attached under this name; "": not so */
	enum pim_place_state pins; /* valid only when pins_unreadable is empty */
	uint32_t pinned_program;   /* id; 0: none */
	char pins_unreadable[512]; /* why the pins cannot be read; "" if they can */
	char pins_refusal[768];	   /* what is wrong with the pins; "" if none or attached */
	char iterator
		[PIM_PIN_ITERATOR_PATH]; /* the file that prints its flows; "": none is pinned */
};
/* Reads the XDP program (unless ifindex is 0: no such interface) and the pins. What cannot
 * be read is noted in *attachment; the only error is a name that no interface can have.
 * Returns 0 or -EINVAL. */
int pim_attachment_read(const char *interface, unsigned int ifindex,
			struct pim_attachment *attachment, struct pim_error *error);

#endif
