/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Loading and judging. */
#include "kernel/private.h"

#include <bpf/btf.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/splitmix64.h"

/* ---- loading ---- */

int pim_map_entries(int map, uint32_t *entries)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(map, &info, &length))
		return -errno;
	*entries = info.max_entries;
	return 0;
}

unsigned int pim_cpu_numbers(void)
{
	FILE *possible = fopen("/sys/devices/system/cpu/possible", "re");
	unsigned int last = 0;
	int letter;

	/* "0-3,8-11": the last number of the list. */
	while (possible && (letter = fgetc(possible)) != EOF)
		last = letter >= '0' && letter <= '9' ? last * 10 + (letter - '0') :
		       letter == '\n'		     ? last : 0;
	if (possible)
		fclose(possible);
	return possible ? last + 1 : (unsigned int)libbpf_num_possible_cpus();
}

/* Slots of a flow table, a CPU: fewer where many CPUs would take much memory. A
 * table that is shared has what it was made with. */
static uint32_t slots_per_cpu(uint32_t most, uint32_t shared_entries)
{
	uint32_t cpus = pim_cpu_numbers(), slots = most;

	if (shared_entries)
		return shared_entries / cpus;
	while (slots > 1024 && (uint64_t)slots * cpus > 16ull * most)
		slots /= 2;
	return slots;
}

/* Whether the kernel has a function that programs may call, by its BTF. */
static bool kernel_has_function(const char *name)
{
	struct btf *btf = btf__load_vmlinux_btf();
	bool has = btf && btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;

	btf__free(btf);
	return has;
}

/* Writes names and zeros into every CPU's entry of a counter map. */
static int write_entries(int map, uint32_t first, uint32_t count, size_t entry_bytes,
			 void (*fill)(void *entry, uint32_t key, const struct pim_image *image),
			 const struct pim_image *image)
{
	int cpus = libbpf_num_possible_cpus();
	char *values = calloc(cpus, entry_bytes);

	if (!values)
		return -ENOMEM;
	for (uint32_t key = first; key < count; key++) {
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
	uint32_t rules = 0, partners = 0; /* of the maps that are shared */
	int result;

	result = bpf_map_update_elem(bpf_map__fd(skeleton->maps.pim_addresses), &zero,
				     image->addresses.words, BPF_ANY) ? -errno : 0;
	if (!result && bpf_map_update_elem(bpf_map__fd(skeleton->maps.pim_match), &zero,
					   image->match, BPF_ANY))
		result = -errno;
	if (!result && !place)
		result = write_entries(bpf_map__fd(skeleton->maps.pim_reasons), 0, PIM_OUTCOMES,
				       sizeof(struct pim_reason_entry), fill_reason, image);
	/* Entries that carry on have their names already. */
	if (!result && place)
		result = pim_map_entries(place->maps[PIM_PIN_RULES], &rules);
	if (!result && place)
		result = pim_map_entries(place->maps[PIM_PIN_PARTNERS], &partners);
	if (!result && filter->rule_count != rules)
		result = write_entries(bpf_map__fd(skeleton->maps.pim_rules), 0, filter->rule_count,
				       sizeof(struct pim_rule_entry), fill_rule, image);
	if (!result && filter->partner_count != partners)
		result = write_entries(bpf_map__fd(skeleton->maps.pim_partners), 0,
				       filter->partner_count, sizeof(struct pim_partner_entry),
				       fill_partner, image);
	return result;
}

/* Counter maps of the attached filter are shared, but for those that have to
 * grow: these are new ones, see pim_filter_swap. */
static int share_maps(struct pim_filter *filter, const struct pim_place *place)
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

/* libbpf goes on without some of the descriptors that it wants, and what fails for
 * that says nothing of them. */
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
	return pim_fail(error, code, "cannot load the program: %s: expected room for %d more, found "
			"RLIMIT_NOFILE at %llu: raise it", strerror(code), NEEDED,
			(unsigned long long)limit.rlim_cur);
}

/* Everything that the program takes for a constant. */
static void set_constants(const struct pim_filter *filter, const struct pim_image *image,
			  unsigned int flags)
{
	struct pimxdp_bpf__rodata *rodata = filter->skeleton->rodata;
	uint64_t state = filter->flow_seed;

	memcpy((void *)rodata->pim_edges4, image->edges4, sizeof(image->edges4));
	memcpy((void *)rodata->pim_edges6, image->edges6, sizeof(image->edges6));
	memcpy((void *)&rodata->pim_options, &image->options, sizeof(image->options));
	*(__u8 *)&rodata->pim_edges_are_all = image->edges_are_all;
	*(__u8 *)&rodata->pim_has_kernel_context = kernel_has_function("bpf_cast_to_kern_ctx");
	*(__u8 *)&rodata->pim_trace = flags & PIM_LOAD_TRACE;
	*(__u8 *)&rodata->pim_image_packed = image->addresses.packed;
	*(__u32 *)&rodata->pim_image_word_mask = image->addresses.word_count - 1;
	*(__u32 *)&rodata->pim_leaf_count = image->addresses.leaf_count;
	for (size_t i = 0; i < PIM_FLOW_KEYS; i++) /* factors of the flows' hash, odd */
		((__u64 *)rodata->pim_flow_keys)[i] = pim_splitmix64(&state) | 1;
}

