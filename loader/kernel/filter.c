/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/filter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kernel/object.h"
#include "kernel/policy.h"
#include "kernel/probe.h"
#include "machine/privilege.h"
#include "pimxdp.skel.h"

struct pim_filter {
	struct pimxdp_bpf *skeleton;
	size_t rule_count, partner_count;
	struct pim_flow_secret flow_secret;
};

/* Slots of a flow table per CPU: fewer on machines with many CPUs, to bound the memory.
 * A table that is reused keeps its size. */
static uint32_t slots_per_cpu(uint32_t most, uint32_t shared_entries)
{
	uint32_t cpus = pim_cpu_numbers(), slots = most;

	if (shared_entries)
		return shared_entries / cpus;
	while (slots > 1024 && (uint64_t)slots * cpus > 16ull * most)
		slots /= 2;
	return slots;
}

/* Whether the kernel should have bpf_cast_to_kern_ctx (Linux 6.2). To look for it in the
 * kernel's BTF would take as long as to load the program. */
static bool expects_kernel_context(void)
{
	struct utsname name;

	return !uname(&name) && pim_kernel_number(name.release) >= PIM_KERNEL(6, 2);
}

/* Writes names and zeros into every CPU's entry of a counter map. */
static int write_entries(int map, uint32_t count, size_t entry_bytes,
			 void (*fill)(void *entry, uint32_t key, const struct pim_image *image),
			 const struct pim_image *image)
{
	int cpus = libbpf_num_possible_cpus();
	char *values = calloc(cpus, entry_bytes);

	if (!values)
		return -ENOMEM;
	for (uint32_t key = 0; key < count; key++) {
		for (int cpu = 0; cpu < cpus; cpu++) {
			memset(values + cpu * entry_bytes, 0, entry_bytes);
			fill(values + cpu * entry_bytes, key, image);
		}
		if (bpf_map_update_elem(map, &key, values, BPF_ANY)) {
			int code = errno;

			free(values);
			return -code;
		}
	}
	free(values);
	return 0;
}

static void fill_reason(void *entry, uint32_t key, const struct pim_image *image)
{
	struct pim_reason_entry *reason = entry;

	(void)image;
	snprintf(reason->reason, sizeof(reason->reason), "%s", pim_outcome_reason(key));
	snprintf(reason->verdict, sizeof(reason->verdict), "%s",
		 pim_verdict_name(pim_outcome_verdict(key)));
}

static void fill_rule(void *entry, uint32_t key, const struct pim_image *image)
{
	struct pim_rule_entry *rule = entry;

	memcpy(rule->rule, image->names.rules[key].rule, sizeof(rule->rule));
	snprintf(rule->leg, sizeof(rule->leg), "%s", pim_leg_name(image->names.rules[key].leg));
}

static void fill_partner(void *entry, uint32_t key, const struct pim_image *image)
{
	memcpy(((struct pim_partner_entry *)entry)->partner, image->names.partners[key],
	       PIM_PARTNER_NAME);
}

static int fill_maps(struct pim_filter *filter, const struct pim_image *image,
		     const struct pim_place *place)
{
	struct pimxdp_bpf *skeleton = filter->skeleton;
	const __u32 zero = 0;
	uint32_t rules = 0, partners = 0; /* entries of the attached filter's maps */
	int result;

	result = bpf_map_update_elem(bpf_map__fd(skeleton->maps.pim_addresses), &zero,
				     image->addresses.words, BPF_ANY) ?
			 -errno :
			 0;
	if (!result && bpf_map_update_elem(bpf_map__fd(skeleton->maps.pim_match), &zero,
					   image->match, BPF_ANY))
		result = -errno;
	if (!result && !place &&
	    bpf_map_update_elem(bpf_map__fd(skeleton->maps.pim_flow_secret), &zero,
				&filter->flow_secret, BPF_ANY))
		result = -errno;
	if (!result && !place)
		result = write_entries(bpf_map__fd(skeleton->maps.pim_reasons), PIM_OUTCOMES,
				       sizeof(struct pim_reason_entry), fill_reason, image);
	if (!result)
		result = pim_policy_write(bpf_map__fd(skeleton->maps.pim_policy), &image->policy);
	/* Maps that are reused have their names already. */
	if (!result && place)
		result = pim_map_entries(place->maps[PIM_PIN_RULES], &rules);
	if (!result && place)
		result = pim_map_entries(place->maps[PIM_PIN_PARTNERS], &partners);
	if (!result && filter->rule_count != rules)
		result = write_entries(bpf_map__fd(skeleton->maps.pim_rules), filter->rule_count,
				       sizeof(struct pim_rule_entry), fill_rule, image);
	if (!result && filter->partner_count != partners)
		result = write_entries(bpf_map__fd(skeleton->maps.pim_partners),
				       filter->partner_count, sizeof(struct pim_partner_entry),
				       fill_partner, image);
	return result;
}

