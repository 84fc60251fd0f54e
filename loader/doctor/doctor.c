/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "doctor/doctor.h"

#include <errno.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/facts.h"
#include "doctor/interface.h"
#include "doctor/kernel.h"
#include "doctor/preflight.h"
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

/* Holds the policy against every interface that it can be meant for. */
static int preflight_all(const struct pim_interface *interfaces, size_t count,
			 const struct pim_policy *policy, const struct pim_image *image,
			 struct pim_doctor *doctor, struct pim_error *error)
{
	size_t concerned = 0;
	int result = 0;

	for (size_t i = 0; !result && i < count; i++) {
		struct pim_host host;

		if (interfaces[i].hardware != ARPHRD_ETHER)
			continue;
		result = pim_preflight_read(interfaces[i].name, policy, &host, error);
		if (result == -ENODEV) { /* it has just gone */
			*error = (struct pim_error){};
			result = 0;
		} else if (!result && pim_preflight_concerns(&host, image)) {
			concerned++;
			pim_judge_preflight(&host, policy, image, doctor);
		}
		pim_host_free(&host);
	}
	if (!result && !concerned)
		pim_advise(pim_found(doctor, "interfaces", "edge-addresses",
				     "no interface here has one of the addresses in edge"),
			   PIM_CHECK_WARNING,
			   "pimxdp doctor INTERFACE --config FILE says what that one has");
	return result;
}

int pim_doctor_run(const char *interface, const struct pim_policy *policy,
		   const struct pim_image *image, struct pim_doctor *doctor,
		   struct pim_error *error)
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
	if (!result && policy && interface && pim_interface_find(interfaces, count, interface))
		result = pim_preflight(interface, policy, image, doctor, error);
	else if (!result && policy && !interface)
		result = preflight_all(interfaces, count, policy, image, doctor, error);
	free(interfaces);
	if (!result && doctor->out_of_memory)
		result = pim_out_of_memory(error);
	return result;
}
