/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "doctor/facts.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kernel/hook_xdp.h"

static void read_kernel(struct pim_kernel_facts *facts)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct utsname name;

	*facts = (struct pim_kernel_facts){
		.btf = !access(PIM_BTF, R_OK),
		.jit = pim_sysctl("net/core/bpf_jit_enable"),
		.jit_harden = pim_sysctl("net/core/bpf_jit_harden"),
		.cpus = cpus > 0 ? cpus : 1,
		.realtime = pim_kernel_realtime(),
	};
	if (!uname(&name))
		snprintf(facts->release, sizeof(facts->release), "%s", name.release);
}

void pim_machine_read(struct pim_machine *machine)
{
	read_kernel(&machine->kernel);
	pim_privilege_read(&machine->privilege);
	pim_bpffs_look(&machine->bpffs);
	pim_kernel_try(&machine->trial);
	pim_iterator_try(&machine->iterator);
}

int pim_attachment_read(const char *interface, unsigned int ifindex,
			struct pim_attachment *attachment, struct pim_error *error)
{
	struct pim_error refusal = {};
	struct pim_place place;
	int result;

	*attachment = (struct pim_attachment){};
	if (ifindex)
		attachment->program_error = -pim_xdp_query(ifindex, &attachment->program);
	result = pim_place_open(interface, PIM_TO_READ, &place, error);
	if (result) {
		snprintf(attachment->pins_unreadable, sizeof(attachment->pins_unreadable), "%.511s",
			 error->text);
		return error->kind == PIM_EXIT_USAGE ? result : 0;
	}
	attachment->pins = place.state;
	attachment->pinned_program = place.program_id;
	if (place.state != PIM_PLACE_EMPTY && place.state != PIM_PLACE_ATTACHED) {
		pim_place_refuse(&place, &refusal);
		memcpy(attachment->pins_refusal, refusal.text, sizeof(refusal.text));
	}
	pim_iterator_find(&place, attachment->iterator);
	if (attachment->program.id != place.program_id)
		pim_place_of_program(ifindex, attachment->program.id, attachment->named_before);
	pim_place_close(&place);
	return 0;
}