/* Reuses the maps of the attached filter, except those that belong to one generation
 * and the counter maps that must grow: pim_filter_swap carries their counters over. */
static int reuse_maps(struct pim_filter *filter, const struct pim_place *place)
{
	int result = 0;

	for (int pin = 0; !result && pin < PIM_PINS; pin++) {
		struct bpf_map *map = bpf_object__find_map_by_name(filter->skeleton->obj,
								   pim_pin_kinds[pin].name);
		uint32_t entries = 0;

		if (pim_pin_kinds[pin].generation) {
			if (pin != PIM_PIN_RULES && pin != PIM_PIN_PARTNERS)
				continue;
			result = pim_map_entries(place->maps[pin], &entries);
			if (!result && entries != bpf_map__max_entries(map))
				continue;
		}
		if (!result)
			result = bpf_map__reuse_fd(map, place->maps[pin]);
	}
	return result;
}

/* When libbpf cannot get some of its file descriptors it goes on without them, and the
 * later failure does not mention them. So check first that there are enough. */
static int check_descriptors(struct pim_error *error)
{
	enum { NEEDED = 32 }; /* maps, pins, BTF, program, link and interface; some to spare */
	int held[NEEDED], count = 0, code = 0;
	struct rlimit limit = {};

	while (count < NEEDED && !code) {
		held[count] = open("/", O_PATH | O_CLOEXEC);
		if (held[count] < 0)
			code = errno;
		else
			count++;
	}
	while (count)
		close(held[--count]);
	if (!code)
		return 0;
	if (code != EMFILE)
		return pim_fail(error, code, "cannot load the program: %s", strerror(code));
	getrlimit(RLIMIT_NOFILE, &limit);
	return pim_fail(error, code,
			"cannot load the program: %s: expected room for %d more, found "
			"RLIMIT_NOFILE at %llu: raise it",
			strerror(code), NEEDED, (unsigned long long)limit.rlim_cur);
}

/* Sets the read-only data, which the verifier takes for constants. */
static void set_constants(const struct pim_filter *filter, const struct pim_image *image,
			  unsigned int flags, bool kernel_context)
{
	struct pimxdp_bpf__rodata *rodata = filter->skeleton->rodata;

	memcpy((void *)rodata->pim_edges4, image->edges4, sizeof(image->edges4));
	memcpy((void *)rodata->pim_edges6, image->edges6, sizeof(image->edges6));
	memcpy((void *)&rodata->pim_options, &image->options, sizeof(image->options));
	*(__u8 *)&rodata->pim_edges_are_all = image->edges_are_all;
	*(__u8 *)&rodata->pim_has_kernel_context = kernel_context;
	*(__u8 *)&rodata->pim_preemptible = flags & PIM_LOAD_PREEMPTIBLE || pim_kernel_realtime();
	*(__u8 *)&rodata->pim_trace = flags & PIM_LOAD_TRACE;
	*(__u8 *)&rodata->pim_image_packed = image->addresses.packed;
	*(__u32 *)&rodata->pim_image_word_mask = image->addresses.word_count - 1;
	*(__u32 *)&rodata->pim_leaf_count = image->addresses.leaf_count;
	memcpy((void *)rodata->pim_flow_keys, filter->flow_secret.keys,
	       sizeof(filter->flow_secret.keys));
}

static void size_slots(struct bpf_map *map, uint32_t slots, const volatile __u32 *per_cpu,
		       const volatile __u32 *shift)
{
	*(__u32 *)per_cpu = slots;
	*(__u32 *)shift = 32 - __builtin_ctz(slots);
	bpf_map__set_max_entries(map, pim_cpu_numbers() * slots);
}

static int size_maps(const struct pim_filter *filter, const struct pim_image *image,
		     const struct pim_place *place, struct pim_error *error)
{
	struct pimxdp_bpf *skeleton = filter->skeleton;
	const struct pimxdp_bpf__rodata *rodata = skeleton->rodata;
	uint32_t entries4 = 0, entries6 = 0;
	int result = 0;

	if (place)
		result = pim_map_entries(place->maps[PIM_PIN_SLOTS4], &entries4);
	if (place && !result)
		result = pim_map_entries(place->maps[PIM_PIN_SLOTS6], &entries6);
	if (result)
		return pim_fail_kernel(error, -result, "cannot describe the attached flow tables");
	size_slots(skeleton->maps.pim_slots4, slots_per_cpu(PIM_SLOTS4, entries4),
		   &rodata->pim_slots4_per_cpu, &rodata->pim_slots4_shift);
	size_slots(skeleton->maps.pim_slots6, slots_per_cpu(PIM_SLOTS6, entries6),
		   &rodata->pim_slots6_per_cpu, &rodata->pim_slots6_shift);
	bpf_map__set_value_size(skeleton->maps.pim_addresses,
				image->addresses.word_count * sizeof(*image->addresses.words));
	bpf_map__set_max_entries(skeleton->maps.pim_policy, pim_policy_entries(&image->policy));
	bpf_map__set_max_entries(skeleton->maps.pim_rules, filter->rule_count);
	bpf_map__set_max_entries(skeleton->maps.pim_partners, filter->partner_count);
	return 0;
}

