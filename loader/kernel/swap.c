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
#include <fcntl.h>
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
	char from[PIM_PIN_PATH];

	pim_pin_path(place->directory, PIM_PIN_NEXT, name, from);
	if (renameat(place->folder, strrchr(from, '/') + 1, place->folder, name))
		return pim_fail_path(from, PIM_TO_CHANGE, errno, error);
	return 0;
}

/* Renames the pin of a map, if it is replaced. */
static int move_map(const struct pim_place *place, enum pim_pin pin, struct pim_error *error)
{
	char next[PIM_PIN_PATH];

	snprintf(next, sizeof(next), PIM_PIN_NEXT "%s", pim_pin_kinds[pin].name);
	return faccessat(place->folder, next, F_OK, 0) ?
		       0 :
		       move_pin(place, pim_pin_kinds[pin].name, error);
}

/* Adds one to the moves that the stamp of the filter in force counts: the number is odd
 * while counters move, and readers wait. Returns 0 or -errno; nothing is done where that
 * stamp has no pin. */
static int count_move(const struct pim_place *place, bool begins)
{
	static const char *const befores[] = { PIM_PIN_NEXT, "" };
	const __u32 zero = 0;
	struct pim_stamp stamp;
	int map = -ENOENT, result = 0;

	for (int i = 0; i < 2 && map == -ENOENT; i++)
		map = pim_pin_open(place->folder, befores[i], pim_pin_kinds[PIM_PIN_STAMP].name,
				   PIM_TO_CHANGE);
	if (map < 0)
		return map;
	result = pim_stamp_read(map, &stamp);
	stamp.moves = begins ? stamp.moves | 1 : (stamp.moves | 1) + 1;
	if (!result && bpf_map_update_elem(map, &zero, &stamp, BPF_EXIST))
		result = -errno;
	close(map);
	return result;
}

/* Moves the counters of one outgrown map into the one that replaces it, if it is replaced. */
static int carry_pin(const struct pim_place *place, enum pim_pin pin, bool *moving)
{
	const char *name = pim_pin_kinds[pin].name;
	int new = pim_pin_open(place->folder, PIM_PIN_NEXT, name, PIM_TO_CHANGE), old, result = 0;

	if (new < 0)
		return pim_is_shortage(new) ? new : 0;
	old = pim_pin_open(place->folder, "", name, PIM_TO_CHANGE);
	if (pim_is_shortage(old))
		result = old;
	if (old >= 0 && !*moving) {
		wait_for_packets();
		result = count_move(place, true);
		*moving = !result;
	}
	if (old >= 0 && !result)
		result = carry(old, new);
	if (old >= 0)
		close(old);
	close(new);
	return result;
}

/* After the atomic step: carries the counters of outgrown maps over and renames the pins.
 * Every step can be repeated. The program is renamed last, and the stamp after all other
 * maps: by it, readers that may not open the link and the program know which pins are in
 * force. Before it the reasons: as long as "next_pim_reasons" exists, no counters are carried
 * over (pim_counts_anew). */
static int finish_swap(const struct pim_place *place, struct pim_error *error)
{
	const bool anew = pim_counts_anew(place);
	bool moving = false;
	int result = 0;

	if (anew) {
		pim_pins_remove_unknown(place->folder);
	} else {
		result = carry_pin(place, PIM_PIN_RULES, &moving);
		if (!result)
			result = carry_pin(place, PIM_PIN_PARTNERS, &moving);
		if (!result && moving)
			result = count_move(place, false);
	}
	if (result)
		return pim_fail_kernel(error, -result, "cannot carry the counters over");
	for (int pin = PIM_PINS - 1; !result && pin >= 0; pin--)
		if (pin != PIM_PIN_STAMP)
			result = move_map(place, pin, error);
	if (!result)
		result = move_map(place, PIM_PIN_STAMP, error);
	if (result)
		return result;
	if (!faccessat(place->folder, PIM_PIN_NEXT PIM_PIN_ITERATOR, F_OK, 0))
		result = move_pin(place, PIM_PIN_ITERATOR, error);
	if (result)
		return result;
	return move_pin(place, PIM_PIN_PROGRAM, error);
}

static void forget_swap(const struct pim_place *place)
{
	char name[PIM_PIN_PATH];

	for (int pin = 0; pin < PIM_PINS; pin++) {
		snprintf(name, sizeof(name), PIM_PIN_NEXT "%s", pim_pin_kinds[pin].name);
		unlinkat(place->folder, name, 0);
	}
	unlinkat(place->folder, PIM_PIN_NEXT PIM_PIN_ITERATOR, 0);
	unlinkat(place->folder, PIM_PIN_NEXT PIM_PIN_PROGRAM, 0);
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

/* Whether the iterator that is pinned prints what a new one would: it is of this version, and
 * over the same maps. To load one takes a third of a small reload. */
static bool keeps_iterator(const struct pim_filter *filter, const struct pim_place *place,
			   const struct pim_stamp *stamp)
{
	struct pim_stamp old;

	return place->state == PIM_PLACE_ATTACHED &&
	       same_map(pim_filter_map(filter, PIM_PIN_RULES), place->maps[PIM_PIN_RULES]) &&
	       same_map(pim_filter_map(filter, PIM_PIN_PARTNERS), place->maps[PIM_PIN_PARTNERS]) &&
	       !pim_stamp_read(place->maps[PIM_PIN_STAMP], &old) &&
	       !strcmp(old.version, stamp->version) &&
	       !faccessat(place->folder, PIM_PIN_ITERATOR, F_OK, 0);
}

/* Without a new one the old one goes before the swap: later it would print the flows and
 * names of a filter that is no longer there. */
static void renew_iterator(const struct pim_filter *filter, const struct pim_place *place,
			   const struct pim_stamp *stamp, bool renews)
{
	if ((renews || !keeps_iterator(filter, place, stamp)) &&
	    pim_iterator_pin(filter, place, PIM_PIN_NEXT, place->group, NULL))
		unlinkat(place->folder, PIM_PIN_ITERATOR, 0);
}

int pim_filter_swap(struct pim_filter *filter, struct pim_place *place,
		    const struct pim_stamp *stamp, bool renews, struct pim_error *error)
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
			result = pim_pin_object(place->folder, place->directory, PIM_PIN_NEXT,
						pim_pin_kinds[pin].name,
						pim_filter_map(filter, pin), place->group, error);
	if (!result)
		result = pim_pin_object(place->folder, place->directory, PIM_PIN_NEXT,
					PIM_PIN_PROGRAM, program, place->group, error);
	if (!result)
		renew_iterator(filter, place, stamp, renews);
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
