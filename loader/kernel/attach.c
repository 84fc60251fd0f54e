/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/attach.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/iterator.h"

int pim_filter_attach(struct pim_filter *filter, const struct pim_stamp *stamp,
		      const char *interface, gid_t group, enum pim_attach_mode mode,
		      enum pim_attach_mode *got, char note[256], struct pim_error *error)
{
	int program = pim_filter_program(filter), link = -1, result;
	struct pim_place place;
	int pins;

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
	result = pim_folder_open(PIM_TO_CHANGE, &pins, error);
	if (result)
		return result == -ENOENT ?
			       pim_fail_path(PIM_PIN_DIRECTORY, PIM_TO_CHANGE, ENOENT, error) :
			       result;
	if (mkdirat(pins, strrchr(place.directory, '/') + 1, 0700))
		result = pim_fail_path(place.directory, PIM_TO_CHANGE, errno, error);
	if (!result)
		result = pim_folder_open_in(pins, place.directory, PIM_TO_CHANGE, &place.folder,
					    error);
	close(pins);
	if (result)
		return result;
	if (group != PIM_NO_GROUP)
		result = pim_place_allow(&place, group, error);
	for (int pin = 0; !result && pin < PIM_PINS; pin++)
		result = pim_pin_object(place.folder, place.directory, "", pim_pin_kinds[pin].name,
					pim_filter_map(filter, pin), group, error);
	if (!result)
		result = pim_pin_object(place.folder, place.directory, "", PIM_PIN_PROGRAM, program,
					group, error);
	if (!result)
		pim_iterator_pin(filter, &place, "", group, NULL); /* or none: doctor says why */
	if (!result) {
		link = pim_xdp_attach(program, interface, mode, got, note, error);
		if (link < 0)
			result = link;
	}
	if (!result)
		result = pim_pin_object(place.folder, place.directory, "", PIM_PIN_LINK, link,
					group, error);
	if (result)
		pim_pins_remove(place.folder, place.directory);
	pim_place_close(&place);
	if (link >= 0)
		close(link); /* the pin keeps the link; without a pin this detaches */
	return result;
}

int pim_place_detach(struct pim_place *place, struct pim_error *error)
{
	char left[256];

	if (place->state == PIM_PLACE_EMPTY)
		return pim_place_refuse(place, error);
	/* Where the pins cannot be removed, the filter stays. */
	if (faccessat(place->folder, ".", W_OK, AT_EACCESS))
		return pim_fail_path(place->directory, PIM_TO_CHANGE, errno, error);
	/* The link first: if we are killed after this, what remains filters nothing. */
	if (place->link >= 0 && place->ifindex && bpf_link_detach(place->link) && errno != ENOLINK)
		return pim_fail_kernel(error, errno, place->directory);
	if (unlinkat(place->folder, PIM_PIN_LINK, 0) && errno != ENOENT)
		return pim_fail_path(place->directory, PIM_TO_CHANGE, errno, error);
	pim_pins_remove(place->folder, place->directory);
	pim_pins_name(place->folder, left);
	if (*left)
		return pim_fail(error, EBUSY,
				"%s: detached, but %s holds what pimxdp does not pin, and stays: "
				"see what it is, and remove it: %s",
				place->interface, place->directory, left);
	return 0;
}