/* The flow tables are reused, and so is what selects their slots. */
static int choose_secret(struct pim_filter *filter, const struct pim_place *place,
			 struct pim_error *error)
{
	const __u32 zero = 0;

	if (place)
		return bpf_map_lookup_elem(place->maps[PIM_PIN_FLOW_SECRET], &zero,
					   &filter->flow_secret) ?
			       pim_fail_kernel(error, errno, "cannot read the flow secret") :
			       0;
	if (getrandom(&filter->flow_secret, sizeof(filter->flow_secret), 0) !=
	    sizeof(filter->flow_secret))
		return pim_fail(error, errno, "the kernel has no random numbers: %s",
				strerror(errno));
	return 0;
}

static int load(struct pim_filter *filter, const struct pim_image *image,
		const struct pim_place *place, unsigned int flags, bool kernel_context,
		struct pim_error *error)
{
	int result;

	filter->rule_count = image->names.rule_count;
	filter->partner_count = image->names.partner_count;
	result = choose_secret(filter, place, error);
	if (result)
		return result;
	set_constants(filter, image, flags, kernel_context);
	result = size_maps(filter, image, place, error);
	if (result)
		return result;
	result = place ? reuse_maps(filter, place) : 0;
	if (result)
		return pim_fail_kernel(error, -result,
				       "cannot share the attached filter's counters");
	result = pimxdp_bpf__load(filter->skeleton);
	if (result)
		return pim_fail_load(error, -result);
	result = fill_maps(filter, image, place);
	return result ? pim_fail_kernel(error, -result, "cannot fill the maps") : 0;
}

static int open_and_load(const struct pim_image *image, const struct pim_place *place,
			 unsigned int flags, bool kernel_context, struct pim_filter **filter_out,
			 struct pim_error *error)
{
	struct pim_filter *filter = calloc(1, sizeof(*filter));
	int result;

	if (!filter)
		return pim_out_of_memory(error);
	pim_kernel_start();
	pim_said_clear();
	filter->skeleton = pimxdp_bpf__open();
	result = filter->skeleton ?
			 load(filter, image, place, flags, kernel_context, error) :
			 pim_fail(error, errno, "cannot open the built-in BPF object: %s",
				  strerror(errno));
	if (result)
		pim_filter_free(filter);
	else
		*filter_out = filter;
	return result;
}

int pim_filter_load(const struct pim_image *image, const struct pim_place *place,
		    unsigned int flags, struct pim_filter **filter_out, struct pim_error *error)
{
	const bool kernel_context = expects_kernel_context();
	int result = check_descriptors(error);

	*filter_out = NULL;
	if (result)
		return result;
	result = open_and_load(image, place, flags, kernel_context, filter_out, error);
	/* A kernel that is configured without it refuses the program. */
	return result == -EINVAL && kernel_context ?
		       open_and_load(image, place, flags, false, filter_out, error) :
		       result;
}

void pim_filter_free(struct pim_filter *filter)
{
	if (!filter)
		return;
	pimxdp_bpf__destroy(filter->skeleton);
	free(filter);
}

int pim_filter_program(const struct pim_filter *filter)
{
	return bpf_program__fd(filter->skeleton->progs.pimxdp);
}

volatile struct pim_decision *pim_filter_decision(const struct pim_filter *filter)
{
	return &filter->skeleton->bss->pim_decision;
}

const struct pim_options *pim_filter_options(const struct pim_filter *filter)
{
	return (const struct pim_options *)&filter->skeleton->rodata->pim_options;
}

int pim_filter_map(const struct pim_filter *filter, enum pim_pin pin)
{
	return bpf_object__find_map_fd_by_name(filter->skeleton->obj, pim_pin_kinds[pin].name);
}

int pim_filter_stamp(const struct pim_filter *filter, const struct pim_stamp *stamp,
		     uint32_t ifindex)
{
	struct pim_stamp whole = *stamp;
	const __u32 zero = 0;

	whole.ifindex = ifindex;
	whole.program_id = pim_program_id(pim_filter_program(filter));
	return bpf_map_update_elem(bpf_map__fd(filter->skeleton->maps.pim_info), &zero, &whole,
				   BPF_ANY) ?
		       -errno :
		       0;
}
