/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Replaces the attached filter by another. A swap pins the objects that are new under
 * "next_" names, updates the link (the one atomic step), and renames the pins. A loader
 * that finds "next_" pins compares them with the program that the link runs: it finishes
 * the swap if the link was updated, else removes them. A filter of another schema is
 * replaced in the same way, with all its pins.
 */
#include "kernel/swap.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "carry.skel.h"
#include "kernel/iterator.h"
#include "kernel/object.h"

/* Waits until no CPU still runs a program that was replaced before the call. */
static void wait_for_packets(void)
{
	const struct timespec long_enough = { .tv_nsec = 100000000 };

	if (syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0)) /* an RCU grace period */
		nanosleep(&long_enough, NULL);
}

static int carry(int from, int to)
{
	static const char frame[64];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = 1);
	struct carry_bpf *skeleton;
	uint32_t entries;
	int result;

	result = pim_map_entries(from, &entries);
	if (result)
		return result;
	skeleton = carry_bpf__open();
	if (!skeleton)
		return -errno;
	*(__u32 *)&skeleton->rodata->entries = entries;
	*(__u32 *)&skeleton->rodata->cpus = libbpf_num_possible_cpus();
	result = bpf_map__reuse_fd(skeleton->maps.from, from);
	if (!result)
		result = bpf_map__reuse_fd(skeleton->maps.to, to);
	if (!result)
		result = carry_bpf__load(skeleton);
	if (!result && bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.carry), &options))
		result = -errno;
	else if (!result && options.retval != XDP_PASS)
		result = -EIO;
	carry_bpf__destroy(skeleton);
	return result;
}

static int move_pin(const struct pim_place *place, const char *name, struct pim_error *error)
{
	char from[PIM_PIN_PATH], to[PIM_PIN_PATH];

	if (rename(pim_pin_path(place->directory, PIM_PIN_NEXT, name, from),
		   pim_pin_path(place->directory, "", name, to)))
		return pim_fail_path(from, PIM_TO_CHANGE, errno, error);
	return 0;
}

/* After the atomic step: carries the counters of outgrown maps over and renames the pins.
 * Every step can be repeated. The program is renamed last, and before it the reasons: as
 * long as "next_pim_reasons" exists, no counters are carried over (pim_counts_anew). */
static int finish_swap(const struct pim_place *place, struct pim_error *error)
{
	const bool anew = pim_counts_anew(place);
	bool waited = false;
	char path[PIM_PIN_PATH];

	if (anew)
		pim_pins_remove_unknown(place->directory);
	for (int pin = PIM_PINS - 1; pin >= 0; pin--) {
		const char *name = pim_pin_kinds[pin].name;
		int old, new = pim_pin_open(place->directory, PIM_PIN_NEXT, name, PIM_TO_CHANGE),
			 result = 0;

		if (pim_is_shortage(new))
			return pim_fail_kernel(error, -new, place->directory);
		if (new < 0)
			continue;
		if (!anew && (pin == PIM_PIN_RULES || pin == PIM_PIN_PARTNERS)) {
			old = pim_pin_open(place->directory, "", name, PIM_TO_CHANGE);
			if (!waited)
				wait_for_packets();
			waited = true;
			result = pim_is_shortage(old) ? old : 0;
			if (old >= 0)
				result = carry(old, new);
			if (old >= 0)
				close(old);
		}
		close(new);
		if (result)
			return pim_fail_kernel(error, -result, "cannot carry the counters over");
		result = move_pin(place, name, error);
		if (result)
			return result;
	}
	pim_pin_path(place->directory, PIM_PIN_NEXT, PIM_PIN_ITERATOR, path);
	if (!access(path, F_OK)) {
		int result = move_pin(place, PIM_PIN_ITERATOR, error);

		if (result)
			return result;
	}
	return move_pin(place, PIM_PIN_PROGRAM, error);
}

static void forget_swap(const struct pim_place *place)
{
	char path[PIM_PIN_PATH];

	for (int pin = 0; pin < PIM_PINS; pin++)
		unlink(pim_pin_path(place->directory, PIM_PIN_NEXT, pim_pin_kinds[pin].name, path));
	unlink(pim_pin_path(place->directory, PIM_PIN_NEXT, PIM_PIN_ITERATOR, path));
	unlink(pim_pin_path(place->directory, PIM_PIN_NEXT, PIM_PIN_PROGRAM, path));
}

int pim_place_settle(struct pim_place *place, struct pim_error *error)
{
	char interface[sizeof(place->interface)];
	int result;

	if (place->state != PIM_PLACE_ATTACHED)
		return 0;
	result = pim_swap_pending(place);
	if (result < 0)
		return pim_fail_kernel(error, -result, place->directory);
	if (!result) {
		forget_swap(place);
		return 0;
	}
	result = finish_swap(place, error);
	if (result)
		return result;
	memcpy(interface, place->interface, sizeof(interface));
	pim_place_close(place);
	return pim_place_open(interface, PIM_TO_CHANGE, place, error);
}

static bool same_map(int a, int b)
{
	struct bpf_map_info first, second;

	return !pim_object_info(a, &first, sizeof(first)) &&
	       !pim_object_info(b, &second, sizeof(second)) && first.id == second.id;
}

/* Without a new one the old one goes before the swap: later it would print the flows and
 * names of a filter that is no longer there. */
static void renew_iterator(const struct pim_filter *filter, const struct pim_place *place)
{
	char path[PIM_PIN_PATH];

	if (pim_iterator_pin(filter, place->directory, PIM_PIN_NEXT, place->group, NULL))
		unlink(pim_pin_path(place->directory, "", PIM_PIN_ITERATOR, path));
}

int pim_filter_swap(struct pim_filter *filter, struct pim_place *place,
		    const struct pim_stamp *stamp, struct pim_error *error)
{
	const bool anew = place->state == PIM_PLACE_FOREIGN;
	int program = pim_filter_program(filter), result;

	if (anew)
		forget_swap(place); /* of an interrupted loader; pim_place_settle ignores these */
	result = pim_filter_stamp(filter, stamp, place->ifindex);
	if (result)
		return pim_fail_kernel(error, -result, "cannot write the stamp");
	for (int pin = 0; !result && pin < PIM_PINS; pin++)
		if (anew || (pim_pin_kinds[pin].generation &&
			     !same_map(pim_filter_map(filter, pin), place->maps[pin])))
			result = pim_pin_object(place->directory, PIM_PIN_NEXT,
						pim_pin_kinds[pin].name,
						pim_filter_map(filter, pin), place->group, error);
	if (!result)
		result = pim_pin_object(place->directory, PIM_PIN_NEXT, PIM_PIN_PROGRAM, program,
					place->group, error);
	if (!result)
		renew_iterator(filter, place);
	if (!result && bpf_link_update(place->link, program, NULL))
		result = pim_fail_kernel(error, errno, "cannot swap the program");
	if (result) {
		forget_swap(place);
		return result;
	}
	result = finish_swap(place, error);
	if (result)
		pim_error_prefix(error,
				 "%s: the new policy is in force, but its pins are not in place: "
				 "run the command again: ",
				 place->interface);
	return result;
}
