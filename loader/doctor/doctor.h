/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether attach will work here, and how fast: facts in, checks out. Prints
 * nothing. The judgement is apart from the reading of facts, and pure. */
#ifndef PIMXDP_DOCTOR_H
#define PIMXDP_DOCTOR_H

#include "machine/interface.h"
#include "kernel/kernel.h"
#include "machine/privilege.h"

enum pim_check_state {
	PIM_CHECK_OK,
	PIM_CHECK_WARNING, /* attach works, but slower or otherwise than one may think; or unseen */
	PIM_CHECK_PROBLEM, /* attach will fail */
};
const char *pim_check_state_name(enum pim_check_state state); /* "warning" */

struct pim_check {
	char subject[16];  /* "kernel", "bpffs", "process", "interfaces", or an interface */
	char check[20];	   /* "version"; of "interfaces": which */
	enum pim_check_state state;
	char found[768];
	char advice[768];  /* what to do; "" where the state is ok */
};

/* Owned by whoever declares it, all zero at first; freed with pim_doctor_free. */
struct pim_doctor {
	struct pim_check *checks;
	size_t count;
	bool out_of_memory; /* a check is missing */
};

/* Adds a check that is ok; pim_advise makes it another. NULL when out of memory,
 * which pim_advise takes. */
struct pim_check *pim_found(struct pim_doctor *doctor, const char *subject, const char *check,
			    const char *format, ...) __attribute__((format(printf, 4, 5)));
void pim_advise(struct pim_check *check, enum pim_check_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The worst state of all checks. */
enum pim_check_state pim_doctor_worst(const struct pim_doctor *doctor);
void pim_doctor_free(struct pim_doctor *doctor);

/* ---- facts ---- */

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
void pim_attachment_read(const char *interface, unsigned int ifindex, struct pim_attachment *attachment);

/* ---- judgement ---- */

void pim_judge_kernel(const struct pim_machine *machine, struct pim_doctor *doctor);
void pim_judge_bpffs(const struct pim_machine *machine, struct pim_doctor *doctor);
void pim_judge_process(const struct pim_machine *machine, struct pim_doctor *doctor);

void pim_judge_interface(const struct pim_interface *interface, const struct pim_attachment *attachment,
			 unsigned int cpus, struct pim_doctor *doctor);
/* The same in a line, for an overview: never a problem, as nobody asked to attach
 * there. */
void pim_judge_briefly(const struct pim_interface *interface, const struct pim_attachment *attachment,
		       unsigned int cpus, struct pim_doctor *doctor);

/* ---- all of it ---- */

/* Checks the machine, and the interface; NULL: a line for each Ethernet interface
 * of this network namespace. Returns 0 or -errno where the checks could not be
 * made. */
int pim_doctor_run(const char *interface, struct pim_doctor *doctor, struct pim_error *error);

#endif
