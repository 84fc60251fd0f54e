/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/copies.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct pim_flow_text_key));
}

/* Deletes the copies that are not among the `count` sorted keys. */
static int delete_others(int map, const struct pim_flow_text_key *sorted, size_t count)
{
	struct pim_flow_text_key *held = calloc(PIM_FLOWS_COPIED, sizeof(*held));
	size_t held_count = 0;
	int result = held ? 0 : -ENOMEM;

	/* All first: after a deletion the kernel begins again. */
	while (!result && held_count < PIM_FLOWS_COPIED &&
	       !bpf_map_get_next_key(map, held_count ? &held[held_count - 1] : NULL,
				     &held[held_count]))
		held_count++;
	for (size_t i = 0; !result && i < held_count; i++)
		if (!bsearch(&held[i], sorted, count, sizeof(*sorted), compare_keys) &&
		    bpf_map_delete_elem(map, &held[i]) && errno != ENOENT)
			result = -errno;
	free(held);
	return result;
}

/* First makes room, since the map has no more than for these. */
static int replace_copies(int map, const struct pim_flow_text_key *keys,
			  const struct pim_flow_text *flows, size_t count)
{
	struct pim_flow_text_key *sorted = calloc(count + 1, sizeof(*sorted));
	__u32 written = count;
	int result;

	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, keys, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_keys);
	result = delete_others(map, sorted, count);
	free(sorted);
	if (!result && count && bpf_map_update_batch(map, keys, flows, &written, NULL))
		result = -errno;
	return result;
}

int pim_place_copy_flows(const struct pim_place *place, const struct pim_flow_text_key *keys,
			 const struct pim_flow_text *flows, size_t count, uint64_t now_ns,
			 struct pim_error *error)
{
	int map = pim_pin_open(place->folder, "", pim_pin_kinds[PIM_PIN_FLOWS].name, PIM_TO_CHANGE);
	int stamps =
		pim_pin_open(place->folder, "", pim_pin_kinds[PIM_PIN_STAMP].name, PIM_TO_CHANGE);
	int result = map < 0 ? map : stamps < 0 ? stamps : 0;
	struct pim_stamp stamp;
	const __u32 zero = 0;

	/* As it is now: after this place was opened, a loader may have changed the pins, even
	 * to those of another schema, whose maps hold more than is read and written here. */
	if (!result)
		result = pim_stamp_read(stamps, &stamp);
	if (!result && stamp.attached_ns != place->stamp.attached_ns)
		result = -ESTALE;
	if (!result)
		result = replace_copies(map, keys, flows,
					count < PIM_FLOWS_COPIED ? count : PIM_FLOWS_COPIED);
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