static void size_slots(struct bpf_map *map, uint32_t slots, const volatile __u32 *per_cpu,
		       const volatile __u32 *shift)
{
	*(__u32 *)per_cpu = slots;
	*(__u32 *)shift = 64 - __builtin_ctz(slots);
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
	bpf_map__set_max_entries(skeleton->maps.pim_rules, filter->rule_count);
	bpf_map__set_max_entries(skeleton->maps.pim_partners, filter->partner_count);
	return 0;
}

static int load(struct pim_filter *filter, const struct pim_image *image,
		const struct pim_place *place, unsigned int flags, struct pim_error *error)
{
	int result;

	filter->rule_count = image->names.rule_count;
	filter->partner_count = image->names.partner_count;
	if (place)
		filter->flow_seed = place->info.flow_seed;
	else if (getrandom(&filter->flow_seed, sizeof(filter->flow_seed), 0) < 0)
		filter->flow_seed = (uintptr_t)filter ^ (uint64_t)getpid() << 32;
	set_constants(filter, image, flags);
	result = size_maps(filter, image, place, error);
	if (result)
		return result;
	result = place ? share_maps(filter, place) : 0;
	if (result)
		return pim_fail_kernel(error, -result, "cannot share the attached filter's counters");
	result = pimxdp_bpf__load(filter->skeleton);
	if (result)
		return pim_fail_load(error, -result);
	result = fill_maps(filter, image, place);
	return result ? pim_fail_kernel(error, -result, "cannot fill the maps") : 0;
}

int pim_filter_load(const struct pim_image *image, const struct pim_place *place,
		    unsigned int flags, struct pim_filter **filter_out, struct pim_error *error)
{
	struct pim_filter *filter;
	int result = check_descriptors(error);

	*filter_out = NULL;
	if (result)
		return result;
	filter = calloc(1, sizeof(*filter));
	if (!filter)
		return pim_fail(error, ENOMEM, "out of memory");
	pim_kernel_start();
	pim_said_clear();
	filter->skeleton = pimxdp_bpf__open();
	result = filter->skeleton ? load(filter, image, place, flags, error) :
				    pim_fail(error, errno, "cannot open the built-in BPF object: %s",
					     strerror(errno));
	if (result)
		pim_filter_free(filter);
	else
		*filter_out = filter;
	return result;
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

/* ---- judging ---- */

static int run(struct pim_filter *filter, const void *frame, uint32_t length_bytes,
	       uint32_t repeat, uint32_t *action, uint32_t *run_ns, struct pim_error *error)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = length_bytes,
		    .repeat = repeat);

	if (!length_bytes || length_bytes > PIM_JUDGE_BYTES)
		return pim_fail(error, EMSGSIZE, "expected a frame of 1 to %u bytes, found %u",
				PIM_JUDGE_BYTES, length_bytes);
	if (bpf_prog_test_run_opts(pim_filter_program(filter), &options))
		return pim_fail_kernel(error, errno, "cannot run the program on a frame");
	*action = options.retval;
	if (run_ns)
		*run_ns = options.duration;
	return 0;
}

int pim_filter_judge(struct pim_filter *filter, const void *frame, uint32_t length_bytes,
		     struct pim_decision *decision, bool *passed, struct pim_error *error)
{
	struct pim_decision *written = &filter->skeleton->bss->pim_decision;
	uint32_t action;
	int result;

	if (length_bytes < ETH_HLEN) {
		/* The kernel runs no program on such a frame, nor does any driver
		 * deliver one: this is what step 1 says of it. */
		*decision = (struct pim_decision){ .length_bytes = length_bytes,
						   .rule = PIM_NO_RULE,
						   .outcome = PIM_DROP_TRUNCATED };
		*passed = filter->skeleton->rodata->pim_options.mode == PIM_MODE_OBSERVE;
		return 0;
	}
	*written = (struct pim_decision){ .outcome = PIM_UNDECIDED };
	result = run(filter, frame, length_bytes, 1, &action, NULL, error);
	if (result)
		return result;
	*decision = *(volatile struct pim_decision *)written;
	*passed = action == XDP_PASS;
	if (decision->outcome >= PIM_OUTCOMES || (action != XDP_PASS && action != XDP_DROP))
		return pim_fail(error, EPROTO, "the program ended in action %u, outcome %u", action,
				decision->outcome);
	return 0;
}

int pim_filter_time(struct pim_filter *filter, const void *frame, uint32_t length_bytes,
		    uint32_t repeat, uint32_t *run_ns, struct pim_error *error)
{
	uint32_t action;

	return run(filter, frame, length_bytes, repeat, &action, run_ns, error);
}

int pim_filter_size(const struct pim_filter *filter, struct pim_program_size *size,
		    struct pim_error *error)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(pim_filter_program(filter), &info, &length))
		return pim_fail_kernel(error, errno, "cannot describe the program");
	*size = (struct pim_program_size){
		.verified_instructions = info.verified_insns,
		.jited_bytes = info.jited_prog_len,
		.translated_bytes = info.xlated_prog_len,
	};
	return 0;
}
