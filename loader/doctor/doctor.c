/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "doctor/doctor.h"

#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/facts.h"
#include "doctor/interface.h"
#include "doctor/kernel.h"
#include "doctor/process.h"

static int check_one(const char *name, const struct pim_interface *interfaces, size_t count,
		     unsigned int cpus, struct pim_doctor *doctor, struct pim_error *error)
{
	const struct pim_interface *found = pim_interface_find(interfaces, count, name);
	struct pim_interface missing = {};
	struct pim_attachment attachment;
	int result = pim_attachment_read(name, found ? found->ifindex : 0, &attachment, error);

	if (result)
		return result;
	if (!found) /* pim_attachment_read checks that the name fits */
		memcpy(missing.name, name, strlen(name) + 1);
	pim_judge_interface(found ? found : &missing, &attachment, cpus, doctor);
	return 0;
}

static void check_all(const struct pim_interface *interfaces, size_t count, unsigned int cpus,
		      struct pim_doctor *doctor)
{
	for (size_t i = 0; i < count; i++) {
		struct pim_attachment attachment;
		struct pim_error error = {}; /* unused: the attachment has the text */

		if (interfaces[i].hardware != ARPHRD_ETHER)
			continue;
		pim_attachment_read(interfaces[i].name, interfaces[i].ifindex, &attachment, &error);
		pim_judge_briefly(&interfaces[i], &attachment, cpus, doctor);
	}
}

int pim_doctor_run(const char *interface, struct pim_doctor *doctor, struct pim_error *error)
{
	struct pim_interface *interfaces;
	struct pim_machine machine;
	size_t count;
	int result;

	pim_machine_read(&machine);
	pim_judge_kernel(&machine, doctor);
	pim_judge_bpffs(&machine, doctor);
	pim_judge_process(&machine, doctor);
	result = pim_interfaces_read(&interfaces, &count, error);
	if (!result && interface)
		result =
			check_one(interface, interfaces, count, machine.kernel.cpus, doctor, error);
	else if (!result)
		check_all(interfaces, count, machine.kernel.cpus, doctor);
	free(interfaces);
	if (!result && doctor->out_of_memory)
		result = pim_out_of_memory(error);
	return result;
}
