/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/attach.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/iterator.h"

int pim_filter_attach(struct pim_filter *filter, const struct pim_stamp *stamp,
		      const char *interface, gid_t group, enum pim_attach_mode mode,
		      enum pim_attach_mode *got, char note[256], struct pim_error *error)
{
	int program = pim_filter_program(filter), link = -1, result;
	struct pim_place place;

	result = pim_place_open(interface, PIM_TO_CHANGE, &place, error);
	if (result)
		return result;
	if (place.state != PIM_PLACE_EMPTY) {
		result = pim_place_refuse(&place, error);
		pim_place_close(&place);
		return result;
	}
	result = pim_filter_stamp(filter, stamp, if_nametoindex(interface));
	if (result)
		return pim_fail_kernel(error, -result, "cannot write the stamp");
	if (mkdir(place.directory, 0700))
		return pim_fail_path(place.directory, PIM_TO_CHANGE, errno, error);
	if (group != PIM_NO_GROUP)
		result = pim_place_allow(&place, group, error);
	for (int pin = 0; !result && pin < PIM_PINS; pin++)
		result = pim_pin_object(place.directory, "", pim_pin_kinds[pin].name,
					pim_filter_map(filter, pin), group, error);
	if (!result)
		result =
			pim_pin_object(place.directory, "", PIM_PIN_PROGRAM, program, group, error);
	if (!result)
		pim_iterator_pin(filter, place.directory, "", group,
				 NULL); /* or none: doctor says why */
	if (!result) {
		link = pim_xdp_attach(program, interface, mode, got, note, error);
		if (link < 0)
			result = link;
	}
	if (!result)
		result = pim_pin_object(place.directory, "", PIM_PIN_LINK, link, group, error);
	if (result)
		pim_pins_remove(place.directory);
	if (link >= 0)
		close(link); /* the pin keeps the link; without a pin this detaches */
	return result;
}

int pim_place_detach(struct pim_place *place, struct pim_error *error)
{
	char path[PIM_PIN_PATH];

	if (place->state == PIM_PLACE_EMPTY)
		return pim_place_refuse(place, error);
	/* The link first: if we are killed after this, what remains filters nothing. */
	if (place->link >= 0 && place->ifindex && bpf_link_detach(place->link) && errno != ENOLINK)
		return pim_fail_kernel(error, errno, place->directory);
	if (unlink(pim_pin_path(place->directory, "", PIM_PIN_LINK, path)) && errno != ENOENT)
		return pim_fail_path(path, PIM_TO_CHANGE, errno, error);
	pim_pins_remove(place->directory);
	if (!access(place->directory, F_OK))
		return pim_fail(error, EBUSY,
				"%s: detached, but %s holds something that pimxdp cannot remove",
				place->interface, place->directory);
	return 0;
}
