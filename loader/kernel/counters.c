/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/object.h"
#include "kernel/slots.h"

/* Every counter entry begins with these. */
struct counted {
	__u64 packets;
	__u64 bytes;
};
_Static_assert(offsetof(struct pim_reason_entry, bytes) == offsetof(struct counted, bytes), "ABI");
_Static_assert(offsetof(struct pim_rule_entry, bytes) == offsetof(struct counted, bytes), "ABI");
_Static_assert(offsetof(struct pim_partner_entry, bytes) == offsetof(struct counted, bytes), "ABI");

/* Adds `count` per-CPU entries to an array. The names are taken from the first CPU;
 * they are the same on all CPUs. */
static int add_counters(int map, uint32_t count, size_t entry_bytes, void *entries)
{
	int cpus = libbpf_num_possible_cpus();
	char *values = calloc(cpus, entry_bytes);
	int result = values ? 0 : -ENOMEM;

	for (uint32_t key = 0; !result && key < count; key++) {
		char *entry = (char *)entries + key * entry_bytes;
		struct counted sum;

		memcpy(&sum, entry, sizeof(sum));
		if (bpf_map_lookup_elem(map, &key, values)) {
			result = -errno;
			break;
		}
		for (int cpu = 0; cpu < cpus; cpu++) {
			struct counted *part = (struct counted *)(values + cpu * entry_bytes);

			sum.packets += part->packets;
			sum.bytes += part->bytes;
		}
		memcpy(entry, values, entry_bytes);
		memcpy(entry, &sum, sizeof(sum));
	}
	free(values);
	return result;
}

/* Reads the counters of a map, plus those of the map it replaces, into a new array. */
static int read_grown(int map, int outgrown, size_t entry_bytes, void **entries, size_t *count)
{
	uint32_t size = 0, old_size = 0;
	int result = pim_map_entries(map, &size);

	if (!result && outgrown >= 0)
		result = pim_map_entries(outgrown, &old_size);
	if (result)
		return result;
	*entries = calloc(size, entry_bytes);
	if (!*entries)
		return -ENOMEM;
	*count = size;
	if (outgrown >= 0)
		result = add_counters(outgrown, old_size < size ? old_size : size, entry_bytes,
				      *entries);
	return result ? result : add_counters(map, size, entry_bytes, *entries);
}

/* Whoever wrote them may not have ended the names. */
static void end_names(struct pim_raw *raw)
{
	for (size_t i = 0; i < raw->rule_count; i++) {
		raw->rules[i].rule[sizeof(raw->rules->rule) - 1] = '\0';
		raw->rules[i].leg[sizeof(raw->rules->leg) - 1] = '\0';
	}
	for (size_t i = 0; i < raw->partner_count; i++)
		raw->partners[i].partner[sizeof(raw->partners->partner) - 1] = '\0';
}

static int read_maps(const int maps[PIM_PINS], const int outgrown[PIM_PINS], bool with_flows,
		     struct pim_raw *raw)
{
	int result;

	*raw = (struct pim_raw){};
	result = add_counters(maps[PIM_PIN_REASONS], PIM_OUTCOMES, sizeof(*raw->reasons),
			      raw->reasons);
	if (!result)
		result = read_grown(maps[PIM_PIN_RULES], outgrown[PIM_PIN_RULES],
				    sizeof(*raw->rules), (void **)&raw->rules, &raw->rule_count);
	if (!result)
		result = read_grown(maps[PIM_PIN_PARTNERS], outgrown[PIM_PIN_PARTNERS],
				    sizeof(*raw->partners), (void **)&raw->partners,
				    &raw->partner_count);
	end_names(raw);
	if (!result)
		result = pim_slots_read(maps, with_flows, raw);
	return result;
}

int pim_place_read(const struct pim_place *place, bool with_flows, struct pim_raw *raw,
		   struct pim_error *error)
{
	int result = read_maps(place->maps, place->outgrown, with_flows, raw);

	if (result)
		pim_fail_kernel(error, -result, "cannot read the counters");
	return result;
}

int pim_filter_read(const struct pim_filter *filter, bool with_flows, struct pim_raw *raw,
		    struct pim_error *error)
{
	int maps[PIM_PINS], outgrown[PIM_PINS], result;

	for (int pin = 0; pin < PIM_PINS; pin++) {
		maps[pin] = pim_filter_map(filter, pin);
		outgrown[pin] = -1;
	}
	result = read_maps(maps, outgrown, with_flows, raw);
	if (result)
		pim_fail_kernel(error, -result, "cannot read the counters");
	return result;
}

void pim_raw_free(struct pim_raw *raw)
{
	free(raw->rules);
	free(raw->partners);
	free(raw->flows);
	*raw = (struct pim_raw){};
}

int pim_place_names(const struct pim_place *place, struct pim_names *names, struct pim_error *error)
{
	struct pim_raw raw;
	int result = pim_place_read(place, false, &raw, error);

	*names = (struct pim_names){};
	if (!result) {
		names->rules = calloc(raw.rule_count + 1, sizeof(*names->rules));
		names->partners = calloc(raw.partner_count + 1, sizeof(*names->partners));
		if (!names->rules || !names->partners)
			result = pim_out_of_memory(error);
	}
	for (size_t i = 0; !result && i < raw.rule_count; i++) {
		memcpy(names->rules[i].rule, raw.rules[i].rule, sizeof(names->rules[i].rule));
		names->rules[i].leg =
			strcmp(raw.rules[i].leg, pim_leg_name(PIM_REPLY)) ? PIM_FORWARD : PIM_REPLY;
	}
	for (size_t i = 0; !result && i < raw.partner_count; i++)
		memcpy(names->partners[i], raw.partners[i].partner, sizeof(names->partners[i]));
	if (!result) {
		names->rule_count = raw.rule_count;
		names->partner_count = raw.partner_count;
	} else {
		pim_names_free(names);
	}
	pim_raw_free(&raw);
	return result;
}
