/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/copies.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <unistd.h>

int pim_place_copy_flows(const struct pim_place *place, const struct pim_flow_text_key *keys,
			 const struct pim_flow_text *flows, size_t count, uint64_t now_ns,
			 struct pim_error *error)
{
	int map = pim_pin_open(place->folder, "", pim_pin_kinds[PIM_PIN_FLOWS].name, PIM_TO_CHANGE);
	int stamps =
		pim_pin_open(place->folder, "", pim_pin_kinds[PIM_PIN_STAMP].name, PIM_TO_CHANGE);
	int result = map < 0 ? map : stamps < 0 ? stamps : 0;
	struct pim_stamp stamp;
	struct pim_flow_text_key key;
	const __u32 zero = 0;

	/* As it is now: after this place was opened, a loader may have changed the pins, even
	 * to those of another schema, whose maps hold more than is read and written here. */
	if (!result)
		result = pim_stamp_read(stamps, &stamp);
	while (!result && !bpf_map_get_next_key(map, NULL, &key))
		if (bpf_map_delete_elem(map, &key) && errno != ENOENT)
			result = -errno;
	for (size_t i = 0; !result && i < count && i < PIM_FLOWS_COPIED; i++)
		if (bpf_map_update_elem(map, &keys[i], &flows[i], BPF_ANY))
			result = -errno;
	stamp.flows_copied_ns = now_ns;
	if (!result && bpf_map_update_elem(stamps, &zero, &stamp, BPF_EXIST))
		result = -errno;
	if (map >= 0)
		close(map);
	if (stamps >= 0)
		close(stamps);
	if (result)
		pim_fail_kernel(error, -result, "cannot write the readable copies of the flows");
	return result;
}
