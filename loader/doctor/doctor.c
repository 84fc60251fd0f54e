/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "doctor/doctor.h"

#include <errno.h>
#include <net/if_arp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

const char *pim_check_state_name(enum pim_check_state state)
{
	static const char *const names[] = { "ok", "warning", "problem" };

	return state < sizeof(names) / sizeof(*names) ? names[state] : NULL;
}

/* ---- the list ---- */

struct pim_check *pim_found(struct pim_doctor *doctor, const char *subject, const char *check,
			    const char *format, ...)
{
	struct pim_check *checks = pim_array_grow(doctor->checks, doctor->count, sizeof(*checks));
	struct pim_check *added;
	va_list arguments;

	if (!checks) {
		doctor->out_of_memory = true;
		return NULL;
	}
	doctor->checks = checks;
	added = &checks[doctor->count++];
	*added = (struct pim_check){ .state = PIM_CHECK_OK };
	snprintf(added->subject, sizeof(added->subject), "%s", subject);
	snprintf(added->check, sizeof(added->check), "%s", check);
	va_start(arguments, format);
	vsnprintf(added->found, sizeof(added->found), format, arguments);
	va_end(arguments);
	return added;
}

void pim_advise(struct pim_check *check, enum pim_check_state state, const char *format, ...)
{
	va_list arguments;

	if (!check)
		return;
	check->state = state;
	va_start(arguments, format);
	vsnprintf(check->advice, sizeof(check->advice), format, arguments);
	va_end(arguments);
}

enum pim_check_state pim_doctor_worst(const struct pim_doctor *doctor)
{
	enum pim_check_state worst = PIM_CHECK_OK;

	for (size_t i = 0; i < doctor->count; i++)
		if (doctor->checks[i].state > worst)
			worst = doctor->checks[i].state;
	return worst;
}

void pim_doctor_free(struct pim_doctor *doctor)
{
	free(doctor->checks);
	*doctor = (struct pim_doctor){};
}

/* ---- facts ---- */

void pim_machine_read(struct pim_machine *machine)
{
	pim_kernel_facts_read(&machine->kernel);
	pim_privilege_read(&machine->privilege);
	pim_bpffs_look(&machine->bpffs);
	pim_kernel_try(&machine->trial);
}

/* Only a name that no interface can have is an error. */
static int read_attachment(const char *interface, unsigned int ifindex,
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
	attachment->mode = place.mode;
	if (place.state != PIM_PLACE_EMPTY && place.state != PIM_PLACE_ATTACHED) {
		pim_place_refuse(&place, &refusal);
		memcpy(attachment->pins_refusal, refusal.text, sizeof(refusal.text));
	}
	pim_place_close(&place);
	return 0;
}

void pim_attachment_read(const char *interface, unsigned int ifindex, struct pim_attachment *attachment)
{
	struct pim_error error = {};

	read_attachment(interface, ifindex, attachment, &error);
}

/* ---- all of it ---- */

static int check_one(const char *name, const struct pim_interface *interfaces, size_t count,
		     unsigned int cpus, struct pim_doctor *doctor, struct pim_error *error)
{
	const struct pim_interface *found = pim_interface_find(interfaces, count, name);
	struct pim_interface missing = {};
	struct pim_attachment attachment;
	int result = read_attachment(name, found ? found->ifindex : 0, &attachment, error);

	if (result)
		return result;
	if (!found)
		memcpy(missing.name, name, strlen(name) + 1); /* read_attachment knows that it fits */
	pim_judge_interface(found ? found : &missing, &attachment, cpus, doctor);
	return 0;
}

static void check_all(const struct pim_interface *interfaces, size_t count, unsigned int cpus,
		      struct pim_doctor *doctor)
{
	for (size_t i = 0; i < count; i++) {
		struct pim_attachment attachment;

		if (interfaces[i].hardware != ARPHRD_ETHER)
			continue;
		pim_attachment_read(interfaces[i].name, interfaces[i].ifindex, &attachment);
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
		result = check_one(interface, interfaces, count, machine.kernel.cpus, doctor, error);
	else if (!result)
		check_all(interfaces, count, machine.kernel.cpus, doctor);
	free(interfaces);
	if (!result && doctor->out_of_memory)
		result = pim_fail(error, ENOMEM, "out of memory");
	return result;
}
