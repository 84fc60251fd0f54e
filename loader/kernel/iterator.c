/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/iterator.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "flows_iter.skel.h"
#include "kernel/object.h"

static int share(const struct pim_filter *filter, struct flows_iter_bpf *skeleton)
{
	const struct {
		struct bpf_map *map;
		enum pim_pin pin;
	} shared[] = {
		{ skeleton->maps.pim_slots4, PIM_PIN_SLOTS4 },
		{ skeleton->maps.pim_slots6, PIM_PIN_SLOTS6 },
		{ skeleton->maps.pim_rules, PIM_PIN_RULES },
		{ skeleton->maps.pim_partners, PIM_PIN_PARTNERS },
	};
	int result = 0;

	for (size_t i = 0; !result && i < sizeof(shared) / sizeof(*shared); i++)
		result = bpf_map__reuse_fd(shared[i].map, pim_filter_map(filter, shared[i].pin));
	return result;
}

/* filter NULL: over tables of its own. Returns a link, which the caller closes, or
 * -errno. */
static int make_link(const struct pim_filter *filter)
{
	struct flows_iter_bpf *skeleton = flows_iter_bpf__open();
	struct timespec tick = { .tv_nsec = 1000000 };
	union bpf_iter_link_info over = {};
	LIBBPF_OPTS(bpf_link_create_opts, options, .iter_info = &over,
		    .iter_info_len = sizeof(over));
	int link = -1, result = 0;

	if (!skeleton)
		return -errno;
	if (filter)
		result = share(filter, skeleton);
	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	*(__u32 *)&skeleton->rodata->pim_entries4 = bpf_map__max_entries(skeleton->maps.pim_slots4);
	*(__u32 *)&skeleton->rodata->pim_entries6 = bpf_map__max_entries(skeleton->maps.pim_slots6);
	*(__u32 *)&skeleton->rodata->pim_cpus = filter ? pim_cpu_numbers() : 1;
	*(__u32 *)&skeleton->rodata->pim_tick_ms = tick.tv_nsec / 1000000;
	if (!result)
		result = flows_iter_bpf__load(skeleton);
	if (!result) {
		over.map.map_fd = bpf_map__fd(skeleton->maps.pim_slots4);
		link = bpf_link_create(bpf_program__fd(skeleton->progs.pim_print_flows), 0,
				       BPF_TRACE_ITER, &options);
		result = link < 0 ? -errno : link;
	}
	flows_iter_bpf__destroy(skeleton);
	return result;
}

int pim_iterator_pin(const struct pim_filter *filter, const struct pim_place *place,
		     const char *before, gid_t group, struct pim_error *error)
{
	char name[PIM_PIN_PATH];
	int link, result;

	pim_kernel_start();
	link = make_link(filter);
	if (link < 0) {
		result = pim_fail_kernel(error, -link, "cannot load the iterator over the flows");
		pim_said_clear(); /* or a later error would repeat it */
		return result;
	}
	result = pim_pin_object(place->folder, place->directory, before, PIM_PIN_ITERATOR, link,
				group, error);
	snprintf(name, sizeof(name), "%s" PIM_PIN_ITERATOR, before);
	if (result)
		unlinkat(place->folder, name, 0);
	close(link);
	return result;
}

void pim_iterator_find(const struct pim_place *place, char path[PIM_PIN_ITERATOR_PATH])
{
	_Static_assert(PIM_PIN_ITERATOR_PATH == PIM_PIN_PATH, "it is the path of a pin");

	pim_pin_path(place->directory, "", PIM_PIN_ITERATOR, path);
	if (place->folder < 0 || faccessat(place->folder, PIM_PIN_ITERATOR, F_OK, 0))
		path[0] = '\0';
}

void pim_iterator_try(struct pim_iterator_trial *trial)
{
	struct pim_error error = {};
	int link;

	*trial = (struct pim_iterator_trial){};
	pim_kernel_start();
	link = make_link(NULL);
	if (link < 0) {
		trial->error = -link;
		pim_fail_kernel(&error, -link, "cannot load the iterator over the flows");
		snprintf(trial->why, sizeof(trial->why), "%.511s", error.text);
		pim_said_clear();
		return;
	}
	close(link);
}
